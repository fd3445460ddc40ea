"""Where light goes: the player and what it needs to keep the walls lit. Knows frames, not shows."""
