"""What the cloak does, what undoes it, and what it costs."""
