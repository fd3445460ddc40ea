"""The noise a picture is dreamt from: a lattice of Gaussian knots that turns, mirrors and is spread to latents.

The style shaders draw from the same lattice, so a walk through it moves shapes instead of dissolving
one picture into the next. Pure numpy; knows nothing of networks, styles or time of day.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from visuals.types import Float32s

OCTAVES, CHANNELS, ROWS, COLUMNS = 2, 4, 16, 32
FINENESS = 2.0
"""Knots of the fine octave for each knot of the coarse one, along a side."""
KNOTS_PER_HEIGHT = (3.2, 1.5)
"""Coarse knots from the middle to the edge for `scale` 0 and 1, in units of half a picture's height."""
JUMP_SPEED = 6.0
"""What a full jump adds to the walk, rad/s: decaying over a quarter of a beat at 120 BPM, 0.75 rad."""


def description() -> dict[str, object]:
    """The noise as a model's card must name it, to be fed with it."""
    return {
        "octaves": OCTAVES,
        "channels": CHANNELS,
        "rows": ROWS,
        "columns": COLUMNS,
        "fineness": FINENESS,
        "knots_per_height": list(KNOTS_PER_HEIGHT),
    }


def mirroring(symmetry: float) -> tuple[float, float]:
    """How much the two sides and the two halves repeat each other, 0..1 each, for `symmetry` 0..1."""
    return _smoothstep(0.0, 0.6, symmetry), _smoothstep(0.4, 1.0, symmetry)


def mirror(lattice: Float32s, symmetry: float) -> Float32s:
    """Blend a lattice [..., rows, columns] with its mirror images, keeping its variance."""
    across, up = mirroring(symmetry)
    sides = lattice + across * lattice[..., ::-1]
    both = sides + up * sides[..., ::-1, :]
    return np.asarray(both / np.sqrt((1.0 + across**2) * (1.0 + up**2)), np.float32)


def spread(lattice: Float32s, scale: float, size: tuple[int, int]) -> Float32s:
    """The field at the latents' centres: lattice [octave, channel, row, column] to [8, height, width].

    Cubic B-spline, divided by the norm of its weights: unit variance whatever the scale, a little more
    along the axes of a mirrored lattice.
    """
    width, height = size
    reach = KNOTS_PER_HEIGHT[0] + (KNOTS_PER_HEIGHT[1] - KNOTS_PER_HEIGHT[0]) * scale
    x = (np.arange(width) + 0.5) / width - 0.5
    y = 0.5 - (np.arange(height) + 0.5) / height
    octaves = []
    for octave, fineness in zip(lattice, (1.0, FINENESS), strict=True):
        across = _weights(x * (width / height) * reach * fineness, COLUMNS)
        up = _weights(y * reach * fineness, ROWS)
        octaves.append(np.einsum("hr,crk,wk->chw", up, octave, across, optimize=True))
    return np.concatenate(octaves).astype(np.float32)


def places(size: tuple[int, int], symmetry: float) -> Float32s:
    """Where each latent lies [3, height, width]: across and up, folded by `symmetry`, and log radius."""
    x, y = _centres(size)
    across, up = mirroring(symmetry)
    folded_x, folded_y = x + across * (np.abs(x) - x), y + up * (np.abs(y) - y)
    radius = np.log(np.hypot(0.75 * x, y) + 0.06) + 1.0
    return np.stack([folded_x, folded_y, radius]).astype(np.float32)


@lru_cache(maxsize=8)
def _centres(size: tuple[int, int]) -> tuple[Float32s, Float32s]:
    """Offsets from the middle in half heights, x to the right and y up."""
    width, height = size
    x = ((np.arange(width) + 0.5) / width - 0.5) * 2.0 * width / height
    y = 1.0 - 2.0 * (np.arange(height) + 0.5) / height
    grid = np.meshgrid(x.astype(np.float32), y.astype(np.float32))
    return grid[0], grid[1]


def _weights(at: np.ndarray, knots: int) -> Float32s:
    """Rows of B-spline weights [len(at), knots] of unit norm, the lattice's middle at 0."""
    position = at + knots / 2.0 - 0.5
    cell = np.floor(position).astype(int)
    f = position - cell
    g = 1.0 - f
    taps = np.stack([g**3, 3 * f**3 - 6 * f**2 + 4, 3 * g**3 - 6 * g**2 + 4, f**3], axis=1) / 6.0
    taps /= np.linalg.norm(taps, axis=1, keepdims=True)
    rows = np.zeros((len(at), knots), np.float32)
    for tap in range(4):
        np.add.at(rows, (np.arange(len(at)), np.clip(cell + tap - 1, 0, knots - 1)), taps[:, tap])
    return rows


def _smoothstep(low: float, high: float, x: float) -> float:
    t = min(max((x - low) / (high - low), 0.0), 1.0)
    return t * t * (3.0 - 2.0 * t)


@dataclass
class Walk:
    """A walk along great circles of noise space: each knot turns in a plane of its own.

    The rates differ from knot to knot, so the walk never comes back, and every lattice on it is as
    Gaussian as the first. Where it stands depends on the distance alone: the same controls lead to
    the same place in however many steps.
    """

    seed: int
    distance: float = 0.0

    def __post_init__(self) -> None:
        rng = np.random.default_rng(self.seed)
        shape = (OCTAVES, CHANNELS, ROWS, COLUMNS)
        self._from = rng.standard_normal(shape, np.float32)
        self._to = rng.standard_normal(shape, np.float32)
        self._rate = rng.uniform(0.6, 1.4, (OCTAVES, 1, ROWS, COLUMNS))
        self._speed: float | None = None

    def step(self, dt: float, walk: float, jump: float = 0.0) -> None:
        """Go on for `dt` seconds at `walk` rad/s; `jump` 0..1 pushes. Speeds change linearly in between."""
        speed = walk + JUMP_SPEED * jump
        last = speed if self._speed is None else self._speed
        self.distance += dt * 0.5 * (last + speed)
        self._speed = speed

    def lattice(self) -> Float32s:
        """Where the walk stands: [octave, channel, row, column], standard normal."""
        turn = (self.distance * self._rate) % (2.0 * np.pi)
        return np.asarray(np.cos(turn) * self._from + np.sin(turn) * self._to, np.float32)
