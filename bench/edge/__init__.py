"""What the CDN's function costs."""
