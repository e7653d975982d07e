"""How well pictures are found again by their look, and how rarely another is taken for them."""
