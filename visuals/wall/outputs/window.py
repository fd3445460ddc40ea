"""A wall's window on a display: a ring of pictures, and the process that shows them.

Windows live in a process of their own, so that no driver, no display and no compositor can hold up or
end the player. Another one stands by for when it falls or hangs; it outlives a player that falls.
"""

from __future__ import annotations

from types import TracebackType
from typing import Self

from visuals.errors import DeviceError
from visuals.shm import Latest, Layout
from visuals.types import Frame
from visuals.wall.outputs.display.nouns import Part
from visuals.wall.outputs.display.stage import stage
from visuals.wall.outputs.settings import WindowSettings

SLOTS = 3


class Window:
    """Shows a wall of `size` (width, height) pixels in a window, or in its place of a spanning one.

    Raises DeviceError on entering when there is no display or no such monitor; the error lists the
    monitors there are. When its monitor goes, the window returns to it with it.
    """

    def __init__(self, size: tuple[int, int], settings: WindowSettings, title: str) -> None:
        self._size, self._settings, self._name = size, settings, title

    def send(self, frame: Frame) -> None:
        """Leave a copy of the picture; the newest wins. Raises DeviceError once the display is gone."""
        if text := stage.refused.get(self._name):
            raise DeviceError(text)
        self._ring.write(frame.pixels, time=frame.time)

    def keys(self) -> list[str]:
        """Names of the keys pressed since the last call: `b`, `space`, `1`, `f5`; the oldest are dropped."""
        pressed = stage.keys.get(self._name, ())
        return [pressed.popleft() for _ in range(len(pressed))] if pressed else []

    def __enter__(self) -> Self:
        self._ring = Latest(Layout("", (self._size[1], self._size[0], 4), "u1", SLOTS), create=True)
        try:
            stage.add(Part(self._name, self._size, self._settings, self._ring.layout))
        except BaseException:
            self._drop_ring()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        stage.remove(self._name)
        self._drop_ring()

    def _drop_ring(self) -> None:
        self._ring.close()
        self._ring.unlink()
