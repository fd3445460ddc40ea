"""What is asked of the shaders: random controls, and the field they draw from, recomputed outside the GPU."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from visuals.generator import condition, latents
from visuals.types import Float32s

STYLES = ("aurora", "ink", "plasma", "crystal", "waves", "cells", "tunnel", "smoke")
PICTURE = (256, 128)
LATENT = (32, 16)
FREE_SHARE = 0.5
"""Share of pictures without any symmetry; it costs nothing to learn and most shows use little."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One picture: its style, its seed and the controls of its shader."""

    style: str
    seed: int
    controls: dict[str, float]

    def lattice(self) -> Float32s:
        return latents.mirror(hashed_lattice(self.seed), self.controls["symmetry"])

    def noise(self) -> Float32s:
        """The field at the latents' centres [8, 16, 32]."""
        return latents.spread(self.lattice(), self.controls["scale"], LATENT)

    def places(self) -> Float32s:
        return latents.places(LATENT, self.controls["symmetry"])

    def condition(self) -> Float32s:
        """What the network is told."""
        return condition.split(self.asked())[0]

    def palette(self) -> Float32s:
        return condition.split(self.asked())[1]

    def asked(self) -> Float32s:
        return condition.vector({**self.controls, f"style.{self.style}": 1.0}, STYLES)


def draw_sample(rng: np.random.Generator, style: str) -> Sample:
    """Controls spread over their whole ranges."""
    names = ("hue", "hue2", *condition.LEVELS)
    controls = {name: float(rng.random()) for name in names}
    controls["saturation"] = float(np.sqrt(rng.random()))
    if rng.random() < FREE_SHARE:
        controls["symmetry"] = 0.0
    return Sample(style, int(rng.integers(65536)), controls)


def draw_samples(count: int, seed: int) -> list[Sample]:
    rng = np.random.default_rng(seed)
    return [draw_sample(rng, STYLES[i % len(STYLES)]) for i in range(count)]


def hashed_lattice(seed: int) -> Float32s:
    """The shaders' lattice at time 0: [octave, channel, row, column], row 0 at the bottom."""
    start = _scramble(np.array([seed], np.uint32))
    cell = np.arange(32 * 32, dtype=np.uint32)
    keys = start + np.uint32(16) * cell
    channels = [_gauss(keys + np.uint32(channel)) for channel in range(latents.CHANNELS)]
    grid = np.stack(channels).reshape(latents.CHANNELS, latents.OCTAVES, latents.ROWS, latents.COLUMNS)
    return np.ascontiguousarray(grid.transpose(1, 0, 2, 3))


def _scramble(v: np.ndarray) -> np.ndarray:
    """PCG's RXS-M-XS 32, as the shaders have it."""
    s = v * np.uint32(747796405) + np.uint32(2891336453)
    w = ((s >> ((s >> np.uint32(28)) + np.uint32(4))) ^ s) * np.uint32(277803737)
    return np.asarray((w >> np.uint32(22)) ^ w)


def _gauss(keys: np.ndarray) -> Float32s:
    h = _scramble(keys)
    total = sum((h >> np.uint32(shift)) & np.uint32(255) for shift in (0, 8, 16, 24))
    return ((np.asarray(total, np.float32) - 510.0) / 147.8).astype(np.float32)
