"""How loud, made comparable: silence, input gain, running range, attack and release.

A quiet input costs an onset detector 18 points of F at -40 dB; a slow gain in front of everything
gives them back. Knows nothing of spectra or of time outside the hops it is fed.
"""

from __future__ import annotations

from math import exp, log10

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
    return max(FLOOR_DB, 10.0 * log10(max(power, 1e-12)))


class Gate:
    """Silence with hysteresis: opens at once 9 dB above the line's noise, closes after 0.3 s below 5 dB above it.

    `noise_db` is the venue's, from `visuals calibrate audio`. Without it the gate opens at -82 dBFS (music
    60 dB too quiet still passes) and learns: what is below -60 dBFS and steady as no music is (within
    1 dB for 2 s) is noise, and counts as silence.
    """

    _OPEN_DB, _CLOSE_DB, _HOLD_S = 9.0, 5.0, 0.3
    _QUIETEST_DB, _LOUDEST_DB = -91.0, -60.0
    _STEADY_DB, _STEADY_S, _SMOOTH_S = 1.0, 2.0, 0.1

    def __init__(self, noise_db: float | None = None) -> None:
        self.silent = True
        self.noise_db = self._QUIETEST_DB if noise_db is None else max(self._QUIETEST_DB, noise_db)
        self._learns = noise_db is None
        self._quiet_for = self._steady_for = 0.0
        self._power = self._mean_db = 0.0

    def feed(self, level_db: float, dt: float) -> bool:
        """Whether it is silent after `dt` seconds at this level."""
        if self._learns:
            self._learn(level_db, dt)
        self._quiet_for = 0.0 if level_db > self.noise_db + self._CLOSE_DB else self._quiet_for + dt
        if level_db > self.noise_db + self._OPEN_DB:
            self.silent = False
        elif self._quiet_for >= self._HOLD_S:
            self.silent = True
        return self.silent

    def _learn(self, level_db: float, dt: float) -> None:
        self._power += (10.0 ** (level_db / 10.0) - self._power) * (1.0 - exp(-dt / self._SMOOTH_S))
        smooth_db = decibels(self._power)
        if level_db > self._LOUDEST_DB or abs(smooth_db - self._mean_db) > self._STEADY_DB:
            self._mean_db, self._steady_for = smooth_db, 0.0
            return
        self._steady_for += dt
        if self._steady_for >= self._STEADY_S:
            self.noise_db = max(self._QUIETEST_DB, self._mean_db)


class InputGain:
    """Automatic gain towards -20 dBFS: up over 8 s, down over 0.5 s, at most +46 dB, held while `frozen`.

    The first seconds of sound set it faster: the time constant upwards is no longer than the sound
    heard so far. What stands 6 dB above the usual level is a burst until it has lasted long (0.25 dB a
    second): when the sound is as usual again, so is the gain, within 2 s. Starts at the venue's
    `gain_db` where that is known.
    """

    _BURST_DB, _RETURN_S = 6.0, 0.5
    _USUAL_DB_PER_S, _BURST_DB_PER_S = 2.0, 0.25
    _SMOOTH_S = 0.1

    def __init__(self, gain_db: float | None = None) -> None:
        self._level_db = self._usual_db = _TARGET_DB - (gain_db or 0.0)
        self._power = 0.0
        self._heard = 0.0 if gain_db is None else _GAIN_UP_S
        self._burst = False

    @property
    def gain_db(self) -> float:
        return min(_MAX_GAIN_DB, _TARGET_DB - self._level_db)

    def feed(self, power: float, dt: float, frozen: bool) -> float:
        """The linear gain after `dt` seconds of this mean square."""
        if not frozen:
            # Smoothed as power, so that gaps between strokes count as little as they sound.
            self._power += (power - self._power) * (1.0 - exp(-dt / self._SMOOTH_S))
            self._follow(decibels(self._power), dt)
        return float(10.0 ** (self.gain_db / 20.0))

    def _follow(self, level_db: float, dt: float) -> None:
        self._heard += dt
        if level_db > self._level_db:
            tau = _GAIN_DOWN_S
        elif self._burst and level_db < self._usual_db + self._BURST_DB:
            level_db, tau = max(level_db, self._usual_db), self._RETURN_S
        else:
            tau = min(_GAIN_UP_S, max(0.1, self._heard))
        self._level_db += (level_db - self._level_db) * (1.0 - exp(-dt / tau))
        self._follow_usual(dt)

    def _follow_usual(self, dt: float) -> None:
        above = self._level_db - self._usual_db
        self._burst = above > (1.0 if self._burst else self._BURST_DB)
        step = (self._BURST_DB_PER_S if self._burst else self._USUAL_DB_PER_S) * dt
        settled = self._heard >= _GAIN_UP_S
        self._usual_db = self._usual_db + min(step, max(-step, above)) if settled else self._level_db


