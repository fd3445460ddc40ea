"""How often a network may make us do or say something. Pure: time is passed in."""

from __future__ import annotations

TOLD_HZ, TOLD_AT_ONCE, TOLD_LIMIT = 1.0, 8, 64
"""So often and so much is told of what is sent in vain: no network may fill a log."""


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


class Once:
    """What has been told: each thing once, TOLD_LIMIT of them in all."""

    def __init__(self) -> None:
        self._told: set[tuple[str, ...]] = set()
        self._may_tell = Allowance(TOLD_HZ, TOLD_AT_ONCE)

    def is_due(self, now: float, *thing: str) -> bool:
        """Whether this, such as a kind and a sender, is to be told at `now` (s); it then has been."""
        if thing in self._told or len(self._told) >= TOLD_LIMIT or not self._may_tell.take(now):
            return False
        self._told.add(thing)
        return True

    def forget(self) -> None:
        """All may be told again."""
        self._told.clear()
