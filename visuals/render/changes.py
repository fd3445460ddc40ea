"""Scene changes: from one picture to the next, by a crossfade in linear light or through a transition's shader.

It does not know what the scenes show, nor when they change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from visuals.render.breaker import Breaker
from visuals.render.compose import COMPOSE, SRGB
from visuals.render.gpu import Gpu, Target
from visuals.render.lay import Onto
from visuals.render.pictures.picture import Moment
from visuals.render.pictures.transition import TransitionPicture
from visuals.types import Change

CROSSFADE = f"""#version 330
uniform sampler2D first;
uniform sampler2D second;
uniform float share;
out vec4 colour;
{COMPOSE}
{SRGB}
void main() {{
    ivec2 at = ivec2(gl_FragCoord.xy);
    vec3 light = mix(linear(texelFetch(first, at, 0).rgb), linear(texelFetch(second, at, 0).rgb), share);
    colour = isf_compose(vec4(encoded(light), 1.0));
}}
"""


class Changes:
    """One change at a time; a transition begins anew with each change through it, and is a crossfade if it raises."""

    def __init__(self, gpu: Gpu) -> None:
        self._gpu = gpu
        self._crossfade = gpu.pipeline(CROSSFADE)
        self._breakers: dict[str, Breaker] = {}
        self._on = ""

    def draw(
        self,
        into: Target,
        scenes: Sequence[Target],
        share: float,
        change: Change | None,
        transitions: Mapping[str, TransitionPicture],
        moment: Moment,
    ) -> None:
        """Draw what is between two scenes, outgoing first: `share` of the second, or as far as the change is."""
        through = transitions.get(change.through.shader) if change else None
        if change is not None and through is not None:
            name = change.through.shader
            breaker = self._breakers.setdefault(name, Breaker(f"the transition {name}"))
            if breaker.closed(moment.time):
                with breaker.guarded(moment.time):
                    self._through(through, into, scenes, change, moment)
                    return
        uniforms = Onto(into).uniforms() | {"share": share}
        self._gpu.draw(self._crossfade, into, uniforms, {"first": scenes[0], "second": scenes[1]})

    def _through(
        self, through: TransitionPicture, into: Target, scenes: Sequence[Target], change: Change, moment: Moment
    ) -> None:
        if self._on != change.through.shader:
            through.rewind()
            self._on = change.through.shader
        first, second = reversed(scenes) if change.backwards else scenes
        into.clear(a=1.0)  # what a transition leaves in alpha is nothing that it means: both scenes are opaque
        through.between(Onto(into, "replace colour"), first, second, change.progress, change.through.controls, moment)

    def rest(self) -> None:
        """No change is on its way."""
        self._on = ""

    def release(self) -> None:
        self._gpu.drop(self._crossfade)
