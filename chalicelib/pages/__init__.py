"""What the platform says as a whole, as text: files for robots, policies. Pages for people will stand here as well."""
