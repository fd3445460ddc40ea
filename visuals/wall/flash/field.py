"""Where samples stand in the view of the audience, and how much of a field of view they fill.

The hazardous area is 0.006 sr of any 10 degree field, a quarter of it (WCAG 2.2, Trace 2024). A field
is a square of the same solid angle as that circle, and as Trace's 416 x 416 px of 0.0213 degrees. Of a wall
that stands nobody knows where, it is a quarter of the wall, as in television (BT.1702).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, pi, radians, sqrt

import cv2
import numpy as np
import numpy.typing as npt

from visuals.types import FlashLimit, Wall
from visuals.wall.flash.light import Eye, Floats, Grid, Mask

FIELD_SR = 2.0 * pi * (1.0 - cos(radians(5.0)))
FIELD_RAD = sqrt(FIELD_SR)
SHARE = 0.25
SLACK = 0.001
"""How wrong a measured share may be: what is so near to a quarter counts as one."""

BINS = 32
"""Of a field's side: fields overlap, one begins at each bin."""

MOST_BINS = 2048
AWAY, APART, ROW = 12.0, 2.0, 10
"""Where walls without a stage are kept, in fields: out of every view, and of each other's."""


class Fields:
    """All fields of view over samples at `x`, `y`, in units of a field's side, each `weight` fields large."""

    def __init__(self, x: Floats, y: Floats, weight: Floats) -> None:
        # The reach of a venue is bounded, so that a strange rig cannot ask for a plane without end.
        column = np.clip(np.floor((x - x.min()) * BINS), 0, MOST_BINS - 1).astype(np.int64)
        row = np.clip(np.floor((y - y.min()) * BINS), 0, MOST_BINS - 1).astype(np.int64)
        self._shape = (int(row.max()) + BINS, int(column.max()) + BINS)
        self._bin = row * self._shape[1] + column
        self._weight = weight.astype(np.float64)
        self._largest = float(weight.max())
        self._alone = bool(row.max() == 0 and column.max() == 0 and weight.min() == weight.max())

    @property
    def least(self) -> float:
        """How many samples it takes at least to fill enough of a field."""
        return (SHARE - SLACK) / self._largest

    def hot(self, flashing: Mask, share: float = SHARE - SLACK) -> Mask | None:
        """The samples that share a field with at least `share` of it `flashing`; None if there are none."""
        if np.count_nonzero(flashing) * self._largest < share:
            return None
        if self._alone:
            # One field with samples of one weight: their number was all there is to ask.
            return flashing
        area = np.bincount(self._bin, self._weight * flashing, self._shape[0] * self._shape[1]).astype(np.float64)
        fields = _box(area.reshape(self._shape), backwards=False) >= share
        if not fields.any():
            return None
        touched = _box(fields.astype(np.float64), backwards=True) > 0.5
        return np.asarray(np.take(touched, self._bin))


class Apart(Fields):
    """The fields of walls that stand nobody knows where: each of `parts` of the samples is one, out of all others."""

    def __init__(self, parts: Sequence[slice]) -> None:
        self._parts = tuple(parts)
        self._largest = 1.0 / min(part.stop - part.start for part in self._parts)

    def hot(self, flashing: Mask, share: float = SHARE - SLACK) -> Mask | None:
        hot = [np.count_nonzero(flashing[part]) >= share * (part.stop - part.start) for part in self._parts]
        if not any(hot):
            return None
        if all(hot):
            return flashing
        out = np.zeros_like(flashing)
        for part, is_hot in zip(self._parts, hot, strict=True):
            out[part] = flashing[part] if is_hot else False
        return out


def _box(plane: npt.NDArray[np.float64], *, backwards: bool) -> npt.NDArray[np.float64]:
    """Sums over the BINS x BINS bins that begin at each bin, or that end there."""
    at = (BINS - 1, BINS - 1) if backwards else (0, 0)
    summed = cv2.boxFilter(plane, -1, (BINS, BINS), anchor=at, normalize=False, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(summed)


def venue(eye: Eye, walls: list[Wall], limit: FlashLimit) -> Fields:
    """The fields of all walls together, seen from `limit.distance` in front of the middle of them."""
    staged = [wall.stage for wall in walls if wall.stage is not None]
    if not staged:
        return Apart(eye.slices)
    middle = _middle(staged)
    parts = []
    for i, (wall, grid) in enumerate(zip(walls, eye.grids, strict=True)):
        if wall.stage is None:
            parts.append(_point(grid, i))
        else:
            parts.append(_seen(wall.stage, grid, middle, limit.distance))
    x, y, weight = (np.concatenate(column).astype(np.float32) for column in zip(*parts, strict=True))
    return Fields(x, y, weight)


def windows(grid: Grid, field_px: tuple[float, float]) -> Fields:
    """The fields of a picture of which `field_px` (width, height) pixels fill one, as on a known screen."""
    weight = np.full(grid.count, grid.stride**2 / (field_px[0] * field_px[1]), np.float32)
    return Fields((grid.x / field_px[0]).astype(np.float32), (grid.y / field_px[1]).astype(np.float32), weight)


def _middle(stages: list[tuple[float, float, float, float]]) -> tuple[float, float]:
    if not stages:
        return 0.0, 0.0
    left, top = min(s[0] for s in stages), min(s[1] for s in stages)
    right, bottom = max(s[0] + s[2] for s in stages), max(s[1] + s[3] for s in stages)
    return (left + right) / 2.0, (top + bottom) / 2.0


def _point(grid: Grid, index: int) -> tuple[npt.NDArray[np.float64], ...]:
    """All of a wall in one place, so that it fills a field."""
    ones = np.ones(grid.count)
    return ones * APART * (index % ROW), -ones * (AWAY + APART * (index // ROW)), ones / grid.count


def _seen(
    stage: tuple[float, float, float, float], grid: Grid, middle: tuple[float, float], distance: float
) -> tuple[npt.NDArray[np.float64], ...]:
    """Direction and solid angle, in fields, of each sample of a plane wall.

    A patch dA at (X, Y) on a plane at distance d fills d dA / (X^2 + Y^2 + d^2)^(3/2) steradians.
    """
    far = distance * 1000.0
    x = stage[0] + (grid.x + 0.5) / grid.size[0] * stage[2] - middle[0]
    y = stage[1] + (grid.y + 0.5) / grid.size[1] * stage[3] - middle[1]
    area = stage[2] * stage[3] / grid.count
    solid = far * area / (x**2 + y**2 + far**2) ** 1.5
    return np.arctan2(x, far) / FIELD_RAD, np.arctan2(y, np.hypot(x, far)) / FIELD_RAD, solid / FIELD_SR
