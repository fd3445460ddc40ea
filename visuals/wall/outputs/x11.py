"""Keeps this process alive when its X server dies, which Xlib would otherwise end on the spot.

Knows Xlib's error handlers and nothing of windows.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import sys
from collections.abc import Callable
from typing import Any

_ErrorHandler = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)
_ExitHandler = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)
_kept: list[Any] = []
"""Xlib holds bare pointers to the handlers, so they must live as long as the process."""


def outlive(display: int, on_death: Callable[[], None]) -> None:
    """Have `on_death` called when the server of `display`, a Display pointer, is gone.

    It is called in the thread that met the dead connection, and must not return there: Xlib and the
    drivers above it take no failure. Xlib asks first XSetIOErrorHandler's function, whose default
    exits, then, since libX11 1.7, XSetIOErrorExitHandler's, whose default exits too. Without such a
    libX11 nothing changes.
    """
    try:
        library = ctypes.CDLL("libX11.so.6")
        set_error, set_exit = library.XSetIOErrorHandler, library.XSetIOErrorExitHandler
    except (OSError, AttributeError):
        return

    def die() -> None:
        _dead.append(display)
        on_death()

    def on_error(display: int) -> int:
        die()
        return 0

    handlers = _ErrorHandler(on_error), _ExitHandler(lambda display, data: die())
    _kept.append(handlers)
    set_error.argtypes, set_error.restype = (_ErrorHandler,), ctypes.c_void_p
    set_exit.argtypes, set_exit.restype = (ctypes.c_void_p, _ExitHandler, ctypes.c_void_p), None
    set_error(handlers[0])
    set_exit(display, handlers[1], None)


_dead: list[int] = []


@atexit.register
def _leave_at_once() -> None:
    """After a display died the drivers' own clean-up would wait for ever for the thread given up."""
    if _dead:
        sys.stdout.flush()
        os._exit(0)
