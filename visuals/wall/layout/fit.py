"""What is proven of a rig before it plays: every pixel has one place, one cable and the power it needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from visuals.types import Rig, Wall
from visuals.wall.layout.claims import claims, panes, span_of
from visuals.wall.layout.grid import Fault, Laid
from visuals.wall.layout.schema import WallPart
from visuals.wall.place import misfit, pitch, spread

MOST_PIXELS = 8192 * 4320
"""The largest raster that processors take."""

MOST_DELAYED = 1 << 29
"""Bytes of pictures that a delay may keep."""

DELAYED_HZ = 60
TOUCHING_MM = 0.01
"""Cabinets that overlap by less only touch: sums of lengths are not exact."""


def fit_problems(rig: Rig, canvas: tuple[int, int]) -> list[str]:
    """What of a rig lies outside a canvas of (width, height) pixels, a line each."""
    return [text for wall in rig.walls if (text := misfit(wall, canvas))]


def wall_faults(part: WallPart, wall: Wall, laid: Sequence[Laid]) -> Iterator[Fault]:
    """What is wrong within one wall, with the keys in it."""
    yield from _too_much(part, wall)
    for faults in (_outside(wall, laid), _overlaps(wall, laid), _pitches(laid), _ports(wall, laid)):
        yield from _once(faults)
    yield from _power(part, wall)
    if part.cabinet and part.cabinet.size and not (part.grid or part.cabinets):
        yield ("cabinet",), "found the kind of cabinet alone, expected how they hang too: `grid` or `cabinets`"
    if wall.cabinets and part.stage and len(part.stage) == 4:
        yield ("stage",), "found a width and a height, expected [x, y] alone: the cabinets say how large it is"
    if part.stage and len(part.stage) == 2 and not wall.cabinets:
        yield ("stage",), "found [x, y] alone, expected [x, y, width, height] of a wall without cabinets"
    if part.stage and wall.cabinets and not (part.cabinet and part.cabinet.mm):
        yield ("stage",), "found a place in mm, expected `mm` in `cabinet` too: its size is not known"


def _too_much(part: WallPart, wall: Wall) -> Iterator[Fault]:
    pixels = wall.size[0] * wall.size[1]
    kept = 4 * pixels * round(wall.delay * DELAYED_HZ)
    if pixels > MOST_PIXELS:
        keys = ("size",) if part.size else ("name",)
        yield keys, f"found a raster of {wall.size[0]} x {wall.size[1]}, expected no more pixels than 8192 x 4320"
    elif kept > MOST_DELAYED:
        text = f"found a delay that keeps {kept >> 20} MB of pictures, expected at most {MOST_DELAYED >> 20} MB"
        yield ("delay",), text
    if wall.cabinets:
        across, down = (round(n) for n in spread(wall))
        if across * down > MOST_PIXELS:
            text = f"found cabinets over {across:,} x {down:,} LEDs with the gaps between them"
            yield ("grid",) if part.grid else ("cabinets",), f"{text}, expected no more than 8192 x 4320"


def _once(faults: Iterator[Fault]) -> Iterator[Fault]:
    """The first at each place: a grid that is too wide is one mistake, not one for each cabinet."""
    told = set()
    for keys, text in faults:
        if keys not in told:
            told.add(keys)
            yield keys, text


# ---- cabinets -----------------------------------------------------------------------------------


def _outside(wall: Wall, laid: Sequence[Laid]) -> Iterator[Fault]:
    for one in laid:
        x, y, width, height = one.cabinet.raster
        if x + width > wall.size[0] or y + height > wall.size[1]:
            text = f"cabinet `{one.cabinet.name}` reaches to {x + width} x {y + height} of the raster"
            yield one.keys, f"{text}, expected at most {wall.size[0]} x {wall.size[1]}"


def _overlaps(wall: Wall, laid: Sequence[Laid]) -> Iterator[Fault]:
    """The first other cabinet that each one lies on, in the raster and on the stage."""
    for what, least, rectangles in (
        ("in the raster", 0.0, [one.cabinet.raster for one in laid]),
        ("on the stage", TOUCHING_MM, [one.cabinet.stage for one in laid]),
    ):
        for i, j in overlapping(rectangles, least):
            text = f"cabinets `{laid[j].cabinet.name}` and `{laid[i].cabinet.name}` overlap {what}"
            yield laid[i].keys, f"{text}, expected each beside the other"


def overlapping(rectangles: Sequence[Sequence[float]], least: float = 0.0) -> Iterator[tuple[int, int]]:
    """Each rectangle (x, y, width, height) that overlaps an earlier one by more than `least`, and the first such."""
    if not rectangles:
        return
    start = np.array([r[:2] for r in rectangles], float)
    end = start + np.array([r[2:] for r in rectangles], float)
    for i in range(1, len(rectangles)):
        shared = np.minimum(end[:i], end[i]) - np.maximum(start[:i], start[i])
        hits = np.flatnonzero((shared > least).all(axis=1))
        if len(hits):
            yield i, int(hits[0])


def _pitches(laid: Sequence[Laid]) -> Iterator[Fault]:
    """A wall is one grid of LEDs: another pitch is another wall."""
    for one in laid[1:]:
        mine, first = pitch(one.cabinet), pitch(laid[0].cabinet)
        if not np.allclose(mine, first, rtol=1e-3):
            text = f"cabinet `{one.cabinet.name}` has pixels of {mine[0]:.3g} x {mine[1]:.3g} mm as it hangs"
            text += f", expected {first[0]:.3g} x {first[1]:.3g} like the others"
            yield one.keys, f"{text}: another pitch is another wall"
            return


def _ports(wall: Wall, laid: Sequence[Laid]) -> Iterator[Fault]:
    """The cabinet at which a port has more pixels than it drives."""
    taken: Counter[int] = Counter()
    for one in laid if wall.port_pixels else ():
        port, pixels = one.cabinet.port, one.cabinet.raster[2] * one.cabinet.raster[3]
        before = taken[port]
        taken[port] += pixels
        if port and before <= wall.port_pixels < taken[port]:
            total = sum(o.cabinet.raster[2] * o.cabinet.raster[3] for o in laid if o.cabinet.port == port)
            alone = pixels > wall.port_pixels
            which = "alone has more than a port drives" if alone else f"is too much for port {port}"
            text = f"cabinet `{one.cabinet.name}` {which}: found {pixels if alone else total} pixels"
            yield one.keys, f"{text}, expected at most {wall.port_pixels}"


def _power(part: WallPart, wall: Wall) -> Iterator[Fault]:
    if part.power is None:
        return
    watts = wall.light.watts * wall.light.brightness
    if wall.light.watts == 0.0:
        yield ("power",), "found a limit without the power of a cabinet, expected `watts` here or in `cabinet`"
    elif watts > part.power.limit and not part.power.abl:
        share = part.power.limit / wall.light.watts
        text = f"found {watts:.0f} W at brightness {wall.light.brightness:g}, expected at most {part.power.limit:g} W"
        yield ("power", "limit"), f"{text}: say `abl: true`, or a brightness of {int(share * 100) / 100:g}"


# ---- walls beside each other --------------------------------------------------------------------


def rig_faults(walls: Sequence[Wall]) -> Iterator[Fault]:
    """Walls that stand in each other's place, and outputs that two of them take."""
    for n, wall in enumerate(walls):
        first = next(m for m, other in enumerate(walls) if other.name == wall.name)
        if first != n:
            yield ("walls", n, "name"), f"found a second wall `{wall.name}`, expected another name"
    placed = [(n, wall.stage) for n, wall in enumerate(walls) if wall.stage]
    for i, j in overlapping([stage for _, stage in placed], TOUCHING_MM):
        text = f"walls `{walls[placed[j][0]].name}` and `{walls[placed[i][0]].name}` overlap on the stage"
        yield ("walls", placed[i][0], "stage"), f"{text}, expected each beside the other"
    yield from _contested(walls)
    for window, taken in panes(walls).items():
        for i, j in overlapping([rectangle for _, rectangle in taken]):
            pair = f"`{walls[taken[j][0]].name}` and `{walls[taken[i][0]].name}`"
            text = f"walls {pair} overlap in the window {window}, expected each beside the other"
            yield ("walls", taken[i][0], "output", "window"), text


def _contested(walls: Sequence[Wall]) -> Iterator[Fault]:
    taken: dict[str, Wall] = {}
    for n, wall in enumerate(walls):
        for claim in claims(wall):
            other = taken.setdefault(claim, wall)
            # The walls of a span share their monitors.
            if other is not wall and not (span_of(wall) and span_of(wall) == span_of(other)):
                text = f"found {claim}, which wall `{other.name}` takes already, expected each for one wall"
                yield ("walls", n, "output", wall.output[0]), text
                break
