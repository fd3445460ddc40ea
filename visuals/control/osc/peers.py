"""Who is at the other end, and how much of it is listened to."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Peer(NamedTuple):
    """Where a packet came from, and where an answer goes."""

    door: Literal["udp", "tcp"]
    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class Allowance:
    """So many things a second, as many at once after a quiet second."""

    def __init__(self, a_second: float) -> None:
        self._rate = a_second
        self._left = a_second
        self._then = 0.0

    def take(self, now: float) -> bool:
        """Whether one more is allowed at `now` (s)."""
        self._left = min(self._rate, self._left + max(0.0, now - self._then) * self._rate)
        self._then = now
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True
