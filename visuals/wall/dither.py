"""Temporal dithering: what 8 bits cannot tell of a drive is spread over 16 frames.

Each pixel compares its fraction with a threshold of the 4 x 4 matrix of Bayer (1973), which moves on by
one place each frame: over 16 frames a pixel meets every threshold once, so its mean is its drive to 1/32,
and in each frame 16 neighbours meet all of them, so that no area flickers. A whole drive never changes.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from visuals.types import Pixels

BAYER = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]])
ORDER = (0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15)
"""How far the matrix has moved in each frame: far apart in a row, so that a half is 30 Hz at 60 frames a second."""


class Dither:
    """For a raster of `size` (width, height). Owns its buffers. A frame is told from the next by the call.

    One look into a table does all: four pixels side by side are sixteen channels with a table each.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self._width = size[0]
        wide = (size[1], -(-size[0] // 4), 16)
        self._whole = size[0] % 4 == 0
        self._in = np.zeros(wide, np.uint8)
        self._wide = np.zeros(wide, np.uint8)
        self._levels = np.zeros((16, 256, 4), np.uint8)
        self._tables = np.zeros((4, 1, 256, 16), np.uint8)
        self._frame = 0

    def aim(self, wanted: npt.NDArray[np.float64]) -> None:
        """Take up the drives [256, 4], 0..255."""
        thresholds = (np.arange(16) + 0.5) / 16.0
        self._levels[:] = np.floor(wanted + thresholds[:, None, None])

    def __call__(self, pixels: Pixels, out: Pixels) -> Pixels:
        """Write the drives of sRGB values [height, width, 4] into `out`, which is given back."""
        self._move(ORDER[self._frame % 16])
        self._frame += 1
        shape = self._in.shape
        if self._whole:
            self._look(pixels.reshape(shape), out.reshape(shape))
            return out
        self._in.reshape(shape[0], -1, 4)[:, : self._width] = pixels
        self._look(self._in, self._wide)
        np.copyto(out, self._wide.reshape(shape[0], -1, 4)[:, : self._width])
        return out

    def _move(self, shift: int) -> None:
        for row in range(4):
            for column in range(4):
                level = self._levels[(BAYER[row, column] + shift) % 16]
                self._tables[row, 0, :, 4 * column : 4 * column + 4] = level

    def _look(self, source: npt.NDArray[np.uint8], target: npt.NDArray[np.uint8]) -> None:
        for row in range(min(4, len(source))):
            cv2.LUT(source[row::4], self._tables[row], target[row::4])
