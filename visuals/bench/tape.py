"""The GL calls of a frame, written down as they are made, to be made again with nothing around them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import moderngl

from visuals.render.gpu import BLEND_FACTORS, Cube, Depth, Gpu, Pipeline, Readback, Size, Target, Texture, Uniform

Call = Callable[[], object]


class Tape(list[Call]):
    """Calls in their order, taken while `runs`."""

    runs = False

    def take(self, *calls: Call) -> None:
        if self.runs:
            self.extend(calls)

    def play(self) -> None:
        for call in self:
            call()


class TapedTarget(Target):
    """A target whose clearing is written down too."""

    tape: Tape

    def clear(self, r: float = 0.0, g: float = 0.0, b: float = 0.0, a: float = 0.0) -> None:
        super().clear(r, g, b, a)
        if hasattr(self, "tape"):
            self.tape.take(lambda: self.framebuffer.clear(r, g, b, a))


class TapedReadback(Readback[Any]):
    """A read-back that is written down."""

    tape: Tape

    def start(self, target: Target, tag: Any) -> None:
        super().start(target, tag)
        buffer = self._flights[-1].buffer
        self.tape.take(lambda: target.framebuffer.read_into(buffer, components=4), buffer.read)


class TapedGpu(Gpu):
    """Draws as any other; what it does is on `tape`."""

    def __init__(self) -> None:
        self.tape = Tape()
        super().__init__()

    def target(self, size: Size, depth: Depth = "rgba8") -> Target:
        handle = self._handle(size, 4, depth)
        target = TapedTarget(self._alive, handle, self._context.framebuffer([handle]), depth)
        target.clear()
        target.tape = self.tape
        return target

    def readback(self, size: Size, depth: int = 2) -> Readback[Any]:
        buffers = [self._context.buffer(reserve=size[0] * size[1] * 4) for _ in range(depth)]
        readback = TapedReadback(self._alive, buffers, size)
        readback.tape = self.tape
        return readback

    def draw(
        self,
        pipeline: Pipeline,
        target: Target,
        uniforms: Mapping[str, Uniform],
        textures: Mapping[str, Texture | Cube],
        blend: str = "replace",
    ) -> None:
        super().draw(pipeline, target, uniforms, textures, blend)
        context, take, factors = self._context, self.tape.take, BLEND_FACTORS[blend]
        take(*(_setting(pipeline.members[name], value) for name, value in uniforms.items() if name in pipeline.members))
        take(*(_binding(textures.get(name, self.empty), unit) for name, unit in pipeline.units.items()))
        if factors is None:
            take(lambda: context.disable(moderngl.BLEND))
        else:
            take(lambda: context.enable(moderngl.BLEND), lambda: setattr(context, "blend_func", factors))
        mode, vertices = pipeline.shape
        take(target.framebuffer.use, lambda: pipeline.vertices.render(mode, vertices=vertices))


def _setting(member: Any, value: Uniform) -> Call:
    return lambda: setattr(member, "value", value)


def _binding(texture: Texture | Cube, unit: int) -> Call:
    return lambda: texture.handle.use(unit)
