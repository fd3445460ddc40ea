"""The test patterns. Each draws into the picture of a wall, LED by LED, as the audience sees it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from visuals.types import Cabinet, Pixels, Wall
from visuals.wall.patterns.lettering import HIGH, Colour, width, write, write_centred
from visuals.wall.place import Patch, cut, span

BLACK, WHITE, GREY = (0, 0, 0), (255, 255, 255), (128, 128, 128)
RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)
YELLOW, CYAN, MAGENTA = (255, 255, 0), (0, 255, 255), (255, 0, 255)
PORTS: tuple[Colour, ...] = (
    *((0, 90, 200), (210, 80, 0), (0, 150, 90), (190, 60, 150)),
    *((60, 160, 210), (200, 150, 0), (110, 80, 230), (140, 100, 40)),
)
CROSSING_S = 4.0
"""A moving line takes this long across each wall, so that it is at the same share of all."""

SWEEP_S = 20.0
IDENTIFY_HZ = 1.0
PULSE_HZ = 0.4
"""Both well under the three flashes a second that are allowed."""


@dataclass(frozen=True, slots=True)
class View:
    """What a pattern is told: the wall, which one of the rig it is, the tick and its time (s) since the start."""

    wall: Wall
    number: int
    tick: int
    time: float

    @property
    def tiles(self) -> list[tuple[Cabinet | None, Patch]]:
        """Its lit cabinets with their parts of the picture; the wall itself if it has none."""
        placement = cut(self.wall)
        if placement.patches is None:
            return [(None, Patch((0, 0), (0, 0, *self.wall.size), 0))]
        lit = [cabinet for cabinet in self.wall.cabinets if cabinet.enabled]
        return list(zip(lit, placement.patches, strict=True))


Draw = Callable[[Pixels, View], None]
"""Draws into a black picture [height, width, 4]; what it does not touch stays black."""


def frame(pixels: Pixels, colour: Colour) -> None:
    """One LED wide, at the edge."""
    pixels[[0, -1], :, :3] = colour
    pixels[:, [0, -1], :3] = colour


def clear_of_gaps(pixels: Pixels, view: View) -> Pixels:
    """Where to write: in the whole picture, or in the largest cabinet if a hole or a gap lies in the middle."""
    patches = [patch for _, patch in view.tiles]
    height, width = pixels.shape[:2]
    lit = np.zeros((height, width), bool)
    for patch in patches:
        lit[span(patch)] = True
    if lit[height // 3 : height - height // 3, width // 6 : width - width // 6].all():
        return pixels
    return pixels[span(max(patches, key=lambda patch: patch.raster[2] * patch.raster[3]))]


# ---- where things are ---------------------------------------------------------------------------


def grid(pixels: Pixels, view: View) -> None:
    for cabinet, patch in view.tiles:
        tile = pixels[span(patch)]
        frame(tile, WHITE)
        name, (x, y) = cabinet.name if cabinet else view.wall.name, patch.raster[:2]
        write_centred(tile, name, WHITE)
        corner = f"{x},{y}"
        if width(corner) + 6 <= tile.shape[1] and tile.shape[0] >= 5 * HIGH:
            write(tile, corner, (3, tile.shape[0] - HIGH - 3), YELLOW)
        _arrow_up(tile)


def _arrow_up(tile: Pixels) -> None:
    """In the top right corner, as the audience sees it: all arrows of a wall that is hung as the rig says point up."""
    size = min(tile.shape[:2]) // 8
    for n in range(size):
        tile[3 + n, tile.shape[1] - 4 - size - n : tile.shape[1] - 3 - size + n, :3] = GREEN
    if size:
        tile[3 + size : 3 + 2 * size, tile.shape[1] - 4 - size, :3] = GREEN


def ports(pixels: Pixels, view: View) -> None:
    count: dict[int, int] = {}
    for cabinet, patch in view.tiles:
        tile = pixels[span(patch)]
        port = cabinet.port if cabinet else 0
        count[port] = count.get(port, 0) + 1
        tile[..., :3] = PORTS[(port - 1) % len(PORTS)] if port else GREY
        frame(tile, BLACK)
        write_centred(tile, f"P{port}", WHITE, down=0.3)
        write_centred(tile, str(count[port]), WHITE, down=0.7)


def circle(pixels: Pixels, view: View) -> None:
    height, wide = pixels.shape[:2]
    y, x = np.mgrid[:height, :wide].astype(np.float32)
    from_centre = np.hypot(x - (wide - 1) / 2, y - (height - 1) / 2)
    pixels[np.abs(from_centre - (min(wide, height) / 2 - 1)) < 0.7, :3] = WHITE
    pixels[height // 2, :, :3] = pixels[:, wide // 2, :3] = GREY
    frame(pixels, GREY)
    size = max(2, min(wide, height) // 10)
    for rows in (slice(0, size), slice(-size, None)):
        for columns, colour in ((slice(0, size), RED), (slice(-size, None), GREEN)):
            pixels[rows, columns, :3] = colour


def identify(pixels: Pixels, view: View) -> None:
    """The name and the wall's number in the rig on a colour that breathes; in each cabinet where gaps would cut it."""
    colour = np.array(PORTS[view.number % len(PORTS)])
    pixels[..., :3] = (colour * (0.55 + 0.45 * math.cos(2 * math.pi * IDENTIFY_HZ * view.time))).astype(np.uint8)
    whole, number = clear_of_gaps(pixels, view) is pixels, str(view.number + 1)
    for part in (pixels[span(patch)] for _, patch in view.tiles):
        if whole:
            write(part, number, (2, 2), WHITE)
        else:
            write_centred(part, number, WHITE, down=0.35)
            write_centred(part, view.wall.name, WHITE, down=0.75)
    if whole:
        write_centred(pixels, view.wall.name, WHITE)


