"""Synthesised sounds with known times, and what an analyser hears in them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from visuals.audio.analysis import Analyser
from visuals.types import HOP, SAMPLE_RATE_HZ, Block, Features

RATE = SAMPLE_RATE_HZ


def silence(seconds: float) -> np.ndarray:
    return np.zeros(int(seconds * RATE))


def tone(hz: float, seconds: float, level: float = 0.5) -> np.ndarray:
    return level * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE)) / RATE)


def noise(seconds: float, level: float = 0.2, seed: int = 0) -> np.ndarray:
    return level * np.random.default_rng(seed).uniform(-1, 1, int(seconds * RATE))


def kick() -> np.ndarray:
    t = np.arange(int(0.25 * RATE)) / RATE
    body = np.sin(2 * np.pi * (50 * t + 60 * 0.03 * (1 - np.exp(-t / 0.03)))) * np.exp(-t / 0.09)
    click = np.random.default_rng(1).uniform(-1, 1, len(t)) * np.exp(-t / 0.002)
    return 0.8 * body + 0.3 * click


def snare() -> np.ndarray:
    t = np.arange(int(0.2 * RATE)) / RATE
    rattle = np.random.default_rng(2).uniform(-1, 1, len(t)) * np.exp(-t / 0.06)
    return 0.35 * rattle + 0.4 * np.sin(2 * np.pi * 240 * t) * np.exp(-t / 0.05)


def hat() -> np.ndarray:
    t = np.arange(int(0.06 * RATE)) / RATE
    hiss = np.random.default_rng(3).uniform(-1, 1, len(t)) * np.exp(-t / 0.015)
    return 0.2 * np.diff(np.diff(hiss, prepend=0), prepend=0)


def click() -> np.ndarray:
    t = np.arange(int(0.01 * RATE)) / RATE
    return 0.8 * np.sin(2 * np.pi * 2000 * t) * np.exp(-t / 0.002)


def at(times: Sequence[float], sound: np.ndarray, seconds: float) -> np.ndarray:
    """`sound` at each of `times`."""
    out = silence(seconds)
    for time in times:
        i = int(time * RATE)
        piece = sound[: max(0, len(out) - i)]
        out[i : i + len(piece)] += piece
    return out


def beats(bpm: float, seconds: float, first: float = 0.5) -> np.ndarray:
    return np.arange(first, seconds - 0.3, 60.0 / bpm)


def band(seconds: float, bpm: float = 120.0) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Kick on 1 and 3, snare on 2 and 4, hats on every eighth in between, with their times."""
    grid = beats(bpm, seconds)
    times = {"kick": grid[0::2], "snare": grid[1::2], "hat": grid + 30.0 / bpm}
    mix = at(times["kick"], kick(), seconds) + at(times["snare"], snare(), seconds) + at(times["hat"], hat(), seconds)
    return 0.7 * mix, times


def blocks(samples: np.ndarray, start: float = 0.0) -> list[Block]:
    """Mono samples as stereo blocks; what does not fill the last one is left out."""
    stereo = np.repeat(np.asarray(samples, np.float32)[:, None], 2, axis=1)
    return [Block(start + i * HOP / RATE, stereo[i * HOP : (i + 1) * HOP]) for i in range(len(stereo) // HOP)]


def hear(samples: np.ndarray, analyser: Analyser | None = None) -> list[Features]:
    analyser = analyser or Analyser()
    return [analyser.hear(block) for block in blocks(samples)]


def emitted(heard: Sequence[Features], name: str) -> np.ndarray:
    """When events of this name were raised: what a live show gets."""
    return np.array([f.time for f in heard for e in f.events if e.name == name])


def stamped(heard: Sequence[Features], name: str) -> np.ndarray:
    """The times that events of this name carry."""
    return np.array([e.time for f in heard for e in f.events if e.name == name])


def match(reference: np.ndarray, found: np.ndarray, tolerance: float = 0.05) -> tuple[float, np.ndarray]:
    """F of `found` against `reference`, one to one, and the delays of what matched."""
    left, delays = list(found), []
    for time in reference:
        near = [f for f in left if abs(f - time) <= tolerance]
        if near:
            best = min(near, key=lambda f: abs(f - time))
            left.remove(best)
            delays.append(best - time)
    return 2.0 * len(delays) / max(1, len(reference) + len(found)), np.array(delays)
