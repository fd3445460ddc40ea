"""Where the song is: energy, build, drop, section, from seconds rather than milliseconds of sound.

Hears ungained levels only: automatic gain would level out the very drop it is to find. Knows nothing
of beats or of single hits beyond how many there were.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float64s = npt.NDArray[np.float64]

_RATE_HZ = 8.0
_WINDOW_S = 8.0
_HALF_S = 4.0
_SPAN_DB = 24.0  # energy 0 to 1
_HEADROOM_DB = 15.0  # a song is taken to begin this far below its own peak
_FORGET_DB_PER_S = 0.05
_REFRACTORY_S = 8.0
_DROP_BASS_DB, _DROP_LEVEL_DB = 9.0, 4.0
_RISER_BASS_DB, _RISER_LEVEL_DB = 7.5, 1.0
"""A riser is about as loud as the drop it leads to: after a build without bass, its return tells."""
_SECTION_DISTANCE = 1.0


@dataclass(frozen=True, slots=True)
class Form:
    """Energy and build 0..1; strength 0..1 of a drop or a new section, None when there is none."""

    energy: float
    build: float
    drop: float | None = None
    section: float | None = None


class Music:
    """Follows the form. One call per hop."""

    def __init__(self) -> None:
        self._power = np.zeros(4)
        self._slow = 0.0
        self._peak_db: float | None = None
        self._energy = self._build = 0.0
        self._onsets = self._elapsed = self._heard = 0.0
        self._rows: deque[Float64s] = deque(maxlen=int(_RATE_HZ * (_WINDOW_S + _HALF_S)))
        self._since_drop = self._since_section = 0.0
        self._build_peak = 0.0

    def hear(self, power: Float64s, onsets: int, silent: bool, dt: float) -> Form:
        """`power` holds the mean squares of the whole, bass, mid and high, before any gain."""
        self._power += (power - self._power) * (1.0 - np.exp(-dt / 0.15))
        self._slow += (power[0] - self._slow) * (1.0 - np.exp(-dt / 1.5))
        self._since_drop += dt
        self._since_section += dt
        self._onsets += onsets
        self._follow_energy(silent, dt)
        self._elapsed += dt
        drop = section = None
        if self._elapsed >= 1.0 / _RATE_HZ:
            drop, section = self._step(silent)
        return Form(self._energy, self._build, drop, section)

    def _follow_energy(self, silent: bool, dt: float) -> None:
        level = _db(self._slow)
        if silent:
            target = 0.0
        else:
            self._heard += dt
            if self._peak_db is None or self._heard < 1.0:
                self._peak_db = max(self._peak_db or -120.0, level + _HEADROOM_DB)
            self._peak_db = max(self._peak_db - _FORGET_DB_PER_S * dt, level, -90.0)
            target = float(np.clip((level - self._peak_db + _SPAN_DB) / _SPAN_DB, 0.0, 1.0))
        self._energy += (target - self._energy) * (1.0 - np.exp(-dt / (0.15 if silent else 0.5)))

    def _step(self, silent: bool) -> tuple[float | None, float | None]:
        density = self._onsets / self._elapsed
        self._rows.append(np.array([*(_db(p) for p in self._power), density]))
        self._onsets = self._elapsed = 0.0
        rows = np.array(self._rows)
        window = int(_RATE_HZ * _WINDOW_S)
        target = 0.0 if silent or len(rows) < window // 2 else _rise(rows[-window:])
        self._build += (target - self._build) * (1.0 - np.exp(-1.0 / (_RATE_HZ * 0.7)))
        self._build_peak = max(self._build, self._build_peak * np.exp(-1.0 / (_RATE_HZ * 3.0)))
        return self._find_drop(rows), self._find_section(rows, silent)

    def _find_drop(self, rows: Float64s) -> float | None:
        """Bass and level jump above the last four seconds, after a build or a long gap in the bass."""
        past = rows[-int(_RATE_HZ * _HALF_S) - 2 : -2]
        if len(past) < _RATE_HZ * _HALF_S or self._since_drop < _REFRACTORY_S or self._heard < _WINDOW_S:
            return None
        jump = rows[-1] - _mean_db(past)
        long_bass = np.percentile(rows[:, 1], 90)
        gone = _mean_db(past)[1] < long_bass - _DROP_BASS_DB
        built = self._build_peak > 0.3
        bass_db, level_db = (_RISER_BASS_DB, _RISER_LEVEL_DB) if built and gone else (_DROP_BASS_DB, _DROP_LEVEL_DB)
        if jump[1] < bass_db or jump[0] < level_db or not (built or gone):
            return None
        self._since_drop, self._build, self._build_peak = 0.0, 0.0, 0.0
        return float(np.clip(0.5 + (jump[1] - _DROP_BASS_DB) / 24.0, 0.0, 1.0))

    def _find_section(self, rows: Float64s, silent: bool) -> float | None:
        """The last four seconds are unlike the four before: 6 dB in the mean of the bands, or as much
        in a few of them."""
        half = int(_RATE_HZ * _HALF_S)
        if silent or len(rows) < 2 * half or self._since_section < _REFRACTORY_S:
            return None
        scale = np.array([6.0, 6.0, 6.0, 6.0, 3.0])
        change = (rows[-half:].mean(axis=0) - rows[-2 * half : -half].mean(axis=0)) / scale
        distance = float(np.sqrt(np.mean(np.clip(change, -3.0, 3.0) ** 2)))
        if distance < _SECTION_DISTANCE:
            return None
        self._since_section = 0.0
        return float(np.clip(0.5 * distance, 0.0, 1.0))


def _db(power: float) -> float:
    return 10.0 * float(np.log10(power + 1e-12))


def _mean_db(rows: Float64s) -> Float64s:
    """Means of dB rows in the power domain."""
    mean: Float64s = 10.0 * np.log10(np.mean(10.0 ** (rows / 10.0), axis=0))
    return mean


def _rise(rows: Float64s) -> float:
    """How fast and how steadily level, highs and onset density rise, 0..1. 1 dB/s in level and highs
    with a straight line through them is a full build."""
    t = np.arange(len(rows)) / _RATE_HZ
    t = (t - t.mean()) / t.std()
    slopes = (t[:, None] * (rows - rows.mean(axis=0))).mean(axis=0)
    steady = slopes**2 / (rows.var(axis=0) + 1e-6)  # r² of the straight line
    # Slopes are per standard deviation of time: 2.3 s for an 8 s window.
    per_s = slopes / (len(rows) / _RATE_HZ / np.sqrt(12.0))
    rate = np.clip(per_s[[0, 3, 4]] / np.array([1.0, 1.0, 1.0]), -1.0, 1.0)
    trust = np.clip(2.0 * steady[[0, 3, 4]] - 0.6, 0.0, 1.0)
    return float(np.clip(np.dot([0.45, 0.35, 0.2], rate * trust) * 1.2, 0.0, 1.0))
