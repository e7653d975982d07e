"""HTTP routes, one module per resource: parse, call one service, shape the answer."""
