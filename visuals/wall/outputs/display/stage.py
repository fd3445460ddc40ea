"""The window process as its player sees it: started, told what to show, heard, replaced when it falls or hangs.

Imports no display library: those are loaded in the other process alone.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import AuthenticationError, current_process
from multiprocessing.connection import Client, Connection
from queue import Empty, SimpleQueue

from visuals.clock import monotonic
from visuals.errors import DeviceError
from visuals.wall.outputs.display.nouns import HANG_S, OPEN_S, Order, Part, Told, meeting_point

logger = logging.getLogger(__name__)

MAX_KEYS = 64
CLOSE_S = 1.0
HEALTHY_S = 2.0
"""A window process that lived for so long is replaced at once; else its outputs try again, ever more patiently."""


class Stage:
    """The window process as its player sees it; a thread starts it, hears it and ends it."""

    def __init__(self) -> None:
        self.refused: dict[str, str] = {}
        self.keys: dict[str, deque[str]] = {}
        self._lock = threading.Lock()
        self._parts: dict[str, Part] = {}
        self._answers: dict[str, SimpleQueue[Told]] = {}
        self._connection: Connection | None = None
        self._thread: threading.Thread | None = None
        self._spare: _Link | None = None
        self._waits = True
        self._pid = 0

    def add(self, part: Part) -> None:
        """Have a part shown; raises DeviceError when it is refused."""
        answer: SimpleQueue[Told] = SimpleQueue()
        with self._lock:
            self._parts[part.name], self._answers[part.name] = part, answer
            self.keys[part.name] = deque(maxlen=MAX_KEYS)
            self.refused.pop(part.name, None)
            self._say(part)
            if self._thread is None:
                self._thread = threading.Thread(target=self._keep, name="windows", daemon=True)
                self._thread.start()
        try:
            told = answer.get(timeout=OPEN_S)
        except Empty:
            told = Told("refused", part.name, f"the display does not answer within {OPEN_S:g} s")
        if told.word == "refused":
            self.remove(part.name)
            raise DeviceError(told.text)

    def remove(self, name: str) -> None:
        """Have a part taken away; the last one ends the process."""
        with self._lock:
            self._parts.pop(name, None)
            self._say(name)
            thread = self._thread
            if not self._parts:
                self._say(None)
                self._connection = None
        if not self._parts and thread is not None:
            thread.join(CLOSE_S)

    def _keep(self) -> None:
        # A terminal's Ctrl-C stays blocked in the process that is started here.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        while True:
            connection, end = _adopted() or self._ready_one()
            with self._lock:
                self._connection = connection
                self._say(self._waits)
                for part in self._parts.values():
                    self._say(part)
                if not self._parts:
                    self._say(None)
            began = monotonic()
            reason = self._hear(connection, began)
            end(self._pid)
            if not self._go_on(connection, reason, monotonic() - began):
                self._end_spare()
                return

    def _ready_one(self) -> _Link:
        """The process that stands by, with its driver loaded, or a new one."""
        spare, self._spare = self._spare, None
        if spare is not None and spare[0].poll():  # it says nothing before it is told something: it has ended
            _end(spare)
            spare = None
        return spare or _started()

    def _end_spare(self) -> None:
        spare, self._spare = self._spare, None
        if spare is not None:
            _end(spare)

    def _hear(self, connection: Connection, began: float) -> str:
        """Heed the process until it is gone; why it is."""
        patience = OPEN_S
        try:
            while connection.poll(patience):
                told: Told = connection.recv()
                patience = OPEN_S if told.word == "busy" else HANG_S
                self._heed(told)
                if self._spare is None and monotonic() - began > HEALTHY_S:
                    self._spare = _started()
        except (EOFError, OSError):
            return "has fallen"
        # What held it up may have been the wait for a monitor: the next one does not wait.
        self._waits = False
        return f"was silent for {patience:g} s"

    def _heed(self, told: Told) -> None:
        if told.word == "alive":
            self._pid = int(told.text)
        elif told.word == "key" and told.part in self.keys:
            self.keys[told.part].append(told.text)
        elif told.word == "note":
            logger.error("wall %s: %s", told.part, told.text)
        elif told.word in ("open", "refused"):
            self._answer(told)

    def _answer(self, told: Told) -> None:
        if told.word == "refused":
            self.refused[told.part] = told.text
        with self._lock:
            answer = self._answers.pop(told.part, None)
        if answer is not None:
            answer.put(told)

    def _go_on(self, connection: Connection, reason: str, lived: float) -> bool:
        """Whether there is still something to be shown."""
        with self._lock:
            fallen, self._connection = self._connection is connection, None
            connection.close()
            names = list(self._parts)
            if fallen and names:
                logger.error("the window process %s", reason)
            if fallen and lived < HEALTHY_S:
                self._parts.clear()
            goes_on = bool(self._parts)
            if not goes_on:
                self._thread = None
        if fallen and lived < HEALTHY_S:
            for name in names:
                self._answer(Told("refused", name, f"the window process {reason}"))
        return goes_on

    def _say(self, order: Order) -> None:
        if self._connection is not None:
            with suppress(OSError):  # it has fallen: the next one is told all
                self._connection.send(order)


_Link = tuple[Connection, Callable[[int], None]]
"""The pipe to a window process, and what ends it, given its process id."""


def _adopted() -> _Link | None:
    """The windows that a fallen player of this show has left, if any."""
    key = current_process().authkey
    try:
        return Client(meeting_point(key), "AF_UNIX", authkey=key), _kill
    except (OSError, EOFError, AuthenticationError):
        return None


def _started() -> _Link:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_show, args=(theirs,), name="windows", daemon=True)
    process.start()
    theirs.close()

    def end(_: int) -> None:
        process.join(CLOSE_S / 10)
        process.kill()
        process.join()

    return ours, end


def _end(link: _Link) -> None:
    link[0].close()
    link[1](0)


def _show(player: Connection) -> None:
    """The window process; only there is a display library imported."""
    from visuals.wall.outputs.display.process import run

    run(player)


def _kill(pid: int) -> None:
    with suppress(OSError):
        os.kill(pid, signal.SIGKILL)


stage = Stage()
"""One for each player: its windows share a process, in which one alone may wait for its monitor."""
