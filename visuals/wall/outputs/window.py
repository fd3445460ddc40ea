"""A window on a display, full screen on a named monitor: the only door to glfw.

One thread owns every window of the process and does all drawing, so that a compositor that hangs
stops only that thread: `send` copies the picture and returns. Buffers are swapped without waiting
for the display; the player paces. Linux and Windows; macOS wants windows in the main thread.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Self, TypeVar

import glfw as _glfw
import moderngl
import numpy as np

from visuals.errors import DeviceError
from visuals.types import Frame, Pixels
from visuals.wall.outputs import x11
from visuals.wall.outputs.settings import WindowSettings

logger = logging.getLogger(__name__)
T = TypeVar("T")

glfw: Any = _glfw  # its stubs know neither null handles nor that names come as bytes

OPEN_S = 10.0
CLOSE_S = 1.0
POLL_S = 0.02
MAX_KEYS = 64
DEFAULT_HEIGHT_PX = 512

SPECIAL_KEYS: dict[int, str] = {
    glfw.KEY_SPACE: "space",
    glfw.KEY_ESCAPE: "escape",
    glfw.KEY_ENTER: "enter",
    glfw.KEY_TAB: "tab",
    glfw.KEY_BACKSPACE: "backspace",
    glfw.KEY_LEFT: "left",
    glfw.KEY_RIGHT: "right",
    glfw.KEY_UP: "up",
    glfw.KEY_DOWN: "down",
    **{glfw.KEY_F1 + i: f"f{i + 1}" for i in range(12)},
}

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


class Window:
    """Shows a wall of `size` (width, height) pixels.

    Raises DeviceError on entering when there is no display or no such monitor; the error lists the
    monitors there are. ESC leaves full screen, F11 toggles it. When its monitor goes the window
    stays, and returns to it with it.
    """

    def __init__(self, size: tuple[int, int], settings: WindowSettings, title: str) -> None:
        self._pane = _Pane(size, settings, title)

    def send(self, frame: Frame) -> None:
        """Leave a copy of the picture for the drawing thread; the newest wins.

        Raises DeviceError once the display is gone.
        """
        _stage.check()
        self._pane.post(frame.pixels)
        _stage.wake.set()

    def keys(self) -> list[str]:
        """Names of the keys pressed since the last call: `b`, `space`, `1`, `f5`; the oldest are dropped."""
        pressed = self._pane.pressed
        return [pressed.popleft() for _ in range(len(pressed))]

    @property
    def framebuffer(self) -> Pixels:
        """What is on the window now, [height, width, 4]; waits for the drawing thread."""
        return _stage.call(self._pane.read_back)

    def __enter__(self) -> Self:
        _stage.call(lambda: _stage.add(self._pane))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not _stage.display_lost:
            _stage.call(lambda: _stage.remove(self._pane), CLOSE_S)


def monitors() -> list[str]:
    """Names of the monitors there are; raises DeviceError without a display."""
    return _stage.call(lambda: [name for name, _ in _monitors()])


class _Stage:
    """The thread that owns glfw. It starts with the first window and ends with the last."""

    def __init__(self) -> None:
        self.wake = threading.Event()
        self._jobs: SimpleQueue[tuple[Callable[[], Any], Future[Any]]] = SimpleQueue()
        self._panes: list[_Pane] = []
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self.display_lost = self.outlives = False

    def check(self) -> None:
        """Raise DeviceError when the display has died."""
        if self.display_lost:
            raise DeviceError("the display has gone; its windows return with the next start")

    def mourn(self) -> None:
        """The X server died. Left alone Xlib would end the process, and with it every other wall.

        Only the thread that met the dead connection is given up: it may not go on inside Xlib.
        """
        self.display_lost = True
        if threading.current_thread() is self._thread:
            threading.Event().wait()

    def call(self, act: Callable[[], T], timeout: float = OPEN_S) -> T:
        """Run `act` in the thread and give its result or raise its error."""
        self.check()
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="windows", daemon=True)
                self._thread.start()
        future: Future[T] = Future()
        self._jobs.put((act, future))
        self.wake.set()
        try:
            return future.result(timeout)
        except TimeoutError as error:
            raise DeviceError(f"the display does not answer within {timeout:g} s") from error

    def add(self, pane: _Pane) -> None:
        _start_glfw()
        pane.open()
        self._panes.append(pane)

    def remove(self, pane: _Pane) -> None:
        if pane in self._panes:
            self._panes.remove(pane)
            pane.close()

    def _run(self) -> None:
        while True:
            self.wake.wait(POLL_S if self._panes else None)
            self.wake.clear()
            while not self._jobs.empty():
                _answer(*self._jobs.get())
            if self._panes:
                glfw.poll_events()
                for pane in self._panes:
                    pane.present()


def _answer(act: Callable[[], Any], future: Future[Any]) -> None:
    try:
        future.set_result(act())
    except Exception as error:  # it is raised where the call was made
        future.set_exception(error)


_stage = _Stage()


class _Pane:
    """A window as the drawing thread sees it; `post` and `pressed` are for the others."""

    def __init__(self, size: tuple[int, int], settings: WindowSettings, title: str) -> None:
        self._size, self._settings, self._title = size, settings, title
        self.pressed: deque[str] = deque(maxlen=MAX_KEYS)
        self._slots: list[Pixels] = [np.zeros((size[1], size[0], 4), np.uint8) for _ in range(3)]
        self._pending = self._drawing = -1
        self._fullscreen = settings.monitor is not None
        self._lost = False
        self._stale = False

    def post(self, pixels: Pixels) -> None:
        """Copy into the one of three slots that is neither waiting nor being drawn."""
        free = next(i for i in range(3) if i not in (self._pending, self._drawing))
        np.copyto(self._slots[free], pixels)
        self._pending = free

    def open(self) -> None:
        monitor = _monitor(self._settings.monitor) if self._settings.monitor else None
        self._hint()
        width, height = self._plain_size()
        self._window: Any = glfw.create_window(width, height, f"visuals: {self._title}", None, None)
        if not self._window:
            raise DeviceError(f"no window for the wall `{self._title}`: {_last_error()}")
        if self._settings.position is not None:
            glfw.set_window_pos(self._window, *self._settings.position)
        glfw.set_key_callback(self._window, self._on_key)
        glfw.set_framebuffer_size_callback(self._window, self._on_change)
        glfw.set_window_refresh_callback(self._window, self._on_change)
        self._make_gl()
        if monitor is not None:
            self._fill(monitor)
        glfw.show_window(self._window)

    def close(self) -> None:
        glfw.make_context_current(self._window)
        for part in (self._array, self._texture, self._program, self._gl):
            part.release()
        glfw.make_context_current(None)
        glfw.destroy_window(self._window)

    def present(self) -> None:
        """Draw the newest picture when there is one, and stay where we belong."""
        if self._fullscreen:
            self._keep_place()
        if glfw.window_should_close(self._window):
            glfw.set_window_should_close(self._window, False)
            self.pressed.append("close")
        self._drawing, self._pending = self._pending, -1
        if self._drawing < 0 and not self._stale:
            return
        self._stale = False
        glfw.make_context_current(self._window)
        if self._drawing >= 0:
            self._texture.write(self._slots[self._drawing])
        self._draw()
        glfw.swap_buffers(self._window)
        self._drawing = -1

    def read_back(self) -> Pixels:
        glfw.make_context_current(self._window)
        self._draw()
        width, height = glfw.get_framebuffer_size(self._window)
        raw = self._gl.screen.read((0, 0, width, height), components=4, alignment=1)
        return np.frombuffer(raw, np.uint8).reshape(height, width, 4)[::-1]

    def _hint(self) -> None:
        glfw.default_window_hints()
        glfw.window_hint(glfw.CONTEXT_VERSION_MAJOR, 3)
        glfw.window_hint(glfw.CONTEXT_VERSION_MINOR, 3)
        glfw.window_hint(glfw.OPENGL_PROFILE, glfw.OPENGL_CORE_PROFILE)
        # A click on another screen must not blank the wall.
        glfw.window_hint(glfw.AUTO_ICONIFY, False)
        glfw.window_hint(glfw.FOCUS_ON_SHOW, False)
        glfw.window_hint(glfw.VISIBLE, False)

    def _plain_size(self) -> tuple[int, int]:
        """The size asked for, or the wall's own, enlarged by a whole number to be seen."""
        if self._settings.size is not None:
            return self._settings.size
        times = max(1, DEFAULT_HEIGHT_PX // self._size[1]) if self._settings.scale != "pixel" else 1
        return self._size[0] * times, self._size[1] * times

    def _make_gl(self) -> None:
        glfw.make_context_current(self._window)
        glfw.swap_interval(0)
        self._gl = moderngl.create_context(require=330)
        self._program = self._gl.program(vertex_shader=VERTEX, fragment_shader=FRAGMENT)
        self._array = self._gl.vertex_array(self._program, [])
        self._texture = self._gl.texture(self._size, 4, self._slots[0].tobytes())
        self._texture.repeat_x = self._texture.repeat_y = False

    def _draw(self) -> None:
        width, height = glfw.get_framebuffer_size(self._window)
        if not width or not height:
            return
        screen = self._gl.screen
        screen.use()
        screen.viewport = (0, 0, width, height)
        screen.clear(0.0, 0.0, 0.0, 1.0)
        x, y, w, h = placed(self._size, (width, height), self._settings.scale)
        screen.viewport = (x, y, w, h)
        whole = w % self._size[0] == 0 and h % self._size[1] == 0
        kind = moderngl.NEAREST if whole else moderngl.LINEAR
        self._texture.filter = (kind, kind)
        self._texture.use(0)
        self._array.render(moderngl.TRIANGLE_STRIP, vertices=4)

    def _fill(self, monitor: Any) -> None:
        mode = glfw.get_video_mode(monitor)
        glfw.set_window_monitor(self._window, monitor, 0, 0, mode.size.width, mode.size.height, mode.refresh_rate)
        glfw.set_input_mode(self._window, glfw.CURSOR, glfw.CURSOR_HIDDEN)
        # A change of monitor may bring back waiting for its refresh.
        glfw.make_context_current(self._window)
        glfw.swap_interval(0)

    def _leave(self) -> None:
        width, height = self._plain_size()
        x, y = self._settings.position or (64, 64)
        glfw.set_window_monitor(self._window, None, x, y, width, height, 0)
        glfw.set_input_mode(self._window, glfw.CURSOR, glfw.CURSOR_NORMAL)
        glfw.make_context_current(self._window)
        glfw.swap_interval(0)

    def _keep_place(self) -> None:
        """Back to full screen when the monitor has returned: glfw leaves a plain window behind."""
        if glfw.get_window_monitor(self._window):
            return
        named = dict(_monitors())
        monitor = named.get(self._settings.monitor) if self._settings.monitor else glfw.get_primary_monitor()
        if monitor is None:
            if not self._lost:
                self._lost = True
                logger.error("wall %s: the monitor `%s` is gone", self._title, self._settings.monitor)
            return
        self._lost = False
        self._fill(monitor)

    def _on_change(self, *_: Any) -> None:
        """The window was resized or uncovered: the picture must be drawn again, new or not."""
        self._stale = True

    def _on_key(self, window: Any, key: int, scancode: int, action: int, modifiers: int) -> None:
        if action != glfw.PRESS:
            return
        if key == glfw.KEY_ESCAPE and self._fullscreen:
            self._fullscreen = False
            self._leave()
        elif key == glfw.KEY_F11:
            self._fullscreen = not self._fullscreen
            if not self._fullscreen:
                self._leave()
        if name := SPECIAL_KEYS.get(key) or glfw.get_key_name(key, scancode):
            self.pressed.append(name)


def placed(wall: tuple[int, int], window: tuple[int, int], scale: str) -> tuple[int, int, int, int]:
    """Where a wall's picture goes in a window: x, y from the bottom left, width, height in pixels."""
    if scale == "stretch":
        return 0, 0, *window
    if scale == "pixel":
        return 0, window[1] - wall[1], *wall
    factor = min(window[0] / wall[0], window[1] / wall[1])
    width, height = round(wall[0] * factor), round(wall[1] * factor)
    return (window[0] - width) // 2, (window[1] - height) // 2, width, height


_errors: deque[str] = deque(maxlen=8)


def _on_error(code: int, text: bytes) -> None:
    _errors.append(text.decode(errors="replace"))


def _last_error() -> str:
    return _errors[-1] if _errors else "no reason given"


def _start_glfw() -> None:
    if sys.platform == "darwin":
        raise DeviceError("windows need Linux or Windows: macOS draws only from the main thread")
    glfw.set_error_callback(_on_error)
    if not glfw.init():
        shown = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
        raise DeviceError(f"no display{f' at `{shown}`' if shown else ''}: {_last_error()}")
    if glfw.get_platform() == glfw.PLATFORM_X11 and not _stage.outlives:
        _stage.outlives = True
        x11.outlive(glfw.get_x11_display(), _stage.mourn)


def _monitors() -> list[tuple[str, Any]]:
    _start_glfw()
    return [(glfw.get_monitor_name(m).decode(), m) for m in glfw.get_monitors()]


def _monitor(name: str) -> Any:
    there = _monitors()
    for found, monitor in there:
        if found == name:
            return monitor
    names = ", ".join(f"`{found}`" for found, _ in there) or "none"
    raise DeviceError(f"no monitor `{name}`; there are: {names}")
