"""Pens, colours and letters of the plan. Draws at twice the size, so that lines come out smooth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

from PIL import Image, ImageDraw, ImageFont

Colour = tuple[int, int, int]
Box = tuple[float, float, float, float]
Point = tuple[float, float]

FINE = 2
"""Pixels drawn for each of the page, along a side."""

PAPER: Colour = (255, 255, 255)
INK: Colour = (28, 32, 38)
GREY: Colour = (120, 128, 138)
FAINT: Colour = (222, 226, 231)
UNKNOWN: Colour = (150, 158, 168)
PORTS: tuple[Colour, ...] = (
    *((0, 114, 178), (213, 94, 0), (0, 158, 115), (204, 121, 167)),
    *((86, 180, 233), (230, 159, 0), (120, 94, 240), (140, 110, 60)),
)
"""Colours that are told apart by all eyes: after Okabe and Ito (2008)."""


def port_colour(port: int) -> Colour:
    """0 is a port that the rig does not say."""
    return PORTS[(port - 1) % len(PORTS)] if port else UNKNOWN


def tint(colour: Colour, share: float) -> Colour:
    """A colour thinned with paper."""
    red, green, blue = (round(255 - (255 - c) * share) for c in colour)
    return red, green, blue


@cache
def letters(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


class Sheet:
    """A page of (width, height) pixels and the pens for it; lengths and places are the page's."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.size = size
        self._image = Image.new("RGB", (size[0] * FINE, size[1] * FINE), PAPER)
        self._draw = ImageDraw.Draw(self._image)

    def finished(self) -> Image.Image:
        return self._image.resize(self.size, Image.Resampling.LANCZOS)

    def box(self, box: Box, fill: Colour | None = None, line: Colour | None = None, width: float = 1.0) -> None:
        pen = max(1, round(width * FINE))
        self._draw.rectangle([FINE * v for v in box], fill=fill, outline=line, width=pen)

    def line(self, points: Sequence[Point], colour: Colour, width: float = 1.0) -> None:
        flat = [(FINE * x, FINE * y) for x, y in points]
        self._draw.line(flat, fill=colour, width=max(1, round(width * FINE)), joint="curve")

    def dot(self, at: Point, radius: float, fill: Colour) -> None:
        x, y = at
        self._draw.ellipse([FINE * v for v in (x - radius, y - radius, x + radius, y + radius)], fill=fill)

    def arrow(self, start: Point, end: Point, colour: Colour, width: float, head: float) -> None:
        """A line with a filled head at its end."""
        angle = math.atan2(end[1] - start[1], end[0] - start[0])
        base = (end[0] - head * math.cos(angle), end[1] - head * math.sin(angle))
        side = (0.5 * head * math.sin(angle), -0.5 * head * math.cos(angle))
        self.line([start, base], colour, width)
        tips = [end, (base[0] + side[0], base[1] + side[1]), (base[0] - side[0], base[1] - side[1])]
        self._draw.polygon([(FINE * x, FINE * y) for x, y in tips], fill=colour)

    def hatch(self, box: Box, colour: Colour, step: float = 7.0) -> None:
        """Slanted lines within a box."""
        x0, y0, x1, y1 = box
        for n in range(1, int((x1 - x0 + y1 - y0) / step) + 1):
            along = n * step
            start = (x0 + min(along, x1 - x0), y0 + max(0.0, along - (x1 - x0)))
            end = (x0 + max(0.0, along - (y1 - y0)), y0 + min(along, y1 - y0))
            self.line([start, end], colour, 1.0)

    def text(self, at: Point, text: str, size: float, colour: Colour = INK, anchor: str = "la") -> None:
        font = letters(max(6, round(size * FINE)))
        self._draw.text((FINE * at[0], FINE * at[1]), text, fill=colour, font=font, anchor=anchor)

    def width(self, text: str, size: float) -> float:
        return self._draw.textlength(text, font=letters(max(6, round(size * FINE)))) / FINE
