"""From the canvas to a wall's own picture: cut out, averaged to LEDs, laid to its cabinets, put into drives.

Knows rectangles and light, not what the picture is nor where it goes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from visuals.errors import RigError
from visuals.types import Pixels, Wall
from visuals.wall.average import Average
from visuals.wall.calibrate import Calibrator
from visuals.wall.delay import Delay
from visuals.wall.place import Index, misfit, place

BLACK = np.frombuffer(bytes((0, 0, 0, 255)), np.uint32)[0]


class Mapper:
    """A wall's raster of each canvas. `canvas` is (width, height); `rate_hz` how often it is asked.

    Raises RigError when the wall's rectangle lies outside. Owns its buffers: what `map` gives holds until
    the next call; where nothing is to be done it is the canvas itself. Alpha becomes 255.
    """

    def __init__(self, wall: Wall, canvas: tuple[int, int], rate_hz: float = 60.0) -> None:
        if text := misfit(wall, canvas):
            raise RigError(text)
        x, y, width, height = wall.canvas
        placement = place(wall)
        whole = wall.canvas == (0, 0, *canvas)
        self._crop = (slice(y, y + height), slice(x, x + width))
        scales = placement.picture != (width, height)
        self._average = Average((width, height), placement.picture) if scales else None
        self._lay: _Lay | None = None
        if placement.source is not None:
            # At 1:1 the cabinets' pixels are taken from the canvas at once, without cutting it out.
            self._lay = _Lay(placement.source if scales else _on_canvas(placement.source, wall.canvas, canvas[0]))
        self._cuts = not whole and (scales or self._lay is None)
        self._calibrator = Calibrator(wall.light, wall.size)
        self._same = whole and not scales and self._lay is None and not self._calibrator.changes
        self._delay = Delay(wall.size, wall.delay, rate_hz) if wall.delay else None

    def map(self, canvas: Pixels, now: float = 0.0) -> Pixels:
        """Drives [height, width, 4] of canvas pixels [height, width, 4] at show time `now` (s)."""
        raster = canvas if self._same else self._calibrator(self._placed(canvas), now)
        return raster if self._delay is None else self._delay(raster, now)

    def _placed(self, canvas: Pixels) -> Pixels:
        pixels = canvas[self._crop] if self._cuts else canvas
        if self._average is not None:
            pixels = self._average(pixels)
        return pixels if self._lay is None else self._lay(pixels)


class _Lay:
    """Lays a picture's pixels where the cabinets count them. `source` as in Placement, of a picture in one piece."""

    def __init__(self, source: Index) -> None:
        self._source = np.maximum(source, 0)
        self._dark = np.flatnonzero(source < 0)
        self._out: Pixels = np.zeros((*source.shape, 4), np.uint8)
        self._packed: npt.NDArray[np.uint32] = self._out.view(np.uint32)[..., 0]

    def __call__(self, picture: Pixels) -> Pixels:
        flat = picture.reshape(-1, 4).view(np.uint32)[:, 0]
        np.take(flat, self._source, out=self._packed, mode="clip")
        self._packed.ravel()[self._dark] = BLACK
        return self._out


def _on_canvas(source: Index, rectangle: tuple[int, int, int, int], stride: int) -> Index:
    """The same of a rectangle's pixels as pixels of a canvas `stride` wide."""
    x, y, width, _ = rectangle
    return np.where(source < 0, -1, (source // width + y) * stride + source % width + x)
