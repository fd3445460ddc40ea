"""How loud, made comparable: input gain, running range, attack and release.

A quiet input costs an onset detector 18 points of F at -40 dB; a slow gain in front of everything
gives them back. Knows nothing of spectra or of time outside the hops it is fed.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from visuals.types import Float32s

Float64s = npt.NDArray[np.float64]

FLOOR_DB = -100.0
_TARGET_DB = -20.0
_MAX_GAIN_DB = 46.0
_GAIN_UP_S, _GAIN_DOWN_S = 8.0, 0.5


def decibels(power: float) -> float:
    """10·log10 of a mean square, not below -100 dB."""
    return max(FLOOR_DB, 10.0 * float(np.log10(max(power, 1e-12))))


class Gate:
    """Silence with hysteresis: opens at once above `open_db`, closes after `hold` seconds below `close_db`."""

    def __init__(self, open_db: float = -68.0, close_db: float = -74.0, hold: float = 0.3) -> None:
        self.silent = True
        self._open, self._close, self._hold = open_db, close_db, hold
        self._quiet_for = 0.0

    def feed(self, level_db: float, dt: float) -> bool:
        """Whether it is silent after `dt` seconds at this level."""
        self._quiet_for = 0.0 if level_db > self._close else self._quiet_for + dt
        if level_db > self._open:
            self.silent = False
        elif self._quiet_for >= self._hold:
            self.silent = True
        return self.silent


class InputGain:
    """Automatic gain towards -20 dBFS: up over 8 s, down over 0.5 s, at most +46 dB, frozen in silence.

    The first seconds of sound set it faster: the time constant upwards is no longer than the sound
    heard so far.
    """

    def __init__(self) -> None:
        self._level_db = _TARGET_DB
        self._heard = 0.0

    def feed(self, power: float, dt: float, frozen: bool) -> float:
        """The linear gain after `dt` seconds of this mean square."""
        if not frozen:
            level = decibels(power)
            falling = level < self._level_db
            self._heard += dt
            tau = min(_GAIN_UP_S, max(0.1, self._heard)) if falling else _GAIN_DOWN_S
            self._level_db += (level - self._level_db) * (1.0 - np.exp(-dt / tau))
        gain_db = min(_MAX_GAIN_DB, _TARGET_DB - self._level_db)
        return float(10.0 ** (gain_db / 20.0))


class Ranges:
    """Maps levels in dB to 0..1 by the range they moved in lately.

    Keeps one histogram per level, forgetting over 25 s; 0 is the 10th percentile, 1 the 95th, and the
    two are kept at least `span_db` apart so that steady sound is not blown up.
    """

    _BIN_DB, _BINS = 2.0, 50
    _MEMORY_S = 25.0
    _EVERY = 16

    def __init__(self, start_db: npt.ArrayLike, span_db: float = 14.0) -> None:
        top = np.asarray(start_db, np.float64)
        self._counts: Float64s = np.zeros((len(top), self._BINS))
        self._rows = np.arange(len(top))
        # Two seconds' worth of belief in the level a mastered recording has.
        for down, weight in ((0.0, 60.0), (6.0, 150.0), (12.0, 100.0), (18.0, 60.0)):
            self._counts[self._rows, self._bin(top - down)] += weight
        self._span = span_db
        self._turn = 0
        self._update()

    def feed(self, levels_db: Float64s, dt: float, frozen: bool) -> Float64s:
        """Levels in dB to 0..1."""
        if not frozen:
            self._counts *= np.exp(-dt / self._MEMORY_S)
            self._counts[self._rows, self._bin(levels_db)] += 1.0
            self._turn += 1
            if self._turn % self._EVERY == 0:
                self._update()
        shares: Float64s = np.clip((levels_db - self._low) / (self._high - self._low), 0.0, 1.0)
        return shares

    def _bin(self, levels_db: Float64s) -> npt.NDArray[np.intp]:
        return np.clip((levels_db - FLOOR_DB) / self._BIN_DB, 0, self._BINS - 1).astype(np.intp)

    def _update(self) -> None:
        share = np.cumsum(self._counts, axis=1)
        share /= share[:, -1:]
        low = FLOOR_DB + self._BIN_DB * (share < 0.10).sum(axis=1)
        self._high = FLOOR_DB + self._BIN_DB * ((share < 0.95).sum(axis=1) + 1.0)
        self._low = np.minimum(low, self._high - self._span)


class Followers:
    """One-pole followers side by side: quick up, slow down. Time constants in seconds."""

    def __init__(self, attack: npt.ArrayLike, release: npt.ArrayLike) -> None:
        self._attack, self._release = np.asarray(attack, np.float64), np.asarray(release, np.float64)
        self.values: Float64s = np.zeros(len(self._attack))

    def feed(self, targets: Float64s, dt: float) -> Float64s:
        """The followed values after `dt` seconds at `targets`."""
        tau = np.where(targets > self.values, self._attack, self._release)
        self.values = self.values + (targets - self.values) * (1.0 - np.exp(-dt / tau))
        return self.values


def clean(samples: npt.NDArray[np.floating], channels: int = 2) -> Float32s:
    """Any sound as finite float32 [n, channels] in -1..1: NaN and infinities become 0, the rest is clipped."""
    data = np.asarray(samples, np.float32)
    data = data if data.ndim == 2 else data.reshape(len(data), 1)
    if not np.isfinite(data).all():
        data = np.nan_to_num(data, nan=0.0, posinf=0.0, neginf=0.0)
    data = np.clip(data[:, :channels], -1.0, 1.0)
    return data if data.shape[1] == channels else np.repeat(data[:, :1], channels, axis=1)
