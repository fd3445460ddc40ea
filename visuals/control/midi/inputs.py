"""MIDI in: events from every input whose name matches, however often it goes and comes.

The ports live in a process of their own (`process` says why), one per MIDI system, started again
when it ends. Does not know what a show binds to a message.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, NamedTuple, Self

from visuals.clock import Clock, monotonic, sleep
from visuals.control.midi import jack, messages
from visuals.control.midi.channels import Channels
from visuals.control.midi.messages import Message, Parser, newest_controls
from visuals.control.midi.ports import Api, System, matches, ports, rtmidi, systems
from visuals.control.midi.presence import Presence
from visuals.control.msc.message import Receiver, decode, event_of
from visuals.errors import DeviceError
from visuals.types import Event

__all__ = ["Api", "MidiIn", "Timed", "matches", "newest_controls", "ports"]

WATCH_S = 0.2
RESTART_S = 1.0
FIRST_REPORT_S = 5.0
_READ_BYTES = 1 << 16
MOVING = (*messages.MOVING, "msc.set.")
ORDER_BYTES = 4096
"""What a pipe takes as a whole or not at all: POSIX, PIPE_BUF on Linux."""
ENDED, AWAY = b'\n["ended"]\n', b'\n["away"]\n'
"""What is reported in the place of a process: that it ended, that its system is not there."""
MOST_TIMING = (
    320  # messages that wait: a second of a clock at 400 BPM with timecode beside it; to follow all takes 6 ms
)

logger = logging.getLogger(__name__)


class Timed(NamedTuple):
    """A message that tells time, and the show time at which it came to its port, give or take a fetch."""

    time: float
    port: str
    message: Message


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


class MidiIn:
    """A `Source` of events from every MIDI input that matches `pattern`, for as long as it is entered.

    Events: those of `channels`, such as `midi.note.<channel>/<number>` with velocity / 127, and for the show
    control that `receiver` answers to those of `msc`; `source` is the port's name. `midi.lost`, 0, is a port's that is
    gone. `counted` are the names of
    controllers whose every message counts: endless knobs. With `auto`, JACK's ports count where ALSA has none
    that match, so that a bridged desk is not heard twice.

    Entering raises DeviceError when rtmidi cannot be loaded, and with `required` when no port
    matches; otherwise ports are waited for.
    """

    def __init__(
        self,
        pattern: str | None,
        clock: Clock,
        api: Api = "auto",
        *,
        required: bool = False,
        receiver: Receiver | None = None,
        everything: bool = False,
    ) -> None:
        self._pattern, self._clock, self._required = pattern, clock, required
        self._asked = ([] if pattern is None else [f"--in={pattern}"]) + (["--all"] if everything else [])
        self._receiver = receiver or Receiver()
        self.counted: Collection[str] = ()
        self._systems, self._listeners = systems(api), list[Listener]()
        self._heard: dict[str, tuple[Parser, Channels]] = {}
        self._timing: deque[Timed] = deque(maxlen=MOST_TIMING)
        self._ending = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="midi", daemon=True)

    @property
    def connected(self) -> tuple[str, ...]:
        """Names of the ports that are heard, as of the last `drain`."""
        return next((listener.open for listener in self._listeners if listener.open), ())

    def __enter__(self) -> Self:
        rtmidi()
        self._listeners = [Listener(system, *self._asked) for system in self._systems]
        self._tend()
        try:
            if self._required:
                self._await_port()
        except BaseException:
            self._close()
            raise
        self._watcher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        self._watcher.join()
        self._close()

    def drain(self) -> Sequence[Event]:
        """What came since the last call; of each controller only its newest value, if it is not counted."""
        heard = self.heard()
        came = [*self._lost(), *(event for said in heard for event in self._events(*said))]
        return newest_controls(came, MOVING, self.counted)

    def _lost(self) -> Iterator[Event]:
        """The ports that are gone; who comes back by that name begins anew, with no bank and no half of a fader."""
        for listener in self._listeners:
            for port in sorted(listener.lost):
                self._heard.pop(port, None)
                yield Event(self._clock.now(), "midi.lost", 0.0, port)
            listener.lost.clear()

    def heard(self) -> Sequence[tuple[float, str, bytes]]:
        """In `drain`'s place: when and where what messages came, as bytes; `everything` with clocks."""
        heard = [(listener, list(listener.lines())) for listener in self._listeners]
        lines = next((lines for listener, lines in heard if listener.open), [])
        show_time = self._clock.now() - monotonic()
        self._keep_time(show_time)
        return [(time + show_time, port, bytes.fromhex(data)) for time, port, data in lines]

    def timing(self) -> Sequence[Timed]:
        """The clocks and timecode of all ports that the last `drain`s brought; of those that pile up the newest."""
        timing = list(self._timing)
        self._timing.clear()
        return timing

    def _keep_time(self, show_time: float) -> None:
        for time, port, data in next((listener.timing for listener in self._listeners if listener.open), ()):
            # A run of whole messages each, so no state is kept from one to the next.
            messages = Parser().feed(bytes.fromhex(data))
            self._timing.extend(Timed(time + show_time, port, message) for message in messages)
        for listener in self._listeners:
            listener.timing.clear()

    def _events(self, time: float, port: str, data: bytes) -> Iterator[Event]:
        parser, channels = self._heard.setdefault(port, (Parser(), Channels()))
        for message in parser.feed(data):
            if message.kind != "sysex":
                yield from channels.events(message, time, port)
            elif (control := decode(message.data)) is not None and self._receiver.hears(control):
                yield event_of(control, time, port)

    def _watch(self) -> None:
        while not self._ending.wait(WATCH_S):
            self._tend()

    def _tend(self) -> None:
        for listener in self._listeners:
            listener.tend()

    def _await_port(self) -> None:
        """Wait for the first report of every system that is there."""
        deadline = monotonic() + FIRST_REPORT_S
        there = [listener for listener in self._listeners if listener.system.identity() is not None]
        while not all(listener.reported for listener in there) and monotonic() < deadline:
            self.drain()
            sleep(0.005)
        if not self.connected:
            raise DeviceError(self._nothing_found(bool(there)))

    def _nothing_found(self, any_system: bool) -> str:
        wanted = "no MIDI input" if self._pattern is None else f"no MIDI input matches {self._pattern!r}"
        there = [name for listener in self._listeners for name in listener.there]
        if there:
            return f"{wanted}; there are: {', '.join(there)}"
        if any_system:
            return f"{wanted}; there are none"
        return f"{wanted}: neither ALSA (/dev/snd/seq) nor a JACK server ({jack.server_name()}) is there"

    def _close(self) -> None:
        for listener in self._listeners:
            listener.close()
