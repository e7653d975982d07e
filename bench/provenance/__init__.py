"""What tagging and signing costs."""
