"""An ISF shader that draws: its compiled pipeline, its passes' targets, its sound textures.

The order of passes is that of the reference host: each pass draws into a fresh texture, which becomes
what its TARGET samples when the pass ends. It does not know layers or shows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from visuals.errors import Problem, ShaderError
from visuals.render import glsl, sizes
from visuals.render.gpu import Gpu, Pipeline, Size, Target, Texture, Uniform
from visuals.render.isf import Input, Isf, Pass
from visuals.types import Features

TIME_PERIOD = 16_384.0
"""s. TIME starts anew after 4.5 hours on the air: until then a float32 holds it to half a millisecond."""

EPOCH = (2000.0, 1.0, 1.0, 0.0)

COPY = f"""#version 330
uniform sampler2D source;
uniform vec2 size;
out vec4 colour;
{glsl.COMPOSE}
void main() {{ colour = isf_compose(texture(source, gl_FragCoord.xy / size)); }}
"""
"""Lays a picture of another size over the target."""
SAME = f"""#version 330
uniform sampler2D source;
out vec4 colour;
{glsl.COMPOSE}
void main() {{ colour = isf_compose(texelFetch(source, ivec2(gl_FragCoord.xy), 0)); }}
"""
"""Lays a picture of the target's own size over it, in half the time."""


class Buffer:
    """What a TARGET samples, and the fresh texture its next pass draws into."""

    def __init__(self, gpu: Gpu, size: Size, step: Pass) -> None:
        self.front, self.back = (gpu.target(size, "float" if step.float else "rgba8") for _ in range(2))

    def swap(self) -> None:
        self.front, self.back = self.back, self.front

    def release(self) -> None:
        self.front.release()
        self.back.release()


@dataclass(frozen=True, slots=True)
class Onto:
    """Where a picture goes, how it is blended with what is there, and how much of it shows."""

    target: Target
    blend: str = "replace"
    opacity: float = 1.0

    def uniforms(self) -> dict[str, Uniform]:
        """What `glsl.COMPOSE` asks for."""
        return {
            "isf_blend": glsl.BLEND_MODES[self.blend],
            "isf_opacity": self.opacity,
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


class Program:
    """A compiled shader with the state it keeps from frame to frame; one per layer.

    Raises ShaderError with the file's line and the driver's reason when it does not compile.
    """

    def __init__(self, gpu: Gpu, isf: Isf) -> None:
        self.isf = isf
        self._gpu = gpu
        self._pipelines = _compile(gpu, isf)
        self._copier = Copier(gpu)
        self._buffers: dict[str, Buffer] = {}
        self._high: dict[str, bool] = {}
        self._sounds = {i.name: _sound_texture(gpu, i) for i in isf.inputs if i.type in SOUND_WIDTH}
        self._heard: Features | None = None
        self._textures: dict[str, Texture] = {}
        self._discards = "discard" in isf.body

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
    ) -> None:
        """Draw one frame at `time` s, `delta` s after the last one.

        `inputs` are flat names (`tint.r`), those left out keep their defaults; an event is true in the
        one frame in which its value rises above a half. Images left out are transparent. With a
        `blend` other than `replace`, the picture is laid over the target's.
        """
        onto = Onto(target, blend, opacity)
        values = inputs or {}
        uniforms: dict[str, Uniform] = {i.name: self._value(i, values) for i in self.isf.inputs if i.default}
        uniforms |= {"TIME": math.fmod(time, TIME_PERIOD), "TIMEDELTA": delta, "FRAMEINDEX": frame, "DATE": date}
        self._listen(features)
        self._textures.clear()
        self._textures.update(self._sounds)
        self._textures.update(images or {})
        self._prepare(target.size, uniforms)
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
            self._textures[step.target] = buffer.front
            if index == len(self.isf.passes) - 1:
                self._copier.lay(buffer.front, output)

    def _value(self, item: Input, values: Mapping[str, float]) -> Uniform:
        numbers = [values.get(name, rest) for name, rest in zip(item.names(), item.default, strict=True)]
        if item.type == "event":
            was, self._high[item.name] = self._high.get(item.name, False), numbers[0] > 0.5
            return self._high[item.name] and not was
        if item.type == "bool":
            return numbers[0] > 0.5
        if item.type == "long":
            return round(numbers[0])
        return numbers[0] if len(numbers) == 1 else numbers

    def _prepare(self, output: Size, uniforms: Mapping[str, Uniform]) -> None:
        """Give every TARGET its size; a size that changed starts from transparent black."""
        names = {"WIDTH": float(output[0]), "HEIGHT": float(output[1])}
        names |= {n: float(v) for n, v in uniforms.items() if isinstance(v, int | float)}
        for step in self.isf.passes:
            if not step.target:
                continue
            size = (sizes.pixels(step.width, names), sizes.pixels(step.height, names))
            buffer = self._buffers.get(step.target)
            if buffer is None or buffer.front.size != size:
                if buffer:
                    buffer.release()
                buffer = self._buffers[step.target] = Buffer(self._gpu, size, step)
            elif not step.persistent:
                buffer.front.clear()
            self._textures[step.target] = buffer.front

    def _listen(self, features: Features | None) -> None:
        """Put the newest sound into the audio textures, waveform centred on a half."""
        if not self._sounds or features is None or features is self._heard:
            return
        self._heard = features
        for item in self.isf.inputs:
            if item.type == "audio":
                self._sounds[item.name].write(_row(features.waveform * 0.5 + 0.5, SOUND_WIDTH["audio"]))
            elif item.type == "audioFFT":
                self._sounds[item.name].write(_row(features.spectrum, SOUND_WIDTH["audioFFT"]))

    def restart(self) -> None:
        """Forget everything kept: persistent targets are transparent black again."""
        for buffer in self._buffers.values():
            buffer.front.clear()
        self._high.clear()

    def release(self) -> None:
        for buffer in self._buffers.values():
            buffer.release()
        for texture in self._sounds.values():
            texture.release()
        for pipeline in self._pipelines:
            self._gpu.drop(pipeline)
        self._copier.release()


SOUND_WIDTH: Mapping[str, int] = {"audio": 512, "audioFFT": 256}
"""Samples across an audio texture, as `Features` carries them."""


def _sound_texture(gpu: Gpu, item: Input) -> Texture:
    texture = gpu.texture((SOUND_WIDTH[item.type], 1), 1, "float")
    texture.write(_row(np.full(SOUND_WIDTH[item.type], 0.5 if item.type == "audio" else 0.0), SOUND_WIDTH[item.type]))
    return texture


def _row(
    samples: np.ndarray[tuple[int], np.dtype[np.floating]], width: int
) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    row = np.zeros(width, np.float32)
    row[: len(samples)] = samples[:width]
    return row


def _compile(gpu: Gpu, isf: Isf) -> list[Pipeline]:
    """A pipeline for each pass, in the first GLSL version that takes them all."""
    first: ShaderError | None = None
    for version in glsl.VERSIONS:
        compiled: list[Pipeline] = []
        try:
            for index in range(len(isf.passes)):
                compiled.append(gpu.pipeline(isf.fragment(index, version)))
            return compiled
        except ShaderError as error:
            first = first or error
            for pipeline in compiled:
                gpu.drop(pipeline)
    found = [Problem(str(isf.path), line, 0, reason) for line, reason in glsl.complaints(str(first))]
    raise ShaderError(problems=found or [Problem(str(isf.path), 0, 0, str(first).strip())]) from first
