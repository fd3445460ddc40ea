"""Ports that come and go, in words: each change once, and few words of a port that flaps.

Pure: time is passed in. Does not know how a port is found, or who is told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Literal

from visuals.control.allowance import Allowance

WORDS_HZ, WORDS_AT_ONCE = 0.1, 8
"""A whole rig that is unplugged and plugged in again is told at once; a loose plug, six times a minute."""

MOST_NAMED = 8


class Presence:
    """What was last told of the inputs or outputs of one MIDI system.

    What is there at first is not told: who starts a show says that. What changed while words were short is told
    later, and a port that was only away meanwhile not at all.
    """

    def __init__(self, system: str, side: Literal["input", "output"]) -> None:
        self._system, self._side = system, side
        self._told: frozenset[str] | None = None
        self._is_away = False
        self._may_tell = Allowance(WORDS_HZ, WORDS_AT_ONCE)

    def step(self, opened: Collection[str], is_away: bool, now: float) -> Iterator[str]:
        """What is to be told at `now` (s) where these ports are open, and the system is there or `is_away`."""
        there = frozenset(opened)
        if self._told is None:
            self._told, self._is_away = there, is_away
        if (self._told, self._is_away) == (there, is_away) or not self._may_tell.take(now):
            return
        yield from self._changes(self._told, there, is_away)
        self._told, self._is_away = there, is_away

    def _changes(self, told: frozenset[str], there: frozenset[str], is_away: bool) -> Iterator[str]:
        if is_away != self._is_away and self._side == "input":  # outputs have the same server
            yield f"MIDI {self._system}: the server is {'gone' if is_away else 'there'}"
        for ports, how in ((told - there, "gone"), (there - told, "there")):
            if ports:
                who = f"{self._side} {_named(ports)} is" if len(ports) == 1 else f"{self._side}s {_named(ports)} are"
                yield f"MIDI {self._system}: {who} {how}"


def _named(ports: Collection[str]) -> str:
    first, more = sorted(ports)[:MOST_NAMED], len(ports) - MOST_NAMED
    return ", ".join(first) + (f" and {more} more" if more > 0 else "")
