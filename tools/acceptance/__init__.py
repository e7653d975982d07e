"""Other people's programs, for make acceptance."""
