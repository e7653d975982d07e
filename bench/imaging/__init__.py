"""Cost of the imaging pipeline."""
