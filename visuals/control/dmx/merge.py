"""Several sources of one universe made one, and what holds when all of them are gone. Pure: time is passed in.

E1.31, sections 6.2.3 and 6.2.3.1: the highest priority has the universe, and among its equals each slot has the
highest level (HTP). Art-Net knows no priority: its sources are all alike.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Literal

import numpy as np

SLOTS = 512
SOURCES_LIMIT = 16
"""When one more comes, it takes the place of one of less priority, or has none."""

Link = Literal["none", "live", "held"]


@dataclass(frozen=True, slots=True)
class Universe:
    """The universe, 512 levels, or None when nobody has it; whether its sources are there, and who they are."""

    slots: bytes | None
    link: Link
    source: str = ""


@dataclass(slots=True)
class Voice:
    """What one source said last, and when."""

    name: str
    priority: int
    sequence: int
    slots: bytes
    heard: float


class Merge:
    """The sources of one universe.

    One that says nothing for `loss` s is gone. When all are, the last look is held for `hold` s (`math.inf`: for
    good; 0: not at all) and then released. `is_late(sequence, last)` judges the order of one source's packets.
    """

    def __init__(self, loss: float, is_late: Callable[[int, int], bool], hold: float = math.inf) -> None:
        self._loss, self._is_late, self._hold = loss, is_late, hold
        self._voices: dict[Hashable, Voice] = {}
        self._last: Universe = Universe(None, "none")
        self._lost = 0.0
        self.late = 0

    def take(self, source: Hashable, name: str, slots: bytes, priority: int, sequence: int, now: float) -> None:
        """What a source says at `now`; slots that it leaves out are 0."""
        slots = slots[:SLOTS].ljust(SLOTS, b"\0")
        voice = self._voices.get(source)
        if voice is None:
            self._admit(source, Voice(name, priority, sequence, slots, now), now)
        elif self._is_late(sequence, voice.sequence):
            self.late += 1
        else:
            voice.name, voice.priority, voice.sequence, voice.slots, voice.heard = name, priority, sequence, slots, now

    def _admit(self, source: Hashable, voice: Voice, now: float) -> None:
        self._forget(now)
        if len(self._voices) >= SOURCES_LIMIT:
            least = min(self._voices, key=lambda known: self._voices[known].priority)
            if self._voices[least].priority >= voice.priority:
                return
            del self._voices[least]
        self._voices[source] = voice

    def end(self, source: Hashable) -> None:
        """A source says that it stops."""
        self._voices.pop(source, None)

    def look(self, now: float) -> Universe:
        """How the universe stands at `now`. The same object for as long as nothing changes."""
        self._forget(now)
        if self._voices:
            self._lost = now
            return self._as(self._merged())
        held = self._last.slots is not None and now < self._lost + self._hold
        return self._as(Universe(self._last.slots, "held", self._last.source) if held else Universe(None, "none"))

    def _merged(self) -> Universe:
        top = max(voice.priority for voice in self._voices.values())
        voices = [voice for voice in self._voices.values() if voice.priority == top]
        levels = np.frombuffer(b"".join(voice.slots for voice in voices), np.uint8).reshape(-1, SLOTS)
        return Universe(levels.max(axis=0).tobytes(), "live", ", ".join(sorted({voice.name for voice in voices})))

    def _as(self, look: Universe) -> Universe:
        if look != self._last:
            self._last = look
        return self._last

    def _forget(self, now: float) -> None:
        for source in [source for source, voice in self._voices.items() if now - voice.heard > self._loss]:
            del self._voices[source]
