"""The only door to rtmidi: which MIDI ports there are, and a process that listens or sends to them.

Runs as a process of its own, `python -m visuals.control.midi_ports SYSTEM [--in=PATTERN] [--all]`,
which writes a JSON line per look, and per port that sent, to its stdout, and ends when its stdin closes or its
MIDI system does; `--all` is with clocks and active sensing. `--send=PATTERN` sends instead what comes in
JSON lines by its stdin: another process, so that an output that hangs keeps no input from being heard.
Knows nothing of events or of what a message means. The reasons, all measured:

* To open a JACK client holds the interpreter for 8 ms, and for ever while the server hangs.
* A callback makes JACK's process thread wait for the interpreter: beside a busy loop 36 % (64 frames
  a period) to 99 % (1024) of the messages were lost; fetched from rtmidi's queue, none of 10 000.
* rtmidi notices nothing when a sender or a server vanishes, and to free the clients of a dead server
  after a new one was reached crashes in libjack. One server's life is one process's life.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import select
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, NamedTuple

from visuals.clock import monotonic, sleep
from visuals.control import jack
from visuals.errors import DeviceError

Api = Literal["auto", "alsa", "jack"]

LOOK_S = 0.2
FETCH_S = 0.004
QUEUE = 8192
BACKLOG = 256
"""Lines that wait beside a full pipe: a second of one port."""
INBOX_BYTES = 1 << 16
LAST_S = 0.05
"""What was sent last has left by then: a client that is freed takes what waits in it along."""
QUIET_S = 0.5
END_OF_SYSEX = b"\xf7"
LONGEST_BYTES = 64 * 1024
"""Of one message. What a sender never ends grows until `Ender` does, and is then left out."""

TIMING = bytes.fromhex("F1 F2 F8 FA FB FC")
"""MIDI 1.0 tables V and VI: quarter frame, song position, clock, start, continue, stop."""

FULL_FRAME = re.compile(rb"\xf0\x7f.\x01\x01.{4}\xf7", re.DOTALL)
"""The MIDI Time Code message that names a whole frame (MMA RP-004 page 7)."""

FLOOD = 64
"""Messages of one port and one fetch: 16,000 a second, more than hands and desks send. A step of an endless knob
may be lost in a flood; a frame may not."""

TIMING_BYTES = 128
"""Of one port and one fetch, the newest: a third of a second of clock and timecode, where the fetch was held up. A
flood of clock leaves the pipe to the notes."""

CLIENT, ENDER, SENDER = "visuals", "visuals-end", "visuals-lights"
"""How this program is called at a MIDI system: what listens, what ends sysex, what sends."""
_ALSA_SEQUENCER = Path("/dev/snd/seq")
_ALSA_ADDRESS = re.compile(r" \d+:\d+$")


@dataclass(frozen=True, slots=True)
class System:
    """A MIDI system: how rtmidi calls it, how to tell that it is there, what makes a client new."""

    name: str
    constant: str
    identity: Callable[[], int | None]
    client_identity: Callable[[str], int]
    sticks: bool = False
    """Whether rtmidi keeps all that comes after a sysex that was begun to itself, until one ends: see `Ender`."""


SYSTEMS = (
    System("alsa", "API_LINUX_ALSA", lambda: 1 if _ALSA_SEQUENCER.exists() else None, lambda port: 0),
    System("jack", "API_UNIX_JACK", jack.server_identity, jack.client_identity, sticks=True),
)


def systems(api: Api) -> tuple[System, ...]:
    """The systems that `api` means, the preferred one first."""
    chosen = tuple(s for s in SYSTEMS if api in ("auto", s.name))
    if not chosen:
        raise DeviceError(f"no MIDI system is called {api!r}: expected auto, alsa or jack")
    return chosen


def rtmidi() -> ModuleType:
    """Import rtmidi, whose wheel needs the system's libasound2."""
    try:
        import rtmidi as module
    except ImportError as error:
        raise DeviceError(f"MIDI needs a system library ({error}): apt-get install -y libasound2") from error
    return module  # type: ignore[no-any-return]


@contextmanager
def _refusals(what: str) -> Iterator[None]:
    """Turn what rtmidi raises into a DeviceError that names what was refused."""
    try:
        yield
    except rtmidi().RtMidiError as error:
        raise DeviceError(f"MIDI {what}: {error}") from error


