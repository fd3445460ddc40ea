"""The graphics processor in five words: texture, target, pipeline, draw, read-back.

A draw is given everything at once (target, pipeline, uniforms, textures, blend), so no state leaks
from one into the next, and all that can fail fails when a thing is built. This is the only door to
moderngl. It does not know shaders' headers, layers or shows.

Rows: a texture's row 0 is at the bottom, as GL has it; whoever shows pictures to the world flips once.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Generic, Literal, Self, TypeVar

import moderngl
import numpy as np
import numpy.typing as npt

from visuals.errors import DeviceError, ShaderError
from visuals.types import Pixels

Size = tuple[int, int]
Uniform = float | int | bool | Sequence[float]
Depth = Literal["rgba8", "half", "float"]
"""Eight bits of each component as 0..1, or 16 or 32 of a floating-point number."""
Tag = TypeVar("Tag")

READ: Mapping[str, tuple[str, str]] = {"rgba8": ("u1", "f1"), "half": ("f2", "f2"), "float": ("f4", "f4")}
"""By depth, a component as numpy and as moderngl name it."""

GL_PACKAGES = "apt-get install libegl1 libgl1 libgl1-mesa-dri"
EGL: dict[str, Any] = {"backend": "egl"}

FULL_TRIANGLE = """#version 330
void main() {
    vec2 corner = vec2(float(gl_VertexID & 1), float(gl_VertexID >> 1));
    gl_Position = vec4(corner * 4.0 - 1.0, 0.0, 1.0);
}
"""

Factors = tuple[int, int, int, int]
OVER = (moderngl.ONE, moderngl.ONE_MINUS_SRC_ALPHA)
PLUS = (moderngl.ONE, moderngl.ONE)
SCREEN = (moderngl.ONE, moderngl.ONE_MINUS_SRC_COLOR)
KEEP = (moderngl.ZERO, moderngl.ONE)
BLEND_FACTORS: Mapping[str, Factors | None] = {
    "replace": None,
    "replace colour": (moderngl.ONE, moderngl.ZERO, *KEEP),
    "over": (*OVER, *KEEP),
    "add": (*PLUS, *KEEP),
    "screen": (*SCREEN, *KEEP),
    "multiply": (moderngl.ZERO, moderngl.SRC_COLOR, *KEEP),
    "over clear": (*OVER, *OVER),
    "add clear": (*PLUS, *PLUS),
    "screen clear": (*SCREEN, *OVER),
}
"""Source and target factors of a draw's colour and alpha, for colours premultiplied by alpha. An opaque target
keeps its alpha; those called `clear` are for targets that are not."""


class Held:
    """Something on the graphics processor that has to be released, and is counted until it is."""

    def __init__(self, alive: Counter[str]) -> None:
        self._alive = alive
        alive[type(self).__name__] += 1

    def release(self) -> None:
        self._alive[type(self).__name__] -= 1


class Texture(Held):
    """A picture on the graphics processor: linear filter, clamped to its edge, no mip-maps."""

    def __init__(self, alive: Counter[str], handle: Any) -> None:
        super().__init__(alive)
        self.handle = handle
        self.size: Size = handle.size

    def write(self, pixels: npt.NDArray[Any]) -> None:
        """Replace the whole content; [height, width, components], row 0 at the bottom."""
        self.handle.write(np.ascontiguousarray(pixels))

    def release(self) -> None:
        super().release()
        self.handle.release()


class Target(Texture):
    """A texture that can be drawn into."""

    def __init__(self, alive: Counter[str], handle: Any, framebuffer: Any, depth: Depth) -> None:
        super().__init__(alive, handle)
        self.framebuffer = framebuffer
        self.depth: Depth = depth

    def clear(self, r: float = 0.0, g: float = 0.0, b: float = 0.0, a: float = 0.0) -> None:
        self.framebuffer.clear(r, g, b, a)

    def only(self, box: tuple[int, int, int, int] | None) -> None:
        """Let draws touch nothing but a box (x, y, width, height; y from the bottom), or everything again."""
        self.framebuffer.scissor = box

    def read(self) -> npt.NDArray[Any]:
        """Wait for the content: [height, width, 4], row 0 at the bottom. Not for the frame path."""
        kind, dtype = READ[self.depth]
        data = self.framebuffer.read(components=4, dtype=dtype)
        return np.frombuffer(data, kind).reshape(self.size[1], self.size[0], 4)

    def release(self) -> None:
        self.framebuffer.release()
        super().release()


class Cube(Held):
    """Six square pictures as the insides of a cube; linear filter."""

    def __init__(self, alive: Counter[str], handle: Any) -> None:
        super().__init__(alive)
        self.handle = handle

    def write(self, face: int, pixels: npt.NDArray[Any]) -> None:
        """Replace a face: right, left, top, bottom, front, back; [side, side, 4] as it hangs in GL."""
        self.handle.write(face, np.ascontiguousarray(pixels))

    def release(self) -> None:
        super().release()
        self.handle.release()


SAMPLER_2D, SAMPLER_CUBE = 0x8B5E, 0x8B60


class Pipeline(Held):
    """A compiled shader over the whole target. `units` are the samplers' fixed units, `cubes` those of cubes.

    One large triangle, or with a vertex shader of its own a strip of the four corners.
    """

    def __init__(self, alive: Counter[str], program: Any, vertices: Any, corners: bool) -> None:
        super().__init__(alive)
        self.vertices = vertices
        self.shape = (moderngl.TRIANGLE_STRIP, 4) if corners else (moderngl.TRIANGLES, 3)
        self._program = program
        self.members: dict[str, Any] = {
            name: program[name] for name in program if isinstance(program[name], moderngl.Uniform)
        }
        self.units: dict[str, int] = {}
        self.cubes: set[str] = set()
        self.users = 0
        for name, member in self.members.items():
            if member.gl_type in (SAMPLER_2D, SAMPLER_CUBE):
                self.units[name] = len(self.units)
                member.value = self.units[name]
                self.cubes |= {name} if member.gl_type == SAMPLER_CUBE else set()

    def release(self) -> None:
        super().release()
        self.vertices.release()
        self._program.release()


class Gpu:
    """One context without a window, for the whole life of the process.

    Raises DeviceError when there is no EGL or no OpenGL 3.3.
    """

    def __init__(self) -> None:
        try:
            self._context: Any = moderngl.create_context(standalone=True, require=330, **EGL)
        except Exception as error:  # glcontext raises bare Exceptions for every missing library
            raise DeviceError(f"no OpenGL 3.3 through EGL ({error}); try: {GL_PACKAGES}") from error
        self._pipelines: dict[tuple[str, str], Pipeline] = {}
        self._alive: Counter[str] = Counter()
        self.empty = self.texture((1, 1))
        self.empty.write(np.zeros((1, 1, 4), np.uint8))
        self.empty_cube = self.cube(1)

    @property
    def name(self) -> str:
        """The renderer as the driver calls it."""
        return str(self._context.info["GL_RENDERER"])

    @property
    def objects(self) -> dict[str, int]:
        """How many things of each kind there are on the graphics processor."""
        return {kind: count for kind, count in sorted(self._alive.items()) if count}

    @property
    def driver(self) -> str:
        """The renderer and its version: what compiles the same text the same way."""
        return f"{self.name} {self._context.info['GL_VERSION']}"

    @property
    def software(self) -> bool:
        """True where the processor itself draws: nothing runs beside it, so a read-back always waits."""
        return any(word in self.name.lower() for word in ("llvmpipe", "softpipe", "swrast"))

    def texture(self, size: Size, components: int = 4, depth: Depth = "rgba8") -> Texture:
        return Texture(self._alive, self._handle(size, components, depth))

    def target(self, size: Size, depth: Depth = "rgba8") -> Target:
        """A target cleared to transparent black."""
        handle = self._handle(size, 4, depth)
        target = Target(self._alive, handle, self._context.framebuffer([handle]), depth)
        target.clear()
        return target

    def cube(self, side: int) -> Cube:
        """A cube of transparent black."""
        handle = self._context.texture_cube((side, side), 4, data=bytes(6 * 4 * side * side), alignment=1)
        handle.filter = (moderngl.LINEAR, moderngl.LINEAR)
        return Cube(self._alive, handle)

    def _handle(self, size: Size, components: int, depth: Depth) -> Any:
        handle = self._context.texture(size, components, dtype=READ[depth][1], alignment=1)
        handle.filter = (moderngl.LINEAR, moderngl.LINEAR)
        handle.repeat_x = handle.repeat_y = False
        if components == 1:
            handle.swizzle = "RRR1"
        return handle

    def pipeline(self, fragment: str, vertex: str | None = None) -> Pipeline:
        """Compile, or share what was compiled from the same text. Raises ShaderError with the driver's log.

        A vertex shader of one's own is given four corners by their `gl_VertexID`.
        """
        key = fragment, vertex or FULL_TRIANGLE
        found = self._pipelines.get(key)
        if found is None:
            try:
                program = self._context.program(vertex_shader=key[1], fragment_shader=fragment)
            except moderngl.Error as error:
                raise ShaderError(str(error)) from error
            vertices = self._context.vertex_array(program, [])
            found = self._pipelines[key] = Pipeline(self._alive, program, vertices, vertex is not None)
        found.users += 1
        return found

    def drop(self, pipeline: Pipeline) -> None:
        """Give a pipeline back; the last user's goodbye frees it."""
        pipeline.users -= 1
        if pipeline.users == 0:
            self._pipelines = {text: p for text, p in self._pipelines.items() if p is not pipeline}
            pipeline.release()

    def draw(
        self,
        pipeline: Pipeline,
        target: Target,
        uniforms: Mapping[str, Uniform],
        textures: Mapping[str, Texture | Cube],
        blend: str = "replace",
    ) -> None:
        """Draw over the whole target. Names that the shader does not use are passed over."""
        for name, value in uniforms.items():
            member = pipeline.members.get(name)
            if member is not None:
                member.value = value
        for name, unit in pipeline.units.items():
            empty = self.empty_cube if name in pipeline.cubes else self.empty
            textures.get(name, empty).handle.use(unit)
        factors = BLEND_FACTORS[blend]
        if factors is None:
            self._context.disable(moderngl.BLEND)
        else:
            self._context.enable(moderngl.BLEND)
            self._context.blend_func = factors
        target.framebuffer.use()
        mode, vertices = pipeline.shape
        pipeline.vertices.render(mode, vertices=vertices)

    def readback(self, size: Size, depth: int = 2) -> Readback[Any]:
        buffers = [self._context.buffer(reserve=size[0] * size[1] * 4) for _ in range(depth)]
        return Readback(self._alive, buffers, size)

    def release(self) -> None:
        for pipeline in self._pipelines.values():
            pipeline.release()
        self._pipelines.clear()
        self.empty.release()
        self.empty_cube.release()
        self._context.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


