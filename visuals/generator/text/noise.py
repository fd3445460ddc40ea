"""The noise a text model's picture starts from: white, with its shapes and its details walking each at its own speed.

Prism's shapes have a field of their own; these models were taught one white noise, so it is parted by
frequency. Two walks of one seed stand at the same place for as long as both go equally fast, and the
parts of two places are orthogonal: their sum is as white as either. Knows nothing of networks.
"""

from __future__ import annotations

import numpy as np

from visuals.generator import latents
from visuals.generator.instrument import Walks
from visuals.types import Controls, Float32s

SHAPES = 1.0 / 8.0
"""Frequencies below this share of the band, along both sides, are the shapes': half-waves of 64 pixels and more."""


class Noise:
    """The noise on latents of `across` (width, height)."""

    def __init__(self, seed: int, across: tuple[int, int], channels: int) -> None:
        self._shapes, self._details = (latents.Grain(seed, across, channels) for _ in range(2))
        self._walks = Walks(self._shapes, self._details)
        self._sideways, self._upright = (_low_pass(count) for count in across)

    def step(self, controls: Controls, dt: float) -> None:
        """Go on for `dt` seconds."""
        self._walks.step(controls, dt)

    def now(self) -> Float32s:
        """Where the walks stand: [channel, height, width], standard normal."""
        details = self._details.noise()
        apart = self._shapes.noise() - details
        return np.asarray(details + self._upright @ apart @ self._sideways, np.float32)


def _low_pass(count: int) -> Float32s:
    """The orthogonal projection of `count` places on their slowest cosines."""
    slow = latents.cosines(count)[:, : max(1, round(SHAPES * count))]
    return np.asarray(slow @ slow.T, np.float32)
