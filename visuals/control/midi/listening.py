"""Listening: the inputs of one MIDI system that match, and what comes by them. Knows nothing of what a message means.

Runs in `process`.
"""

from __future__ import annotations

import re
import select
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from visuals.clock import monotonic
from visuals.control.midi.lines import Outbox
from visuals.control.midi.messages import newest
from visuals.control.midi.ports import ENDER, LOOK_S, QUEUE, Port, System, listed, listener, matches, refusals, sender

FETCH_S = 0.004
QUIET_S, DOUBT_S = 0.5, 0.1
"""A show control message takes 41 ms on the slowest line, and our F7 is back after two of JACK's periods, 43 ms where
they are of 1024 frames."""

END_OF_SYSEX = b"\xf7"
LONGEST_BYTES = 64 * 1024
"""Of one message. What a sender never ends grows until `Ender` does, and is then left out."""

OBEYED_BYTES = 1024
"""Nothing that a show obeys is longer (of show control 128, MMA RP-002 2.6): dumps of a synthesizer leave the pipe to
the rest."""

TIMING = bytes.fromhex("F1 F2 F8 FA FB FC")
"""MIDI 1.0 tables V and VI: quarter frame, song position, clock, start, continue, stop."""

FULL_FRAME = re.compile(rb"\xf0\x7f.\x01\x01.{4}\xf7", re.DOTALL)
"""The MIDI Time Code message that names a whole frame (MMA RP-004 page 7)."""

FLOOD = 64
"""Messages of one port and one fetch: 16,000 a second, more than hands and desks send. A step of an endless knob
may be lost in a flood; a frame may not."""

MOST_WAITING = 1024
"""Messages of one port that wait for the next fetches, 64 ms; of more the oldest are dropped."""

MOVING = (0xA0, 0xB0, 0xD0, 0xE0)
"""MIDI 1.0 table II: pressure, controllers, bend."""

TIMING_BYTES = 128
"""Of one port and one fetch, the newest: a third of a second of clock and timecode, where the fetch was held up. A
flood of clock leaves the pipe to the notes."""


class Doubt:
    """Sysex whole as they were sent, though an F7 of our own may have ended one before its time. Pure.

    JACK may bring a sysex in pieces, as from a slow line, and of a GO 12 that is cut there is left a GO 1. So what
    comes while our F7 is on its way waits until that came by itself, which tells that it ended nothing; otherwise it
    is joined with its rest, or left out where none comes.
    """

    def __init__(self) -> None:
        self._asked: float | None = None
        self._comes = False  # our F7s come back; where they do not, nothing is ended by them either
        self._waiting: list[bytes] = []
        self._cut = b""

    def ask(self, now: float) -> None:
        """An F7 of ours is on its way."""
        self._asked, self._cut = now, b""

    def take(self, messages: Iterable[bytes], now: float) -> list[bytes]:
        """What is whole of what came, and of what waited for that."""
        found = [whole for message in messages for whole in self._take(message)]
        if self._asked is not None and (now > self._asked + DOUBT_S or len(self._waiting) > FLOOD):
            found += self._given_up()
        return found

    def _given_up(self) -> list[bytes]:
        """Our F7 did not come back: it ended the first that waits, or was lost."""
        cut, whole = self._waiting[:1], self._waiting[1:]
        self._cut = cut[0][:-1] if cut and not whole else b""
        self._waiting = []
        self._asked, self._comes = None, False
        return whole

    def _take(self, data: bytes) -> Iterator[bytes]:
        if data[0] < 0x80 or (data == END_OF_SYSEX and self._asked is None):
            yield from self._joined(data)
        elif data == END_OF_SYSEX:
            self._asked, self._comes = None, True
            yield from self._waiting
            self._waiting.clear()
        elif data[0] == 0xF0 and self._asked is not None and self._comes:
            self._waiting.append(data)
        else:
            yield data

    def _joined(self, rest: bytes) -> Iterator[bytes]:
        """What our F7 had cut, with its rest; all that waits before it was whole."""
        begun = self._cut
        if self._waiting:
            *whole, last = self._waiting
            yield from whole
            begun = last[:-1]
            self._waiting.clear()
            self._asked = None
        joined, self._cut = begun + rest if begun else b"", b""
        if joined.endswith(END_OF_SYSEX):
            yield joined
        elif len(joined) <= LONGEST_BYTES:
            self._cut = joined


