"""From the canvas to a wall's own picture: cut out, averaged to LEDs, laid to its cabinets, put into drives.

Knows rectangles and light, not what the picture is nor where it goes.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from visuals.errors import RigError
from visuals.types import Pixels, Turn, Wall
from visuals.wall.average import Average
from visuals.wall.calibrate import Calibrator, packed_pixels
from visuals.wall.delay import Delay
from visuals.wall.place import Patch, misfit, place, slices, span

TURNED_BACK: dict[Turn, int | None] = {
    0: None,
    90: cv2.ROTATE_90_COUNTERCLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_CLOCKWISE,
}
"""How the picture of a cabinet that hangs turned clockwise is turned, so that it stands upright."""


class Mapper:
    """A wall's raster of each canvas. `canvas` is (width, height); `rate_hz` how often it is asked.

    Raises RigError when the wall's rectangle lies outside. Owns its buffers: what `map` gives holds until
    the next call; where nothing is to be done it is the canvas itself. Alpha becomes 255.
    """

    def __init__(self, wall: Wall, canvas: tuple[int, int], rate_hz: float = 60.0) -> None:
        if text := misfit(wall, canvas):
            raise RigError(text)
        placement = place(wall)
        whole = wall.canvas == (0, 0, *canvas)
        self._crop = slices(wall.canvas)
        scales = placement.picture != wall.canvas[2:]
        self._average = Average(wall.canvas[2:], placement.picture) if scales else None
        self._lay = _Lay(placement.patches, wall.size) if placement.patches is not None else None
        self._cuts = not whole
        self._calibrator = Calibrator(wall.light, wall.size, wall.cabinets)
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
    """Lays a picture's pixels where the cabinets count them, in a raster of `size` (width, height)."""

    def __init__(self, patches: Sequence[Patch], size: tuple[int, int]) -> None:
        self._out: Pixels = np.zeros((size[1], size[0], 4), np.uint8)
        self._out[..., 3] = 255
        self._copies = [(self._out[slices(patch.raster)], span(patch), TURNED_BACK[patch.turn]) for patch in patches]

    def __call__(self, picture: Pixels) -> Pixels:
        for part, where, code in self._copies:
            if code is None:
                np.copyto(packed_pixels(part), packed_pixels(picture[where]))
            else:
                cv2.rotate(picture[where], code, part)
        return self._out