def _client(system: System) -> Any:
    module = rtmidi()
    with _refusals(system.name):
        return module.MidiIn(getattr(module, system.constant), name=CLIENT, queue_size_limit=QUEUE)


def _sender(system: System) -> Any:
    module = rtmidi()
    with _refusals(system.name):
        return module.MidiOut(getattr(module, system.constant), name=ENDER)


def _listed(lister: Any) -> tuple[str, ...]:
    """The inputs there are, without what this program itself says there."""
    return tuple(name for name in lister.get_ports() if not name.startswith((ENDER, SENDER)))


def matches(pattern: str | None, name: str) -> bool:
    """Whether a port is meant: by part of its name or by a * ? pattern, in any case.

    None means every port but ALSA's loop-back. ALSA's address at the end (`Desk:MIDI 1 20:0`), which
    changes when a device is plugged in again, need not be part of a pattern.
    """
    low = name.casefold()
    if pattern is None:
        return "midi through" not in low
    wanted = pattern.casefold()
    return wanted in low or fnmatch(low, wanted) or fnmatch(_ALSA_ADDRESS.sub("", low), wanted)


class Port(NamedTuple):
    """One start of one input port: unequal to a port of the same name that came back."""

    name: str
    client: int


class Ender:
    """Ends a sysex that its sender never ended, so that an open input hears again what comes after it.

    An output of our own into the input, which says F7 where nothing was heard for QUIET_S: after whole
    messages that means nothing (MIDI 1.0 4.2.1, end of exclusive). Make it before the input is opened.
    """

    def __init__(self, system: System) -> None:
        self._out = _sender(system)
        self._before = frozenset(self._out.get_ports())
        self._heard = monotonic()

    def join(self) -> None:
        """Connect to the input that was opened since."""
        names = self._out.get_ports()
        new = [name for name in names if name not in self._before]
        if len(new) == 1:
            self._out.open_port(names.index(new[0]), "out")

    def step(self, heard: bool) -> None:
        now = monotonic()
        if heard:
            self._heard = now
        elif now - self._heard > QUIET_S:
            self._heard = now
            self._out.send_message(END_OF_SYSEX)

    def delete(self) -> None:
        self._out.delete()


@dataclass(frozen=True, slots=True)
class Opened:
    """An input that is open, with what keeps it hearing where its system needs that."""

    client: Any
    ender: Ender | None

    def fetch(self) -> Iterator[bytes]:
        """The bytes of the messages that wait, at most one queue full."""
        heard = False
        for _ in range(QUEUE):
            message = self.client.get_message()
            if message is None:
                break
            heard = True
            data = bytes(message[0])
            if data != END_OF_SYSEX and len(data) <= LONGEST_BYTES:
                yield data
        if self.ender is not None:
            self.ender.step(heard)

    def delete(self) -> None:
        self.client.delete()
        if self.ender is not None:
            self.ender.delete()


class Ports:
    """The inputs of one system: those there are, and those that match and are open."""

    def __init__(self, system: System, pattern: str | None, everything: bool = False) -> None:
        self._system, self._pattern, self._everything = system, pattern, everything
        self._lister = _client(system)
        self._open: dict[Port, Opened] = {}
        self.there: tuple[str, ...] = ()

    @property
    def open(self) -> tuple[str, ...]:
        return tuple(port.name for port in self._open)

    def look(self) -> None:
        """Free the ports that are gone, open those that are new."""
        with _refusals(self._system.name):
            self.there = _listed(self._lister)
        wanted = [Port(n, self._system.client_identity(n)) for n in self.there if matches(self._pattern, n)]
        for port in [port for port in self._open if port not in wanted]:
            self._open.pop(port).delete()
        for port in [port for port in wanted if port not in self._open]:
            opened = self._connect(port.name)
            if opened is not None:
                self._open[port] = opened

    def _connect(self, name: str) -> Opened | None:
        opened = Opened(_client(self._system), Ender(self._system) if self._system.sticks else None)
        with _refusals(name):
            names = opened.client.get_ports()
            if name not in names:
                opened.delete()
                return None
            opened.client.ignore_types(sysex=False, timing=False, active_sense=not self._everything)
            opened.client.open_port(names.index(name), "in")
            if opened.ender is not None:
                opened.ender.join()
        return opened

    def fetch(self) -> Iterator[tuple[str, bytes]]:
        """Port name and bytes of the messages that wait, at most one queue full per port."""
        for port, opened in self._open.items():
            for data in opened.fetch():
                yield port.name, data

    def close(self) -> None:
        """Free every client; letting go of an rtmidi object does not."""
        for opened in self._open.values():
            opened.delete()
        self._lister.delete()
        self._open.clear()


