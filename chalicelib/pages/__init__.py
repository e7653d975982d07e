"""What the platform says as a whole, as text: pages for people, feeds, files for robots, policies."""
