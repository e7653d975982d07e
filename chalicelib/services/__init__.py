"""The use cases. They know neither Chalice nor AWS: what they need is handed to them, typed by ``ports``."""
