"""What is asked of the shaders: random controls, and the field they draw from, recomputed outside the GPU."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from visuals.generator import condition, latents
from visuals.types import Float32s

STYLES = (
    *("aurora", "ink", "plasma", "crystal", "waves", "cells", "tunnel", "smoke"),
    *("flow", "constellation", "hive", "fire", "nebula", "lightning", "rosette", "bokeh"),
)
SIDE = 256
"""Height and width of a picture, a window of its canvas."""
LATENT = SIDE // 8
ASPECTS = {1: 0.4, 2: 0.45, 4: 0.15}
"""Width over height of the canvases and their shares: a wide wall's ends must not be news to the network."""
FREE_SHARE = 0.5
"""Share of pictures without any symmetry; it costs nothing to learn and most shows use little."""

Split = Literal["train", "validation", "test"]
SPLITS: dict[Split, range] = {"train": range(8), "validation": range(8, 9), "test": range(9, 10)}
"""Tenths of the seeds, and of the cells of attribute space, that belong to each split."""
CELLS = 4
"""Parts each attribute's range is cut into; a cell is one of 4^4."""


@dataclass(frozen=True)
class Sample:
    """One picture: its style, its seed, the controls of its shader, and where on which canvas it lies.

    `aspect` is the canvas's width over its height; `left` is the window's first column, in latents.
    """

    style: str
    seed: int
    controls: dict[str, float]
    aspect: int = 1
    left: int = 0

    @cached_property
    def field(self) -> Float32s:
        """The field at the latents' centres [8, 32, 32]."""
        lattice = latents.mirror(hashed_lattice(self.seed), self.controls["symmetry"])
        return window(latents.spread(lattice, self.controls["scale"], self._canvas), self.left)

    @cached_property
    def grain(self) -> Float32s:
        """White noise of the sample's own seed [8, 32, 32]."""
        return window(self.grain_on(self._canvas), self.left)

    @property
    def places(self) -> Float32s:
        """[3, 32, 32]"""
        return window(latents.places(self._canvas, self.controls["symmetry"]), self.left)

    def grain_on(self, across: tuple[int, int]) -> Float32s:
        """The same on a whole canvas of `across` latents."""
        return grain(np.random.default_rng([5, self.seed]), self.controls["symmetry"], across)

    @property
    def structure(self) -> Float32s:
        """Density, scale, symmetry and energy as the network is told them, -1..1."""
        return np.array([2.0 * self.controls[name] - 1.0 for name in condition.STRUCTURE], np.float32)

    @property
    def palette(self) -> Float32s:
        """[9], see `condition.split`."""
        return condition.split(condition.vector({**self.controls, f"style.{self.style}": 1.0}, STYLES))[1]

    @property
    def _canvas(self) -> tuple[int, int]:
        return self.aspect * LATENT, LATENT


def grain(rng: np.random.Generator, symmetry: float, across: tuple[int, int]) -> Float32s:
    """White noise on a canvas of `across` latents [8, height, width], mirrored as its field is."""
    width, height = across
    white = rng.standard_normal((latents.OCTAVES * latents.CHANNELS, height, width), np.float32)
    return latents.mirror(white, symmetry)


def window(wide: Float32s, left: int) -> Float32s:
    """The square of a canvas's latents from column `left`."""
    return np.ascontiguousarray(wide[:, :, left : left + LATENT])


def draw_samples(count: int, split: Split = "train", seed: int = 0, styles: Sequence[str] = STYLES) -> list[Sample]:
    """`count` samples of a split, the styles in turn: controls spread over their whole ranges."""
    rng = np.random.default_rng([seed, list(SPLITS).index(split)])
    return [_draw(rng, styles[i % len(styles)], split) for i in range(count)]


def _draw(rng: np.random.Generator, style: str, split: Split) -> Sample:
    controls = _controls(rng)
    while cell(controls) % 10 not in SPLITS[split]:
        controls = _controls(rng)
    tenth = SPLITS[split]
    seed = 10 * int(rng.integers(6553)) + tenth.start + int(rng.integers(len(tenth)))
    aspect = int(rng.choice(list(ASPECTS), p=list(ASPECTS.values())))
    return Sample(style, seed, controls, aspect, int(rng.integers((aspect - 1) * LATENT + 1)))


def _controls(rng: np.random.Generator) -> dict[str, float]:
    controls = {name: float(rng.random()) for name in (*condition.TURNS, *condition.LEVELS)}
    controls["saturation"] = float(np.sqrt(controls["saturation"]))
    if rng.random() < FREE_SHARE:
        controls["symmetry"] = 0.0
    return controls


def cell(controls: dict[str, float]) -> int:
    """The attribute cell, scattered so that neighbouring cells fall to different splits."""
    number = 0
    for name in condition.STRUCTURE:
        number = CELLS * number + min(int(CELLS * controls[name]), CELLS - 1)
    return int(_scramble(np.array([number], np.uint32))[0])


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
