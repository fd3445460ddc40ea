"""MIDI Show Control (MMA RP-002): its messages, its way over UDP, and those whom the show tells of its cues."""