def ports(api: Api = "auto") -> list[str]:
    """Names of the input ports there are now. For commands that end soon, not for a running show."""
    rtmidi()
    found: list[str] = []
    for system in systems(api):
        if system.identity() is not None:
            lister = _client(system)
            found += _listed(lister)
            lister.delete()
    return found


# ---- outputs ------------------------------------------------------------------------------------


def _output(system: System) -> Any:
    module = rtmidi()
    with _refusals(system.name):
        return module.MidiOut(getattr(module, system.constant), name=SENDER)


def _listed_outputs(lister: Any) -> tuple[str, ...]:
    """The outputs there are, without what this program itself listens with."""
    return tuple(name for name in lister.get_ports() if not name.startswith(CLIENT))


def outputs(api: Api = "auto") -> list[str]:
    """Names of the output ports there are now. For commands that end soon, not for a running show."""
    rtmidi()
    found: list[str] = []
    for system in systems(api):
        if system.identity() is not None:
            lister = _output(system)
            found += _listed_outputs(lister)
            lister.delete()
    return found


class Outputs:
    """The outputs of one system: those there are, and those that match and are open."""

    def __init__(self, system: System, pattern: str) -> None:
        self._system, self._pattern = system, pattern
        self._lister = _output(system)
        self._open: dict[Port, Any] = {}
        self.there: tuple[str, ...] = ()

    @property
    def open(self) -> tuple[str, ...]:
        return tuple(port.name for port in self._open)

    def look(self) -> bool:
        """Free the ports that are gone, open those that are new; True if there was one."""
        with _refusals(self._system.name):
            self.there = _listed_outputs(self._lister)
        wanted = [Port(n, self._system.client_identity(n)) for n in self.there if matches(self._pattern, n)]
        for port in [port for port in self._open if port not in wanted]:
            self._open.pop(port).delete()
        fresh = {port: self._connect(port.name) for port in wanted if port not in self._open}
        self._open |= {port: client for port, client in fresh.items() if client is not None}
        return any(client is not None for client in fresh.values())

    def _connect(self, name: str) -> Any:
        client = _output(self._system)
        with _refusals(name):
            names = client.get_ports()
            if name not in names:
                client.delete()
                return None
            client.open_port(names.index(name), "out")
        return client

    def send(self, messages: Iterable[bytes]) -> None:
        """To every port that is open."""
        for message in messages:
            for port, client in self._open.items():
                with _refusals(port.name):
                    client.send_message(message)

    def close(self) -> None:
        """Free every client."""
        for client in self._open.values():
            client.delete()
        self._lister.delete()
        self._open.clear()


def newest(messages: Iterable[bytes]) -> list[bytes]:
    """Of each note, controller and bend wheel the last; all sysex, in the order in which they came last."""
    kept: dict[bytes, bytes] = {}
    for message in messages:
        key = message[:1] if message[0] & 0xF0 == 0xE0 else message if message[0] >= 0xF0 else message[:2]
        kept.pop(key, None)
        kept[key] = message
    return list(kept.values())


class Inbox:
    """Lines of messages, as JSON lists of hex, that come by a descriptor."""

    def __init__(self, fd: int) -> None:
        os.set_blocking(fd, False)
        self._fd = fd
        self._rest = b""

    def take(self) -> list[bytes] | None:
        """The messages that came, the newest of each; None: there will be no more.

        A line that is none, as after a process that ended in the middle of one, is passed over.
        """
        try:
            data = os.read(self._fd, INBOX_BYTES)
        except BlockingIOError:
            return []
        if not data:
            return None
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._rest = self._rest[-INBOX_BYTES:]
        return newest(message for line in lines for message in _messages(line))


def _messages(line: bytes) -> list[bytes]:
    try:
        return [message for message in map(bytes.fromhex, json.loads(line)) if message and message[0] >= 0x80]
    except (ValueError, TypeError):
        return []


