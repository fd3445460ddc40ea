"""From a wall's raster to the light that leaves it, on a fixed jittered grid of its pixels."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import ceil, sqrt

import cv2
import numpy as np
import numpy.typing as npt

from visuals.types import FlashLimit, Light, Pixels, Wall

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

SAMPLES = 130_000
"""Of all walls together: a field that holds a 30th of them is measured to 0.2 % of its area."""

HOUSE_NITS = 200.0
"""The white that eyes in a room are used to (Trace 2024, BT.1702); brighter walls are held against it."""

LUMINANCE = (0.2126, 0.7152, 0.0722)
"""Y of linear BT.709 red, green and blue."""

SATURATED = 0.8
"""Share of red in the sum of red, green and blue."""

XYZ = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
WHITE_UV = (0.1978, 0.4683)
LOOKS = 12
BLACK = 0.01
"""Below this sum of red, green and blue, relative to the reference, a colour has no hue."""


def decoded(value: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Linear light 0..1 of sRGB values 0..1 (IEC 61966-2-1)."""
    v = np.asarray(value, np.float64)
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


def table(light: Light, limit: FlashLimit) -> Floats:
    """Light of the 256 drives, relative to the reference white: may pass 1.

    A drive is `v ** gamma` of an sRGB value `v`, so the light is that of `drive ** (1 / gamma)`.
    """
    reference = limit.reference or min(light.nits, HOUSE_NITS)
    drives = np.arange(256) / 255.0
    return np.asarray(decoded(drives ** (1.0 / light.gamma)) * light.nits / reference, np.float32)


class Seen:
    """What the samples of all walls emit: `luminance` [n], `linear` [3, n] red, green and blue.

    `red` tells which are saturated red.
    """

    __slots__ = ("_uv", "linear", "luminance", "red")

    def __init__(self, luminance: Floats, linear: Floats, red: Mask) -> None:
        self.luminance, self.linear, self.red = luminance, linear, red
        self._uv: tuple[Floats, Floats] | None = None

    def uv(self) -> tuple[Floats, Floats]:
        """CIE 1976 u' and v' of each sample, worked out when first asked for."""
        if self._uv is None:
            self._uv = chromaticity(self.linear)
        return self._uv

    def copy(self) -> Seen:
        """What holds longer than a few looks."""
        kept = Seen(self.luminance, self.linear.copy(), self.red)
        kept._uv = self._uv
        return kept

    def __deepcopy__(self, _: object) -> Seen:
        # Nobody writes into it.
        return self


def chromaticity(linear: Floats) -> tuple[Floats, Floats]:
    """CIE 1976 u' and v' of linear red, green and blue [3, n]; what is black counts as white."""
    red, green, blue = linear
    x, y, z = (_sum(red, green, blue, row) for row in XYZ)
    below: Floats = x + np.float32(15.0) * y
    cv2.scaleAdd(z, 3.0, below, dst=below)
    dark = red + green + blue < BLACK
    below[dark] = 1.0
    u, v = np.float32(4.0) * x / below, np.float32(9.0) * y / below
    u[dark], v[dark] = WHITE_UV
    return u, v


def _sum(red: Floats, green: Floats, blue: Floats, weights: Sequence[float]) -> Floats:
    total = red * np.float32(weights[0])
    cv2.scaleAdd(green, float(weights[1]), total, dst=total)
    cv2.scaleAdd(blue, float(weights[2]), total, dst=total)
    return total


class Grid:
    """One pixel out of each cell of `stride` x `stride` pixels of a wall, always the same; all if stride is 1.

    A sample is a true pixel, never a mean: what flashes in opposite ways side by side must not cancel.
    """

    def __init__(self, size: tuple[int, int], stride: int) -> None:
        width, height = size
        self.size, self.stride = size, stride
        self.shape = (ceil(height / stride), ceil(width / stride))
        random = np.random.default_rng(1702)
        y, x = np.mgrid[0 : self.shape[0], 0 : self.shape[1]] * stride
        self.y = np.minimum(y + random.integers(0, stride, self.shape), height - 1).ravel()
        self.x = np.minimum(x + random.integers(0, stride, self.shape), width - 1).ravel()
        self._index = self.y * width + self.x

    @property
    def count(self) -> int:
        return int(self._index.size)

    def gather(self, raster: Pixels, out: npt.NDArray[np.uint32]) -> None:
        """Copy the samples of a raster [height, width, 4] as one word each."""
        words = np.ascontiguousarray(raster).view(np.uint32).reshape(-1)
        if self.stride == 1:
            np.copyto(out, words)
        else:
            np.take(words, self._index, out=out, mode="clip")


class Eye:
    """Looks at all walls at once. What `look` gives holds for the next ten calls."""

    def __init__(self, walls: list[Wall], limit: FlashLimit, samples: int = SAMPLES) -> None:
        pixels = sum(wall.size[0] * wall.size[1] for wall in walls)
        stride = max(1, ceil(sqrt(pixels / samples) - 0.01))
        self.grids = [Grid(wall.size, stride) for wall in walls]
        ends = np.cumsum([0, *(grid.count for grid in self.grids)])
        self.slices = [slice(int(a), int(b)) for a, b in pairwise(ends)]
        self.count = int(ends[-1])
        self.words = np.zeros(self.count, np.uint32)
        self._looks = 0
        self._tables = [table(wall.light, limit) for wall in walls]
        self._linear = [np.zeros((3, self.count), np.float32) for _ in range(LOOKS)]

    def look(self, rasters: list[Pixels]) -> Seen:
        """The light of rasters [height, width, 4], one a wall."""
        linear = self._linear[self._looks % LOOKS]
        self._looks += 1
        for grid, part, lut, raster in zip(self.grids, self.slices, self._tables, rasters, strict=True):
            grid.gather(raster, self.words[part])
            planes = cv2.split(self.words[part].view(np.uint8).reshape(1, -1, 4))
            for plane, out in zip(planes, linear, strict=False):
                cv2.LUT(plane, lut, dst=out[None, part])
        red, green, blue = linear
        luminance = _sum(red, green, blue, LUMINANCE)
        saturated = red >= SATURATED / (1.0 - SATURATED) * (green + blue)
        return Seen(luminance, linear, saturated & (red >= BLACK))
