"""A shader that draws: its compiled pipelines, its passes' targets, its sound and its pictures.

The order of passes is that of the reference host: each pass draws into a fresh texture, which becomes
what its TARGET samples when the pass ends. It does not know layers or shows.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from visuals.errors import Problem, ShaderError
from visuals.render.gpu import Cube, Gpu, Pipeline, Size, Target, Texture, Uniform
from visuals.render.isf import glsl, sizes
from visuals.render.isf.nouns import Input, Isf, Pass
from visuals.render.isf.pictures import Pictures, Read, from_disk
from visuals.render.isf.sound import Sounds
from visuals.render.isf.syn import Syn
from visuals.render.lay import Copier, Onto
from visuals.types import Features

TIME_PERIOD = 16_384.0
"""s. TIME starts anew after 4.5 hours on the air: until then a float32 holds it to half a millisecond."""

MOST_BYTES = 2 << 30
"""Memory for the targets of one shader: at 3840x2160, eight of 32 bits a component."""
EPOCH = (2000.0, 1.0, 1.0, 0.0)
WHOLE, MOST = ("long", "long2D"), 2**31 - 1
TOLD = 12
"""Of a driver's complaints the first ones are told: the others mostly follow from them."""
VERTEX_LOG = "vertex_shader"
"""What moderngl puts over a driver's log of a vertex shader."""


class Buffer:
    """What a TARGET samples, and the fresh texture its next pass draws into."""

    def __init__(self, gpu: Gpu, size: Size, step: Pass) -> None:
        self.front, self.back = (gpu.target(size, "float" if step.float else "rgba8") for _ in range(2))

    def swap(self) -> None:
        self.front, self.back = self.back, self.front

    def release(self) -> None:
        self.front.release()
        self.back.release()


class Program:
    """A compiled shader with the state it keeps from frame to frame; one per layer.

    `way` is the one in which the driver took it; `read` gives the pictures it brings. Raises ShaderError
    with the file's line and the driver's reason when it does not compile, MediaError for a picture it
    brings that is none.
    """

    def __init__(self, gpu: Gpu, isf: Isf, read: Read = from_disk) -> None:
        self.isf = isf
        self._gpu = gpu
        self.way, self._pipelines = _compile(gpu, isf)
        self._copier = Copier(gpu)
        self._buffers: dict[str, Buffer] = {}
        self._high: dict[str, bool] = {}
        self._sounds, self._pictures = Sounds(gpu, isf.inputs), Pictures(gpu, isf.imports, read)
        self._syn = Syn(isf.heard)
        self._textures: dict[str, Texture | Cube] = {}
        self._discards = any("discard" in isf.source(index).text for index in range(len(isf.passes)))

    def draw(
        self,
        target: Target,
        *,
        time: float,
        delta: float = 0.0,
        frame: int = 0,
        inputs: Mapping[str, float] | None = None,
        images: Mapping[str, Texture] | None = None,
        features: Features | None = None,
        date: Sequence[float] = EPOCH,
        blend: str = "replace",
        opacity: float = 1.0,
        opaque: bool = False,
    ) -> None:
        """Draw one frame at `time` s, `delta` s after the last one.

        `inputs` are flat names (`tint.r`), those left out keep their defaults; an event is true in the
        one frame in which its value rises above a half. Images left out are transparent. With a
        `blend` other than `replace`, the picture is laid over the target's; `opaque`: see `Onto`.
        """
        onto = Onto(target, blend, opacity, opaque)
        values = inputs or {}
        told = {i.name: self._value(i, values) for i in self.isf.inputs if i.default}
        uniforms: dict[str, Uniform] = {glsl.uniform(name): value for name, value in told.items()}
        uniforms |= {"TIME": math.fmod(time, TIME_PERIOD), "TIMEDELTA": delta, "FRAMEINDEX": frame, "DATE": date}
        self._sounds.listen(features)
        self._syn.listen(features)
        uniforms |= self._syn.values
        self._textures.clear()
        for some in (self._sounds.textures, self._pictures.textures, images or {}):
            self._textures.update((glsl.uniform(name), texture) for name, texture in some.items())
        self._prepare(target.size, told)
        for index, step in enumerate(self.isf.passes):
            self._pass(index, step, onto, uniforms)

    def _pass(self, index: int, step: Pass, output: Onto, uniforms: dict[str, Uniform]) -> None:
        buffer = self._buffers[step.target] if step.target else None
        onto = Onto(buffer.back) if buffer else output
        uniforms["RENDERSIZE"] = onto.target.size
        if self._discards and onto.blend == "replace":  # what is discarded must not show an older frame
            onto.target.clear()
        self._gpu.draw(self._pipelines[index], onto.target, uniforms | onto.uniforms(), self._textures, onto.blend)
        if buffer and step.target:
            buffer.swap()
            self._textures[glsl.uniform(step.target)] = buffer.front
            if index == len(self.isf.passes) - 1:
                self._copier.lay(buffer.front, output)

    def _value(self, item: Input, values: Mapping[str, float]) -> Uniform:
        numbers = [values.get(name, rest) for name, rest in zip(item.names(), item.default, strict=True)]
        if item.type == "event":
            was, self._high[item.name] = self._high.get(item.name, False), numbers[0] > 0.5
            return self._high[item.name] and not was
        if item.type == "bool":
            return numbers[0] > 0.5
        if item.type in WHOLE:
            numbers = [_whole(number) for number in numbers]
        return numbers[0] if len(numbers) == 1 else numbers

    def _prepare(self, output: Size, told: Mapping[str, Uniform]) -> None:
        """Give every TARGET its size; a size that changed starts from transparent black.

        Sizes that would take too much memory are not given: the ones before stay. Raises ShaderError at the first.
        """
        names = {"WIDTH": float(output[0]), "HEIGHT": float(output[1])}
        names |= {n: float(v) for n, v in told.items() if isinstance(v, int | float)}
        steps = [step for step in self.isf.passes if step.target]
        wanted = [(sizes.pixels(step.width, names), sizes.pixels(step.height, names)) for step in steps]
        if (needed := _memory(steps, wanted)) > MOST_BYTES:
            if not self._buffers:
                said = f"its targets take {needed >> 20} MiB at this size, expected at most {MOST_BYTES >> 20}"
                raise ShaderError(problems=[Problem(str(self.isf.path), 0, 0, said)])
            wanted = [self._buffers[step.target].front.size for step in steps if step.target]
        for step, size in zip(steps, wanted, strict=True):
            assert step.target is not None
            buffer = self._buffers.get(step.target)
            if buffer is None or buffer.front.size != size:
                if buffer:
                    buffer.release()
                buffer = self._buffers[step.target] = Buffer(self._gpu, size, step)
            elif not step.persistent:
                buffer.front.clear()
            self._textures[glsl.uniform(step.target)] = buffer.front

    def restart(self) -> None:
        """Forget everything kept: persistent targets are transparent black again."""
        for buffer in self._buffers.values():
            buffer.front.clear()
        self._high.clear()

    def release(self) -> None:
        for buffer in self._buffers.values():
            buffer.release()
        self._sounds.release()
        self._pictures.release()
        for pipeline in self._pipelines:
            self._gpu.drop(pipeline)
        self._copier.release()


