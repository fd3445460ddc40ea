"""From a look to a frame: scenes drawn layer by layer, crossfaded in linear light, read back.

All a show can show is compiled and drawn once at the start, so that no scene change ever waits for
the driver. It does not know rules, cues, the model, or where its frames go.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import numpy as np

from visuals.errors import MediaError, Problem, ShaderError, ShowError, VisualsError
from visuals.render import isf
from visuals.render.compose import COMPOSE
from visuals.render.dream import Dream
from visuals.render.gpu import Gpu, Readback, Size, Target
from visuals.render.isf.program import EPOCH
from visuals.render.lay import Onto
from visuals.render.layers import DreamPicture, Moment, Picture, ShaderPicture, Stack, StillPicture, gpu_blend
from visuals.render.media.image import load_image
from visuals.render.seen import Seen
from visuals.types import Features, Flag, Frame, Layer, Look, Part, Pixels, Show

logger = logging.getLogger(__name__)

LONGEST_STEP = 0.25
"""s that layers move on at most between two frames, so that a stall is not followed by a leap."""

DAY = 86_400.0

# Decoding and encoding: IEC 61966-2-1.
CROSSFADE = f"""#version 330
uniform sampler2D first;
uniform sampler2D second;
uniform float share;
uniform float master;
out vec4 colour;
{COMPOSE}
vec3 linear(vec3 c) {{ return mix(c / 12.92, pow((c + 0.055) / 1.055, vec3(2.4)), step(0.04045, c)); }}
vec3 encoded(vec3 c) {{ return mix(c * 12.92, 1.055 * pow(c, vec3(1.0 / 2.4)) - 0.055, step(0.0031308, c)); }}
void main() {{
    ivec2 at = ivec2(gl_FragCoord.xy);
    vec3 light = mix(linear(texelFetch(first, at, 0).rgb), linear(texelFetch(second, at, 0).rgb), share);
    colour = isf_compose(vec4(encoded(light) * master, 1.0));
}}
"""
DIM = f"""#version 330
uniform sampler2D first;
uniform float master;
out vec4 colour;
{COMPOSE}
void main() {{ colour = isf_compose(vec4(texelFetch(first, ivec2(gl_FragCoord.xy), 0).rgb * master, 1.0)); }}
"""


@dataclass(frozen=True, slots=True)
class _Tag:
    index: int
    time: float
    flags: Flag


class Compositor:
    """Draws looks of one show.

    `shader_path` finds the file of a layer's shader. `date` gives the ISF DATE; without it, it follows
    the show's time, so that the same looks always give the same frames. `depth` is the number of
    frames on their way home at once: a frame comes `depth - 1` renders after its own. Left out, it is
    2, and 1 on a software rasteriser, where waiting hides nothing (llvmpipe: the read-back of a 5 ms
    frame begins after 5 ms) and would cost a frame of latency. Raises ShaderError, MediaError; if
    `lenient`, layers that do are left out and logged, so that an engine that starts again comes back
    though a file was broken meanwhile. `seen` is the size of the pictures that dreams draw from.
    """

    def __init__(
        self,
        gpu: Gpu,
        show: Show,
        shader_path: Callable[[str], Path],
        *,
        depth: int | None = None,
        date: Callable[[], Sequence[float]] | None = None,
        lenient: bool = False,
        seen: Size | None = None,
    ) -> None:
        self._gpu, self._show, self._shader_path, self._date = gpu, show, shader_path, date
        self._crossfade, self._dim = gpu.pipeline(CROSSFADE), gpu.pipeline(DIM)
        self._spare, self._output = gpu.target(show.canvas), gpu.target(show.canvas)
        self._dream = Dream(gpu, show.canvas)
        self._seen = Seen(gpu, seen) if seen else None
        self._readback: Readback[_Tag] = gpu.readback(show.canvas, depth or (1 if gpu.software else 2))
        self._index = 0
        self._time: float | None = None
        self._on_air: frozenset[str] = frozenset()
        self._stacks: dict[str, Stack] = {}
        self._stacks = self._build(show, lenient)
        self._dream.warm_up(Onto(self._output, "over"))

    def render(self, look: Look, dream: Frame | None, features: Features | None) -> Frame | None:
        """Draw a look; give the oldest frame that is home, or None while the first are on their way.

        Parts whose scene the show does not have are passed over.
        """
        elapsed = 0.0 if self._time is None else min(max(look.time - self._time, 0.0), LONGEST_STEP)
        self._time = look.time
        date = self._date() if self._date else (*EPOCH[:3], look.time % DAY)
        moment = Moment(elapsed * look.speed, features, date)
        parts = [part for part in look.parts if part.scene in self._stacks and part.weight > 0.0]
        self._dream.take(dream, look.time)
        self._dream.prepare(look.time)
        picture = self._draw(parts, moment, look.master)
        if self._seen is not None:
            self._seen.fetch()
        self._readback.start(picture, _Tag(self._index, look.time, look.flags))
        self._index += 1
        return _frame(self._readback.take())

    @property
    def seen(self) -> Pixels | None:
        """The newest picture that a dream of the last look draws from, at most two frames old; None if none does."""
        return self._seen.pixels if self._seen is not None else None

    def flush(self) -> list[Frame]:
        """All frames still on their way, oldest first."""
        frames = []
        while frame := _frame(self._readback.take(all_of_them=True)):
            frames.append(frame)
        return frames

    def take(self, show: Show) -> None:
        """Let an edited show's scenes take over. Raises ShaderError, MediaError and changes nothing.

        Layers whose shader and place stayed the same go on where they are.
        """
        if show.canvas != self._show.canvas:
            raise ShowError(f"the canvas cannot change from {self._show.canvas} to {show.canvas} while playing")
        new = self._build(show)
        old, self._stacks, self._show = self._stacks, new, show
        self._on_air &= new.keys()
        kept = {id(picture) for stack in new.values() for picture in stack.pictures()}
        for stack in old.values():
            stack.target.release()
            _release(picture for picture in stack.pictures() if id(picture) not in kept)

    def _draw(self, parts: Sequence[Part], moment: Moment, master: float) -> Target:
        on_air = {part.scene: part for part in parts[-2:]}
        for name, part in on_air.items():
            if name not in self._on_air:
                self._stacks[name].enter()
            self._stacks[name].draw(part.controls, moment, self._seen)
        self._on_air = frozenset(on_air)
        targets = [self._stacks[name].target for name in on_air]
        weights = [part.weight for part in on_air.values()]
        return self._mix(targets, weights, min(max(master, 0.0), 1.0))

    def _mix(self, targets: Sequence[Target], weights: Sequence[float], master: float) -> Target:
        """The finished picture. A single scene at full light is finished as it stands."""
        onto = Onto(self._output)
        if not targets:
            self._output.clear(a=1.0)
        elif len(targets) == 2:
            uniforms = onto.uniforms() | {"share": weights[1] / sum(weights), "master": master}
            self._gpu.draw(self._crossfade, self._output, uniforms, {"first": targets[0], "second": targets[1]})
        elif master == 1.0:
            return targets[0]
        else:
            self._gpu.draw(self._dim, self._output, onto.uniforms() | {"master": master}, {"first": targets[0]})
        return self._output

    def _build(self, show: Show, lenient: bool = False) -> dict[str, Stack]:
        """Compile every scene and draw what is new once; on failure release what is new."""
        built: dict[str, Stack] = {}
        fresh: list[Picture] = []
        targets: list[Target] = []
        try:
            for name, scene in show.scenes.items():
                targets.append(self._gpu.target(show.canvas))
                layers = []
                for layer in scene.layers:
                    try:
                        layers.append((layer, self._picture(show, name, layer, targets[-1], fresh)))
                    except (ShaderError, MediaError) as error:
                        if not lenient:
                            raise
                        logger.error("scene %s: left out the layer %s: %s", name, layer.name, _line(error))
                built[name] = Stack(targets[-1], layers)
        except Exception:
            _release(targets)
            _release(fresh)
            raise
        return built

    def _picture(self, show: Show, scene: str, layer: Layer, target: Target, fresh: list[Picture]) -> Picture:
        """The layer's picture: the one on the air where it is still the same, else a new one, warm."""
        if layer.kind == "model":
            return DreamPicture(self._dream)
        described = isf.load(self._shader_path(layer.source)) if layer.kind == "shader" else None
        kept = self._stacks[scene].find(layer) if scene in self._stacks else None
        if kept and described and isinstance(kept, ShaderPicture) and kept.isf == described:
            return kept
        if described and described.kind == "transition":
            problem = Problem(
                str(described.path), 1, 0, "a transition cannot be a layer, expected a generator or filter"
            )
            raise ShaderError(problems=[problem])
        picture: Picture
        if described:
            picture = ShaderPicture(self._gpu, described, self._spare)
        else:
            picture = StillPicture(self._gpu, load_image(show.folder / layer.source))
        try:
            self._warm_up(target, layer, picture)
        except Exception:
            picture.release()
            raise
        fresh.append(picture)
        return picture

    def _warm_up(self, target: Target, layer: Layer, picture: Picture) -> None:
        """Draw as on the air: drivers finish compiling at the first draw (43 ms, at worst seconds)."""
        picture.draw(target, gpu_blend(layer), 1.0, layer.controls, Moment(0.0, None, EPOCH))
        self._mix([target, target], [0.5, 0.5], 1.0)
        self._mix([target], [1.0], 0.5)
        self._output.read()
        picture.rewind()

    def release(self) -> None:
        for stack in self._stacks.values():
            _release(stack.pictures())
            stack.target.release()
        _release([self._dream, self._spare, self._output, self._readback, *([self._seen] if self._seen else [])])
        self._gpu.drop(self._crossfade)
        self._gpu.drop(self._dim)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


class _Releasable(Protocol):
    def release(self) -> None: ...


def _release(things: Iterable[_Releasable]) -> None:
    for thing in things:
        thing.release()


def _line(error: VisualsError) -> str:
    """All that an error says, in one line of a log."""
    return "; ".join(str(error).splitlines())


def _frame(arrived: tuple[_Tag, Pixels] | None) -> Frame | None:
    if arrived is None:
        return None
    tag, pixels = arrived
    return Frame(tag.index, tag.time, np.ascontiguousarray(pixels[::-1]), tag.flags)
