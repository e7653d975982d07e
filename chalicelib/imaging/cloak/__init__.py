"""The cloak: encoders, the search for a change, its application, and what it did. ``engine.Cloak`` is the way in."""
