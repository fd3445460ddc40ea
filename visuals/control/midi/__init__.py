"""MIDI: what its bytes mean, and the ports they come and go by, which live in a process of their own."""
