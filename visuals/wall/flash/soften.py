"""Softens rasters where they flash too much: there, what is seen is their mean over time.

A mean is steady, whatever flashes in it, and as bright; what may not even do that goes only a share of the way.
"""

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
    """The pictures that left, one a wall, their means over time, and the next ones. Owns its buffers."""

    def __init__(self, eye: Eye) -> None:
        shapes = [(grid.size[1], grid.size[0], 4) for grid in eye.grids]
        self._eye = eye
        self.left: list[Pixels] = [np.zeros(shape, np.uint8) for shape in shapes]
        self._next: list[Pixels] = [np.zeros(shape, np.uint8) for shape in shapes]
        self._calm: list[Pixels] = [np.zeros(shape, np.uint8) for shape in shapes]
        # In single precision: what moves by less than a step of 8 bits a frame must not stand still.
        self._means: list[Floats | None] = [None for _ in shapes]
        self._weights = [np.zeros((2, *shape[:2]), np.float32) for shape in shapes]

    def keep(self, rasters: list[Pixels]) -> None:
        """Remember what leaves as it came."""
        for left, raster in zip(self.left, rasters, strict=True):
            np.copyto(left, raster)

    def calm(self, rasters: list[Pixels], active: Floats, gain: float) -> list[Pixels]:
        """Rasters that are, as far as each sample is `active` 0..1, their mean, to which they are added by `gain`."""
        out = []
        for i, (raster, grid, part) in enumerate(zip(rasters, self._eye.grids, self._eye.slices, strict=True)):
            if active[part].any():
                out.append(self._calmed(i, raster, np.asarray(active[part].reshape(grid.shape)), gain))
            else:
                self._means[i] = None
                out.append(raster)
        return out

    def _calmed(self, i: int, raster: Pixels, active: Floats, gain: float) -> Pixels:
        mean = self._means[i]
        if mean is None:
            mean = self._means[i] = self.left[i].astype(np.float32)
        cv2.accumulateWeighted(raster, mean, gain)
        calm = self._calm[i]
        cv2.convertScaleAbs(mean, dst=calm)
        if active.min() < 1.0:
            _mix(raster, calm, calm, 1.0 - active, self._weights[i], self._eye.grids[i])
        return calm

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

    def leave(self, share: Floats) -> None:
        """What `mix` gave last, by `share`, has left. Where it was held the mean begins again, so no jump follows."""
        self.left, self._next = self._next, self.left
        for mean, left, grid, part in zip(self._means, self.left, self._eye.grids, self._eye.slices, strict=True):
            held = share[part].reshape(grid.shape) < 1.0
            if mean is not None and held.any():
                rows, columns = _extent(held, grid)
                pixels = cv2.resize(held.astype(np.uint8), grid.size, interpolation=cv2.INTER_NEAREST)[rows, columns]
                np.copyto(mean[rows, columns], left[rows, columns], where=pixels.astype(bool)[..., None])

    def rebuild(self, words: npt.NDArray[np.uint32]) -> None:
        """Make what left of one colour a sample, for want of the pictures."""
        for left, grid, part in zip(self.left, self._eye.grids, self._eye.slices, strict=True):
            cells = words[part].view(np.uint8).reshape(*grid.shape, 4)
            left[:] = cv2.resize(cells, grid.size, interpolation=cv2.INTER_NEAREST)


def _mix(raster: Pixels, left: Pixels, out: Pixels, share: Floats, weights: Floats, grid: Grid) -> Pixels:
    least, most = float(share.min()), float(share.max())
    if least >= 1.0:
        np.copyto(out, raster)
        return out
    if least == most:
        cv2.addWeighted(raster, least, left, 1.0 - least, 0.0, dst=out)
        return out
    rows, columns = _extent(share < 1.0, grid)
    cv2.resize(cv2.erode(share, _NEXT), grid.size, dst=weights[0], interpolation=cv2.INTER_LINEAR)
    new, old = weights[:, rows, columns]
    np.subtract(1.0, new, out=old)
    part = cv2.blendLinear(raster[rows, columns], left[rows, columns], new, old)
    np.copyto(out, raster)
    out[rows, columns] = part
    return out


def _extent(cells: Mask, grid: Grid) -> tuple[slice, slice]:
    """The pixels of a rectangle of all `cells` and those next to them."""
    y, x = np.flatnonzero(cells.any(axis=1)), np.flatnonzero(cells.any(axis=0))
    spans = ((int(y[0]), int(y[-1]), grid.size[1]), (int(x[0]), int(x[-1]), grid.size[0]))
    rows, columns = (
        slice(max(0, (first - 2) * grid.stride), min(most, (last + 3) * grid.stride)) for first, last, most in spans
    )
    return rows, columns
