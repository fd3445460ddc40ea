"""What a supervisor leaves for the one after it: a note of what plays, and who may take it over.

The note lies beside the rings and is locked as long as its supervisor lives, however that ends. It tells a
second one to keep away from the same walls, and its successor which processes and rings to go on with.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from visuals.clock import monotonic
from visuals.errors import DeviceError
from visuals.shm import FOLDER, PREFIX

NOTE = "-note"
TELLING = ("name", "monitor", "span", "host", "port", "universe")


class Note:
    """The note of one session, locked by this process. `told` is what a dead supervisor wrote, {} in a new one."""

    def __init__(self, path: Path, told: Mapping[str, Any], file: int) -> None:
        self._path, self._file = path, file
        self.told = told
        self.prefix = path.name.removesuffix(NOTE)

    @property
    def plays(self) -> bool:
        """Whether there is something to go on with."""
        return "seats" in self.told

    @classmethod
    def open(cls, outputs: Sequence[str] = (), asked: str = "", show: str = "") -> Note:
        """A new note, or the one of a dead supervisor that was asked for the same and whose player plays on.

        `outputs` name where light is made. Raises DeviceError when a living session has one of them.
        """
        with _alone():
            for path in sorted(FOLDER.glob(f"{PREFIX}*{NOTE}")):
                told, file = _read(path)
                if file is None and (taken := set(told.get("outputs", ())) & set(outputs)):
                    where, who = _named(min(taken)), told.get("pid")
                    raise DeviceError(f"{where}: found it played by process {who}, expected no one: end that first")
                if file is not None and asked and told.get("asked") == asked and _plays(told, path):
                    return cls(path, told, file)
                if file is not None:
                    os.close(file)
            path = FOLDER / f"{PREFIX}{os.getpid()}-{monotonic():.3f}{NOTE}"
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            fcntl.flock(file, fcntl.LOCK_EX)
            note = cls(path, {}, file)
            note.write({"outputs": list(outputs), "asked": asked, "show": show})
            return note

    def write(self, fields: Mapping[str, Any]) -> None:
        """Tell this besides what was told before, and that it is this process that watches."""
        self.told = {**self.told, **fields, "pid": os.getpid()}
        text = json.dumps(self.told).encode()
        os.pwrite(self._file, text, 0)
        os.ftruncate(self._file, len(text))

    def renewed(self) -> Note:
        """A new note of the same, after what played has been ended: it cannot be gone on with."""
        self.leave()
        self.end_orphans()
        return Note.open(self.told.get("outputs", ()), self.told.get("asked", ""), self.told.get("show", ""))

    def end_orphans(self) -> int:
        """End what killed supervisors left playing in this session's place; count it."""
        return end_orphans(self.told.get("outputs", ()), self.told.get("show", ""))

    def leave(self) -> None:
        """Keep no watch any longer over what may still play."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def close(self) -> None:
        """The session is over; nothing is left to take over."""
        if self._file >= 0:
            self._path.unlink(missing_ok=True)
        self.leave()


def _named(output: str) -> str:
    """Where light is made, for people: the kind and what tells one of a kind from another."""
    kind, _, settings = output.partition(" ")
    with suppress(ValueError, AttributeError):
        told = json.loads(settings)
        return " ".join([kind, *(f"{key} {told[key]}" for key in TELLING if told.get(key) not in (None, ""))])
    return output


class Adopted:
    """A running process that another supervisor started, with the part of `BaseProcess` that a seat needs."""

    exitcode = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._file = os.pidfd_open(pid)

    def is_alive(self) -> bool:
        return not select.select([self._file], [], [], 0.0)[0]

    def terminate(self) -> None:
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    def join(self, timeout: float | None = None) -> None:
        select.select([self._file], [], [], timeout)

    def _send(self, what: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._file, what)


def born(pid: int | None) -> str:
    """When the process `pid` began, in the kernel's ticks; "" when there is none. With its number it is unique."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    return ""


def adopted(pid: int | None, birth: str) -> Adopted | None:
    """The process `pid` if it is still the one that was `born` at `birth`: also one that is only just starting."""
    if pid is None or not birth or born(pid) != birth:
        return None
    try:
        return Adopted(pid)
    except ProcessLookupError:
        return None


def end_orphans(outputs: Sequence[str] = (), show: str = "") -> int:
    """End what killed supervisors left playing on one of `outputs`, or of the same `show` without any; count it.

    Processes play on by design until somebody takes over: that is now. Those of another rig are its own
    supervisor's, who may come back. What nobody plays on any more is cleared away.
    """
    ended = 0
    with _alone():
        users = {pid: text for pid in _processes() if PREFIX in (text := _maps(pid))}
        for session in {_session(path.name) for path in FOLDER.glob(f"{PREFIX}*")}:
            if _lives(session):
                continue
            pids = [pid for pid, text in users.items() if session in text and pid != os.getpid()]
            if pids and not _concerns(session, outputs, show):
                continue
            ended += len(pids)
            _clear(session, pids)
    return ended


def _concerns(session: str, outputs: Sequence[str], show: str) -> bool:
    """Whether what plays in a dead session stands in the way."""
    told, file = _read(FOLDER / f"{session}{NOTE}")
    if file is not None:
        os.close(file)
    if outputs or told.get("outputs"):
        return bool(set(told.get("outputs", ())) & set(outputs))
    return bool(show) and told.get("show") == show


def _clear(session: str, pids: Sequence[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGTERM)
    for path in FOLDER.glob(f"{session}*"):
        with suppress(OSError):
            path.unlink(missing_ok=True)


@contextmanager
def _alone() -> Iterator[None]:
    """While two sessions start at once, one of them waits here."""
    file = os.open(FOLDER / f".{PREFIX}{os.getuid()}", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)


def _read(path: Path) -> tuple[Mapping[str, Any], int | None]:
    """What a note tells, and its file, locked, unless a living supervisor or another user has it."""
    try:
        file = os.open(path, os.O_RDWR)
    except OSError:
        return {}, None
    try:
        told = json.loads(os.pread(file, 1 << 20, 0))
    except ValueError:
        told = {}
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return told, None
    return told, file


def _plays(told: Mapping[str, Any], path: Path) -> bool:
    pid = told.get("seats", {}).get("player", {}).get("pid")
    return pid is not None and path.name.removesuffix(NOTE) in _maps(pid)


def _session(name: str) -> str:
    """What all names of one session begin with: the process that made it, and when or a number by chance."""
    return PREFIX + "-".join(name.removeprefix(PREFIX).split("-")[:2])


def _lives(session: str) -> bool:
    """Whether somebody watches a session: by its note, or else by the process that made what is named so."""
    note = FOLDER / f"{session}{NOTE}"
    if not note.exists():
        pid = session.removeprefix(PREFIX).partition("-")[0]
        return not pid.isdigit() or Path("/proc", pid).exists()
    _, file = _read(note)
    if file is not None:
        os.close(file)
    return file is None


def _processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").glob("[0-9]*")]


def _maps(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/maps").read_text()
    except OSError:
        return ""
