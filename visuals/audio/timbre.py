"""What colour the sound has: bright or dark, tone or noise, restless or still, struck or held.

All are shares of the sound itself, so gain does not move them. Knows nothing of notes or of strokes.
"""

from __future__ import annotations

from math import exp, log2

import numpy as np
import numpy.typing as npt

from visuals.audio.bands import FINE_EDGES_HZ
from visuals.audio.levels import Followers
from visuals.audio.spectrum import BINS, WINDOW
from visuals.types import SAMPLE_RATE_HZ, Float32s

Float64s = npt.NDArray[np.float64]

_NAMES = ("brightness", "noisiness", "rolloff", "flux", "percussive")
_ATTACK_S = (0.05, 0.08, 0.05, 0.02, 0.01)
_RELEASE_S = (0.1, 0.12, 0.1, 0.1, 0.15)
_LOW_HZ, _BRIGHT_HZ, _ROLLOFF_HZ = 150.0, 10000.0, 16000.0
_FLAT_HZ = (300.0, 8000.0)
_WHITE = 0.56  # flatness of white noise: the geometric over the arithmetic mean of its power, e^-γ
_ROLLOFF = 0.85
_FRESH = 1.5  # what stands this far above its own last 0.12 s is attack
_FAST_S, _SLOW_S = 0.02, 0.12
_FLUX = 1.5  # the fast spectrum two thirds away from the slow one is full restlessness
_QUIET = 1e-13  # -130 dBFS: below it there is nothing to have a colour


class Timbre:
    """The five colours. One call per hop."""

    def __init__(self) -> None:
        width = SAMPLE_RATE_HZ / WINDOW
        frequencies = np.arange(BINS) * width
        heard = np.where(np.arange(BINS) >= 2, 1.0, 0.0)
        self._moments = np.array([heard, heard * frequencies], np.float32)
        self._flat = slice(int(_FLAT_HZ[0] / width), int(_FLAT_HZ[1] / width))
        self._octaves = np.log2(FINE_EDGES_HZ).tolist()
        self._fast, self._slow = (np.zeros(len(FINE_EDGES_HZ) - 1, np.float32) for _ in range(2))
        self._followers = Followers(_ATTACK_S, _RELEASE_S)
        self._targets = np.zeros(len(_NAMES))
        self._even = False

    def hear(self, magnitudes: Float32s, power: Float32s, fine: Float32s, silent: bool, dt: float) -> dict[str, float]:
        """`magnitudes` and their squares [513], `fine` [30] the mean squares of `bands.FINE_EDGES_HZ`."""
        # Shape in one hop, change in the next: nobody sees 5 ms, and it costs half.
        self._even = not self._even
        if silent or _sum(fine) < _QUIET:
            self._targets[:] = 0.0
        elif self._even:
            self._measure_shape(magnitudes, power, fine)
        else:
            self._measure_change(np.sqrt(fine), 2.0 * dt)
        values = self._followers.feed(self._targets, dt)
        return dict(zip(_NAMES, values.tolist(), strict=True))

    def _measure_shape(self, magnitudes: Float32s, power: Float32s, fine: Float32s) -> None:
        total, moment = (self._moments @ magnitudes).tolist()
        self._targets[0] = _clamp(_place(moment / (total + 1e-9), _BRIGHT_HZ))
        self._targets[1] = _clamp(_flatness(power[self._flat]) / _WHITE)
        self._targets[2] = _clamp(_place(self._rolloff(fine), _ROLLOFF_HZ))

    def _measure_change(self, roots: Float32s, dt: float) -> None:
        fresh = _sum(np.maximum(roots - _FRESH * self._slow, 0.0)) / (_sum(roots) + 1e-9)
        # The fast one is smooth enough for two tones of one band not to beat in it.
        self._fast += (roots - self._fast) * (1.0 - exp(-dt / _FAST_S))
        self._slow += (roots - self._slow) * (1.0 - exp(-dt / _SLOW_S))
        change = _sum(np.abs(self._fast - self._slow)) / (_sum(self._slow) + 1e-9)
        self._targets[3], self._targets[4] = _clamp(_FLUX * change), _clamp(1.5 * fresh)

    def _rolloff(self, fine: Float32s) -> float:
        """The frequency below which 85 % of the power lies, Hz."""
        below = fine.cumsum()
        wanted = _ROLLOFF * float(below[-1])
        if wanted <= 0.0:
            return 0.0
        i = int(below.searchsorted(wanted))
        part = 1.0 - (float(below[i]) - wanted) / float(fine[i])
        return float(2.0 ** (self._octaves[i] + part * (self._octaves[i + 1] - self._octaves[i])))


def _flatness(power: Float32s) -> float:
    """The geometric over the arithmetic mean."""
    steady = power + np.float32(1e-22)
    return exp(_sum(np.log(steady)) / steady.size) / (_sum(steady) / steady.size)


def _place(hz: float, high_hz: float) -> float:
    """Where a frequency lies between 150 Hz and `high_hz`, in octaves, 0..1 and beyond."""
    return log2(max(hz, _LOW_HZ) / _LOW_HZ) / log2(high_hz / _LOW_HZ)


def _clamp(value: float) -> float:
    return min(1.0, max(0.0, value))


def _sum(values: npt.NDArray[np.floating]) -> float:
    return float(np.add.reduce(values))  # a third of the cost of mean()
