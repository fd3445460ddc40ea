"""What is not music: an input that clips, mains hum on the line, an audience that claps and cheers.

Hears the sound before any gain. Knows nothing of who is in the room beyond how they sound together.
"""

from __future__ import annotations

from itertools import pairwise
from math import exp, log10

import numpy as np
import numpy.typing as npt

from visuals.audio.filters import LOW_HOP, LOW_RATE_HZ
from visuals.audio.spectrum import BINS, WINDOW
from visuals.types import SAMPLE_RATE_HZ, Float32s

Float64s = npt.NDArray[np.float64]


class Room:
    """The three of them. One call per hop."""

    def __init__(self) -> None:
        self._clip, self._hum, self._audience = Clip(), Hum(), Audience()

    def hear(self, raw: Float32s, power: Float32s, low: Float32s, silent: bool, dt: float) -> dict[str, float]:
        """`raw` [256, channels] as it came, `power` [513] squared magnitudes, `low` [8] of the slow copy."""
        return {
            "clip": self._clip.feed(raw, dt),
            "hum": self._hum.feed(low),
            "crowd": self._audience.feed(power, silent, dt),
        }


class Clip:
    """1 when three samples in a row are at full scale, falling over a second."""

    _FULL, _RUN, _FALL_S = 0.999, 3, 1.0

    def __init__(self) -> None:
        self.value = 0.0

    def feed(self, raw: Float32s, dt: float) -> float:
        full = np.abs(raw) >= self._FULL
        self.value = max(0.0, self.value - dt / self._FALL_S)
        if np.count_nonzero(full) >= self._RUN and self._runs(full.reshape(len(full), -1)):
            self.value = 1.0
        return self.value

    def _runs(self, full: npt.NDArray[np.bool_]) -> bool:
        return bool((full[:-2] & full[1:-1] & full[2:]).any())


