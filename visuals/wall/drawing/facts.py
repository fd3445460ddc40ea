"""What stands beside a wall on the plan: what it is, what it draws, what was proven."""

from __future__ import annotations

from collections import Counter

from visuals.types import Rig, Wall
from visuals.wall.layout.claims import address

Row = tuple[str, str]


def pixels(wall: Wall) -> int:
    """The LEDs of a wall that are lit."""
    lit = [c.raster[2] * c.raster[3] for c in wall.cabinets if c.enabled]
    return sum(lit) if wall.cabinets else wall.size[0] * wall.size[1]


def wall_rows(wall: Wall) -> list[Row]:
    """(what, how much) of a wall, in the order of the page."""
    width, height = wall.size
    rows = [("raster", f"{width} x {height}, {pixels(wall):,} LEDs")]
    if wall.cabinets:
        rows.append(("cabinets", _cabinets(wall)))
    if wall.stage:
        rows.append(("size", f"{wall.stage[2] / 1000:.2f} x {wall.stage[3] / 1000:.2f} m"))
    rows.append(
        ("canvas", "{2} x {3} at {0}, {1}".format(*wall.canvas) + (", gaps left out" if wall.gaps == "skip" else ""))
    )
    if any(cabinet.port for cabinet in wall.cabinets):
        rows.append(("ports", _ports(wall)))
    rows.append(("power", _power(wall)))
    rows.append(("light", _light(wall)))
    if wall.latency or wall.delay:
        rows.append(("time", f"latency {1000 * wall.latency:.0f} ms, delayed by {1000 * wall.delay:.0f} ms"))
    rows.append(("output", address(wall)))
    return rows


def _cabinets(wall: Wall) -> str:
    off = [c.name for c in wall.cabinets if not c.enabled]
    kinds = Counter("{2} x {3}".format(*c.raster) for c in wall.cabinets)
    made = ", ".join(f"{count} of {size}" for size, count in kinds.most_common())
    return made + (f"; off: {', '.join(off)}" if off else "")


def _ports(wall: Wall) -> str:
    taken: Counter[int] = Counter()
    for cabinet in wall.cabinets:
        taken[cabinet.port] += cabinet.raster[2] * cabinet.raster[3]
    most = max(taken.values())
    room = f" of {wall.port_pixels:,} ({100 * most / wall.port_pixels:.0f} %)" if wall.port_pixels else ""
    return f"{len(taken)}, at most {most:,} pixels{room}"


def _power(wall: Wall) -> str:
    light = wall.light
    if not light.watts:
        return "not known"
    drawn = _at_white(light.watts * light.brightness, light.watts)
    return drawn + (f", dimmed to {light.limit_watts:,.0f} W" if light.limit_watts else "")


def _at_white(watts: float, most: float) -> str:
    """What is drawn as it is set, and what the mains must bear: a processor that was reset is at full brightness."""
    return f"{watts:,.0f} W at white" + (f" ({most:,.0f} W at full brightness)" if most > watts else "")


def _light(wall: Wall) -> str:
    light = wall.light
    parts = [f"{light.nits * light.brightness:,.0f} of {light.nits:,.0f} cd/m2", f"{light.white:.0f} K"]
    parts.append(f"gamma {light.gamma:g}")
    return ", ".join(parts + (["dithered"] if light.dither else []))


def rig_rows(rig: Rig) -> list[Row]:
    """The whole rig in a few lines."""
    watts = sum(wall.light.watts * wall.light.brightness for wall in rig.walls)
    limit = sum(min(w.light.watts * w.light.brightness, w.light.limit_watts or w.light.watts) for w in rig.walls)
    power = _at_white(watts, sum(wall.light.watts for wall in rig.walls)) if watts else "not known"
    cabinets = sum(len(wall.cabinets) for wall in rig.walls)
    flash = rig.flash
    guard = f"at most {flash.flashes} flashes a second, the nearest of the audience at {flash.distance:g} m"
    return [
        ("walls", f"{len(rig.walls)}" + (f", {cabinets} cabinets" if cabinets else "")),
        ("LEDs", f"{sum(pixels(wall) for wall in rig.walls):,}"),
        ("power", power + (f", limited to {limit:,.0f} W" if limit < watts else "")),
        ("flash guard", f"waived: {flash.waived}" if flash.waived else guard),
        ("proven", "no cabinet overlaps, all lie in their rasters, no port and no power limit is exceeded"),
    ]