# ---- what moves ---------------------------------------------------------------------------------


def lines(pixels: Pixels, view: View) -> None:
    """A tear, a lost frame, a wall that lags: seen on a line one LED wide, read from the tick's number."""
    share = view.time / CROSSING_S % 1.0
    pixels[int(share * pixels.shape[0]), :, :3] = GREEN
    pixels[:, int(share * pixels.shape[1]), :3] = WHITE
    write_centred(clear_of_gaps(pixels, view), f"{view.tick:06d}", YELLOW)


def sweep(pixels: Pixels, view: View) -> None:
    """One LED after another, from the top left along the rows; several at once where there are many."""
    count = pixels.shape[0] * pixels.shape[1]
    length = max(1, round(count / (SWEEP_S * 60.0)))
    start = view.tick * length % count
    pixels.reshape(-1, 4)[start : start + length, :3] = WHITE


def pulse(pixels: Pixels, view: View) -> None:
    light = 0.5 - 0.5 * math.cos(2 * math.pi * PULSE_HZ * view.time)
    pixels[..., :3] = round(255 * light ** (1 / 2.2))


# ---- colour and light ---------------------------------------------------------------------------


def bars(pixels: Pixels, view: View) -> None:
    """75 % above, 100 % below."""
    height, wide = pixels.shape[:2]
    edges = np.linspace(0, wide, 9).astype(int)
    for n, colour in enumerate((WHITE, YELLOW, CYAN, GREEN, MAGENTA, RED, BLUE, BLACK)):
        pixels[: 2 * height // 3, edges[n] : edges[n + 1], :3] = [round(0.75 * c) for c in colour]
        pixels[2 * height // 3 :, edges[n] : edges[n + 1], :3] = colour


RAMPS: tuple[tuple[Colour, int, int], ...] = (
    *((WHITE, 255, 0), (RED, 255, 0), (GREEN, 255, 0), (BLUE, 255, 0)),
    *((WHITE, 255, 11), (WHITE, 16, 17)),
)
"""A band each: its colour, the highest value, the number of steps or 0 for as many as there are."""


def ramps(pixels: Pixels, view: View) -> None:
    height, wide = pixels.shape[:2]
    edges = np.linspace(0, height, len(RAMPS) + 1).astype(int)
    for n, (colour, most, steps) in enumerate(RAMPS):
        share = np.linspace(0.0, 1.0, wide)
        if steps:
            share = np.minimum(np.arange(wide) * steps // wide, steps - 1) / (steps - 1)
        band = np.rint(most * share)[:, None] * (np.array(colour) / 255.0)
        pixels[edges[n] : edges[n + 1], :, :3] = band


def checkerboard(pixels: Pixels, view: View) -> None:
    pixels[::2, ::2, :3] = pixels[1::2, 1::2, :3] = WHITE


def stripes(pixels: Pixels, view: View) -> None:
    """Upright on the left, lying on the right: what is scaled shows bars, what is subsampled shows colour."""
    middle = pixels.shape[1] // 2
    pixels[:, :middle:2, :3] = WHITE
    pixels[::2, middle:, :3] = WHITE


def field(colour: Colour) -> Draw:
    def fill(pixels: Pixels, view: View) -> None:
        pixels[..., :3] = colour

    return fill
