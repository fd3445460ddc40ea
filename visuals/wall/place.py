"""Where each pixel of a wall's raster lies in the picture that the wall shows.

The picture spreads over the box around the cabinets as the audience sees them, one pixel per LED. A
cabinet lies in the raster upright, as its own electronics count; it hangs turned clockwise, so its part
of the picture is turned back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from visuals.types import Cabinet, Rectangle, Turn, Wall


@dataclass(frozen=True, slots=True)
class Patch:
    """A cabinet's part of the picture: its top left (x, y) there, its rectangle in the raster, its turn."""

    corner: tuple[int, int]
    raster: Rectangle
    turn: Turn


@dataclass(frozen=True, slots=True)
class Placement:
    """`picture` is its (width, height) in LEDs; `patches` make the raster of it, which is dark elsewhere.

    None: the raster is the picture.
    """

    picture: tuple[int, int]
    patches: tuple[Patch, ...] | None = None


def misfit(wall: Wall, canvas: tuple[int, int]) -> str:
    """What of a wall lies outside a canvas of (width, height) pixels; "" for nothing."""
    x, y, width, height = wall.canvas
    if x + width <= canvas[0] and y + height <= canvas[1]:
        return ""
    return (
        f"wall `{wall.name}`: found canvas {list(wall.canvas)}, which reaches to {x + width} x {y + height}, "
        f"expected at most {canvas[0]} x {canvas[1]}"
    )


def pitch(cabinet: Cabinet) -> tuple[float, float]:
    """Width and height (mm) of a pixel as the cabinet hangs."""
    width, height = _hung(cabinet)
    return cabinet.stage[2] / width, cabinet.stage[3] / height


def spread(wall: Wall) -> tuple[float, float]:
    """Width and height, in LEDs, of the box around a wall's cabinets."""
    led = pitch(wall.cabinets[0])
    ends = [(c.stage[0] + c.stage[2], c.stage[1] + c.stage[3]) for c in wall.cabinets]
    return max(end[0] for end in ends) / led[0], max(end[1] for end in ends) / led[1]


def place(wall: Wall) -> Placement:
    """How a wall's raster is made of its picture: of no patches where the two are the same."""
    placement = cut(wall)
    patches = placement.patches or ()
    return Placement(placement.picture) if _is_whole(patches, placement.picture, wall.size) else placement


def cut(wall: Wall) -> Placement:
    """The same with every lit cabinet's patch."""
    if not wall.cabinets:
        return Placement(wall.size)
    corners = [_corner(cabinet, pitch(wall.cabinets[0])) for cabinet in wall.cabinets]
    sizes = [_hung(cabinet) for cabinet in wall.cabinets]
    columns = _axis([(c[0], s[0]) for c, s in zip(corners, sizes, strict=True)], wall.gaps == "skip")
    rows = _axis([(c[1], s[1]) for c, s in zip(corners, sizes, strict=True)], wall.gaps == "skip")
    patches = tuple(
        Patch((int(columns[x]), int(rows[y])), cabinet.raster, cabinet.turn)
        for cabinet, (x, y) in zip(wall.cabinets, corners, strict=True)
        if cabinet.enabled
    )
    picture = (int(columns[-1]), int(rows[-1]))
    return Placement(picture, patches)


def span(patch: Patch) -> tuple[slice, slice]:
    """A patch's rows and columns in the picture."""
    width, height = patch.raster[2:]
    return slices((*patch.corner, *((height, width) if patch.turn in (90, 270) else (width, height))))


def slices(rectangle: Rectangle) -> tuple[slice, slice]:
    """A rectangle's rows and columns."""
    x, y, width, height = rectangle
    return slice(y, y + height), slice(x, x + width)


def _is_whole(patches: tuple[Patch, ...], picture: tuple[int, int], size: tuple[int, int]) -> bool:
    """Whether the raster is the picture: every cabinet in its place, none turned, nothing left."""
    covered = sum(patch.raster[2] * patch.raster[3] for patch in patches)
    in_place = all(patch.corner == patch.raster[:2] and patch.turn == 0 for patch in patches)
    return in_place and picture == size and covered == size[0] * size[1]


def _hung(cabinet: Cabinet) -> tuple[int, int]:
    """Width and height in pixels as it hangs."""
    _, _, width, height = cabinet.raster
    return (height, width) if cabinet.turn in (90, 270) else (width, height)


def _corner(cabinet: Cabinet, led: tuple[float, float]) -> tuple[int, int]:
    """The top left on the stage in whole LEDs: a gap's fraction of one cannot be shown."""
    return round(cabinet.stage[0] / led[0]), round(cabinet.stage[1] / led[1])


def _axis(spans: list[tuple[int, int]], skip: bool) -> npt.NDArray[np.intp]:
    """For each LED position along one side of the stage, and its end, the position in the picture.

    The same, or with `skip` the number of positions before it at which any cabinet hangs.
    """
    hung = np.full(max(start + length for start, length in spans), not skip)
    for start, length in spans:
        hung[start : start + length] = True
    return np.concatenate(([0], np.cumsum(hung))).astype(np.intp)
