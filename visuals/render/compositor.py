"""From a look to a frame: scenes drawn, changed between, filtered, dimmed, and read back.

All a show can show is compiled and drawn once at the start, so that no scene change ever waits for
the driver. It does not know rules, cues, the model, or where its frames go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from visuals.errors import ShowError
from visuals.render.breaker import Broken
from visuals.render.building import Builder, Stage
from visuals.render.changes import Changes
from visuals.render.compose import COMPOSE
from visuals.render.dream import Dream
from visuals.render.gpu import Gpu, Readback, Size, Target
from visuals.render.isf.program import EPOCH
from visuals.render.lay import Onto
from visuals.render.materials import Materials
from visuals.render.mix import DRY_WET, Mixer, Way
from visuals.render.pictures.picture import Moment
from visuals.render.scratch import Passes, Scratch
from visuals.render.seen import Seen
from visuals.types import Controls, Features, Flag, Frame, Look, Part, Pixels

LONGEST_STEP = 0.25
"""s that layers move on at most between two frames, so that a stall is not followed by a leap."""

DAY = 86_400.0

FINISH = f"""#version 330
uniform sampler2D picture;
uniform float master;
out vec4 colour;
{COMPOSE}
void main() {{
    vec4 c = texelFetch(picture, ivec2(gl_FragCoord.xy), 0);
    colour = isf_compose(vec4(c.rgb * clamp(c.a, 0.0, 1.0) * master, 1.0));
}}
"""


@dataclass(frozen=True, slots=True)
class _Tag:
    index: int
    time: float
    flags: Flag


class Compositor:
    """Draws looks of one show.

    `materials` are what the show is drawn of. `date` gives the ISF DATE; without it, it follows
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
        materials: Materials,
        *,
        depth: int | None = None,
        date: Callable[[], Sequence[float]] | None = None,
        lenient: bool = False,
        seen: Size | None = None,
    ) -> None:
        show = materials.show
        self._gpu, self._materials, self._date = gpu, materials, date
        self._finish, self._mixer = gpu.pipeline(FINISH), Mixer(gpu, [Way(DRY_WET)])
        self._scratch, self._output = Scratch(gpu, show.canvas), gpu.target(show.canvas)
        self._dream = Dream(gpu, show.canvas)
        self._seen = Seen(gpu, seen) if seen else None
        self._readback: Readback[_Tag] = gpu.readback(show.canvas, depth or (1 if gpu.software else 2))
        self._index = 0
        self._time: float | None = None
        self._on_air: frozenset[str] = frozenset()
        self._changes = Changes(gpu)
        self._stage = Stage()
        for _ in self._build(materials, lenient):
            pass
        self._warm_up()

    def render(self, look: Look, dream: Frame | None, features: Features | None) -> Frame | None:
        """Draw a look; give the oldest frame that is home, or None while the first are on their way.

        Parts whose scene the show does not have are passed over, and so is what raises: a layer, a filter, a
        scene of two. Raises Broken when nothing can be drawn.
        """
        elapsed = 0.0 if self._time is None else min(max(look.time - self._time, 0.0), LONGEST_STEP)
        self._time = look.time
        date = self._date() if self._date else (*EPOCH[:3], look.time % DAY)
        self._dream.take(dream, look.time)
        self._dream.prepare(look.time)
        with self._scratch.passes() as passes:
            picture = self._draw(look, Moment(elapsed * look.speed, features, date, {}, look.time), passes)
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

    def taking(self, materials: Materials) -> Iterator[None]:
        """Let an edited show's scenes take over, step by step between frames: it is on with the last step.

        Layers whose place and files stayed the same go on where they are. What they are made of is read
        already, so that no step waits for a disk. Raises ShaderError, MediaError and changes nothing.
        """
        show = materials.show
        if show.canvas != self._materials.show.canvas:
            was = self._materials.show.canvas
            raise ShowError(f"the canvas cannot change from {was} to {show.canvas} while playing")
        return self._build(materials)

    def _build(self, materials: Materials, lenient: bool = False) -> Iterator[None]:
        bench = self._gpu, self._scratch, self._mixer, self._dream
        builder = Builder(*bench, materials, former=self._stage, lenient=lenient)
        try:
            yield from builder.steps(materials.show)
        finally:
            materials.close()
        old, self._stage, self._materials = self._stage, builder.stage, materials
        self._on_air &= self._stage.scenes.keys()
        old.release(keep=self._stage)

    # ---- a frame

    def _draw(self, look: Look, moment: Moment, passes: Passes) -> Target:
        """The finished picture."""
        parts = [part for part in look.parts if part.scene in self._stage.scenes and part.weight > 0.0][-2:]
        for part in parts:
            if part.scene not in self._on_air:
                self._stage.scenes[part.scene].enter()
        self._on_air = frozenset(part.scene for part in parts)
        scenes = self._scenes(parts, moment, passes)
        parts = [part for part in parts if part.scene in scenes]
        picture = self._between(list(scenes.values()), parts, look, moment, passes)
        moment = replace(moment, controls=_mean(parts)) if self._stage.filters else moment
        for insert in self._stage.filters:
            picture = insert.draw(picture, passes, self._mixer, moment)
        return self._finished(picture, min(max(look.master, 0.0), 1.0))

    def _scenes(self, parts: Sequence[Part], moment: Moment, passes: Passes) -> dict[str, Target]:
        """The pictures of those that can be drawn. Raises Broken when none can, and some should."""
        drawn = {}
        for part in parts:
            with suppress(Broken):
                scene = self._stage.scenes[part.scene]
                drawn[part.scene] = scene.draw(passes, replace(moment, controls=part.controls), self._seen)
        if parts and not drawn:
            raise Broken(f"nothing of {' and '.join(part.scene for part in parts)} can be drawn")
        return drawn

    def _between(
        self, scenes: Sequence[Target], parts: Sequence[Part], look: Look, moment: Moment, passes: Passes
    ) -> Target:
        if len(scenes) == 1:
            self._changes.rest()
            return scenes[0]
        picture = passes.target()
        if len(scenes) == 2:
            share = parts[1].weight / (parts[0].weight + parts[1].weight)
            self._changes.draw(picture, scenes, share, look.change, self._stage.transitions, moment)
        else:
            picture.clear(a=1.0)
        return picture

    def _finished(self, picture: Target, master: float) -> Target:
        """On black, dimmed, eight bits deep. A single scene at full light is finished as it stands."""
        if master == 1.0 and picture.depth == "rgba8" and not self._stage.filters:
            return picture
        uniforms = Onto(self._output).uniforms() | {"master": master}
        self._gpu.draw(self._finish, self._output, uniforms, {"picture": picture})
        return self._output

    def _warm_up(self) -> None:
        """Every draw that a frame may need besides the layers' own, once."""
        self._dream.warm_up(Onto(self._output, "over"))
        with self._scratch.passes() as passes:
            first, second, into = passes.target(), passes.target(), passes.target()
            self._changes.draw(into, (first, second), 0.5, None, {}, Moment(0.0, None, EPOCH, {}))
            self._mixer.mix(Way(DRY_WET), into, first, second, 0.5)
            self._finished(first, 0.5).read()

    def release(self) -> None:
        self._stage.release()
        self._gpu.drop(self._finish)
        for thing in (self._changes, self._mixer, self._dream, self._scratch, self._output, self._readback):
            thing.release()
        if self._seen:
            self._seen.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def _mean(parts: Sequence[Part]) -> Controls:
    """The controls of what is on air, mixed by weight where two scenes have one of a name."""
    if len(parts) < 2:
        return parts[0].controls if parts else {}
    first, second = (part.controls for part in parts)
    share = parts[1].weight / (parts[0].weight + parts[1].weight)
    return {**first, **second, **{n: first[n] + share * (second[n] - first[n]) for n in first.keys() & second.keys()}}


def _frame(arrived: tuple[_Tag, Pixels] | None) -> Frame | None:
    if arrived is None:
        return None
    tag, pixels = arrived
    return Frame(tag.index, tag.time, pixels[::-1], tag.flags)  # upside down as GL has it: whoever keeps it copies it
