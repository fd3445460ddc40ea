"""One window: full screen on a monitor, spanning several, or plain; kept where it belongs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import glfw as _glfw

from visuals.clock import monotonic
from visuals.errors import DeviceError
from visuals.types import Rectangle
from visuals.wall.outputs.display.drawing import Brush, Picture, placed
from visuals.wall.outputs.display.keys import key_name
from visuals.wall.outputs.display.monitors import Monitor, around, find, monitors, written_names
from visuals.wall.outputs.display.nouns import Part, Told
from visuals.wall.outputs.display.opening import new_window

glfw: Any = _glfw

DEFAULT_HEIGHT_PX = 512
SLOW_SWAP_S = 0.25
"""A display that takes so long for a picture is not waited for: switched off, some pretend a refresh a second."""

REDRAWS = 3
"""How often an unchanged picture is drawn after its window changed: a driver's first buffers may have the old size."""


class Pane:
    """A window with one part in it, or several that name the same `span`.

    ESC leaves full screen, F11 toggles it. While its monitor is away the window is hidden.
    """

    def __init__(self, title: str, span: bool, tell: Callable[[Told], None]) -> None:
        self._span, self._tell = span, tell
        self._pictures: dict[str, Picture] = {}
        self._places: dict[str, Rectangle] = {}
        self._place: Rectangle | None = None
        self._full = True
        self._away = self._waits = False
        self._stale = REDRAWS
        self._window: Any = new_window(title, span)
        glfw.set_key_callback(self._window, self._on_key)
        glfw.set_framebuffer_size_callback(self._window, self._on_change)
        glfw.set_window_refresh_callback(self._window, self._on_change)
        glfw.make_context_current(self._window)
        self._brush = Brush()

    @property
    def names(self) -> list[str]:
        return list(self._pictures)

    @property
    def area(self) -> int:
        """Pixels of the window, hidden or not."""
        width, height = glfw.get_framebuffer_size(self._window)
        return int(width * height)

    def add(self, part: Part, there: Sequence[Monitor]) -> None:
        """Show a part. Raises DeviceError when there is no monitor of its name, or nobody may place a window."""
        if self._span and glfw.get_platform() == glfw.PLATFORM_WAYLAND:
            raise DeviceError("a window that spans monitors needs X11: Wayland lets no program place its windows")
        wanted = part.settings.monitor
        if wanted and find(wanted, there) is None:
            names = ", ".join(f"`{name}`" for name in written_names(there)) or "none"
            raise DeviceError(f"no monitor `{wanted}`; there are: {names}")
        glfw.make_context_current(self._window)
        self._pictures[part.name] = Picture(part, self._brush)
        if not self._span and not wanted:
            self._leave()
        self.keep_place(there)
        glfw.show_window(self._window)

    def follow(self, part: Part) -> bool:
        """Take the pictures of the next player, if this is the part we show."""
        picture = self._pictures.get(part.name)
        if picture is None or (picture.part.settings, picture.part.size) != (part.settings, part.size):
            return False
        picture.follow(part)
        return True

    def remove(self, name: str) -> None:
        glfw.make_context_current(self._window)
        self._pictures.pop(name).close()
        self._stale = REDRAWS

    def forget(self) -> None:
        """Remove the rings of a player that is gone for ever."""
        for picture in self._pictures.values():
            picture.forget()

    def close(self) -> None:
        glfw.make_context_current(self._window)
        for picture in self._pictures.values():
            picture.close()
        self._brush.release()
        glfw.make_context_current(None)
        glfw.destroy_window(self._window)

    def wait_for_refresh(self, waits: bool) -> None:
        """Whether swapping waits for the monitor; must be said again after each change of it."""
        self._waits = waits
        glfw.make_context_current(self._window)
        glfw.swap_interval(int(waits))

    def present(self) -> bool:
        """Draw what is new. False when the display held us up, and no longer may."""
        if self._away or not (self._stale or any(picture.waiting for picture in self._pictures.values())):
            return True
        self._stale = max(0, self._stale - 1)
        glfw.make_context_current(self._window)
        for picture in self._pictures.values():
            picture.fetch()
        self._draw()
        began = monotonic()
        glfw.swap_buffers(self._window)
        return not self._waits or monotonic() - began < SLOW_SWAP_S

    def keep_place(self, there: Sequence[Monitor]) -> bool:
        """Be where we belong among the monitors that are `there`; True when the window was moved there."""
        if glfw.window_should_close(self._window):
            glfw.set_window_should_close(self._window, False)
            self._press("close")
        if self._span:
            return self._cover(there)
        wanted = next((p.part.settings.monitor for p in self._pictures.values()), None)
        if wanted is None or not self._full:
            return False
        self._restore()
        monitor = find(wanted, there)
        if (monitor is None) != self._away:
            self._note(f"the monitor `{wanted}` is {'gone' if monitor is None else 'back'}")
        if monitor is None:
            self._away = True
            glfw.hide_window(self._window)
            return False
        return self._fill(monitor)

    def _fill(self, monitor: Monitor) -> bool:
        """Full screen on a monitor; glfw leaves a plain window behind when one goes."""
        if self._place == monitor.place and not self._away and glfw.get_window_monitor(self._window):
            return False
        self._place, self._away = monitor.place, False
        width, height = monitor.place[2:]
        glfw.set_window_monitor(self._window, monitor.handle, 0, 0, width, height, monitor.rate_hz)
        glfw.set_input_mode(self._window, glfw.CURSOR, glfw.CURSOR_HIDDEN)
        self._stale = REDRAWS
        return True

    def _cover(self, there: Sequence[Monitor]) -> bool:
        """Spread over all monitors that the parts name, where they were last seen; over all, when none is named."""
        self._restore()
        for name in {p.part.settings.monitor for p in self._pictures.values()}:
            if name and (monitor := find(name, there)):
                self._places[name] = monitor.place
        named = [*self._places.values()] or [monitor.place for monitor in there]
        place = around([*named, *(self._spot(p.part) for p in self._pictures.values())])
        now = (*glfw.get_window_pos(self._window), *glfw.get_window_size(self._window))
        if now == place:
            return False
        self._place, self._stale = place, REDRAWS
        self._put(place)
        glfw.set_input_mode(self._window, glfw.CURSOR, glfw.CURSOR_HIDDEN)
        return True

    def _spot(self, part: Part) -> Rectangle:
        """Where a part of a spanning window lies on the desktop: 1:1, counted from its monitor's top left."""
        x, y = part.settings.position or (0, 0)
        left, top = self._places.get(part.settings.monitor or "", (0, 0, 0, 0))[:2]
        return left + x, top + y, *part.size

    def _leave(self) -> None:
        """Be a plain window of the size that is asked for, or the wall's own, enlarged to be seen."""
        part = next(iter(self._pictures.values())).part
        width, height = part.settings.size or enlarged(part, monitors())
        x, y = part.settings.position or (64, 64)
        self._place = None
        self._put((x, y, width, height))
        glfw.set_input_mode(self._window, glfw.CURSOR, glfw.CURSOR_NORMAL)

    def _put(self, place: Rectangle) -> None:
        glfw.set_window_monitor(self._window, None, *place, 0)
        # Said once more: window managers heed only this of a window that is still hidden.
        glfw.set_window_pos(self._window, *place[:2])

    def _restore(self) -> None:
        """Nobody's window manager may fold a wall away."""
        if glfw.get_window_attrib(self._window, glfw.ICONIFIED):
            glfw.restore_window(self._window)
            self._stale = REDRAWS

    def _draw(self) -> None:
        size = glfw.get_framebuffer_size(self._window)
        if not size[0] or not size[1]:
            return
        self._brush.clear(size)
        for picture in self._pictures.values():
            self._brush.draw(picture.texture, self._spot_inside(picture.part, size))

    def _spot_inside(self, part: Part, size: tuple[int, int]) -> Rectangle:
        if not self._span or self._place is None:
            return placed(part.size, size, part.settings.scale)
        x, y, width, height = self._spot(part)
        return x - self._place[0], size[1] - (y - self._place[1]) - height, width, height

    def _on_change(self, *_: Any) -> None:
        """The window was resized or uncovered: the picture must be drawn again, new or not."""
        self._stale = REDRAWS

    def _on_key(self, window: Any, key: int, scancode: int, action: int, modifiers: int) -> None:
        if action != glfw.PRESS:
            return
        if not self._span and (key == glfw.KEY_F11 or (key == glfw.KEY_ESCAPE and self._full)):
            self._full = not self._full
            if not self._full:
                self._leave()
        if name := key_name(key, scancode):
            self._press(name)

    def _press(self, key: str) -> None:
        self._tell(Told("key", next(iter(self._pictures), ""), key))

    def _note(self, text: str) -> None:
        for name in self._pictures:
            self._tell(Told("note", name, text))


def master(panes: Iterable[Pane]) -> Pane | None:
    """The one window that waits for its monitor: the largest. If all did, each would divide the rate."""
    return max(panes, key=lambda pane: pane.area, default=None)


def enlarged(part: Part, there: Sequence[Monitor]) -> tuple[int, int]:
    """A wall's size times a whole number, so that its height can be seen and its width is on the first monitor."""
    if part.settings.scale == "pixel":
        return part.size
    widest = there[0].place[2] if there else part.size[0]
    times = max(1, min(DEFAULT_HEIGHT_PX // part.size[1], widest // part.size[0]))
    return part.size[0] * times, part.size[1] * times
