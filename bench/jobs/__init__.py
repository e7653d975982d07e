"""What finding open jobs costs at 100,000 of them."""
