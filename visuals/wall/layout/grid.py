"""A wall's cabinets, from the grid's shorthand or one by one.

Each comes with the keys of the file that say where it is, so that what is wrong with it has a place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from visuals.document import Keys, nearest
from visuals.types import Cabinet, Turn
from visuals.wall.layout.schema import CabinetPart, GridPart, WallPart

Fault = tuple[Keys, str]
"""What is wrong with a wall: the keys in it, and the text."""


@dataclass(frozen=True, slots=True)
class Laid:
    """A cabinet, and the keys within its wall that place it."""

    cabinet: Cabinet
    keys: Keys


def lay(wall: WallPart) -> tuple[list[Laid], list[Fault]]:
    """A wall's cabinets in the order of their cable, and what is wrong with how they are written."""
    faults = list(_misplaced(wall))
    if faults:
        return [], faults
    laid = _grid(wall, wall.grid) if wall.grid else []
    laid, faults = _refined(wall, laid)
    if not laid and not faults and not wall.grid and wall.fold:
        laid = _strips(wall, wall.fold)
    return _from_the_corner(laid), faults


def _misplaced(wall: WallPart) -> Iterator[Fault]:
    """Keys that need another one, or go against it."""
    if wall.grid and not wall.cabinet:
        yield ("grid",), "found a grid, expected `cabinet: {size: [width, height]}` beside it"
    if wall.fold and wall.cabinets and not wall.grid:
        yield ("fold",), "found a fold beside single cabinets, expected their `raster` alone to say where they lie"
    if wall.fold and wall.grid and wall.cabinet and wall.fold % wall.cabinet.size[0]:
        width = wall.cabinet.size[0]
        yield ("fold",), f"found strips of {wall.fold} pixels, expected a multiple of the cabinet's {width}"
    if wall.fold and wall.grid and wall.size:
        yield ("size",), "found a size beside a folded grid, expected the grid and the fold alone to say it"
    if wall.grid and wall.grid.columns * wall.grid.rows > 2048:
        count = wall.grid.columns * wall.grid.rows
        yield ("grid",), f"found {count} cabinets, expected at most 2048 on one wall"


# ---- the shorthand ------------------------------------------------------------------------------


