"""Where in the loop the stand-by is: on the live music's beat as far as a change of its rate brings it there.

Time and what is heard come from the caller. The position never jumps while it is shown.
"""

from __future__ import annotations

from math import log

from visuals.wall.music import Heard

SLOWEST, FASTEST = 0.5, 2.0
"""Bounds of the rate: beyond them a film looks broken."""

CATCH_S = 1.5
"""Time in which a difference of phase falls to a third."""

SLEW = 1.0
"""Most the rate changes within a second."""

GAP_S = 0.5
"""After so long unseen it may begin on the beat."""


class Playhead:
    """The position in a loop of `seconds` that lasts `beats`, 0: not known, it plays at its own rate."""

    def __init__(self, seconds: float, beats: int) -> None:
        self._seconds, self._beats = seconds, beats
        self._now: float | None = None
        self.position, self.rate = 0.0, 1.0

    def step(self, now: float, heard: Heard) -> float:
        """Move on to `now` (s); the position in the loop, in seconds, which only ever grows."""
        passed = None if self._now is None else now - self._now
        self._now = now
        if passed is None or passed > GAP_S:
            self._begin(now, heard)
        else:
            passed = max(passed, 0.0)
            self.position += self.rate * passed
            self.rate += min(max(self._wanted(heard) - self.rate, -SLEW * passed), SLEW * passed)
        return self.position

    def _begin(self, now: float, heard: Heard) -> None:
        self.position, self.rate = max(self.position, now), self._tempo(heard)
        if self._beats and heard.phase is not None:
            behind = self._behind(heard) % 1.0
            self.position += behind / self._fold(heard) * self._seconds / self._beats

    def _wanted(self, heard: Heard) -> float:
        """The rate that keeps the beat, and catches up with it."""
        tempo = self._tempo(heard)
        if self._beats and heard.phase is not None:
            tempo *= 1.0 + self._behind(heard) / (CATCH_S * heard.bpm / 60.0)
        return min(max(tempo, SLOWEST), FASTEST)

    def _tempo(self, heard: Heard) -> float:
        if not self._beats or heard.phase is None:
            return 1.0
        return min(max(heard.bpm / (self._bpm * self._fold(heard)), SLOWEST), FASTEST)

    @property
    def _bpm(self) -> float:
        return 60.0 * self._beats / self._seconds

    def _fold(self, heard: Heard) -> float:
        """Beats of the music in one of the loop: the nearest tempo that is the half or the double counts too."""
        folds = (0.5, 1.0, 2.0) if self._beats % 2 == 0 else (1.0, 2.0)
        return min(folds, key=lambda fold: abs(log(heard.bpm / (self._bpm * fold))))

    def _behind(self, heard: Heard) -> float:
        """How far the loop is behind the music, in beats of the music, -0.5..0.5."""
        assert heard.phase is not None
        at = self.position / self._seconds * self._beats * self._fold(heard)
        return (heard.phase - at + 0.5) % 1.0 - 0.5