class Ranges:
    """Maps levels in dB to 0..1 by the range they moved in lately.

    Keeps one histogram per level, looked at 25 times a second and forgetting over 25 s; 0 is the 10th
    percentile, 1 the 95th, and the two are kept at least `span_db` apart so that steady sound is not
    blown up.
    """

    _BIN_DB, _BINS = 2.0, 50
    _MEMORY_S = 25.0
    _LOOK_S, _UPDATE_S = 0.04, 0.16

    def __init__(self, start_db: npt.ArrayLike, span_db: float = 14.0) -> None:
        top = np.asarray(start_db, np.float64)
        self._counts: Float64s = np.zeros((len(top), self._BINS))
        self._rows = np.arange(len(top))
        # Two seconds' worth of belief in the level a mastered recording has.
        for down, seconds in ((0.0, 0.32), (6.0, 0.8), (12.0, 0.53), (18.0, 0.32)):
            self._counts[self._rows, self._bin(top - down)] += seconds
        self._span = span_db
        self._since_look = self._since_update = 0.0
        self._update()

    def feed(self, levels_db: Float64s, dt: float, frozen: bool) -> Float64s:
        """Levels in dB to 0..1."""
        if not frozen:
            self._since_look += dt
            if self._since_look >= self._LOOK_S:
                self._look(levels_db)
        shares: Float64s = np.minimum(np.maximum((levels_db - self._low) * self._slope, 0.0), 1.0)
        return shares

    def _look(self, levels_db: Float64s) -> None:
        self._counts *= exp(-self._since_look / self._MEMORY_S)
        self._counts[self._rows, self._bin(levels_db)] += self._since_look
        self._since_update += self._since_look
        self._since_look = 0.0
        if self._since_update >= self._UPDATE_S:
            self._since_update = 0.0
            self._update()

    def _bin(self, levels_db: Float64s) -> npt.NDArray[np.intp]:
        return np.clip((levels_db - FLOOR_DB) / self._BIN_DB, 0, self._BINS - 1).astype(np.intp)

    def _update(self) -> None:
        share = np.cumsum(self._counts, axis=1)
        share /= share[:, -1:]
        low = FLOOR_DB + self._BIN_DB * (share < 0.10).sum(axis=1)
        high = FLOOR_DB + self._BIN_DB * ((share < 0.95).sum(axis=1) + 1.0)
        self._low = np.minimum(low, high - self._span)
        self._slope = 1.0 / (high - self._low)


class Followers:
    """One-pole followers side by side: quick up, slow down. Time constants in seconds."""

    def __init__(self, attack: npt.ArrayLike, release: npt.ArrayLike) -> None:
        self._attack, self._release = np.asarray(attack, np.float64), np.asarray(release, np.float64)
        self.values: Float64s = np.zeros(len(self._attack))
        self._dt = 0.0

    def feed(self, targets: Float64s, dt: float) -> Float64s:
        """The followed values after `dt` seconds at `targets`."""
        if dt != self._dt:
            self._dt = dt
            self._up, self._down = 1.0 - np.exp(-dt / self._attack), 1.0 - np.exp(-dt / self._release)
        away = targets - self.values
        self.values = self.values + away * np.where(away > 0.0, self._up, self._down)
        return self.values


def clean(samples: npt.NDArray[np.floating], channels: int = 2) -> Float32s:
    """Any sound as finite float32 [n, channels] in -1..1: NaN and infinities become 0, the rest is clipped."""
    data = np.asarray(samples, np.float32)
    data = data if data.ndim == 2 else data.reshape(len(data), 1)
    if not np.isfinite(data).all():
        data = np.nan_to_num(data, nan=0.0, posinf=0.0, neginf=0.0)
    data = np.clip(data[:, :channels], -1.0, 1.0)
    return data if data.shape[1] == channels else np.repeat(data[:, :1], channels, axis=1)
