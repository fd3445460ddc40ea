"""Meters of the input before any gain: loudness as ITU-R BS.1770-5 defines it, mean square, peak, crest.

Knows nothing of spectra, of gain or of what is loud for this show.
"""

from __future__ import annotations

from math import log10

import numpy as np
import numpy.typing as npt

from visuals.audio.filters import Filters, Section
from visuals.types import HOP, SAMPLE_RATE_HZ, Float32s

Float64s = npt.NDArray[np.float64]

K_WEIGHTING: tuple[Section, ...] = (
    # b0, b1, b2, a1, a2
    (1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585),
    (1.0, -2.0, 1.0, -1.99004745483398, 0.99007225036621),
)
"""ITU-R BS.1770-5, annex 1, tables 1 and 2, for 48 kHz: the head's shelf, then the low cut."""

_OFFSET_DB = -0.691  # BS.1770-5, annex 1, equation 2
_FLOOR_DB = -100.0
_MOMENT = round(0.4 * SAMPLE_RATE_HZ / HOP)  # EBU Tech 3341: momentary loudness is that of 400 ms
_EVERY = 3  # hops: 16 ms
_CREST_SPAN_DB = 24.0


class Loudness:
    """The meters of the last 400 ms. One call per hop of 256 samples."""

    def __init__(self, channels: int = 2) -> None:
        self._filters = Filters([K_WEIGHTING], HOP, channels)
        self._weighted, self._plain, self._peaks = (np.zeros(_MOMENT) for _ in range(3))
        self._turn = 0
        self._loudness_db, self._crest = _FLOOR_DB, 0.0

    def hear(self, samples: Float32s) -> dict[str, float]:
        """`loudness.db` in LUFS (400 ms), `rms` and `peak` of this hop, `crest` 0..1 of 400 ms.

        `samples` [256, channels], finite, in -1..1. Channels add as BS.1770 says, each with weight 1.
        """
        heard = np.ascontiguousarray(samples.T)
        weighted = self._filters.feed(heard).ravel()
        flat = heard.ravel()
        square = float(flat @ flat) / flat.size
        peak = float(max(flat.max(), -flat.min()))
        i = self._turn = (self._turn + 1) % _MOMENT
        self._weighted[i], self._plain[i], self._peaks[i] = float(weighted @ weighted) / HOP, square, peak * peak
        if i % _EVERY == 0:
            self._sum_up()
        return {
            "loudness.db": self._loudness_db,
            "rms": min(1.0, square**0.5),
            "peak": min(1.0, peak),
            "crest": self._crest,
        }

    def _sum_up(self) -> None:
        self._loudness_db = max(_FLOOR_DB, _OFFSET_DB + _decibels(float(self._weighted.sum()) / _MOMENT))
        mean, peak = float(self._plain.sum()) / _MOMENT, float(self._peaks.max())
        self._crest = min(1.0, max(0.0, _decibels(peak) - _decibels(mean)) / _CREST_SPAN_DB)


def k_curve(frequencies_hz: Float64s) -> Float64s:
    """What K-weighting does to the power at these frequencies."""
    z = np.exp(-2j * np.pi * frequencies_hz / SAMPLE_RATE_HZ)
    power = np.ones(len(frequencies_hz))
    for b0, b1, b2, a1, a2 in K_WEIGHTING:
        power *= np.abs((b0 + b1 * z + b2 * z**2) / (1.0 + a1 * z + a2 * z**2)) ** 2
    return power


def _decibels(power: float) -> float:
    return 10.0 * log10(power + 1e-12)
