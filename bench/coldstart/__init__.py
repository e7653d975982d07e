"""Bench of the package and the cold start."""
