"""MIDI 1.0 as tables: bytes in, messages out, messages to events.

Pure. Knows nothing of ports, drivers or what a show does with a note. Source: MIDI 1.0 Detailed
Specification 4.2.1, tables I to VI, and its appendix on receivers and running status.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from visuals.types import Event

CHANNEL_MESSAGES: dict[int, tuple[str, int]] = {
    0x80: ("note_off", 2),
    0x90: ("note_on", 2),
    0xA0: ("poly_pressure", 2),
    0xB0: ("control_change", 2),
    0xC0: ("program_change", 1),
    0xD0: ("channel_pressure", 1),
    0xE0: ("pitch_bend", 2),
}
"""Table I and II: high nibble of the status byte -> name, number of data bytes."""

COMMON_MESSAGES: dict[int, tuple[str, int]] = {
    0xF1: ("quarter_frame", 1),
    0xF2: ("song_position", 2),
    0xF3: ("song_select", 1),
    0xF6: ("tune_request", 0),
}
"""Table V. F4 and F5 are undefined; like all of these they end running status."""

REALTIME_MESSAGES: dict[int, str] = {
    0xF8: "clock",
    0xFA: "start",
    0xFB: "continue",
    0xFC: "stop",
    0xFE: "active_sensing",
    0xFF: "reset",
}
"""Table VI: one byte each, allowed between any two bytes of another message."""

SYSEX, END_OF_SYSEX = 0xF0, 0xF7
SYSEX_LIMIT = 64 * 1024
"""A sysex longer than this (bytes) is dropped whole: an endless one must not fill the memory."""

CHANNELS = range(1, 17)

FULL_14_BIT, CENTRE = 0x3FFF, 0x2000
"""Of values in two bytes; the centre is where a bend wheel rests."""


def _level(byte: int) -> float:
    return byte / 127.0


def _bend(data: bytes) -> float:
    """Low byte first. The ends are 0 and 1, the rest position is 0.5, though it is not half of the range."""
    bend = data[0] | data[1] << 7
    return bend / (2 * CENTRE) if bend <= CENTRE else 0.5 + (bend - CENTRE) / (2 * (FULL_14_BIT - CENTRE))


EVENTS: dict[str, tuple[str, bool, Callable[[bytes], float]]] = {
    "note_on": ("midi.note", True, lambda data: _level(data[1])),
    "note_off": ("midi.note", True, lambda data: 0.0),
    "poly_pressure": ("midi.pressure", True, lambda data: _level(data[1])),
    "control_change": ("midi.cc", True, lambda data: _level(data[1])),
    "program_change": ("midi.program", True, lambda data: 1.0),
    "channel_pressure": ("midi.pressure", False, lambda data: _level(data[0])),
    "pitch_bend": ("midi.bend", False, _bend),
}
"""Kind of message -> what its event is called, whether the first byte is a number of its own, its value."""

MOVING = ("midi.cc.", "midi.cc14.", "midi.bend.", "midi.pressure.")
"""Events of what moves on and on, of which only the newest counts."""


@dataclass(frozen=True, slots=True)
class Message:
    """One whole message: its name, channel 1..16 (0 for system messages), data bytes 0..127."""

    kind: str
    channel: int
    data: bytes


class Parser:
    """Finds the messages in a stream of bytes. Keeps running status; never raises."""

    def __init__(self) -> None:
        self._status = 0
        self._data = bytearray()

    def feed(self, stream: bytes) -> list[Message]:
        """The messages that `stream` completes. Bytes that belong to none are skipped."""
        return [message for byte in stream for message in self._take(byte)]

    def _take(self, byte: int) -> Iterator[Message]:
        if byte >= 0xF8:
            if byte in REALTIME_MESSAGES:
                yield Message(REALTIME_MESSAGES[byte], 0, b"")
        elif byte >= 0x80:
            yield from self._take_status(byte)
        elif self._status == SYSEX:
            self._take_sysex(byte)
        elif self._status:
            self._data.append(byte)
            yield from self._finished()

    def _take_status(self, byte: int) -> Iterator[Message]:
        if byte == END_OF_SYSEX and self._status == SYSEX:
            yield Message("sysex", 0, bytes(self._data))
        self._data.clear()
        self._status = byte if byte == SYSEX or _shape(byte) else 0
        if self._status:
            yield from self._finished()

    def _take_sysex(self, byte: int) -> None:
        self._data.append(byte)
        if len(self._data) > SYSEX_LIMIT:
            self._data.clear()
            self._status = 0

    def _finished(self) -> Iterator[Message]:
        """The message under way, if it has all its data bytes."""
        shape = _shape(self._status)
        if shape is None or len(self._data) < shape[1]:
            return
        channel = (self._status & 0x0F) + 1 if self._status < SYSEX else 0
        yield Message(shape[0], channel, bytes(self._data))
        self._data.clear()
        if not channel:
            self._status = 0


def _shape(status: int) -> tuple[str, int] | None:
    """Name and number of data bytes that follow a status byte; None for sysex and the undefined."""
    return COMMON_MESSAGES.get(status) if status >= SYSEX else CHANNEL_MESSAGES.get(status & 0xF0)


def event_of(message: Message, time: float, source: str) -> Event | None:
    """The event of a message, None for kinds a show cannot bind.

    Channels count from 1 and numbers from 0, as desks show them. A note's value is velocity / 127, 0
    when it ends: some senders end notes with velocity 0, some with a release velocity above 0.
    """
    known = EVENTS.get(message.kind)
    if known is None:
        return None
    name, is_numbered, value = known
    address = f"{message.channel}/{message.data[0]}" if is_numbered else str(message.channel)
    return Event(time, f"{name}.{address}", value(message.data), source)


def newest_controls(
    events: Sequence[Event], moving: tuple[str, ...] = MOVING, counted: Collection[str] = ()
) -> list[Event]:
    """Leave out those of what is `moving` that a later one of the same name overrides; keep all else.

    Of those `counted` each is a step of its own, as of endless knobs.
    """
    seen: set[str] = set()
    kept: list[Event] = []
    for event in reversed(events):
        if event.name in seen:
            continue
        if event.name.startswith(moving) and event.name not in counted:
            seen.add(event.name)
        kept.append(event)
    return kept[::-1]


def newest(messages: Iterable[bytes]) -> list[bytes]:
    """Of each note, controller and bend wheel the last; all sysex, in the order in which they came last."""
    kept: dict[bytes, bytes] = {}
    for message in messages:
        key = message[:1] if message[0] & 0xF0 == 0xE0 else message if message[0] >= 0xF0 else message[:2]
        kept.pop(key, None)
        kept[key] = message
    return list(kept.values())
