"""Linear filters a block at a time, as one matrix product: second-order sections, and a slow copy of the sound.

A filter's answer to a block is linear in the block and in what it remembers, so both become rows of a
matrix once, and no loop over samples is left. Knows nothing of what is filtered.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import cos, pi, sin

import numpy as np
import numpy.typing as npt

from visuals.types import HOP, SAMPLE_RATE_HZ, Float32s

Float64s = npt.NDArray[np.float64]
Section = tuple[float, float, float, float, float]
"""b0, b1, b2, a1, a2 of a biquad, a0 = 1."""

LOW_EVERY = 32
LOW_RATE_HZ = SAMPLE_RATE_HZ / LOW_EVERY
LOW_HOP = HOP // LOW_EVERY
_TAPS = 192


def lowpass(hz: float, rate_hz: float, order: int = 4) -> tuple[Section, ...]:
    """A Butterworth low-pass of even order, -3 dB at `hz` (bilinear transform)."""
    return tuple(_section(hz, rate_hz, q, high=False) for q in _quality(order))


def highpass(hz: float, rate_hz: float, order: int = 2) -> tuple[Section, ...]:
    """A Butterworth high-pass of even order, -3 dB at `hz` (bilinear transform)."""
    return tuple(_section(hz, rate_hz, q, high=True) for q in _quality(order))


class Filters:
    """Cascades of sections side by side on the same sound.

    `feed` takes [channels, block] and gives [channels, cascades, block], float32.
    """

    def __init__(self, cascades: Sequence[Sequence[Section]], block: int, channels: int = 1) -> None:
        self._block, self._shape = block, (channels, len(cascades), block)
        self._matrix = _matrix(tuple(map(tuple, cascades)), block)
        self._input = np.zeros((channels, len(self._matrix)), np.float32)
        self._outputs = len(cascades) * block

    def feed(self, samples: Float32s) -> Float32s:
        self._input[:, : self._block] = samples
        result = self._input @ self._matrix
        self._input[:, self._block :] = result[:, self._outputs :]
        return result[:, : self._outputs].reshape(self._shape)


class LowStream:
    """The sound at 1500 Hz, 8 samples a hop, true below 270 Hz (folded sound 60 dB down), 2 ms late."""

    def __init__(self) -> None:
        n = np.arange(_TAPS) - (_TAPS - 1) / 2.0
        taps = np.sinc(n / LOW_EVERY) * np.kaiser(_TAPS, 6.0)
        self._matrix = np.zeros((_TAPS + HOP, LOW_HOP), np.float32)
        for i in range(LOW_HOP):
            end = _TAPS + (i + 1) * LOW_EVERY
            self._matrix[end - _TAPS : end, i] = taps / taps.sum()
        self._past = np.zeros(_TAPS + HOP, np.float32)

    def feed(self, mono: Float32s) -> Float32s:
        """The 8 slow samples of a hop of 256."""
        self._past[:_TAPS] = self._past[HOP:]
        self._past[_TAPS:] = mono
        low: Float32s = self._past @ self._matrix
        return low


def _quality(order: int) -> list[float]:
    return [0.5 / sin((2 * k + 1) * pi / (2 * order)) for k in range(order // 2)]


def _section(hz: float, rate_hz: float, quality: float, high: bool) -> Section:
    turn = 2.0 * pi * hz / rate_hz
    alpha, c = sin(turn) / (2.0 * quality), cos(turn)
    edge = (1.0 + c) / 2.0 if high else (1.0 - c) / 2.0
    a0 = 1.0 + alpha
    return edge / a0, (-2.0 if high else 2.0) * edge / a0, edge / a0, -2.0 * c / a0, (1.0 - alpha) / a0


@cache
def _matrix(cascades: tuple[tuple[Section, ...], ...], block: int) -> Float32s:
    """From [block, memories] to [blocks of every cascade, memories]. Kept, for it takes milliseconds."""
    answers = [_answers(cascade, block) for cascade in cascades]
    outputs = len(cascades) * block
    memories = sum(len(answer) - block for answer in answers)
    matrix = np.zeros((block + memories, outputs + memories), np.float32)
    first = 0
    for i, answer in enumerate(answers):
        last = first + len(answer) - block
        rows = np.r_[:block, block + first : block + last]
        columns = np.r_[i * block : (i + 1) * block, outputs + first : outputs + last]
        matrix[np.ix_(rows, columns)] = answer
        first = last
    return matrix


def _answers(cascade: Sequence[Section], block: int) -> Float64s:
    """Rows: what one unit in each sample of the block, then in each memory, does to the block and the memories."""
    memories = 2 * len(cascade)
    experiments = block + memories
    state = np.zeros((memories, experiments))
    state[:, block:] = np.eye(memories)
    out = np.zeros((block, experiments))
    for i in range(block):
        value = np.zeros(experiments)
        value[i] = 1.0
        for k, (b0, b1, b2, a1, a2) in enumerate(cascade):
            first, second = 2 * k, 2 * k + 1
            result = b0 * value + state[first]
            state[first] = b1 * value - a1 * result + state[second]
            state[second] = b2 * value - a2 * result
            value = result
        out[i] = value
    return np.vstack([out, state]).T
