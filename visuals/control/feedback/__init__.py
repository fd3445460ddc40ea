"""What controllers show of the show: lit buttons, faders and rings that follow."""
