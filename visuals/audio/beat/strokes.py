"""A first tempo from drum strokes alone, before there is any better.

Four strokes at even distances are a pulse to dance to; what they are to the music is not known here.
"""

from __future__ import annotations

from collections import deque

import numpy as np

_STROKES = 4
_EVEN = 0.06  # of the distance between them
_KEPT = 8
_APART_S = 0.12


class Strokes:
    """Collects the times of kicks and snares."""

    def __init__(self, bpm_range: tuple[float, float]) -> None:
        self._range = bpm_range
        self._times: deque[float] = deque(maxlen=_KEPT)

    def forget(self) -> None:
        """Start again."""
        self._times.clear()

    def hear(self, time: float) -> float | None:
        """The tempo in 1/min, when the last four strokes at least were even; else None."""
        if self._times and time - self._times[-1] < _APART_S:
            return None
        self._times.append(time)
        if len(self._times) < _STROKES:
            return None
        gaps = np.diff(np.array(self._times)[-_STROKES:])
        gap = float(np.median(gaps))
        if np.abs(gaps - gap).max() > _EVEN * gap:
            return None
        return _folded(60.0 / gap, self._range)


def _folded(bpm: float, bpm_range: tuple[float, float]) -> float | None:
    low, high = bpm_range
    while bpm < low:
        bpm *= 2.0
    while bpm > high:
        bpm /= 2.0
    return bpm if bpm >= low else None
