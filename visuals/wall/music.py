"""What the player hears: how loud it is and where the beat is, while there are ears that tell it.

It reads the newest features in place and knows nothing else of them. Without ears, or with ears that
stopped, there is silence without a beat.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from visuals.shm import Latest
from visuals.wire import FEATURES, SIGNAL_NAMES

FRESH_S = 0.5
"""Features older than this tell of ears that are gone."""

SURE = 0.4
"""Confidence in the tempo from which the loop follows it."""


@dataclass(frozen=True, slots=True)
class Heard:
    """`loudness` 0..1, None without ears. `phase` 0..1 of the beat at `bpm`, None where no beat is sure."""

    loudness: float | None = None
    phase: float | None = None
    bpm: float = 0.0


NOTHING = Heard()


class Music:
    """The newest of the ring `features`; without a ring nothing is ever heard."""

    def __init__(self, ring: Latest | None) -> None:
        self._ring = ring
        self._bytes = np.zeros(FEATURES.itemsize, np.uint8)
        self._record = self._bytes.view(FEATURES)[0]
        names = ("loudness", "beat.phase", "bpm", "tempo.confidence")
        self._places = [SIGNAL_NAMES.index(name) for name in names]

    def hear(self, now: float) -> Heard:
        """What sounds at `now` (s)."""
        if self._ring is None or now - self._ring.time > FRESH_S or self._ring.read(self._bytes) is None:
            return NOTHING
        loudness, phase, bpm, sure = (float(self._record["signals"][place]) for place in self._places)
        if not (sure >= SURE and 20.0 <= bpm <= 400.0):
            return Heard(loudness)
        passed = (now - float(self._record["time"])) * bpm / 60.0
        return Heard(loudness, (phase + passed) % 1.0, bpm)
