"""The processes that hold MIDI ports, seen from who asked for them: one per MIDI system, started again when it ends.

`process` says why there are such. Knows nothing of what a message means.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from visuals.clock import monotonic
from visuals.control.midi.ports import Api, System, rtmidi, systems
from visuals.control.midi.presence import Presence

WATCH_S = 0.2
RESTART_S = 1.0
_READ_BYTES = 1 << 16
ORDER_BYTES = 4096
"""What a pipe takes as a whole or not at all: POSIX, PIPE_BUF on Linux."""
ENDED, AWAY = b'\n["ended"]\n', b'\n["away"]\n'
"""What is reported in the place of a process: that it ended, that its system is not there."""
MOST_TIMING = 320
"""Messages that wait: a second of a clock at 400 BPM with timecode beside it; to follow all takes 6 ms."""

logger = logging.getLogger(__name__)


class Listener:
    """The process of one MIDI system that listens, or sends where it is `asked` to, and the pipes that all its lives
    write to and read from.

    `tend` belongs to the watching thread, `lines` and `order` to the frame loop; they share only the pipes.
    """

    def __init__(self, system: System, *asked: str) -> None:
        self.system = system
        sends = any(word.startswith("--send") for word in asked)
        self._presence = Presence(system.name, "output" if sends else "input")
        self._command = [sys.executable, "-m", "visuals.control.midi.process", system.name, *asked]
        self._process: subprocess.Popen[bytes] | None = None
        self._started = -RESTART_S
        self._read_end, self._write_end = os.pipe()
        os.set_blocking(self._read_end, False)
        os.set_blocking(self._write_end, False)
        self._orders_end, self._order_end = os.pipe()
        os.set_blocking(self._order_end, False)
        self._rest = b""
        self.timing: deque[tuple[float, str, str]] = deque(maxlen=MOST_TIMING)
        self.reported = self.is_fresh = self.is_away = False
        self._said_away = False
        self.there: tuple[str, ...] = ()
        self.open: tuple[str, ...] = ()
        self.lost = set[str]()

    def tend(self) -> None:
        """Start the process where its system is there and it is not, at most once in RESTART_S."""
        if self._process is not None and self._process.poll() is not None:
            self._end(self._process)
            self._process = None
        if self._process is not None or monotonic() <= self._started + RESTART_S:
            return
        if self.system.identity() is not None:
            self._started, self._said_away = monotonic(), False
            self._process = subprocess.Popen(
                self._command, stdin=self._orders_end, stdout=self._write_end, stderr=subprocess.DEVNULL
            )
        elif not self._said_away:
            self._said_away = self._report(AWAY)

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        if process.returncode:
            logger.warning("MIDI %s: its process ended with %d", self.system.name, process.returncode)
        self._report(ENDED)

    def _report(self, line: bytes) -> bool:
        with suppress(BlockingIOError):
            return os.write(self._write_end, line) == len(line)
        return False

    def lines(self) -> Iterator[Any]:
        """Take the reports that are there; give `[time, port, hex]` per port and fetch, oldest first.

        Those of timing go to `timing`. Ports that came or are gone are told to the log.
        """
        yield from self._reports()
        if self.reported or self.is_away:
            for told in self._presence.step(self.open, self.is_away, monotonic()):
                logger.warning("%s", told)

    def _reports(self) -> Iterator[Any]:
        try:
            data = os.read(self._read_end, _READ_BYTES)
        except BlockingIOError:
            return
        *whole, self._rest = (self._rest + data).split(b"\n")
        for kind, *fields in filter(None, map(_fields, whole)):
            if kind == "heard":
                yield fields
            elif kind == "timing":
                self.timing.append(tuple(fields))
            elif kind == "state":
                self._take_state(tuple(fields[0]), tuple(fields[1]))
                self.is_away = False
            elif kind == "ended":
                self._take_state((), ())
            elif kind == "away":
                self.is_away = True
            elif kind == "ready":
                self.is_fresh = True
            else:
                logger.warning("%s; trying again", fields[0])

    def _take_state(self, there: tuple[str, ...], opened: tuple[str, ...]) -> None:
        self.lost |= {*self.open} - {*opened}
        self.there, self.open, self.reported = there, opened, True

    def order(self, line: bytes) -> bool:
        """Give the process a line of at most ORDER_BYTES; False where it takes none now. Never waits."""
        try:
            return os.write(self._order_end, line) == len(line)
        except BlockingIOError:
            return False

    def close(self) -> None:
        """End the process; one that hangs with its server is killed."""
        os.close(self._order_end)
        if self._process is not None:
            try:
                self._process.wait(0.5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        os.close(self._orders_end)
        os.close(self._read_end)
        os.close(self._write_end)


def _fields(line: bytes) -> Any:
    """A line of the process as its fields; None for the torn last line of one that was killed."""
    try:
        return json.loads(line)
    except ValueError:
        return None


class Listeners:
    """Those of all systems that `api` means, tended by a thread called `name` from `start` to `close`."""

    def __init__(self, api: Api, name: str) -> None:
        self.systems = systems(api)
        self.all: list[Listener] = []
        self._ending = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name=name, daemon=True)

    @property
    def leading(self) -> Listener | None:
        """The first that has a port open, as of its last report: JACK's count where ALSA has none."""
        return next((listener for listener in self.all if listener.open), None)

    @property
    def open(self) -> tuple[str, ...]:
        """Names of its ports."""
        return self.leading.open if self.leading else ()

    def start(self, *asked: str) -> None:
        """Raises DeviceError when rtmidi cannot be loaded."""
        rtmidi()
        self.all = [Listener(system, *asked) for system in self.systems]
        self._tend()
        self._watcher.start()

    def close(self) -> None:
        """End them all, once they were started."""
        self._ending.set()
        self._watcher.join()
        for listener in self.all:
            listener.close()

    def _watch(self) -> None:
        while not self._ending.wait(WATCH_S):
            self._tend()

    def _tend(self) -> None:
        for listener in self.all:
            listener.tend()
