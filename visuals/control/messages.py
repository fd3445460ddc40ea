"""MIDI 1.0 as tables: bytes in, messages out, messages to events.

Pure. Knows nothing of ports, drivers or what a show does with a note. Source: MIDI 1.0 Detailed
Specification 4.2.1, tables I to VI, and its appendix on receivers and running status.
"""

from __future__ import annotations

from collections.abc import Iterator
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

EVENT_NAMES: dict[str, str] = {
    "note_on": "midi.note",
    "note_off": "midi.note",
    "control_change": "midi.cc",
    "program_change": "midi.program",
}


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
    name = EVENT_NAMES.get(message.kind)
    if name is None:
        return None
    number = message.data[0]
    value = 1.0 if message.kind == "program_change" else message.data[1] / 127.0
    if message.kind == "note_off":
        value = 0.0
    return Event(time, f"{name}.{message.channel}/{number}", value, source)
