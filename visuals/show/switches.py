"""What hands put over the show: blackout, freeze, the loop, the safe picture. Of all hands the last word counts.

A button's word, a fader's level and what a keyboard put past the engine are one switch: who takes it away takes it
away for all of them. Knows nothing of who the hands are.
"""

from __future__ import annotations

from visuals.types import SWITCHES, Flag

ON = 0.5
"""A level above this is on."""


class Switches:
    """`flags` are what buttons put on, `forced` what somebody put on past the engine."""

    def __init__(self) -> None:
        self.flags = self.forced = Flag.NONE

    def is_on(self, name: str, level: float) -> bool:
        """Whether anybody has it on; `level` is where faders put it."""
        return SWITCHES[name] in self.flags | self.forced or level > ON

    def put(self, name: str, on: bool) -> None:
        if on:
            self.flags |= SWITCHES[name]
        else:
            self.flags &= ~SWITCHES[name]
            self.forced &= ~SWITCHES[name]

    def give_back(self) -> None:
        """Nothing is over the show any more but a blackout, which is for the hands that make and unmake it."""
        self.flags = (self.flags & (Flag.LIVE | Flag.BLACKOUT)) ^ Flag.LIVE
        self.forced &= Flag.BLACKOUT
