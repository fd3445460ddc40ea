"""The show log on its disk: whole lines or none, whatever becomes of the disk.

A full disk costs lines, which are counted, and never the show.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

TAIL_BYTES = 65_536


class Logbook:
    """Writes log lines to `path`, or nowhere; `goes_on` after those that are there already.

    `last` is the time of the last line that was there, `lost` how many could not be written since the last
    that could. `trouble` is told once: what is wrong, "" when all is well or was told before.
    """

    def __init__(self, path: Path | None, goes_on: bool = False) -> None:
        self._path, self._file = path, -1
        self._begins = not goes_on
        self.last = _last_time(path) if path is not None and goes_on else float("-inf")
        self.lost = 0
        self._trouble = ""
        if path is not None:
            with suppress(OSError):
                self._open(path)

    def keep(self, line: Mapping[str, Any]) -> None:
        """Write a line down, after word of those that were lost before it."""
        if self._path is None:
            return
        try:
            lost = [{"t": line.get("t", 0.0), "type": "lost", "lines": self.lost}] if self.lost else []
            self._write(self._path, [*lost, line])
            self.lost = 0
        except OSError as error:
            if not self.lost:
                self._trouble = f"{self._path}: {error.strerror}; lines of the log are lost until it can be written"
            self.lost += 1

    def trouble(self) -> str:
        told, self._trouble = self._trouble, ""
        return told

    def close(self) -> None:
        if self._file >= 0:
            with suppress(OSError):
                os.close(self._file)
            self._file = -1

    def _write(self, path: Path, lines: Sequence[Mapping[str, Any]]) -> None:
        """Append lines; those that have no room leave nothing of them behind. Raises OSError."""
        if self._file < 0:
            self._open(path)
        data = "".join(json.dumps(line) + "\n" for line in lines).encode()
        before = os.fstat(self._file).st_size
        if os.write(self._file, data) < len(data):
            os.ftruncate(self._file, before)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _open(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = os.O_TRUNC if self._begins else 0
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | fresh, 0o666)
        self._begins = False


def _last_time(log: Path) -> float:
    """The time of the last whole line of a log; minus infinity where there is none."""
    with suppress(OSError, ValueError, IndexError, KeyError), log.open("rb") as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - TAIL_BYTES))
        return float(json.loads(file.read().splitlines()[-1])["t"])
    return float("-inf")
