"""Pictures laid over targets: where, how blended, how much. It does not know what drew them."""

from __future__ import annotations

from dataclasses import dataclass

from visuals.render.compose import COMPOSE, kind
from visuals.render.gpu import Gpu, Target, Texture, Uniform

COPY = f"""#version 330
uniform sampler2D source;
uniform vec2 size;
out vec4 colour;
{COMPOSE}
void main() {{ colour = isf_compose(texture(source, gl_FragCoord.xy / size)); }}
"""
"""Lays a picture of another size over the target."""
SAME = f"""#version 330
uniform sampler2D source;
out vec4 colour;
{COMPOSE}
void main() {{ colour = isf_compose(texelFetch(source, ivec2(gl_FragCoord.xy), 0)); }}
"""
"""Lays a picture of the target's own size over it, in half the time."""


@dataclass(frozen=True, slots=True)
class Onto:
    """Where a picture goes, how it is blended with what is there, and how much of it shows.

    `opaque` pays no heed to the picture's alpha: in many a converted shader that is whatever was left there.
    """

    target: Target
    blend: str = "replace"
    opacity: float = 1.0
    opaque: bool = False

    def uniforms(self) -> dict[str, Uniform]:
        """What `COMPOSE` asks for."""
        return {
            "isf_blend": kind(self.blend),
            "isf_opacity": self.opacity,
            "isf_opaque": self.opaque,
            "isf_step": 1.0 / 255.0 if self.target.depth == "rgba8" else 0.0,
        }


class Copier:
    """Lays textures over targets."""

    def __init__(self, gpu: Gpu) -> None:
        self._gpu = gpu
        self._scaled, self._same = gpu.pipeline(COPY), gpu.pipeline(SAME)

    def lay(self, source: Texture, onto: Onto) -> None:
        """Lay a texture over the whole target, scaled to it."""
        pipeline = self._same if source.size == onto.target.size else self._scaled
        uniforms = onto.uniforms() | {"size": onto.target.size}
        self._gpu.draw(pipeline, onto.target, uniforms, {"source": source}, onto.blend)

    def release(self) -> None:
        self._gpu.drop(self._scaled)
        self._gpu.drop(self._same)