def _memory(steps: Iterable[Pass], wanted: Iterable[Size]) -> int:
    """Bytes of targets of these sizes, each there twice."""
    pixels = ((step.float, width * height) for step, (width, height) in zip(steps, wanted, strict=True))
    return sum(2 * count * (16 if deep else 4) for deep, count in pixels)


def _whole(number: float) -> int:
    """The nearest int32; 0 for what is no number."""
    return 0 if math.isnan(number) else round(min(max(number, -MOST), MOST))


def _compile(gpu: Gpu, isf: Isf) -> tuple[glsl.Way, list[Pipeline]]:
    """A pipeline for each pass, by the first way in which the driver takes them all, a known one before others."""
    said = {}
    for way in sorted(glsl.WAYS, key=lambda way: way != isf.way):
        compiled: list[Pipeline] = []
        try:
            for index in range(len(isf.passes)):
                compiled.append(gpu.pipeline(isf.fragment(index, way), isf.vertex(index, way)))
            return way, compiled
        except ShaderError as error:
            said[way] = _complaints(isf, len(compiled), str(error))
            for pipeline in compiled:
                gpu.drop(pipeline)
    # What is wrong once all that could be mended is.
    raise ShaderError(problems=said[next(way for way in glsl.WAYS if way.mended)])


def _complaints(isf: Isf, index: int, log: str) -> list[Problem]:
    """What the driver said of a pass, with the lines of the file it was said of, each shown once."""
    source = isf.corners if isf.corners and VERTEX_LOG in log else isf.source(index)
    found: list[Problem] = []
    for line, reason in islice(glsl.complaints(log), TOLD):
        path, at = source.place(line)
        shown = any((p.file, p.line) == (str(path), at) for p in found)
        found.append(Problem(str(path), at, 0, reason, "" if shown else source.quote(line)))
    return found or [Problem(str(isf.path), 0, 0, " ".join(log.split()))]
