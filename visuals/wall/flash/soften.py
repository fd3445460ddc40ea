"""Softens rasters where they flash too much: each cell goes only a share of the way to its new picture."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from visuals.types import Pixels
from visuals.wall.flash.light import Eye, Floats, Grid, Mask

SPREAD_CELLS = 7
"""How far softening reaches beyond what needs it, and the width of its edge."""

_NEXT = np.ones((3, 3), np.uint8)
_WIDE = np.ones((2 * SPREAD_CELLS + 1, 2 * SPREAD_CELLS + 1), np.uint8)


def spread(cells: Mask, eye: Eye) -> Floats:
    """0..1 of each sample: 1 in and around `cells`, with soft edges."""
    out = np.zeros(eye.count, np.float32)
    for grid, part in zip(eye.grids, eye.slices, strict=True):
        if cells[part].any():
            grown = cv2.dilate(cells[part].reshape(grid.shape).astype(np.float32), _WIDE)
            out[part] = cv2.blur(grown, (SPREAD_CELLS, SPREAD_CELLS)).reshape(-1)
    return out


class Canvases:
    """The pictures that left, one a wall, and the next ones. Owns its buffers."""

    def __init__(self, eye: Eye) -> None:
        shapes = [(grid.size[1], grid.size[0], 4) for grid in eye.grids]
        self._eye = eye
        self.left: list[Pixels] = [np.zeros(shape, np.uint8) for shape in shapes]
        self._next: list[Pixels] = [np.zeros(shape, np.uint8) for shape in shapes]
        self._weights = [np.zeros((2, *shape[:2]), np.float32) for shape in shapes]

    def keep(self, rasters: list[Pixels]) -> None:
        """Remember what leaves as it came."""
        for left, raster in zip(self.left, rasters, strict=True):
            np.copyto(left, raster)

    def mix(self, rasters: list[Pixels], share: Floats) -> list[Pixels]:
        """Pictures between those that left and `rasters`, by each sample's `share` 0..1 of the new one.

        No pixel of a cell, and none between it and its neighbours, gets more of it than the cell's own share.
        """
        return [
            _mix(raster, left, out, share[part].reshape(grid.shape), weights, grid)
            for raster, left, out, weights, grid, part in zip(
                rasters, self.left, self._next, self._weights, self._eye.grids, self._eye.slices, strict=True
            )
        ]

    def leave(self) -> None:
        """What `mix` gave last has left."""
        self.left, self._next = self._next, self.left

    def rebuild(self, words: npt.NDArray[np.uint32]) -> None:
        """Make what left of one colour a sample, for want of the pictures."""
        for left, grid, part in zip(self.left, self._eye.grids, self._eye.slices, strict=True):
            cells = words[part].view(np.uint8).reshape(*grid.shape, 4)
            left[:] = cv2.resize(cells, grid.size, interpolation=cv2.INTER_NEAREST)


def _mix(raster: Pixels, left: Pixels, out: Pixels, share: Floats, weights: Floats, grid: Grid) -> Pixels:
    least, most = float(share.min()), float(share.max())
    if least == most:
        cv2.addWeighted(raster, least, left, 1.0 - least, 0.0, dst=out)
        return out
    np.copyto(out, raster)
    rows, columns = _extent(share < 1.0, grid)
    cv2.resize(cv2.erode(share, _NEXT), grid.size, dst=weights[0], interpolation=cv2.INTER_LINEAR)
    new, old = weights[:, rows, columns]
    np.subtract(1.0, new, out=old)
    cv2.blendLinear(raster[rows, columns], left[rows, columns], new, old, dst=out[rows, columns])
    return out


def _extent(cells: Mask, grid: Grid) -> tuple[slice, slice]:
    """The pixels of a rectangle of all `cells` and those next to them."""
    y, x = np.flatnonzero(cells.any(axis=1)), np.flatnonzero(cells.any(axis=0))
    spans = ((int(y[0]), int(y[-1]), grid.size[1]), (int(x[0]), int(x[-1]), grid.size[0]))
    rows, columns = (
        slice(max(0, (first - 2) * grid.stride), min(most, (last + 3) * grid.stride)) for first, last, most in spans
    )
    return rows, columns
