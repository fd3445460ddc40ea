"""The model's picture on the canvas: eased from dream to dream, upscaled, never still.

Dreams come slower than frames and unevenly, so each new one is crossfaded from whatever was shown
when it came, over the time dreams lately took. A dream that waits too long for the next one drifts.
It does not know models, layers or scenes.
"""

from __future__ import annotations

import math

from visuals.render.compose import COMPOSE
from visuals.render.gpu import Gpu, Size, Target, Texture, Uniform
from visuals.render.lay import Onto
from visuals.types import Frame

STALE = 0.5
"""s without a new dream after which the last one begins to drift."""
SHORTEST, LONGEST = 1.0 / 120.0, 0.25
SWAY = 1.0 / 31.0, 1.0 / 47.0, 1.0 / 23.0
"""Hz of the drift's zoom, turn and shift: no common period within an hour."""

# `newest` is as it was uploaded, row 0 on top; everything else has row 0 at the bottom.
EASE = """#version 330
uniform sampler2D start;
uniform sampler2D newest;
uniform float share;
uniform vec2 size;
uniform vec4 warp;
out vec4 colour;
vec2 mirrored(vec2 at) { return 1.0 - abs(mod(at, 2.0) - 1.0); }
void main() {
    vec2 at = gl_FragCoord.xy / size;
    vec2 p = (at - 0.5) * vec2(size.x / size.y, 1.0) * warp.x;
    p = mat2(cos(warp.y), sin(warp.y), -sin(warp.y), cos(warp.y)) * p;
    vec2 moved = mirrored(p * vec2(size.y / size.x, 1.0) + 0.5 + warp.zw);
    colour = vec4(mix(texture(start, at).rgb, texture(newest, vec2(moved.x, 1.0 - moved.y)).rgb, share), 1.0);
}
"""

# Catmull-Rom along one axis (Keys, IEEE ASSP 29(6), 1981). Four fetches: on a software rasteriser they
# take half the time of three filtered reads.
CUBIC = """
vec3 cubic(sampler2D image, float x, ivec2 origin, ivec2 axis) {
    ivec2 last = textureSize(image, 0) - 1;
    float f = fract(x);
    ivec2 at = origin + axis * int(floor(x));
    vec3 p0 = texelFetch(image, clamp(at - axis, ivec2(0), last), 0).rgb;
    vec3 p1 = texelFetch(image, clamp(at, ivec2(0), last), 0).rgb;
    vec3 p2 = texelFetch(image, clamp(at + axis, ivec2(0), last), 0).rgb;
    vec3 p3 = texelFetch(image, clamp(at + 2 * axis, ivec2(0), last), 0).rgb;
    vec3 bend = 2.0 * p0 - 5.0 * p1 + 4.0 * p2 - p3 + f * (3.0 * (p1 - p2) + p3 - p0);
    return p1 + 0.5 * f * (p2 - p0 + f * bend);
}
"""
WIDEN = f"""#version 330
uniform sampler2D source;
uniform vec2 size;
out vec4 colour;
{CUBIC}
void main() {{
    float x = gl_FragCoord.x / size.x * float(textureSize(source, 0).x) - 0.5;
    colour = vec4(cubic(source, x, ivec2(0, gl_FragCoord.y), ivec2(1, 0)), 1.0);
}}
"""
HEIGHTEN = f"""#version 330
uniform sampler2D source;
uniform vec2 size;
out vec4 colour;
{COMPOSE}
{CUBIC}
void main() {{
    float y = gl_FragCoord.y / size.y * float(textureSize(source, 0).y) - 0.5;
    colour = isf_compose(vec4(cubic(source, y, ivec2(gl_FragCoord.x, 0), ivec2(0, 1)), 1.0));
}}
"""


class Dream:
    """The newest dreams of one model, ready to be laid on a canvas of `canvas` pixels."""

    def __init__(self, gpu: Gpu, canvas: Size) -> None:
        self._gpu, self._canvas = gpu, canvas
        self._ease, self._widen, self._heighten = (gpu.pipeline(text) for text in (EASE, WIDEN, HEIGHTEN))
        self._newest: Texture | None = None
        self._start: Target | None = None
        self._mixed: Target | None = None
        self._wide: Target | None = None
        self._index: int | None = None
        self._came = self._shown = 0.0
        self._interval = LONGEST
        self._settled = False

    def take(self, dream: Frame | None, now: float) -> None:
        """Upload a dream that is new; keep what was shown as the start of the way to it."""
        if dream is None or dream.index == self._index:
            return
        size = (dream.pixels.shape[1], dream.pixels.shape[0])
        if self._newest is None or self._newest.size != size:
            self._resize(size)
            self._came = now - LONGEST
        else:
            self._start, self._mixed = self._mixed, self._start
            gap = min(max(self._shown - self._came, SHORTEST), LONGEST)
            self._interval += 0.25 * (gap - self._interval)
            self._came = self._shown  # the way to it begins at the frame it leaves, or each dream begins with a halt
        self._index = dream.index
        self._settled = False
        assert self._newest is not None
        self._newest.write(dream.pixels)

    def prepare(self, now: float) -> None:
        """Bring the eased picture to `now`; costs nothing while it stands."""
        newest, start, mixed, wide = self._newest, self._start, self._mixed, self._wide
        self._shown = now
        age = now - self._came
        if newest is None or start is None or mixed is None or wide is None or (self._settled and age < STALE):
            return
        share = min(age / self._interval, 1.0)
        self._settled = share == 1.0
        uniforms: dict[str, Uniform] = {"share": share, "size": mixed.size, "warp": drift(age - STALE)}
        self._gpu.draw(self._ease, mixed, uniforms, {"start": start, "newest": newest})
        self._gpu.draw(self._widen, wide, {"size": wide.size}, {"source": mixed})

    def lay(self, onto: Onto) -> None:
        """Lay the prepared picture on a target; nothing before the first dream."""
        if self._wide is not None:
            uniforms = onto.uniforms() | {"size": onto.target.size}
            self._gpu.draw(self._heighten, onto.target, uniforms, {"source": self._wide}, onto.blend)

    def warm_up(self, onto: Onto) -> None:
        """Make the driver ready for every draw a dream will need, without one."""
        self._resize((8, 8))
        self.prepare(0.0)
        self.lay(onto)
        self._forget()

    def _resize(self, size: Size) -> None:
        self._forget()
        self._newest = self._gpu.texture(size)
        self._start, self._mixed = self._gpu.target(size), self._gpu.target(size)
        self._wide = self._gpu.target((self._canvas[0], size[1]))

    def _forget(self) -> None:
        for texture in (self._newest, self._start, self._mixed, self._wide):
            if texture is not None:
                texture.release()
        self._newest = self._start = self._mixed = self._wide = None

    def release(self) -> None:
        self._forget()
        for pipeline in (self._ease, self._widen, self._heighten):
            self._gpu.drop(pipeline)


def drift(age: float) -> tuple[float, float, float, float]:
    """Zoom, turn (rad) and shift (widths) of a dream that has waited `age` s too long; still at 0.

    Bounded for ever: a dream that never gets a successor sways.
    """
    if age <= 0.0:
        return (1.0, 0.0, 0.0, 0.0)
    grown = 1.0 - math.exp(-age / 4.0)
    zoom, turn, shift = (math.tau * hz * age for hz in SWAY)
    return (
        1.0 - 0.16 * grown * (1.0 - math.cos(zoom)),
        0.2 * grown * math.sin(turn),
        0.05 * grown * math.sin(shift),
        0.04 * grown * math.sin(shift * 0.7),
    )
