"""How often a network may make us do something. Pure: time is passed in."""

from __future__ import annotations


class Allowance:
    """So many things a second; `at_once`, or a second's, after a quiet while."""

    def __init__(self, a_second: float, at_once: float | None = None) -> None:
        self._rate = a_second
        self._most = self._left = a_second if at_once is None else at_once
        self._then = 0.0

    def take(self, now: float, count: int = 1) -> bool:
        """Whether so many more are allowed at `now` (s)."""
        self._left = min(self._most, self._left + max(0.0, now - self._then) * self._rate)
        self._then = now
        if self._left < count:
            return False
        self._left -= count
        return True
