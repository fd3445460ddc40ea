"""Monitors by name, as rig files write them, and where they lie on the desktop."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import glfw as _glfw

from visuals.errors import DeviceError
from visuals.types import Rectangle
from visuals.wall.outputs.display import x11

glfw: Any = _glfw  # its stubs know neither null handles nor that names come as bytes

_errors: deque[str] = deque(maxlen=8)


@dataclass(frozen=True, slots=True)
class Monitor:
    """A monitor: its name, its place (x, y, width, height) in pixels of the desktop, its rate, glfw's handle."""

    name: str
    place: Rectangle
    rate_hz: int
    handle: Any


def start() -> None:
    """Connect to the display. Raises DeviceError when there is none. May be called again."""
    glfw.set_error_callback(lambda code, text: _errors.append(text.decode(errors="replace")))
    # Only a display of the environment counts: the null platform has no light.
    if not glfw.init():
        shown = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
        raise DeviceError(f"no display{f' at `{shown}`' if shown else ''}: {last_error()}")
    if glfw.get_platform() == glfw.PLATFORM_X11:
        x11.leave_with_the_server()


def last_error() -> str:
    return _errors[-1] if _errors else "no reason given"


def monitors() -> list[Monitor]:
    """The monitors there are now."""
    return [_monitor(handle) for handle in glfw.get_monitors()]


def list_monitors() -> list[str]:
    """The monitors there are, named as a rig file names them, with size, place and rate.

    For a process that opens no windows. Raises DeviceError without a display.
    """
    start()
    try:
        there = monitors()
    finally:
        glfw.terminate()
    return [_line(name, monitor) for name, monitor in zip(written_names(there), there, strict=True)]


def written_names(there: Sequence[Monitor]) -> list[str]:
    """The name of each as a rig file writes it: `DP-2`, or `DP-2@1920,0` where two carry one name."""
    names = [monitor.name for monitor in there]
    return [f"{m.name}@{m.place[0]},{m.place[1]}" if names.count(m.name) > 1 else m.name for m in there]


def find(written: str, there: Sequence[Monitor]) -> Monitor | None:
    """The monitor of that name; of two with one name, the one that lies at the place that is written."""
    for monitor in there:
        if written in (monitor.name, f"{monitor.name}@{monitor.place[0]},{monitor.place[1]}"):
            return monitor
    return None


def around(places: Iterable[Rectangle]) -> Rectangle:
    """The smallest rectangle with all of `places` in it, of which there is at least one."""
    edges = [(x, y, x + width, y + height) for x, y, width, height in places]
    left, top = min(e[0] for e in edges), min(e[1] for e in edges)
    return left, top, max(e[2] for e in edges) - left, max(e[3] for e in edges) - top


def _monitor(handle: Any) -> Monitor:
    mode = glfw.get_video_mode(handle)
    name = glfw.get_monitor_name(handle)
    return Monitor(
        name.decode() if isinstance(name, bytes) else name,
        (*glfw.get_monitor_pos(handle), mode.size.width, mode.size.height),
        mode.refresh_rate,
        handle,
    )


def _line(name: str, monitor: Monitor) -> str:
    x, y, width, height = monitor.place
    rate = f", {monitor.rate_hz} Hz" if monitor.rate_hz else ""
    return f"{name} ({width} x {height} at {x},{y}{rate})"
