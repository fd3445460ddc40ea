"""Test patterns, LED by LED in each wall's own picture: what a technician asks of a wall before the show.

They pass by the canvas, not by the wall's calibration, its limits or the flash guard.

    lettering   letters of 3 by 5 LEDs
    drawing     the patterns
    table       their names and what each is for
    playing     a rig that shows one
"""

from visuals.wall.patterns.playing import Patterns, picture, play_pattern
from visuals.wall.patterns.table import PATTERNS

__all__ = ["PATTERNS", "Patterns", "picture", "play_pattern"]
