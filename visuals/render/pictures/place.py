"""A picture of any shape placed on the canvas: fitted, moved, scaled, turned; clear beside it."""

from __future__ import annotations

import math

from visuals.render.compose import COMPOSE
from visuals.render.gpu import Gpu, Size, Texture
from visuals.render.lay import Onto
from visuals.types import Controls, Fit

# The picture is as it was uploaded, row 0 on top. A picture's edge is one pixel of the canvas soft.
PLACE = f"""#version 330
uniform sampler2D picture;
uniform vec2 size;
uniform vec2 extent;
uniform vec2 shift;
uniform vec2 turn;
out vec4 colour;
{COMPOSE}
void main() {{
    vec2 p = gl_FragCoord.xy - size * (0.5 + shift);
    p = vec2(p.x * turn.x + p.y * turn.y, p.y * turn.x - p.x * turn.y);
    vec2 inside = clamp(0.5 * extent - abs(p) + 0.5, 0.0, 1.0);
    vec4 c = texture(picture, vec2(0.5, 0.5) + vec2(p.x, -p.y) / extent);
    colour = isf_compose(vec4(c.rgb, c.a * inside.x * inside.y));
}}
"""


def extent(picture: Size, canvas: Size, fit: Fit) -> tuple[float, float]:
    """Width and height, px, of a picture that fills the canvas, fits into it, or is stretched to it."""
    if fit == "stretch":
        return float(canvas[0]), float(canvas[1])
    scales = canvas[0] / picture[0], canvas[1] / picture[1]
    scale = max(scales) if fit == "cover" else min(scales)
    return picture[0] * scale, picture[1] * scale


class Placer:
    """Lays textures with row 0 on top by the controls of `vocabulary.PLACE_CONTROLS`."""

    def __init__(self, gpu: Gpu, fit: Fit) -> None:
        self._gpu, self._fit = gpu, fit
        self._pipeline = gpu.pipeline(PLACE)

    def lay(self, picture: Texture, onto: Onto, values: Controls) -> None:
        width, height = extent(picture.size, onto.target.size, self._fit)
        scale = max(values["scale"], 1e-3)
        angle = math.tau * values["rotate"]
        uniforms = onto.uniforms() | {
            "size": onto.target.size,
            "extent": (width * scale, height * scale),
            "shift": (values["x"], values["y"]),
            "turn": (math.cos(angle), math.sin(angle)),
        }
        self._gpu.draw(self._pipeline, onto.target, uniforms, {"picture": picture}, onto.blend)

    def release(self) -> None:
        self._gpu.drop(self._pipeline)
