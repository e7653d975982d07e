"""What lists of a network cost, and how long its changes take."""
