"""The patterns by name."""

from __future__ import annotations

from dataclasses import dataclass

from visuals.wall.patterns import drawing
from visuals.wall.patterns.drawing import Draw, field


@dataclass(frozen=True, slots=True)
class Pattern:
    """`shows` is what it is for; one that `moves` is drawn at every tick; a `warning` is told before it is lit."""

    draw: Draw
    shows: str
    moves: bool = False
    warning: str = ""


PULSE = "draws the whole power of the wall and lets go of it again, every 2.5 seconds"
PATTERNS: dict[str, Pattern] = {
    "grid": Pattern(drawing.grid, "each cabinet's edge, id, place in the raster, and what is up"),
    "ports": Pattern(drawing.ports, "each port's colour, and the order of its cable"),
    "identify": Pattern(drawing.identify, "each wall's name on a colour of its own, which breathes", moves=True),
    "circle": Pattern(drawing.circle, "shape and crop: a circle, the middle, red and green corners left and right"),
    "lines": Pattern(
        drawing.lines, "tearing, lost frames, walls that lag: moving lines and a frame counter", moves=True
    ),
    "sweep": Pattern(drawing.sweep, "one LED after another", moves=True),
    "checkerboard": Pattern(drawing.checkerboard, "1:1 and chroma: single LEDs"),
    "stripes": Pattern(drawing.stripes, "scaling and chroma: lines one LED wide, upright and lying"),
    "bars": Pattern(drawing.bars, "colours at 75 and 100 %"),
    "ramps": Pattern(drawing.ramps, "gamma and steps: white, red, green, blue, 11 steps, and the darkest 16 values"),
    "white": Pattern(field(drawing.WHITE), "uniformity, dead LEDs, power"),
    "grey": Pattern(field(drawing.GREY), "uniformity at half the value"),
    "red": Pattern(field(drawing.RED), "dead red LEDs, purity"),
    "green": Pattern(field(drawing.GREEN), "dead green LEDs, purity"),
    "blue": Pattern(field(drawing.BLUE), "dead blue LEDs, purity"),
    "black": Pattern(field(drawing.BLACK), "LEDs that do not go out"),
    "pulse": Pattern(drawing.pulse, "power supplies: black to white and back", moves=True, warning=PULSE),
}
