"""What an X server must be told for a wall's sake and what glfw does not tell it. Knows Xlib, nothing of windows."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from ctypes import byref, c_int, c_ubyte, c_ushort, c_void_p
from functools import partial
from typing import Any

_kept: list[Any] = []
"""Xlib holds a bare pointer to its handler, so it must live as long as the process."""


def leave_with_the_server() -> None:
    """End at once when the X server is gone: Xlib cannot go on, and its own end waits for the drivers'."""
    library = _library("libX11.so.6")
    if _kept or library is None:
        return
    _kept.append(ctypes.CFUNCTYPE(c_int, c_void_p)(lambda display: os._exit(1)))
    library.XSetIOErrorHandler(_kept[0])


def stay_awake(display: int) -> Callable[[], object]:
    """Keep the server from blanking its monitors and from sending them to sleep: nobody touches a wall's mouse.

    `display` is a Display pointer. What is given back puts it as it was.
    """
    ends = [_no_screen_saver(c_void_p(display)), _no_sleep(c_void_p(display))]

    def rest() -> None:
        for end in ends:
            end()

    return rest


def _no_screen_saver(display: c_void_p) -> Callable[[], object]:
    library = _library("libX11.so.6")
    if library is None:
        return _nothing
    before = [c_int() for _ in range(4)]
    library.XGetScreenSaver(display, *map(byref, before))
    library.XSetScreenSaver(display, 0, *before[1:])

    def end() -> None:
        library.XSetScreenSaver(display, *before)
        library.XFlush(display)

    return end


def _no_sleep(display: c_void_p) -> Callable[[], object]:
    """DPMS, the X extension that switches monitors off by a clock of its own."""
    library = _library("libXext.so.6")
    if library is None or not library.DPMSQueryExtension(display, byref(c_int()), byref(c_int())):
        return _nothing
    level, on = c_ushort(), c_ubyte()
    library.DPMSInfo(display, byref(level), byref(on))
    library.DPMSDisable(display)
    return partial(library.DPMSEnable, display) if on.value else _nothing


def _library(name: str) -> Any:
    try:
        return ctypes.CDLL(name)
    except OSError:
        return None


def _nothing() -> None:
    return None
