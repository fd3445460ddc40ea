"""Cues at their times: which of them a running position has passed. Knows nothing of timecode or scenes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import Generic, TypeVar

T = TypeVar("T")

REWIND_S = 0.5
"""A position that goes back further than this passes its cues anew; less is a tape that rocks."""

RESUME_S = 30.0
"""A tape that is further on than this, when somebody looks again, is not the one that was left running."""


class Timeline(Generic[T]):
    """Cues with their times in seconds, all of them `offset` later."""

    def __init__(self, cues: Iterable[tuple[float, T]], offset: float = 0.0) -> None:
        ordered = sorted(cues, key=lambda cue: cue[0])
        self._times = [time + offset for time, _ in ordered]
        self._cues = [cue for _, cue in ordered]
        self._passed: float | None = None  # up to here cues were given
        self._jumps = 0
        self._rewinds = self._resumes = False

    def succeed(self, last: Timeline[T]) -> None:
        """Go on where another timeline is: the cues that it passed are passed here."""
        self._passed, self._jumps, self._rewinds = last._passed, last._jumps, last._rewinds

    def resume(self, position: float) -> None:
        """Go on from here, with a chase that has just begun, if its first position is soon after this one."""
        self._passed, self._jumps, self._resumes = position, 1, True

    def advance(self, position: float, jumps: int = 0) -> list[T]:
        """The cues passed since the last call, in order; none backwards.

        The first call, and one where `jumps` (of the position, counted by who tells it) is another
        number, gives only the newest cue at or before the position; none, where it lies ahead and no cue between.
        """
        if self._resumes and self._passed is not None:
            self._resumes = False
            if not -REWIND_S <= position - self._passed <= RESUME_S:
                self._passed = None
        if self._passed is None or jumps != self._jumps:
            before, self._passed = self._passed, position
            self._jumps, self._rewinds = jumps, False
            first = bisect_right(self._times, before) if before is not None and before <= position else 0
            here = bisect_right(self._times, position)
            return self._cues[max(first, here - 1) : here]
        if position < self._passed:
            self._rewinds = self._rewinds or self._passed - position > REWIND_S
            if self._rewinds:
                self._passed = position
            return []
        self._rewinds = False
        first, last = bisect_right(self._times, self._passed), bisect_right(self._times, position)
        self._passed = position
        return self._cues[first:last]
