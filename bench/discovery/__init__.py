"""How equally discovery shows artists."""
