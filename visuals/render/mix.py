"""Two pictures into one: a layer over a backdrop where a draw's own blending does not reach.

A backdrop's colour is premultiplied by its alpha, in linear light where its scene is; a layer's is straight
and as displays show it. Every pass reads finished pictures and writes another. It does not know layers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from visuals.render.blend import law
from visuals.render.compose import COMPOSE, SRGB
from visuals.render.gpu import Gpu, Target, Texture
from visuals.render.lay import Onto

FILTERED = "filtered"
"""Not a blend mode: a filter's picture takes the place of what the filter read."""
DRY_WET = "dry wet"
"""As `filtered`, but both are straight, as layers are on their way through filters."""

STRAIGHT = "vec4 straight(vec4 c) { return vec4(c.a > 0.0 ? c.rgb / c.a : vec3(0.0), c.a); }"
INSTEAD = "vec4 blended(vec4 b, vec4 s) { return vec4(s.rgb * s.a, s.a); }"
LAWS = {FILTERED: INSTEAD, DRY_WET: STRAIGHT + INSTEAD}

# Luminance: ITU-R BT.709, section 3.2, of the values as they are shown.
MIX = """#version 330
uniform sampler2D backdrop;
uniform sampler2D layer;
uniform sampler2D mask;
uniform bool inverted;
uniform float amount;
out vec4 colour;
{compose}
{srgb}
{law}
float cover() {{
    vec4 m = clamp(texelFetch(mask, ivec2(gl_FragCoord.xy), 0), 0.0, 1.0);
    float light = dot(m.rgb, vec3(0.2126, 0.7152, 0.0722)) * m.a;
    return amount * (inverted ? 1.0 - light : light);
}}
void main() {{
    ivec2 at = ivec2(gl_FragCoord.xy);
    vec4 b = texelFetch(backdrop, at, 0);
    vec4 s = clamp(texelFetch(layer, at, 0), 0.0, 1.0);
    float much = {much};
    {mix}
}}
"""
LAID = "colour = isf_compose(blended(b, vec4({s}, s.a * much)));"
EXCHANGED = "colour = isf_compose(mix(b, blended(b, vec4({s}, s.a)), much));"
BOTH_STRAIGHT = "colour = isf_compose(straight(mix(vec4(b.rgb * b.a, b.a), blended(b, s), much)));"

SHOW = """#version 330
uniform sampler2D layer;
out vec4 colour;
{compose}
{srgb}
{straight}
void main() {{
    vec4 c = straight(texelFetch(layer, ivec2(gl_FragCoord.xy), 0));
    colour = isf_compose(vec4({shown}, c.a));
}}
"""


@dataclass(frozen=True, slots=True)
class Way:
    """A way of mixing: a blend mode or a word of this module, and whether a mask says how much."""

    blend: str
    masked: bool = False


class Mixer:
    """Mixes pictures of one size in the ways it was made for; `linear` for backdrops in linear light."""

    def __init__(self, gpu: Gpu, ways: Iterable[Way], linear: bool = False) -> None:
        self._gpu = gpu
        self._pipelines = {way: gpu.pipeline(_text(way, linear)) for way in set(ways)}
        self._show = gpu.pipeline(_show_text(linear))

    def mix(
        self,
        way: Way,
        into: Target,
        backdrop: Texture,
        layer: Texture,
        amount: float,
        mask: Texture | None = None,
        inverted: bool = False,
    ) -> None:
        """Draw `layer` met with `backdrop` into a target that is neither; `amount` of it, 0..1."""
        textures = {"backdrop": backdrop, "layer": layer} | ({"mask": mask} if mask else {})
        uniforms = Onto(into).uniforms() | {"amount": amount, "inverted": inverted}
        self._gpu.draw(self._pipelines[way], into, uniforms, textures)

    def show(self, into: Target, picture: Texture) -> None:
        """Draw a backdrop as layers are: straight, and as displays show it."""
        self._gpu.draw(self._show, into, Onto(into).uniforms(), {"layer": picture})

    def release(self) -> None:
        for pipeline in (*self._pipelines.values(), self._show):
            self._gpu.drop(pipeline)
        self._pipelines.clear()


def _text(way: Way, linear: bool) -> str:
    mix = EXCHANGED if way.blend == FILTERED else BOTH_STRAIGHT if way.blend == DRY_WET else LAID
    return MIX.format(
        compose=COMPOSE,
        srgb=SRGB,
        law=LAWS.get(way.blend) or law(way.blend),
        much="cover()" if way.masked else "amount",
        mix=mix.format(s="linear(s.rgb)" if linear else "s.rgb"),
    )


def _show_text(linear: bool) -> str:
    return SHOW.format(compose=COMPOSE, srgb=SRGB, straight=STRAIGHT, shown="encoded(c.rgb)" if linear else "c.rgb")
