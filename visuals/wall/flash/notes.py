"""What the guard did, for the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from visuals.types import FlashLimit, Wall
from visuals.wall.flash.light import Mask

MAX_EVENTS = 64


@dataclass(frozen=True, slots=True)
class Event:
    """For the log: on which wall it began or ended to act, and why; `share` of that wall, 0..1."""

    time: float
    wall: str
    state: str
    why: str
    share: float


class Notes:
    """Notes when it begins and ends to act on each of `walls`, whose samples lie at `slices`."""

    def __init__(self, walls: Sequence[Wall], slices: Sequence[slice], limit: FlashLimit) -> None:
        self._parts = dict(zip((wall.name for wall in walls), slices, strict=True))
        self._flashes = limit.flashes
        self._verb = f"let through: {limit.waived}" if limit.waived else "softened"
        self._events: list[Event] = []
        self.acting: dict[str, str] = {}
        """Why it acts, by wall."""

    def take(self) -> list[Event]:
        """What was noted since the last call."""
        events, self._events = self._events, []
        return events

    def tell(self, active: Mask, red: bool, now: float) -> None:
        """Where it acts at `now` (s), and whether for red."""
        for name, part in self._parts.items():
            share = float(np.count_nonzero(active[part])) / (part.stop - part.start)
            if share > 0.0 and name not in self.acting:
                self.acting[name] = f"more than {self._flashes} {'red flashes' if red else 'flashes'} in a second"
                self._note(Event(now, name, self._verb, self.acting[name], share))
            elif share == 0.0 and name in self.acting:
                self._note(Event(now, name, "over", self.acting.pop(name), 0.0))

    def _note(self, event: Event) -> None:
        if len(self._events) < MAX_EVENTS:
            self._events.append(event)