class Hum:
    """How likely mains hum is on the line: harmonics of 50 or 60 Hz, narrow and steady for 2.7 s, two at least.

    A bass note is no hum: it sways, it ends, and none of the tempered scale lies within 0.5 Hz of two
    harmonics. What is louder hides it, and then the last answer fades over 10 s.
    """

    _WINDOW = 4096
    _EVERY = 94  # hops: 0.5 s
    _HARMONICS = ((50.0, 5), (60.0, 4))
    _DRIFT = 0.006  # of the frequency: mains are kept within 0.4 %
    _NARROW_DB, _STEADY_DB, _LEAST_DB = 18.0, 2.0, -80.0
    _UP, _DOWN = 0.5, 0.05

    def __init__(self) -> None:
        self._past = np.zeros(self._WINDOW, np.float32)
        self._shape = np.hanning(self._WINDOW)
        self._half = np.hanning(self._WINDOW // 2)
        self._seen, self._at = 0, 0
        self.value = 0.0

    def feed(self, low: Float32s) -> float:
        self._past[self._at : self._at + LOW_HOP] = low
        self._at = (self._at + LOW_HOP) % self._WINDOW
        self._seen += 1
        if self._seen % self._EVERY == 0 and self._seen * LOW_HOP >= self._WINDOW:
            lines = max(self._count(np.roll(self._past, -self._at), *mains) for mains in self._HARMONICS)
            target = min(1.0, 0.4 * lines) if lines > 1 else 0.0
            self.value += (target - self.value) * (self._UP if target > self.value else self._DOWN)
        return self.value

    def _count(self, past: Float32s, mains: float, harmonics: int) -> int:
        """How many harmonics stand out and do not move."""
        width = LOW_RATE_HZ / self._WINDOW
        power = np.square(np.abs(np.fft.rfft(past * self._shape)) / (0.25 * self._WINDOW))  # amplitude 1 reads 1
        found = 0
        for harmonic in range(1, harmonics + 1):
            near = mains * harmonic / width
            line = round(near) - 6 + int(np.argmax(power[round(near) - 6 : round(near) + 7]))
            if abs(line - near) > 1.0 + near * self._DRIFT:
                continue
            # Wide enough for the neighbours that the grid of a repeated stroke would put there.
            around = np.concatenate([power[line - 30 : line - 5], power[line + 6 : line + 31]]).mean()
            level_db, around_db = 10.0 * np.log10(power[line] + 1e-14), 10.0 * np.log10(around + 1e-14)
            if level_db > self._LEAST_DB and level_db > around_db + self._NARROW_DB:
                found += self._is_steady(past, line * width)
        return found

    def _is_steady(self, past: Float32s, hz: float) -> bool:
        turn = np.exp(-2j * np.pi * hz / LOW_RATE_HZ * np.arange(self._WINDOW // 2)) * self._half
        first, second = (float(abs(half @ turn)) for half in past.reshape(2, -1))
        return bool(max(first, second) < min(first, second) * 10.0 ** (self._STEADY_DB / 20.0))


# ---- the audience -------------------------------------------------------------------------------

_EDGES_HZ = (94.0, 250.0, 600.0, 1500.0, 4000.0, 10000.0)
_REGIONS_HZ = ((94.0, 500.0), (500.0, 2000.0), (2000.0, 6000.0))
FEATURES = (
    *(f"flutter.{i}" for i in range(len(_REGIONS_HZ))),
    *(f"rough.{i}" for i in range(len(_REGIONS_HZ))),
    *(f"share.{i}" for i in range(len(_EDGES_HZ) - 1)),
    "sway",
    "attack",
)
"""Flutter: how far the mean of a bin's power lies above the mean of its logarithm, 2.5 dB for steady noise, less for
tones, more for beats. Rough: the difference of neighbouring bins' means, little for noise. Share: levels of five bands
beside each other. Sway: deviation of the level. Attack: how fast it rises, dB a step."""


class Audience:
    """How likely applause and cheering are what sounds, from the statistics of about a second.

    Many people at once are noise that neither beats nor rings; their spectrum is smooth and starts in the
    middle. The weights come from `tools/train_ears crowd`.
    """

    _STEP_S, _MEAN_S, _LOOK_S, _FOLLOW_S = 0.02, 0.6, 0.12, 0.4
    _FLOOR, _DEEP_DB = 1e-14, 50.0
    _MOST_DB = 15.0  # digital silence between strokes is deeper than any room

    def __init__(self) -> None:
        width = SAMPLE_RATE_HZ / WINDOW
        self._bins = slice(round(_EDGES_HZ[0] / width), round(_EDGES_HZ[-1] / width) + 1)
        middles: Float64s = (np.arange(BINS, dtype=np.float64) * width)[self._bins]
        self._regions = _means(middles, _REGIONS_HZ)
        self._shares = _means(middles, tuple(pairwise(_EDGES_HZ)))
        self._power, self._log = np.zeros(len(middles), np.float32), np.zeros(len(middles), np.float32)
        self._level = [0.0, 0.0, 0.0]
        self._last_db = 0.0
        self._heard = self._since_step = self._since_look = 0.0
        self.features: Float64s = np.zeros(len(FEATURES))
        self.value = 0.0

    def feed(self, power: Float32s, silent: bool, dt: float) -> float:
        """The probability, 0..1, after `dt` seconds of this power spectrum [513]."""
        if silent:
            self._heard = 0.0
            self.value *= exp(-dt / self._FOLLOW_S)
        elif self.listen(power, dt):
            likely = _likelihood(self.features)
            self.value += (likely - self.value) * (1.0 - exp(-self._LOOK_S / self._FOLLOW_S))
        return self.value

    def listen(self, power: Float32s, dt: float) -> bool:
        """Take a spectrum into the means; whether `features` are new."""
        self._since_step += dt
        if self._since_step < self._STEP_S:
            return False
        step, self._since_step = self._since_step, 0.0
        self._heard += step
        self._since_look += step
        # A mean of all there was until there is more than it can hold.
        share = np.float32(max(step / self._heard, 1.0 - exp(-step / self._MEAN_S)))
        now = power[self._bins] + np.float32(self._FLOOR)
        self._power += (now - self._power) * share
        self._log += (np.log(now) - self._log) * share
        level_db = 10.0 * log10(float(np.add.reduce(now)))
        rise = max(0.0, level_db - self._last_db) if self._heard > step else 0.0
        self._last_db = level_db
        for i, value in enumerate((level_db, level_db * level_db, rise)):
            self._level[i] += (value - self._level[i]) * float(share)
        if self._since_look < self._LOOK_S:
            return False
        self._since_look = 0.0
        self._describe()
        return True

    def _describe(self) -> None:
        mean_db = 10.0 * np.log10(np.maximum(self._power.astype(np.float64), self._FLOOR))
        log_db = (10.0 / np.log(10.0)) * self._log.astype(np.float64)
        told = mean_db > mean_db.max() - self._DEEP_DB  # beyond a cut-off there is nothing to tell
        flutter = np.minimum(mean_db - log_db, self._MOST_DB)
        flutter[~told] = flutter[told].mean()
        mean_db = np.maximum(mean_db, mean_db.max() - self._DEEP_DB)
        rough = np.abs(np.diff(mean_db, append=mean_db[-1]))
        shares = self._shares @ mean_db
        sway = min(self._MOST_DB, float(np.sqrt(max(0.0, self._level[1] - self._level[0] ** 2))))
        self.features = np.concatenate(
            [self._regions @ flutter, self._regions @ rough, shares - shares.mean(), [sway, self._level[2]]]
        )


_WEIGHTS = np.array([
    # middle, size, weight, weight of the square
(6.201, 4.578, 0.961, -0.477),  # flutter.0
    (6.91, 4.663, -1.18, -0.8121),  # flutter.1
    (7.111, 4.648, -0.8948, -0.06365),  # flutter.2
    (2.914, 1.518, 0.7271, 0.2767),  # rough.0
    (2.131, 1.24, -1.142, -0.9617),  # rough.1
    (1.276, 0.8134, 0.6464, -0.8001),  # rough.2
    (9.551, 11.48, -1.247, -0.079),  # share.0
    (8.423, 6.822, 0.4621, 0.2017),  # share.1
    (2.44, 6.219, 2.239, -0.09537),  # share.2
    (-5.993, 7.1, 0.0817, 0.2297),  # share.3
    (-14.42, 9.544, -0.1543, -0.4155),  # share.4
    (5.842, 4.796, -0.7422, -0.3862),  # sway
    (1.337, 1.184, 0.8894, 0.3551),  # attack
])  # fmt: skip
_BIAS = -0.8773
"""A logistic regression, fitted by `tools/train_ears crowd`: each feature less its middle, over its size."""


def _likelihood(features: Float64s) -> float:
    middle, size, straight, square = _WEIGHTS.T
    x = np.clip((features - middle) / size, -2.5, 2.5)
    return 1.0 / (1.0 + exp(-float(x @ straight + (x * x) @ square) - _BIAS))


def _means(middles: Float64s, spans: tuple[tuple[float, float], ...]) -> Float64s:
    rows = np.array([(middles >= low) & (middles < high) for low, high in spans], np.float64)
    means: Float64s = rows / rows.sum(axis=1, keepdims=True)
    return means
