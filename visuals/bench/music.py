"""Eight seconds of a drum kit under a lead, made of numbers: what the benchmarks listen to."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from visuals.types import SAMPLE_RATE_HZ, Float32s

SECONDS = 8.0
BPM = 128.0

Sound = npt.NDArray[np.float64]


def music() -> Float32s:
    """Mono samples in -1..1: kick on one and three, snare on two and four, hats on eighths, a lead in A minor."""
    beat = 60.0 / BPM
    whole = 0.25 * _lead(beat)
    _place(whole, 0.0, 2.0 * beat, _tone(0.25, 55.0, 0.09) + 0.3 * _noise(0.25, 0.003))
    _place(whole, beat, 2.0 * beat, 0.5 * _noise(0.2, 0.06) + 0.5 * _tone(0.2, 240.0, 0.05))
    _place(whole, 0.5 * beat, beat, 0.2 * np.diff(_noise(0.06, 0.015), prepend=0.0))
    peak: Float32s = (0.8 * whole / np.abs(whole).max()).astype(np.float32)
    return peak


def _time(seconds: float) -> Sound:
    return np.arange(round(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ


def _tone(seconds: float, hz: float, decay: float) -> Sound:
    t = _time(seconds)
    return np.asarray(np.sin(2.0 * np.pi * hz * t) * np.exp(-t / decay))


def _noise(seconds: float, decay: float) -> Sound:
    t = _time(seconds)
    return np.asarray(np.random.default_rng(0).uniform(-1.0, 1.0, len(t)) * np.exp(-t / decay))


def _lead(beat: float) -> Sound:
    """A note a beat, with two overtones."""
    t = _time(SECONDS)
    notes = np.array([69, 72, 76, 72, 67, 71, 74, 71])[(t / beat).astype(int) % 8]
    phase = 2.0 * np.pi * np.cumsum(440.0 * 2.0 ** ((notes - 69) / 12.0)) / SAMPLE_RATE_HZ
    return np.asarray(np.sin(phase) + 0.5 * np.sin(2.0 * phase) + 0.25 * np.sin(3.0 * phase))


def _place(whole: Sound, first: float, every: float, hit: Sound) -> None:
    for time in np.arange(first, SECONDS, every):
        start = round(time * SAMPLE_RATE_HZ)
        room = whole[start : start + len(hit)]
        room += hit[: len(room)]