def deliver(system: System, pattern: str, outbox: Outbox, stdin: int) -> None:
    """Send what comes by stdin; `["state", there, open]` at every look, `["ready"]` after a port was opened.

    Returns when stdin closes or the system is another.
    """
    identity = system.identity()
    sending, inbox, next_look = Outputs(system, pattern), Inbox(stdin), 0.0
    while True:
        if monotonic() >= next_look:
            if system.identity() != identity:
                return
            is_fresh = sending.look()
            outbox.put("state", sending.there, sending.open)
            if is_fresh:
                outbox.put("ready")
            next_look = monotonic() + LOOK_S
        outbox.flush()
        if select.select([stdin], [], [], max(0.0, next_look - monotonic()))[0]:
            messages = inbox.take()
            if messages is None:
                sleep(LAST_S)
                sending.close()
                return
            sending.send(messages)


class Outbox:
    """Lines on their way out of a descriptor; when the reader is slow the oldest are dropped."""

    def __init__(self, fd: int) -> None:
        os.set_blocking(fd, False)
        self._fd = fd
        self._lines: deque[bytes] = deque(maxlen=BACKLOG)
        self._rest = b""

    def put(self, *fields: object) -> None:
        self._lines.append(json.dumps(fields).encode() + b"\n")

    def flush(self) -> None:
        """Write what the pipe takes now."""
        while self._rest or self._lines:
            self._rest = self._rest or self._lines.popleft()
            try:
                self._rest = self._rest[os.write(self._fd, self._rest) :]
            except BlockingIOError:
                return


def calmed(messages: list[bytes]) -> list[bytes]:
    """What came to one port in one fetch; of more than FLOOD messages the newest of each kind."""
    return messages if len(messages) <= FLOOD else newest(messages)[-FLOOD:]


def sort(
    messages: Iterable[tuple[str, bytes]], everything: bool = False
) -> tuple[dict[str, list[bytes]], dict[str, bytes]]:
    """Messages (port, bytes) by port: what hands do, and apart, if not `everything` goes there, what tells time."""
    hands, timing = dict[str, list[bytes]](), dict[str, bytes]()
    for port, data in messages:
        if not everything and (data[:1] in TIMING or FULL_FRAME.fullmatch(data)):
            timing[port] = (timing.get(port, b"") + data)[-TIMING_BYTES:]
        else:
            hands.setdefault(port, []).append(data)
    return hands, timing


def listen(system: System, pattern: str | None, everything: bool, outbox: Outbox, stdin: int) -> None:
    """Send `["state", there, open]` at every look, `["heard", time, port, hex]` per fetch and port that brought any.

    What tells time is sent apart as `["timing", time, port, hex]`, with the middle of the time in which it came,
    unless `everything` is heard. Time is the machine's monotonic clock. Returns when stdin closes or the system
    is another.
    """
    identity = system.identity()
    listening, next_look = Ports(system, pattern, everything), 0.0
    now = monotonic()
    while system.identity() == identity if (look := monotonic() >= next_look) else True:
        if look:
            listening.look()
            outbox.put("state", listening.there, listening.open)
            next_look = monotonic() + LOOK_S
        before, now = now, monotonic()
        hands, timing = sort(listening.fetch(), everything)
        for name, data in timing.items():
            outbox.put("timing", (before + now) / 2.0, name, data.hex())
        for name, messages in hands.items():
            outbox.put("heard", now, name, b"".join(calmed(messages)).hex())
        outbox.flush()
        if select.select([stdin], [], [], FETCH_S)[0]:
            listening.close()
            return


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("system")
    parser.add_argument("--in", dest="pattern")
    parser.add_argument("--all", dest="everything", action="store_true")
    parser.add_argument("--send")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """The process. A terminal's Ctrl-C is not for it; stdout is kept clean of what libraries say."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    outbox = Outbox(os.dup(1))
    os.dup2(2, 1)
    asked = _asked(arguments)
    system = next(s for s in SYSTEMS if s.name == asked.system)
    identity = system.identity()
    try:
        if asked.send is not None:
            deliver(system, asked.send, outbox, 0)
        else:
            listen(system, asked.pattern, asked.everything, outbox, 0)
    except DeviceError as error:
        # A server that has just gone is no trouble: the owner waits for the next one.
        if identity is not None and system.identity() == identity:
            outbox.put("error", str(error))
            outbox.flush()
    except BrokenPipeError:
        pass
    return 0


if __name__ == "__main__":
    # Without the interpreter's and libjack's farewells, which crash where the server is dead.
    os._exit(main(sys.argv[1:]))
