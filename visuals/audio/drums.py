"""Kick, snare and hat as sharp rises of a few bands, raised the moment they cross their threshold.

A rise is the growth of the log spectrum over 10.7 ms (the idea of SuperFlux: Böck and Widmer, DAFx
2013), picked without waiting for what follows. Knows nothing of levels beyond the input gain.

Measured at the moment of emission, ±50 ms (MDB Drums: 13 drum tracks / 4 full mixes), through the
whole analyser: kick F 0.97 / 0.80 after 3 ms (p95 11), snare 0.84 / 0.65 after 4 ms (p95 16), hat
0.83 / 0.64 after 3 ms (p95 19).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from visuals.audio.net import asymmetric
from visuals.types import SAMPLE_RATE_HZ, Float32s

STEP = 128
WINDOW = 1024
_FALL = 256
BINS = WINDOW // 2 + 1
STEP_S = STEP / SAMPLE_RATE_HZ

_EDGES_HZ = np.concatenate([[40.0, 90.0, 140.0], np.geomspace(200.0, 16000.0, 22)])
_LAG = 4  # steps: 10.7 ms, the length of an attack
_PEAK_MEMORY_S = 3.0


class Spectrum:
    """Magnitudes [513] of the last 1024 samples, every 128 samples; a full-scale sine reads 1.

    The window rises over 768 samples and falls over 256, so that what is new counts early: 3 ms of
    delay where a symmetric window has 11. A shorter fall (128) costs the kick 2 points of F, for it
    lets every attack leak into the lowest bins.
    """

    SHAPE = asymmetric(WINDOW, _FALL)

    def __init__(self) -> None:
        self.history: Float32s = np.zeros(WINDOW, np.float32)

    def feed(self, samples: Float32s) -> Float32s:
        """Take 128 mono samples."""
        self.history[:-STEP] = self.history[STEP:]
        self.history[-STEP:] = samples
        return np.abs(np.fft.rfft(self.history * self.SHAPE)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Hit:
    """A stroke: its name and its strength 0..1 beside the strongest of the last seconds."""

    name: str
    strength: float


class _Picker:
    """Raises when a curve crosses `floor` or `share` of its recent peak, then waits for it to fall."""

    def __init__(self, floor: float, share: float, interval: float) -> None:
        self._floor, self._share, self._interval = floor, share, interval
        self._peak = 0.0
        self._armed = True
        self._since = np.inf
        self._decay = float(np.exp(-STEP_S / _PEAK_MEMORY_S))

    def feed(self, value: float) -> float | None:
        threshold = max(self._floor, self._share * self._peak)
        self._since += STEP_S
        self._armed = self._armed or value < 0.5 * threshold
        raised = self._armed and value > threshold and self._since > self._interval
        self._peak = max(self._peak * self._decay, value)
        if not raised:
            return None
        self._armed, self._since = False, 0.0
        return min(1.0, 0.3 + 0.7 * value / max(self._peak, 3.0 * self._floor))


class Drums:
    """Finds strokes in successive spectra. One call per 128 samples."""

    def __init__(self) -> None:
        middles = np.sqrt(_EDGES_HZ[:-1] * _EDGES_HZ[1:])
        self._bank = _bank()
        # Quiet cymbals need more of the logarithm's bend than the drums below them.
        self._bend = np.where(middles < 6000.0, 30.0, 100.0).astype(np.float32)
        self._past = deque([np.zeros(len(middles), np.float32)] * _LAG, maxlen=_LAG)
        self._bands = _averages(
            middles, ((40, 140), (180, 450), (700, 2000), (1500, 6000), (2000, 8000), (6000, 16000))
        )
        self._pickers = {
            "kick": _Picker(floor=0.4, share=0.6, interval=0.09),
            "snare": _Picker(floor=0.1, share=0.6, interval=0.09),
            "hat": _Picker(floor=0.05, share=0.2, interval=0.05),
        }

    def hear(self, magnitudes: Float32s, silent: bool) -> list[Hit]:
        """The strokes of this step."""
        level = np.log1p(self._bend * np.sqrt(self._bank @ (magnitudes * magnitudes)))
        rises = np.maximum(0.0, level - self._past[0])
        self._past.append(level)
        low, body, middle, click, noise, top = (self._bands @ rises).tolist()
        curves = {
            # Low comes first, the beater helps, and a body above it belongs to another drum.
            "kick": low + 0.5 * min(click, low) - 0.5 * body - 0.3,
            # All three bands at once, and not the click of a kick.
            "snare": (body * middle * noise) ** (1.0 / 3.0) - 0.8 * max(0.0, low - 0.6 * body),
            "hat": top,
        }
        found = [(name, self._pickers[name].feed(value)) for name, value in curves.items()]
        return [] if silent else [Hit(name, strength) for name, strength in found if strength is not None]


def _bank() -> Float32s:
    """Power of 24 bands from 513 bins, each over the root of its width: noise and tone weigh alike."""
    frequencies = np.fft.rfftfreq(WINDOW, 1.0 / SAMPLE_RATE_HZ)
    bank = np.zeros((len(_EDGES_HZ) - 1, BINS), np.float32)
    for row, low, high in zip(bank, _EDGES_HZ, _EDGES_HZ[1:], strict=False):
        inside = (frequencies >= low) & (frequencies < high)
        if not inside.any():
            inside[np.argmin(np.abs(frequencies - np.sqrt(low * high)))] = True
        row[inside] = 1.0 / inside.sum()
    return bank


def _averages(middles: npt.NDArray[np.float64], ranges_hz: tuple[tuple[int, int], ...]) -> Float32s:
    rows = [(middles >= low) & (middles < high) for low, high in ranges_hz]
    return np.array([row / row.sum() for row in rows], np.float32)
