"""A rig that shows a pattern: as a source of rasters, as a picture, through its outputs."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace

import numpy as np
from PIL import Image

from visuals.clock import Clock, ticks
from visuals.document import nearest
from visuals.errors import VisualsError
from visuals.telemetry import Log, Meter
from visuals.types import Flag, Light, Output, Pixels, Rig, Wall
from visuals.wall.guarding import Guarding
from visuals.wall.outlet import Outlet
from visuals.wall.outputs import open_output
from visuals.wall.patterns.drawing import View
from visuals.wall.patterns.table import PATTERNS
from visuals.wall.place import place
from visuals.wall.raster import Mapper

RATE_HZ = 60.0
STILL_TICK = 37
"""The tick of a pattern that is only looked at: nothing that moves is at its start."""


class Patterns:
    """A pattern on each wall of `walls`, as a source of rasters in place of a canvas.

    A picture of as many pixels as the wall has LEDs is mapped like any other, so 1:1.
    """

    def __init__(self, name: str, walls: Sequence[Wall]) -> None:
        self._pattern = PATTERNS[name]
        self._walls = list(walls)
        sizes = [place(wall).picture for wall in walls]
        self._pictures: list[Pixels] = [np.zeros((size[1], size[0], 4), np.uint8) for size in sizes]
        self._mappers = [
            Mapper(replace(wall, canvas=(0, 0, *size)), size, RATE_HZ) for wall, size in zip(walls, sizes, strict=True)
        ]
        self._start: float | None = None
        self._tick = 0

    def rasters(self, now: float) -> list[Pixels]:
        """Each wall's drives at `now` (s); they hold until the next call."""
        self._start = now if self._start is None else self._start
        if self._pattern.moves or self._tick == 0:
            self._draw(now - self._start)
        self._tick += 1
        return [mapper.map(pixels, now) for mapper, pixels in zip(self._mappers, self._pictures, strict=True)]

    def _draw(self, time: float) -> None:
        for number, (wall, pixels) in enumerate(zip(self._walls, self._pictures, strict=True)):
            pixels[:] = (0, 0, 0, 255)
            self._pattern.draw(pixels, View(wall, number, self._tick, time))


def chosen(rig: Rig, wall: str | None) -> list[Wall]:
    """The wall of that name, or all. Raises VisualsError."""
    if wall is None:
        return list(rig.walls)
    found = [one for one in rig.walls if one.name == wall]
    if not found:
        raise VisualsError(f"found no wall `{wall}` in {rig.name}{nearest(wall, [w.name for w in rig.walls])}")
    return found


def picture(name: str, walls: Sequence[Wall]) -> Image.Image:
    """What the walls' processors get, side by side, without calibration."""
    source = Patterns(name, [replace(wall, light=Light(), delay=0.0) for wall in walls])
    for tick in range(STILL_TICK):
        rasters = source.rasters(tick / RATE_HZ)
    width = sum(raster.shape[1] + 8 for raster in rasters) - 8
    page = Image.new("RGB", (width, max(raster.shape[0] for raster in rasters)), (60, 60, 64))
    x = 0
    for raster in rasters:
        page.paste(Image.fromarray(np.ascontiguousarray(raster[..., :3])), (x, 0))
        x += raster.shape[1] + 8
    return page


def play_pattern(name: str, rig: Rig, walls: Sequence[Wall], seconds: float, clock: Clock) -> None:
    """Show a pattern through the walls' own outputs for so long, or until escape is pressed."""
    source = Patterns(name, walls)
    log = Log(clock)
    meter = Meter(clock, log, "pattern")
    guarding = Guarding(walls, rig.flash, None, log)
    with ExitStack() as ends:
        outlets = [_outlet(wall, rig, meter, clock.now()) for wall in walls]
        for outlet in outlets:
            ends.callback(outlet.close)
        for tick, (due, _) in enumerate(ticks(clock, RATE_HZ)):
            for outlet, raster in zip(outlets, guarding.step(source.rasters(due), due), strict=True):
                outlet.send(raster, tick, due, Flag.NONE)
            if tick + 1 >= seconds * RATE_HZ or any("escape" in outlet.pressed() for outlet in outlets):
                return


def _outlet(wall: Wall, rig: Rig, meter: Meter, now: float) -> Outlet:
    def opener() -> Output:
        return open_output(wall, rig=rig.name, rate_hz=RATE_HZ)

    return Outlet(wall.name, opener, meter, now)
