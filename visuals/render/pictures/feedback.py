"""What was there a frame ago, moved on a little and fading: trails and tunnels of all that lies with it."""

from __future__ import annotations

import math
from typing import Literal

from visuals.render.compose import COMPOSE
from visuals.render.gpu import Gpu, Texture
from visuals.render.lay import Onto
from visuals.render.pictures.picture import Lasting, Moment, rest
from visuals.types import Controls
from visuals.vocabulary import FEEDBACK_CONTROLS

ECHO = f"""#version 330
uniform sampler2D last;
uniform vec2 size;
uniform vec2 turn;
uniform vec2 shift;
uniform float kept;
out vec4 colour;
{COMPOSE}
void main() {{
    vec2 p = gl_FragCoord.xy - 0.5 * size;
    p = vec2(p.x * turn.x + p.y * turn.y, p.y * turn.x - p.x * turn.y) - shift * size;
    vec2 inside = step(abs(p), 0.5 * size);
    vec4 c = texture(last, 0.5 + p / size);
    colour = isf_compose(vec4(c.rgb, c.a * kept * inside.x * inside.y));
}}
"""


class FeedbackPicture(Lasting):
    """The last frame of its scene or group; all motion and fading is per second, whatever the frame rate."""

    wants: Literal["last"] = "last"
    inputs = rest(FEEDBACK_CONTROLS)

    def __init__(self, gpu: Gpu) -> None:
        self._gpu = gpu
        self._pipeline = gpu.pipeline(ECHO)

    def draw(self, onto: Onto, values: Controls, moment: Moment, image: Texture | None) -> None:
        dt = moment.elapsed
        grown = math.exp(-values["zoom"] * dt)
        angle = math.tau * values["rotate"] * dt
        uniforms = onto.uniforms() | {
            "size": onto.target.size,
            "turn": (grown * math.cos(angle), grown * math.sin(angle)),
            "shift": (values["shift.x"] * dt, values["shift.y"] * dt),
            "kept": math.exp(-dt / max(values["fade"], 1e-3)),
        }
        self._gpu.draw(self._pipeline, onto.target, uniforms, {"last": image} if image else {}, onto.blend)

    def release(self) -> None:
        self._gpu.drop(self._pipeline)
