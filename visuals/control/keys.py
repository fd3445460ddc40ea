"""Keys of the terminal as events. Does not know what any key means to a show.

The terminal keeps turning Ctrl-C and Ctrl-Z into signals; only line editing and echo are off.
"""

from __future__ import annotations

import os
import re
import select
import sys
import termios
import tty
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from visuals.clock import Clock
from visuals.types import Event

NAMES: dict[str, str] = {
    " ": "space",
    "\r": "enter",
    "\n": "enter",
    "\t": "tab",
    "\x7f": "backspace",
    "\x08": "backspace",
    "\x1b": "esc",
    "\x1b[A": "up",
    "\x1b[B": "down",
    "\x1b[C": "right",
    "\x1b[D": "left",
    "\x1b[H": "home",
    "\x1b[F": "end",
    "\x1b[1~": "home",
    "\x1b[3~": "delete",
    "\x1b[4~": "end",
    "\x1b[5~": "page-up",
    "\x1b[6~": "page-down",
    **{f"\x1bO{letter}": f"f{n}" for n, letter in enumerate("PQRS", 1)},
    **{f"\x1b[{code}~": f"f{n}" for n, code in zip(range(5, 13), (15, 17, 18, 19, 20, 21, 23, 24), strict=True)},
}
"""What terminals send (ECMA-48, xterm's ctlseqs: PC-style function keys) -> key name."""

_KEY = re.compile(r"\x1b\[[0-9;]*[A-Za-z~]|\x1bO[A-Za-z]|.", re.DOTALL)
_READ_BYTES = 4096


def split_keys(text: str) -> list[str]:
    """Names of the keys that sent `text`: letters in lower case, `esc`, `f1`, `ctrl-x`."""
    return [name for key in _KEY.findall(text) if (name := _name(key))]


def _name(key: str) -> str:
    """The key's name; empty for sequences of keys we have no name for. O and [ count as arrows' lead."""
    known = NAMES.get(key) or NAMES.get(key.replace("\x1bO", "\x1b["))
    if known:
        return known
    if len(key) == 1 and "\x01" <= key <= "\x1a":
        return f"ctrl-{chr(ord(key) + 0x60)}"
    # Caps lock must not take the blackout key away.
    return key.lower() if key.isprintable() else ""


class TerminalKeys:
    """A `Source` of `key.<name>` events from the terminal, for as long as it is entered.

    Gives nothing, and touches nothing, when `fd` is no terminal or belongs to another job.
    """

    def __init__(self, clock: Clock, fd: int | None = None) -> None:
        self._clock = clock
        self._fd = _stdin() if fd is None else fd
        self._before: list[object] | None = None
        self._pending = b""

    def __enter__(self) -> Self:
        if self._fd is not None and _is_ours(self._fd):
            self._before = termios.tcgetattr(self._fd)
            tty.setcbreak(self._fd, termios.TCSANOW)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._fd is None or self._before is None:
            return
        before, self._before = self._before, None
        try:
            termios.tcsetattr(self._fd, termios.TCSANOW, before)  # type: ignore[arg-type]
        except termios.error:
            return  # the terminal itself is gone

    def drain(self) -> Sequence[Event]:
        """The keys pressed since the last call."""
        if self._before is None or self._fd is None:
            return ()
        held, self._pending = self._pending, b""
        data = held + self._read(self._fd)
        # An Esc at the end may be the head of a longer key: it waits for one more call.
        if data.endswith(b"\x1b") and data != held:
            data, self._pending = data[:-1], b"\x1b"
        now = self._clock.now()
        return [Event(now, f"key.{name}", 1.0, "terminal") for name in split_keys(data.decode(errors="ignore"))]

    def _read(self, fd: int) -> bytes:
        try:
            ready, _, _ = select.select([fd], [], [], 0)
            return os.read(fd, _READ_BYTES) if ready else b""
        except OSError:
            return b""


def _stdin() -> int | None:
    """The descriptor of standard input, None when this process has none."""
    try:
        return sys.__stdin__.fileno() if sys.__stdin__ is not None else None
    except ValueError:
        return None


def _is_ours(fd: int) -> bool:
    """Whether fd is a terminal that this job may set: a background job that tries is stopped."""
    try:
        return os.isatty(fd) and os.tcgetpgrp(fd) == os.getpgrp()
    except OSError:
        return False
