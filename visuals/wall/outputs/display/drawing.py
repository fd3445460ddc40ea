"""A picture from shared memory, drawn into a rectangle of a window. Knows GL and nothing of windows."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import moderngl
import numpy as np

from visuals.shm import Latest
from visuals.types import Pixels, Rectangle
from visuals.wall.outputs.display.nouns import Part

VERTEX = """
#version 330
out vec2 uv;
void main() {
    vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
    uv = vec2(corner.x, 1.0 - corner.y);
    gl_Position = vec4(corner * 2.0 - 1.0, 0.0, 1.0);
}
"""
"""Row 0 of the picture is its top, row 0 of a texture its bottom."""

FRAGMENT = """
#version 330
uniform sampler2D picture;
in vec2 uv;
out vec4 colour;
void main() { colour = vec4(texture(picture, uv).rgb, 1.0); }
"""


class Brush:
    """Draws in the context that is current when it is made."""

    def __init__(self) -> None:
        self.gl: Any = moderngl.create_context(require=330)
        self._program = self.gl.program(vertex_shader=VERTEX, fragment_shader=FRAGMENT)
        self._array = self.gl.vertex_array(self._program, [])

    def clear(self, size: tuple[int, int]) -> None:
        """Take the whole window of `size` (width, height) and make it black."""
        self.gl.screen.use()
        self.gl.screen.viewport = (0, 0, *size)
        self.gl.screen.clear(0.0, 0.0, 0.0, 1.0)

    def draw(self, texture: Any, place: Rectangle) -> None:
        """Draw into `place`: x, y from the bottom left, width, height in pixels. Whole multiples stay sharp."""
        self.gl.screen.viewport = place
        whole = place[2] % texture.width == 0 and place[3] % texture.height == 0
        kind = moderngl.NEAREST if whole else moderngl.LINEAR
        texture.filter = (kind, kind)
        texture.use(0)
        self._array.render(moderngl.TRIANGLE_STRIP, vertices=4)

    def release(self) -> None:
        for part in (self._array, self._program, self.gl):
            part.release()


class Picture:
    """A part's newest picture, as a texture."""

    def __init__(self, part: Part, brush: Brush) -> None:
        self.part = part
        self._ring = Latest(part.ring)
        width, height = part.size
        self._pixels: Pixels = np.zeros((height, width, 4), np.uint8)
        self.texture = brush.gl.texture(part.size, 4, self._pixels.tobytes())
        self.texture.repeat_x = self.texture.repeat_y = False
        self._seen = 0

    @property
    def waiting(self) -> bool:
        """Whether there is a newer picture than the texture's."""
        return self._ring.count != self._seen

    def fetch(self) -> None:
        """Take the newest picture, if there is a new one. The context must be current."""
        self._seen = self._ring.count
        if self._seen and self._ring.read(self._pixels) is not None:
            self.texture.write(self._pixels)

    def follow(self, part: Part) -> None:
        """Take pictures from the ring of the next player; the fallen one's is removed."""
        self.forget()
        self._ring.close()
        self.part, self._ring, self._seen = part, Latest(part.ring), 0

    def forget(self) -> None:
        """Remove a ring that no player will come back to, if nobody else has."""
        with suppress(FileNotFoundError):
            self._ring.unlink()

    def close(self) -> None:
        self._ring.close()
        self.texture.release()


def placed(wall: tuple[int, int], window: tuple[int, int], scale: str) -> Rectangle:
    """Where a wall's picture goes in a window: x, y from the bottom left, width, height in pixels."""
    if scale == "stretch":
        return 0, 0, *window
    if scale == "pixel":
        return 0, window[1] - wall[1], *wall
    factor = min(window[0] / wall[0], window[1] / wall[1])
    width, height = round(wall[0] * factor), round(wall[1] * factor)
    return (window[0] - width) // 2, (window[1] - height) // 2, width, height
