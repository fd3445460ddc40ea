"""The noise a picture is dreamt from, in two parts that walk each at its own speed.

The *field*: a lattice of Gaussian knots that turns, mirrors and is spread to latents; where things
are. The style shaders draw from the same lattice, so a walk through it moves shapes instead of
dissolving one picture into the next. The *grain*: white noise on the latents; what details are.

Usually one white noise is parted by block means into low frequencies, for bars, and high ones, for
beats. Here the field is the low part by construction: it holds no frequency above its knots', where
block means leak into both parts and move with the blocks' borders; and it is told to the network
beside the grain, so that neither part's walk changes what the other says.

**Bounds**, whatever is asked: a walk goes at most `FASTEST` rad/s, so that no number of it turns faster
than `RATES[1] * FASTEST` = 14 rad/s, and 16 while it sets out to another seed (`SETTING_OUT`).

Pure numpy; knows nothing of networks, styles or time of day.
"""

from __future__ import annotations

import math
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
FASTEST = 10.0
"""rad/s: a walk at full speed with a full jump in it; a third of a radian between pictures at 30 a second."""
RATES = (0.6, 1.4)
"""How fast the slowest and the fastest number of a walk turn, as shares of its speed."""
SETTING_OUT = 2.0
"""rad/s towards another seed: there after 0.8 s."""


def description() -> dict[str, object]:
    """The noise as a model's card must name it, to be fed with it."""
    return {
        "octaves": OCTAVES,
        "channels": CHANNELS,
        "rows": ROWS,
        "columns": COLUMNS,
        "fineness": FINENESS,
        "knots_per_height": list(KNOTS_PER_HEIGHT),
        "grain": "white",
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
        octaves.append(np.matmul(np.matmul(up, octave), across.T))
    return np.concatenate(octaves)


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
    knot = np.clip(cell[:, None] + np.arange(-1, 3), 0, knots - 1)
    flat = (knots * np.arange(len(at))[:, None] + knot).ravel()
    return np.bincount(flat, taps.ravel(), len(at) * knots).reshape(-1, knots).astype(np.float32)


def _smoothstep(low: float, high: float, x: float) -> float:
    t = min(max((x - low) / (high - low), 0.0), 1.0)
    return t * t * (3.0 - 2.0 * t)


class _Walk:
    """A walk along great circles of noise space: each number turns in a plane of its own.

    The rates differ, so the walk never comes back, and every place on it is as Gaussian as the first.
    Where it stands depends on the distance alone: the same controls lead to the same place in however
    many steps. Speeds that change by leaps are the exception, for nobody knows when between two steps
    the leap was: each leaves at most half of itself times the longer step (rad).
    """

    def __init__(self, seed: int) -> None:
        self.seed, self.number, self.distance = seed, 0, 0.0
        self._start, self._aim, self._rate = self._draw()
        self._speed: float | None = None
        self._left: Float32s | None = None
        self._way = 0.0

    def step(self, dt: float, walk: float, jump: float = 0.0) -> None:
        """Go on for `dt` seconds at `walk` rad/s; `jump` 0..1 pushes. Speeds change linearly in between."""
        speed = min(max(walk + JUMP_SPEED * jump, -FASTEST), FASTEST)
        last = speed if self._speed is None else self._speed
        self.distance += dt * 0.5 * (last + speed)
        self._speed = speed
        self._way += SETTING_OUT * dt

    def set_out(self) -> None:
        """Leave for where the walk of the series' next seed starts: over a quarter of a great circle, from anywhere."""
        self._left, self._way = self._here(), 0.0
        self.number, self.distance = self.number + 1, 0.0
        self._start, self._aim, self._rate = self._draw()

    def _draw(self) -> tuple[Float32s, Float32s, np.ndarray]:
        """Where the walk of this number's seed starts, where it heads, and how fast each number turns."""
        raise NotImplementedError

    def _here(self) -> Float32s:
        turn = (self.distance * self._rate) % (2.0 * np.pi)
        here = np.cos(turn).astype(np.float32) * self._start + np.sin(turn).astype(np.float32) * self._aim
        if self._left is not None and self._way < 0.5 * math.pi:
            here *= math.sin(self._way)
            here += math.cos(self._way) * self._left
        return here


class Walk(_Walk):
    """The walk of the field's knots."""

    def lattice(self) -> Float32s:
        """Where the walk stands: [octave, channel, row, column], standard normal."""
        return self._here()

    def _draw(self) -> tuple[Float32s, Float32s, np.ndarray]:
        # NumPy pads a seed with zeros: number 0 of the series is the seed itself.
        rng = np.random.default_rng([self.seed, self.number])
        shape = (OCTAVES, CHANNELS, ROWS, COLUMNS)
        start, aim = (rng.standard_normal(shape, np.float32) for _ in range(2))
        return start, aim, rng.uniform(*RATES, (OCTAVES, 1, ROWS, COLUMNS))


class Grain(_Walk):
    """The walk of white noise on latents of `size` (width, height).

    What walks are the noise's frequencies (of the orthonormal cosine transform, DCT-II: white there is
    white here). One frequency is the same number at every size, so a smaller picture of the same seed
    begins with the low frequencies of the larger one's grain.
    """

    def __init__(self, seed: int, size: tuple[int, int], channels: int = OCTAVES * CHANNELS) -> None:
        self._shape = channels, size[1], size[0]
        self._across, self._up = (cosines(count) for count in size)
        super().__init__(seed)

    def noise(self) -> Float32s:
        """Where the walk stands: [channel, height, width], standard normal."""
        return np.asarray(np.matmul(np.matmul(self._up, self._here()), self._across.T), np.float32)

    def _draw(self) -> tuple[Float32s, Float32s, np.ndarray]:
        # A stream for each row, from its left: a wider or higher table begins with the smaller one.
        channels, rows, columns = self._shape
        streams = [np.random.default_rng([self.seed, self.number, 1 + row]) for row in range(rows)]
        numbers = np.stack([rng.standard_normal((columns, 2, channels), np.float32) for rng in streams])
        start, aim = np.ascontiguousarray(numbers.transpose(2, 3, 0, 1))
        rates = [np.random.default_rng([self.seed, 0, 1 + row, 1]).uniform(*RATES, columns) for row in range(rows)]
        return start, aim, np.stack(rates)


def cosines(count: int) -> Float32s:
    """The orthonormal cosine transform's inverse: rows are places, columns frequencies."""
    basis = np.cos(np.pi / count * np.outer(np.arange(count) + 0.5, np.arange(count))) * math.sqrt(2.0 / count)
    basis[:, 0] *= math.sqrt(0.5)
    return basis.astype(np.float32)
