"""From the canvas to a wall's own picture: its pixels cut out, averaged to LEDs, as light.

Knows rectangles and light, not what the picture is nor where it goes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from visuals.errors import RigError
from visuals.types import Pixels, Wall
from visuals.wall.layout import misfit


class Mapper:
    """Cuts a wall's rectangle out of the canvas, area-averages it to LEDs, applies gamma and brightness.

    A LED's drive is `brightness * v ** gamma`, alpha becomes 255. `canvas` is (width, height).
    Raises RigError when the rectangle lies outside. Owns its buffers: what `map` gives holds until
    the next call; where nothing is to be done it is the canvas itself.
    """

    def __init__(self, wall: Wall, canvas: tuple[int, int]) -> None:
        if text := misfit(wall, canvas):
            raise RigError(text)
        x, y, width, height = wall.canvas
        self._crop = (slice(y, y + height), slice(x, x + width))
        self._light = _light(wall.light.gamma, wall.light.brightness)
        self._resize = None if wall.size == (width, height) else _Area((width, height), wall.size)
        self._same = wall.canvas == (0, 0, *canvas) and self._resize is None and self._light is None
        self._out: Pixels = np.zeros((wall.size[1], wall.size[0], 4), np.uint8)

    def map(self, canvas: Pixels) -> Pixels:
        """Wall pixels [height, width, 4] of canvas pixels [height, width, 4]."""
        if self._same:
            return canvas
        cut = canvas[self._crop]
        if self._resize is not None:
            cut = self._resize(cut)
        if self._light is None:
            np.copyto(self._out, cut)
        else:
            np.take(self._light, cut, out=self._out, mode="clip")
        self._out[..., 3] = 255
        return self._out


def _light(gamma: float, brightness: float) -> npt.NDArray[np.uint8] | None:
    """The table of 256 drives, or None where it would change nothing."""
    if gamma == 1.0 and brightness == 1.0:
        return None
    return np.rint(255.0 * brightness * (np.arange(256) / 255.0) ** gamma).astype(np.uint8)


class _Area:
    """Area average from `source` to `target`, both (width, height): rows first, then columns.

    A target pixel is the mean of all it covers, parts counted as parts; enlarging repeats pixels.
    Each pass adds one tap after another over the whole picture, so it costs about one reading of the
    source and allocates nothing.
    """

    def __init__(self, source: tuple[int, int], target: tuple[int, int]) -> None:
        (width, _), (new_width, new_height) = source, target
        self._rows = _taps(source[1], target[1])
        self._columns = _taps(width, new_width)
        self._taken: Pixels = np.zeros((new_height, width, 4), np.uint8)
        self._row_term = np.zeros((new_height, width, 4), np.float32)
        self._row_sum = np.zeros((new_height, width, 4), np.float32)
        self._column_term = np.zeros((new_height, new_width, 4), np.float32)
        self._column_sum = np.zeros((new_height, new_width, 4), np.float32)
        self._out: Pixels = np.zeros((new_height, new_width, 4), np.uint8)

    def __call__(self, pixels: Pixels) -> Pixels:
        self._row_sum.fill(0.0)
        for index, weight in self._rows:
            np.take(pixels, index, axis=0, out=self._taken, mode="clip")
            np.multiply(self._taken, weight[:, None, None], out=self._row_term)
            self._row_sum += self._row_term
        self._column_sum.fill(0.5)
        for index, weight in self._columns:
            np.take(self._row_sum, index, axis=1, out=self._column_term, mode="clip")
            self._column_term *= weight[None, :, None]
            self._column_sum += self._column_term
        np.copyto(self._out, self._column_sum, casting="unsafe")
        return self._out


def _taps(source: int, target: int) -> list[tuple[npt.NDArray[np.intp], npt.NDArray[np.float32]]]:
    """For each tap, the source pixel and its weight of every target pixel; weights add to 1."""
    step = source / target
    start = np.arange(target) * step
    first = np.floor(start + 1e-9).astype(np.intp)
    taps = []
    for k in range(int(np.ceil(step)) + 1):
        index = first + k
        covered = np.minimum(index + 1, start + step) - np.maximum(index, start)
        weight = np.clip(covered / step, 0.0, 1.0).astype(np.float32)
        if weight.max() > 1e-6:
            taps.append((np.minimum(index, source - 1), weight))
    return taps
