"""Requests and answers as clients see them, one module per resource."""
