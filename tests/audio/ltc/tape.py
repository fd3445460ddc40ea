"""Tapes with linear timecode on them: the signal of SMPTE ST 12-1, at any speed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from visuals.audio.ltc.codeword import BITS, backwards, codeword
from visuals.audio.ltc.reader import LtcReader
from visuals.timecode import Reading, Timecode
from visuals.types import HOP, SAMPLE_RATE_HZ, Float32s

RISE_S = 40e-6
"""An edge takes 40 us, give or take 10."""


def edges(frames: Iterable[Timecode], speed: float = 1.0, sample_rate_hz: float = SAMPLE_RATE_HZ) -> list[float]:
    """Where the signal turns, in samples, from the first frame's first edge to the last one's end."""
    place, turns = 0.0, list[float]()
    for frame in frames:
        word = codeword(frame)
        word = word if speed > 0 else backwards(word)
        bit = sample_rate_hz / (float(frame.rate.fps) * BITS * abs(speed))
        for number in range(BITS):
            turns.append(place)
            if word >> number & 1:
                turns.append(place + bit / 2.0)
            place += bit
    return [*turns, place]


def play(
    frames: Iterable[Timecode],
    speed: float = 1.0,
    level: float = 0.5,
    lead: float = 1000.3,
    sample_rate_hz: float = SAMPLE_RATE_HZ,
) -> Float32s:
    """The sound of frames in the order in which they come, after `lead` samples; the last edge stays.

    A negative speed plays each of them backwards; a negative level turns the signal over.
    """
    places = np.array(edges(frames, speed, sample_rate_hz)) + lead
    rise = RISE_S * sample_rate_hz
    corners = np.stack([places - rise / 2.0, places + rise / 2.0], axis=1).ravel()
    sides = np.where(np.arange(len(places)) % 2, level, -level)
    heights = np.stack([-sides, sides], axis=1).ravel()
    heights[0] = 0.0
    return np.interp(np.arange(int(places[-1]) + 500), corners, heights).astype(np.float32)


def run(first: Timecode, count: int, step: int = 1) -> list[Timecode]:
    return [Timecode.of_index(first.index + step * n, first.rate) for n in range(count)]


def blocks(samples: Float32s, hop: int = HOP) -> Iterator[tuple[float, Float32s]]:
    for start in range(0, len(samples), hop):
        yield start / SAMPLE_RATE_HZ, samples[start : start + hop]


def read(samples: Float32s, reader: LtcReader | None = None, hop: int = HOP) -> list[Reading]:
    reader = reader or LtcReader()
    return [reading for time, block in blocks(samples, hop) for reading in reader.feed(time, block)]


def noise(count: int, seed: int = 7) -> npt.NDArray[np.float64]:
    return np.random.default_rng(seed).standard_normal(count)