class Ender:
    """Ends a sysex that its sender never ended, so that an open input hears again what comes after it.

    An output of our own into the input, which says F7 where nothing was heard for QUIET_S: after whole
    messages that means nothing (MIDI 1.0 4.2.1, end of exclusive), and `Doubt` keeps it from cutting one that is
    still coming. Make it before the input is opened.
    """

    def __init__(self, system: System) -> None:
        self._out = sender(system, ENDER)
        self._before = frozenset(self._out.get_ports())
        self._heard = monotonic() - QUIET_S
        self._doubt = Doubt()

    def join(self) -> None:
        """Connect to the input that was opened since."""
        names = self._out.get_ports()
        new = [name for name in names if name not in self._before]
        if len(new) == 1:
            self._out.open_port(names.index(new[0]), "out")

    def step(self, came: Sequence[bytes]) -> list[bytes]:
        """What came, without what this ended itself."""
        now = monotonic()
        whole = self._doubt.take(came, now)
        if came:
            self._heard = now
        elif now - self._heard > QUIET_S:
            self._heard = now
            self._doubt.ask(now)
            self._out.send_message(END_OF_SYSEX)
        return whole

    def delete(self) -> None:
        self._out.delete()


class Calm:
    """Passes on FLOOD messages of hands a fetch, and the rest with the next: a desk that says all its faders at once
    is heard to the last one. What moves keeps its place in the row and takes its newest value. Pure."""

    def __init__(self) -> None:
        self._waiting: dict[bytes, bytes] = {}

    def take(self, messages: list[bytes]) -> list[bytes]:
        """What comes at last of these and of those that wait; what tells time waits for nothing."""
        if not self._waiting and len(messages) <= FLOOD:
            return messages
        timing = [data for data in messages if tells_time(data)]
        for data in messages:
            if not tells_time(data):
                self._add(data)
        passed = [self._waiting.pop(key) for key in list(self._waiting)[:FLOOD]]
        for key in list(self._waiting)[:-MOST_WAITING]:
            del self._waiting[key]
        return timing + passed

    def _add(self, data: bytes) -> None:
        kind = data[0] & 0xF0
        key = data[:1] if kind in (0xD0, 0xE0) else data if kind == 0xF0 else data[:2]
        if kind not in MOVING:
            self._waiting.pop(key, None)
        self._waiting[key] = data


@dataclass(frozen=True, slots=True)
class Opened:
    """An input that is open, with what keeps it hearing where its system needs that; `longest` is in bytes."""

    client: Any
    ender: Ender | None
    calm: Calm | None
    longest: int

    def fetch(self) -> list[bytes]:
        """The bytes of the messages that wait, at most one queue full."""
        came = list(self._waiting())
        whole = came if self.ender is None else self.ender.step(came)
        found = [data for data in whole if data != END_OF_SYSEX and len(data) <= self.longest]
        return calmed(found) if self.calm is None else self.calm.take(found)

    def _waiting(self) -> Iterator[bytes]:
        for _ in range(QUEUE):
            message = self.client.get_message()
            if message is None:
                return
            if message[0]:
                yield bytes(message[0])

    def delete(self) -> None:
        self.client.delete()
        if self.ender is not None:
            self.ender.delete()


class Ports:
    """The inputs of one system: those there are, and those that match and are open."""

    def __init__(self, system: System, pattern: str | None, everything: bool = False) -> None:
        self._system, self._pattern, self._everything = system, pattern, everything
        self._lister = listener(system)
        self._open: dict[Port, Opened] = {}
        self.there: tuple[str, ...] = ()

    @property
    def open(self) -> tuple[str, ...]:
        return tuple(port.name for port in self._open)

    def look(self) -> None:
        """Free the ports that are gone, open those that are new."""
        with refusals(self._system.name):
            self.there = listed(self._lister)
        wanted = [Port(n, self._system.client_identity(n)) for n in self.there if matches(self._pattern, n)]
        for port in [port for port in self._open if port not in wanted]:
            self._open.pop(port).delete()
        for port in [port for port in wanted if port not in self._open]:
            opened = self._connect(port.name)
            if opened is not None:
                self._open[port] = opened

    def _connect(self, name: str) -> Opened | None:
        ender = Ender(self._system) if self._system.sticks else None
        calm, longest = (None, LONGEST_BYTES) if self._everything else (Calm(), OBEYED_BYTES)
        opened = Opened(listener(self._system), ender, calm, longest)
        with refusals(name):
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


def tells_time(data: bytes) -> bool:
    return data[:1] in TIMING or FULL_FRAME.fullmatch(data) is not None


def calmed(messages: list[bytes]) -> list[bytes]:
    """What came to one port in one fetch; of more than FLOOD messages the newest of each kind."""
    return messages if len(messages) <= FLOOD else newest(messages)[-FLOOD:]


def sort(
    messages: Iterable[tuple[str, bytes]], everything: bool = False
) -> tuple[dict[str, list[bytes]], dict[str, bytes]]:
    """Messages (port, bytes) by port: what hands do, and apart, if not `everything` goes there, what tells time."""
    hands, timing = dict[str, list[bytes]](), dict[str, bytes]()
    for port, data in messages:
        if not everything and tells_time(data):
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
            outbox.put("heard", now, name, b"".join(messages).hex())
        outbox.flush()
        if select.select([stdin], [], [], FETCH_S)[0]:
            listening.close()
            return
