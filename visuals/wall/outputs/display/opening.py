"""Makes windows, with the driver loaded beforehand."""

from __future__ import annotations

from typing import Any

import glfw as _glfw

from visuals.errors import DeviceError
from visuals.wall.outputs.display.drawing import Brush
from visuals.wall.outputs.display.monitors import last_error, start

glfw: Any = _glfw

HINTS = {
    glfw.CONTEXT_VERSION_MAJOR: 3,
    glfw.CONTEXT_VERSION_MINOR: 3,
    glfw.OPENGL_PROFILE: glfw.OPENGL_CORE_PROFILE,
    glfw.AUTO_ICONIFY: False,  # a click on another screen must not blank the wall
    glfw.FOCUS_ON_SHOW: False,
    glfw.VISIBLE: False,
}


def new_window(title: str, span: bool) -> Any:
    """A hidden window with a context; a spanning one bare, above all others."""
    glfw.default_window_hints()
    for hint, value in {**HINTS, glfw.DECORATED: not span, glfw.FLOATING: span}.items():
        glfw.window_hint(hint, value)
    window = glfw.create_window(64, 64, f"visuals: {title}", None, None)
    if not window:
        raise DeviceError(f"no window for `{title}`: {last_error()}")
    return window


def warm_up() -> None:
    """Load the driver, which takes the most of a first window's time. Raises DeviceError without a display."""
    start()
    window = new_window("", False)
    glfw.make_context_current(window)
    Brush().release()
    glfw.make_context_current(None)
    glfw.destroy_window(window)
