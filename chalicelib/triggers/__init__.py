"""Event handlers, one module per event source: each is a Lambda function with a cold start of its own."""
