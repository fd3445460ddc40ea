"""Kicks played into a real PulseAudio server, through `play`'s own processes, to the player's frames."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from tests.audio.pulse import play, pulse_server, write_wav
from tests.drills.latency import kick_latency

RATE_HZ = 48_000
KICK_EVERY_S = 0.6


def kicks(count: int, seed: int = 5) -> np.ndarray:
    """A run of synthesised bass drums [n], unevenly spaced so that no beat clock can foresee them."""
    dice = np.random.default_rng(seed)
    t = np.arange(int(0.18 * RATE_HZ)) / RATE_HZ
    drum = 0.8 * np.sin(2 * np.pi * (48 * t + 90 * 0.03 * (1 - np.exp(-t / 0.03)))) * np.exp(-t / 0.06)
    drum[:96] += 0.4 * dice.standard_normal(96) * np.linspace(1, 0, 96)
    sound = np.zeros(int((count + 2) * KICK_EVERY_S * RATE_HZ))
    for n in range(count):
        at = int((0.5 + n * KICK_EVERY_S + dice.uniform(-0.1, 0.1)) * RATE_HZ)
        sound[at : at + len(drum)] += drum
    return sound


@contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for a while; child processes inherit them."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def kick_to_light(folder: Path, count: int) -> dict[str, Any]:
    """Latency from a kick's first loud sample at the sound card to the changed frame that left the player."""
    with pulse_server(folder) as env, environment(env):
        wav = write_wav(folder / "kicks.wav", kicks(count))
        return kick_latency(folder, "pulse", count, lambda: play(env, wav))
