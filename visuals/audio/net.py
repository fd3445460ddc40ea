"""The learned part of the ears: two small recurrent networks that run beside each other in NumPy.

The fast one answers every hop (5.3 ms): is this a kick, a snare, a hat, any onset, and was the last
onset a note rather than a drum. The slow one answers every fourth hop (21.3 ms) from what the fast one
made of it and from a longer window: is this a beat, a downbeat, and how much drums, instruments and
voice there are. Trained on the synthesised band only (`tools/train_ears`). Knows nothing of thresholds,
tempo or time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load_file

from visuals.audio.spectrum import WINDOW, Spectrum, asymmetric
from visuals.errors import ModelError
from visuals.types import HOP, SAMPLE_RATE_HZ, Float32s

LONG_WINDOW = 4096
SLOW = 4
"""Hops in one slow frame."""

FAST_HEADS = ("kick", "snare", "hat", "cymbal", "tom", "onset", "melodic")
SLOW_HEADS = ("beat", "downbeat", "drums", "instruments", "voice")

_LAG = 2  # hops: 10.7 ms, the length of an attack
_SLOW_LAG = 2  # slow frames: 42.7 ms
_HALF = np.float32(0.5)
_LOUDER = 300.0  # bends the logarithm: a full-scale sine is 5.7, -60 dBFS 0.26


def bank(window: int, low_hz: float, bands: int, high_hz: float = 16000.0) -> Float32s:
    """Rows [bands, window/2 + 1] that average the power of triangular bands evenly spaced in log frequency,
    no narrower than the transform resolves."""
    frequencies = np.fft.rfftfreq(window, 1.0 / SAMPLE_RATE_HZ)
    edges = _edges(low_hz, high_hz, bands + 2, SAMPLE_RATE_HZ / window)
    rows = np.zeros((bands, len(frequencies)), np.float32)
    for row, low, middle, high in zip(rows, edges, edges[1:], edges[2:], strict=False):
        rising, falling = (frequencies - low) / (middle - low), (high - frequencies) / (high - middle)
        row[:] = np.maximum(0.0, np.minimum(rising, falling))
        row /= row.sum()
    return rows


def _edges(low: float, high: float, count: int, width: float) -> npt.NDArray[np.float64]:
    """Edges from `low` to `high`, at least `width` apart, geometric above."""
    edges = [low]
    while len(edges) < count:
        ratio = (high / edges[-1]) ** (1.0 / (count - len(edges)))
        edges.append(max(edges[-1] + width, edges[-1] * ratio))
    return np.array(edges)


_LONG_BINS = 520  # no band reaches above 6.1 kHz
FAST_BANK = bank(WINDOW, 30.0, 40)
FAST_MIDDLES_HZ = FAST_BANK @ np.fft.rfftfreq(WINDOW, 1.0 / SAMPLE_RATE_HZ)
LONG_BANK = bank(LONG_WINDOW, 30.0, 64, 6000.0)


_LONG_ROWS = np.ascontiguousarray(LONG_BANK[:, :_LONG_BINS])
assert not LONG_BANK[:, _LONG_BINS:].any()


def compress(power: Float32s) -> Float32s:
    """Band powers to the logarithmic levels the networks hear."""
    levels: Float32s = np.log1p(np.float32(_LOUDER) * np.sqrt(power))
    return levels


LONG_SHAPE = asymmetric(LONG_WINDOW, HOP * SLOW)


@dataclass(frozen=True, slots=True)
class Heard:
    """Probabilities by head, 0..1, and the powers [40] and levels [40] they were told from.

    `slow` is None in the hops between two slow frames.
    """

    fast: Float32s
    slow: Float32s | None
    power: Float32s
    level: Float32s


class _Gru:
    """One gated recurrent layer, one step at a time (Cho et al. 2014, in the form PyTorch computes)."""

    def __init__(self, weights: Mapping[str, Float32s], name: str) -> None:
        self._in, self._back = weights[f"{name}.weight_ih_l0"], weights[f"{name}.weight_hh_l0"]
        self._in_bias, self._back_bias = weights[f"{name}.bias_ih_l0"], weights[f"{name}.bias_hh_l0"]
        self._size = self._back.shape[1]
        self.state: Float32s = np.zeros(self._size, np.float32)

    def step(self, x: Float32s) -> Float32s:
        n = self._size
        fresh = self._in @ x + self._in_bias
        kept = self._back @ self.state + self._back_bias
        gates = _sigmoid(fresh[: 2 * n] + kept[: 2 * n])
        new = np.tanh(fresh[2 * n :] + gates[:n] * kept[2 * n :])
        self.state = new + gates[n:] * (self.state - new)
        return self.state


class Net:
    """Hears one hop after another. Deterministic; state starts at rest."""

    def __init__(self, weights: Mapping[str, Float32s]) -> None:
        self._w = weights
        self._gru, self._slow_gru = _Gru(weights, "fast"), _Gru(weights, "slow")
        self._deep = _Gru(weights, "deep")
        self._past = [np.zeros(len(FAST_BANK), np.float32)] * _LAG
        self._slow_past = [np.zeros(len(LONG_BANK), np.float32)] * _SLOW_LAG
        self._long = Spectrum(LONG_SHAPE)
        self._sum = np.zeros_like(self._gru.state)
        self._hop = 0

    def hear(self, magnitudes: Float32s, loud: Float32s) -> Heard:
        """`magnitudes` [513] of the last 1024 samples after gain, `loud` [256] the hop's samples after gain."""
        self._long.take(loud)
        power = FAST_BANK @ (magnitudes * magnitudes)
        level = compress(power)
        x = np.concatenate([level, np.maximum(level - self._past[0], 0.0)])
        self._past = [*self._past[1:], level]
        state = self._gru.step(self._layer("fast_in", x))
        self._sum = self._sum + state
        fast = _sigmoid(self._w["fast_out.weight"] @ state + self._w["fast_out.bias"])
        self._hop += 1
        return Heard(fast, self._hear_slowly() if self._hop % SLOW == 0 else None, power, level)

    def _hear_slowly(self) -> Float32s:
        spectrum = self._long.look()[:_LONG_BINS]
        level = compress(_LONG_ROWS @ (spectrum * spectrum))
        rise = np.maximum(level - self._slow_past[0], 0.0)
        self._slow_past = [*self._slow_past[1:], level]
        x = np.concatenate([self._sum / np.float32(SLOW), level, rise])
        self._sum = np.zeros_like(self._sum)
        state = self._slow_gru.step(self._layer("slow_in", x))
        both = np.concatenate([state, self._deep.step(state)])
        return _sigmoid(self._w["slow_out.weight"] @ both + self._w["slow_out.bias"])

    def _layer(self, name: str, x: Float32s) -> Float32s:
        result: Float32s = np.maximum(self._w[f"{name}.weight"] @ x + self._w[f"{name}.bias"], np.float32(0.0))
        return result


def read(path: Path) -> dict[str, Float32s]:
    """The weights in a safetensors file. Raises `ModelError` when it is missing or holds other networks."""
    try:
        weights = {name: np.asarray(value, np.float32) for name, value in load_file(path).items()}
        Net(weights).hear(np.zeros(WINDOW // 2 + 1, np.float32), np.zeros(HOP, np.float32))
    except (OSError, SafetensorError, KeyError, ValueError, IndexError) as error:
        text = f"{path}: found no ears ({error}), expected the file that `tools/train_ears` writes"
        raise ModelError(text) from error
    return weights


def _sigmoid(x: Float32s) -> Float32s:
    half: Float32s = np.tanh(_HALF * x)
    half *= _HALF
    half += _HALF
    return half