@dataclass(frozen=True, slots=True)
class _Flight(Generic[Tag]):
    buffer: Any
    tag: Tag


class Readback(Held, Generic[Tag]):
    """Pixels on their way home through a ring of pixel buffers, so that nobody waits for a draw.

    With `depth` buffers a picture is taken `depth - 1` starts after its own.
    """

    def __init__(self, alive: Counter[str], buffers: Sequence[Any], size: Size) -> None:
        super().__init__(alive)
        self._free = deque(buffers)
        self._flights: deque[_Flight[Tag]] = deque()
        self._size = size

    def start(self, target: Target, tag: Tag) -> None:
        """Ask for a target's pixels; `take` must have made room."""
        buffer = self._free.popleft()
        target.framebuffer.read_into(buffer, components=4)
        self._flights.append(_Flight(buffer, tag))

    def take(self, all_of_them: bool = False) -> tuple[Tag, Pixels] | None:
        """The oldest picture, row 0 at the bottom, once the ring is full; `all_of_them` does not wait for that."""
        if not self._flights or (self._free and not all_of_them):
            return None
        flight = self._flights.popleft()
        width, height = self._size
        pixels = np.frombuffer(flight.buffer.read(), np.uint8).reshape(height, width, 4)
        self._free.append(flight.buffer)
        return flight.tag, pixels

    def release(self) -> None:
        super().release()
        for buffer in (*self._free, *(flight.buffer for flight in self._flights)):
            buffer.release()