def place_name(row: int, column: int) -> str:
    """`A1` for (0, 0), `A2` to its right, `B1` below, `AA1` after row Z."""
    letters = ""
    row += 1
    while row:
        row, digit = divmod(row - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return f"{letters}{column + 1}"


def _grid(wall: WallPart, grid: GridPart) -> list[Laid]:
    assert wall.cabinet
    width, height = wall.cabinet.size
    mm = turned(wall.cabinet.mm or (float(width), float(height)), grid.turn)
    gap = grid.gap if isinstance(grid.gap, tuple) else (grid.gap, grid.gap)
    laid: list[Laid] = []
    for row, column in _cable(grid):
        stage = (column * (mm[0] + gap[0]), row * (mm[1] + gap[1]), *mm)
        raster = (*_folded(column * width, row * height, grid.rows * height, wall.fold), width, height)
        name = place_name(row, column)
        if name not in grid.holes:
            laid.append(Laid(Cabinet(name, raster, stage, grid.turn, port=_port(wall, len(laid))), ("grid",)))
    return laid


def _cable(grid: GridPart) -> Iterator[tuple[int, int]]:
    """(row, column) of every place along the cable."""
    by_rows, zigzag = grid.cable.startswith("rows"), grid.cable.endswith("zigzag")
    outer, inner = (grid.rows, grid.columns) if by_rows else (grid.columns, grid.rows)
    for i in range(outer):
        run = range(inner)
        for j in reversed(run) if zigzag and i % 2 else run:
            yield (i, j) if by_rows else (j, i)


def _folded(x: int, y: int, height: int, fold: int | None) -> tuple[int, int]:
    """Where a pixel of a ribbon lies when its strips are stacked."""
    return (x % fold, y + x // fold * height) if fold else (x, y)


def _port(wall: WallPart, index: int) -> int:
    """The port of the n-th cabinet of the cable, as many on each as are said or fit; 0 without ports."""
    if not wall.ports or not wall.cabinet:
        return 0
    fit = wall.ports.pixels // (wall.cabinet.size[0] * wall.cabinet.size[1])
    return 1 + index // max(1, wall.ports.cabinets or fit)


def _strips(wall: WallPart, fold: int) -> list[Laid]:
    """A ribbon without cabinets as one cabinet per strip, a pixel a mm."""
    width, height = wall.size or wall.canvas[2:]
    laid = []
    for n, x in enumerate(range(0, width, fold)):
        long = min(fold, width - x)
        stage = (float(x), 0.0, float(long), float(height))
        laid.append(Laid(Cabinet(f"{n + 1}", (0, n * height, long, height), stage), ("fold",)))
    return laid


# ---- one by one ---------------------------------------------------------------------------------


def _refined(wall: WallPart, laid: Sequence[Laid]) -> tuple[list[Laid], list[Fault]]:
    """The grid's cabinets with what the list says of them, and those that only the list knows."""
    known = {one.cabinet.name: one for one in laid}
    faults: list[Fault] = []
    seen: set[str] = set()
    for n, part in enumerate(wall.cabinets):
        keys: Keys = ("cabinets", n)
        if part.id in seen:
            faults.append(((*keys, "id"), f"found a second cabinet `{part.id}`, expected another id"))
        elif part.id in known:
            known[part.id] = Laid(_changed(known[part.id].cabinet, part), keys)
        elif text := _lacks(wall, part, list(known)):
            faults.append((keys, text))
        else:
            known[part.id] = Laid(_single(wall, part), keys)
        seen.add(part.id)
    return list(known.values()), faults + list(_unknown_holes(wall))


def _unknown_holes(wall: WallPart) -> Iterator[Fault]:
    if wall.grid:
        names = [place_name(row, column) for row, column in _cable(wall.grid)]
        for n, hole in enumerate(wall.grid.holes):
            if hole not in names:
                yield ("grid", "holes", n), f"found the unknown place `{hole}`{nearest(hole, names)}"


def _lacks(wall: WallPart, part: CabinetPart, names: Sequence[str]) -> str:
    """What is missing of a cabinet that no grid knows; "" for nothing."""
    missing = [name for name in ("raster", "stage") if getattr(part, name) is None]
    if missing and wall.grid and part.id in wall.grid.holes:
        return f"cabinet `{part.id}` is one of the grid's `holes`; expected a cabinet, or a hole less"
    if missing and names:
        return f"found the unknown cabinet `{part.id}`{nearest(part.id, names)}; a new one needs raster and stage"
    if missing:
        return f"`{missing[0]}` is missing"
    if not part.size and not wall.cabinet:
        return "`size` is missing: neither the cabinet nor the wall's `cabinet` says it"
    return ""


def _single(wall: WallPart, part: CabinetPart) -> Cabinet:
    assert part.raster
    assert part.stage
    size = part.size or (wall.cabinet.size if wall.cabinet else (1, 1))
    kind = wall.cabinet.mm if wall.cabinet and not part.size else None
    mm = part.mm or kind or _at_pitch(wall, size)
    turn = part.turn or 0
    return Cabinet(part.id, (*part.raster, *size), (*part.stage, *turned(mm, turn)), turn, part.enabled, part.port or 0)


def _changed(cabinet: Cabinet, part: CabinetPart) -> Cabinet:
    turn = cabinet.turn if part.turn is None else part.turn
    size = part.size or cabinet.raster[2:]
    mm = turned(part.mm or turned(cabinet.stage[2:], cabinet.turn), turn)
    return replace(
        cabinet,
        raster=(*(part.raster or cabinet.raster[:2]), *size),
        stage=(*(part.stage or cabinet.stage[:2]), *mm),
        turn=turn,
        enabled=part.enabled,
        port=part.port or cabinet.port,
    )


def _at_pitch(wall: WallPart, size: tuple[int, int]) -> tuple[float, float]:
    """The mm of a cabinet of another size, its pixels being the wall's."""
    if not wall.cabinet or not wall.cabinet.mm:
        return float(size[0]), float(size[1])
    (width, height), mm = wall.cabinet.size, wall.cabinet.mm
    return size[0] * mm[0] / width, size[1] * mm[1] / height


def turned(size: tuple[float, float], turn: Turn) -> tuple[float, float]:
    """Width and height of what hangs turned."""
    return (size[1], size[0]) if turn in (90, 270) else size


def _from_the_corner(laid: Sequence[Laid]) -> list[Laid]:
    """The same with the wall's top left at 0, 0 mm."""
    left = min((one.cabinet.stage[0] for one in laid), default=0.0)
    top = min((one.cabinet.stage[1] for one in laid), default=0.0)
    moved = []
    for one in laid:
        x, y, width, height = one.cabinet.stage
        moved.append(Laid(replace(one.cabinet, stage=(x - left, y - top, width, height)), one.keys))
    return moved
