"""What a player and its window process say to each other, over a pipe."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from visuals.shm import Layout
from visuals.wall.outputs.settings import WindowSettings

HANG_S = 1.0
"""A window process that says nothing for so long hangs."""

OPEN_S = 10.0
"""How long it may take to start, or to open a window."""

LINGER_S = 5.0
"""How long windows hold the last picture for the next player when theirs has fallen."""


@dataclass(frozen=True, slots=True)
class Part:
    """A wall's picture on a display: its name, its size (width, height) and the ring it comes through."""

    name: str
    size: tuple[int, int]
    settings: WindowSettings
    ring: Layout


@dataclass(frozen=True, slots=True)
class Told:
    """What the window process says of a part: it is `open`, or `refused` for the reason in `text`; a `key`
    was pressed; a `note` for the log. `alive` and `busy`, the next word may take long, are of the process."""

    word: Literal["open", "refused", "key", "note", "alive", "busy"]
    part: str = ""
    text: str = ""


Order = Part | str | bool | None
"""A part to be shown; the name of one to be taken away; whether the master window may wait for its monitor; the end."""


def meeting_point(authkey: bytes) -> str:
    """Where windows without a player wait for the next one of the same show: an abstract socket of Linux.

    A show's processes share a secret key, which is also asked for there.
    """
    return f"\0visuals-windows-{hashlib.sha256(authkey).hexdigest()[:16]}"
