"""Clocks of others that say the tempo: MIDI clock and Ableton Link."""
