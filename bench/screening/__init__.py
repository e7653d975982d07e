"""What the screening costs."""
