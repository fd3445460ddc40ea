"""Upkeep: a process that grows without end is started anew before it falls, where nobody sees it.

What it holds is read from /proc (proc(5)); where there is none, nothing is recycled.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

EVERY_S = 2.0
"""Reading all of it takes 0.1 ms."""

WARM_UP_S = 5.0
"""So long after its first sign of life a process has its own level: all is compiled, open and loaded by then."""

MEGABYTE = 1 << 20
GROWTH = {"MB": 256, "files": 128, "threads": 64, "GL_objects": 1024}
"""So much more than its own level is no cache and no new scene; of memory, at least as much again."""

HARD = 4
"""So many times GROWTH, it is started anew even where it is seen: of the 1,024 files that a process may have open
by default half are still free then, and a machine of 8 GB bears one such process."""


@dataclass(frozen=True, slots=True)
class Holding:
    """What a process holds: memory of its own, open files, threads; what it says it has on the graphics processor."""

    MB: int
    files: int
    threads: int
    GL_objects: int = 0


def holding(pid: int, gl_objects: int = 0) -> Holding | None:
    """What the process `pid` holds now; None where that cannot be read."""
    folder = Path("/proc", str(pid))
    try:
        told = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
        kilobytes = int(told["RssAnon"].split()[0])
        return Holding(1024 * kilobytes // MEGABYTE, len(os.listdir(folder / "fd")), int(told["Threads"]), gl_objects)
    except (OSError, KeyError, ValueError):
        return None


class Upkeep:
    """Watches what one process holds against its own level, which is the most of its first `WARM_UP_S`."""

    def __init__(self) -> None:
        self._began: float | None = None
        self._looked = float("-inf")
        self._level: Holding | None = None

    def overgrown(self, pid: int, now: float, unseen: Callable[[], bool], gl_objects: int = 0) -> str:
        """Why the process is to be started anew now, "" while it is not. `unseen` is asked when it matters."""
        if now - self._looked < EVERY_S:
            return ""
        self._looked = now
        self._began = now if self._began is None else self._began
        held = holding(pid, gl_objects)
        if held is None:
            return ""
        if self._level is None or now - self._began < WARM_UP_S:
            self._level = held if self._level is None else _most(self._level, held)
        return _verdict(self._level, held, unseen)


def _most(a: Holding, b: Holding) -> Holding:
    return Holding(*(max(getattr(a, name), getattr(b, name)) for name in GROWTH))


def _verdict(level: Holding, held: Holding, unseen: Callable[[], bool]) -> str:
    for name, growth in GROWTH.items():
        began, is_now = getattr(level, name), getattr(held, name)
        # A model that began with gigabytes may double; files and threads have no such excuse.
        share = (is_now - began) / (max(growth, began) if name == "MB" else growth)
        if share >= HARD or (share >= 1.0 and unseen()):
            return f"{is_now} {name.replace('_', ' ')}, began at {began}"
    return ""
