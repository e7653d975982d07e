"""What all routes share: problems, authentication, parsing, cursors, caching, idempotency, the API's description."""
