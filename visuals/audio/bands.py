"""How loud the whole and its six bands are, 0..1, quick, slow and as clocks.

What lies below 200 Hz is heard in a slow copy of the sound, where 20 to 60 Hz can be told from the
rest in time and in frequency; the rest in the spectrum. Knows nothing of what plays there.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from visuals.audio.filters import LOW_HOP, LOW_RATE_HZ, Filters, LowStream, highpass, lowpass
from visuals.audio.levels import Followers, Ranges
from visuals.audio.loudness import k_curve
from visuals.audio.spectrum import BINS, WINDOW
from visuals.types import SAMPLE_RATE_HZ, Float32s
from visuals.vocabulary import BANDS_HZ

Float64s = npt.NDArray[np.float64]

FINE_EDGES_HZ: Float64s = np.geomspace(140.0, 20000.0, 31)
"""Thirty bands, about four to the octave: the resolution of timbre."""

_BIN_HZ = SAMPLE_RATE_HZ / WINDOW
_LOWEST_HZ = 30.0  # the middle of the first bin that is not DC lies above it
_FLOOR = 1e-10
_LOW_BANDS = ("sub", "bass")
_LEVELS = ("loudness", "level", *BANDS_HZ)
_SLOW = ("level.slow", *(f"{name}.presence" for name in BANDS_HZ))
_TIMES = tuple(f"{name}.time" for name in BANDS_HZ)
_NAMES = (*_LEVELS, *_SLOW, *_TIMES)

_ATTACK_S = 0.008
_RELEASE_S = (0.12, 0.12, 0.2, 0.15, 0.12, 0.1, 0.09, 0.08)
_LEVEL_SLOW_S, _PRESENCE_S = 0.7, 1.2  # within 5 % after 2 s and 3.6 s
# What a mastered recording shows after the gain: where the ranges begin.
_START_DB = (-15.0, -14.0, -18.0, -14.0, -20.0, -22.0, -28.0, -36.0)


class Powers(NamedTuple):
    """Mean squares of one hop before any gain; `fine` is [30], `low` the slow copy's samples [8]."""

    loud: float
    whole: float
    sub: float
    bass: float
    lowmid: float
    mid: float
    high: float
    air: float
    fine: Float32s
    low: Float32s


class Bands:
    """The levels. Call `measure`, then `hear`, once per hop."""

    def __init__(self) -> None:
        self._matrix = _matrix()
        self._low = LowStream()
        edges = [BANDS_HZ[name] for name in _LOW_BANDS]
        self._filters = Filters(
            [(*highpass(low, LOW_RATE_HZ), *lowpass(high, LOW_RATE_HZ)) for low, high in edges], LOW_HOP
        )
        self._past = np.zeros((len(_LOW_BANDS), 3 * LOW_HOP), np.float32)
        self._levels_power: Float32s = np.zeros(len(_LEVELS), np.float32)
        self._ranges = Ranges(_START_DB)
        slow = [_LEVEL_SLOW_S] + [_PRESENCE_S] * len(BANDS_HZ)
        self._followers = Followers([_ATTACK_S] * len(_LEVELS) + slow, [*_RELEASE_S, *slow])
        self._times = np.zeros(len(BANDS_HZ))

    def measure(self, mono: Float32s, power: Float32s) -> Powers:
        """`mono` [256] and its squared magnitudes `power` [513] (a full-scale sine has 1), both before gain."""
        rows = self._matrix @ power
        low = self._low.feed(mono)
        self._past[:, :-LOW_HOP] = self._past[:, LOW_HOP:]
        self._past[:, -LOW_HOP:] = self._filters.feed(low)[0]
        # Half the largest square of 16 ms is a tone's mean square without its ripple, at once.
        rows[2:4] = 0.5 * np.maximum.reduce(self._past * self._past, axis=1)
        self._levels_power = rows[: len(_LEVELS)]
        loud, whole, sub, bass, lowmid, mid, high, air = self._levels_power.tolist()
        return Powers(loud, whole, sub, bass, lowmid, mid, high, air, rows[len(_LEVELS) :], low)

    def hear(self, gain: float, silent: bool, dt: float) -> dict[str, float]:
        """Every level, presence and time, of what was measured last, under the linear `gain`."""
        shares = self._ranges.feed(10.0 * np.log10(self._levels_power * gain**2 + _FLOOR), dt, frozen=silent)
        if silent:
            shares[:] = 0.0
        fast = self._followers.values[1 : len(_LEVELS)]
        values = self._followers.feed(np.concatenate([shares, fast]), dt)
        self._times += values[2 : len(_LEVELS)] * dt
        return dict(zip(_NAMES, values.tolist() + self._times.tolist(), strict=True))


def _matrix() -> Float32s:
    """Rows that give mean squares from squared magnitudes: K-weighted, all, six bands, thirty fine ones."""
    middles: Float64s = np.arange(BINS, dtype=np.float64) * _BIN_HZ
    heard = middles > _LOWEST_HZ
    bands = [_share(*span) for span in BANDS_HZ.values()]  # the first two are then heard elsewhere
    fine = [_share(low, high) for low, high in pairwise(FINE_EDGES_HZ)]
    rows = [k_curve(middles) * heard, np.where(heard, 1.0, 0.0), *bands, *fine]
    return np.array(rows, np.float32) / np.float32(3.0)  # a tone's three bins hold 3 times its mean square


def _share(low_hz: float, high_hz: float) -> Float64s:
    """How much of each bin, taken as a span of frequencies, lies between the two."""
    starts = (np.arange(BINS) - 0.5) * _BIN_HZ
    inside = np.minimum(starts + _BIN_HZ, high_hz) - np.maximum(starts, low_hz)
    share: Float64s = np.maximum(0.0, inside) / _BIN_HZ
    return share
