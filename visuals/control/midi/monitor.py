"""MIDI in words: what each message says, as desks show it and as it is on the wire.

Pure: `Monitor` takes bytes and times, and gives rows. What comes without end is counted: of a clock there is one row
a second with its tempo, of timecode one with where the tape is, of active sensing one at all.
Source: MIDI 1.0 Detailed Specification 4.2.1; of show control MMA RP-002, as `msc` has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from visuals.control.midi.channels import Channels
from visuals.control.midi.messages import (
    CENTRE,
    CHANNEL_MESSAGES,
    COMMON_MESSAGES,
    REALTIME_MESSAGES,
    Message,
    Parser,
)
from visuals.control.msc import message as msc
from visuals.control.timecode.mtc import MtcReader
from visuals.timecode import Reading
from visuals.types import Event

TICKS_PER_BEAT = 24
"""MIDI 1.0, system real time messages: clocks in a quarter note."""

COUNTED = ("clock", "quarter_frame")
COUNT_S = 1.0
MOST_TIMES = 4096
"""Of one second; a flood is counted no further."""

NOTES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")

MAKERS: dict[bytes, str] = {
    b"\x41": "Roland",
    b"\x42": "Korg",
    b"\x43": "Yamaha",
    b"\x47": "Akai",
    b"\x7d": "nobody in particular",
    b"\x00\x20\x29": "Novation",
    b"\x00\x20\x32": "Behringer",
    b"\x00\x00\x66": "Mackie",
}
"""Manufacturers' numbers, of those whose controllers stand beside shows. MIDI 1.0, table VIIb and later additions."""

STATUSES: dict[str, int] = {
    **{name: status for status, (name, _) in {**CHANNEL_MESSAGES, **COMMON_MESSAGES}.items()},
    **{name: status for status, name in REALTIME_MESSAGES.items()},
}


@dataclass(frozen=True, slots=True)
class Row:
    """One message: when (s) and where it came, its bytes, what it says, the events that it makes.

    `channel` is 1..16, 0 for what belongs to none; `refused` says why a show does not obey it, "" where it does.
    """

    time: float
    port: str
    data: bytes
    kind: str
    meaning: str
    channel: int = 0
    events: tuple[Event, ...] = ()
    refused: str = ""


@dataclass(slots=True)
class Count:
    """Messages of one kind at one port, since a time."""

    since: float
    number: int = 0
    times: list[float] = field(default_factory=list)
    place: Reading | None = None  # the last that was sure

    def add(self, time: float) -> None:
        self.number += 1
        if len(self.times) < MOST_TIMES:
            self.times.append(time)

    @property
    def bpm(self) -> float | None:
        """Of clocks; None where there are too few."""
        if len(self.times) < 2 or self.times[-1] <= self.times[0]:
            return None
        return 60.0 / TICKS_PER_BEAT * (len(self.times) - 1) / (self.times[-1] - self.times[0])


class Monitor:
    """Rows of what comes to every port. `receiver` says which show control is obeyed."""

    def __init__(self, receiver: msc.Receiver | None = None) -> None:
        self._receiver = receiver or msc.Receiver()
        self._ports: dict[str, tuple[Parser, Channels, MtcReader]] = {}
        self._counts: dict[tuple[str, str], Count] = {}
        self._sensing: set[str] = set()

    def rows(self, heard: Iterable[tuple[float, str, bytes]], now: float) -> list[Row]:
        """What came, in its order, and the counts that are due."""
        return [*(row for message in heard for row in self._rows(*message)), *self._counted(now)]

    def _rows(self, time: float, port: str, data: bytes) -> Iterator[Row]:
        parser, channels, tape = self._ports.setdefault(port, (Parser(), Channels(), MtcReader()))
        messages = parser.feed(data)
        if not messages:
            yield Row(time, port, data, "unknown", "no whole message")
        for message in messages:
            place = tape.take(message, time)
            if message.kind in COUNTED:
                count = self._counts.setdefault((port, message.kind), Count(time))
                count.add(time)
                count.place = place or count.place
            elif message.kind == "sysex":
                yield self._sysex(time, port, message)
            elif message.kind != "active_sensing" or port not in self._sensing:
                if message.kind == "active_sensing":
                    self._sensing.add(port)
                events = tuple(channels.events(message, time, port))
                yield Row(time, port, wire(message), message.kind, meaning(message), message.channel, events)

    def _sysex(self, time: float, port: str, message: Message) -> Row:
        control = msc.decode(message.data)
        refused = refusal(message.data, self._receiver)
        events = (msc.event_of(control, time, port),) if control is not None and not refused else ()
        kind = "msc" if control is not None else "sysex"
        return Row(time, port, wire(message), kind, meaning(message), events=events, refused=refused)

    def _counted(self, now: float) -> Iterator[Row]:
        for (port, kind), count in list(self._counts.items()):
            if now < count.since + COUNT_S:
                continue
            bpm = count.bpm if kind == "clock" else None
            told = f"{kind.replace('_', ' ')}, {count.number} in {now - count.since:.1f} s"
            told += "" if bpm is None else f": {bpm:.1f} BPM"
            told += "" if count.place is None else f": {label(count.place)}"
            yield Row(now, port, bytes([STATUSES[kind]]), kind, told)
            del self._counts[port, kind]


def wire(message: Message) -> bytes:
    """The bytes of a message, with its status."""
    if message.kind == "sysex":
        return b"\xf0" + message.data + b"\xf7"
    return bytes([STATUSES[message.kind] | max(message.channel - 1, 0)]) + message.data


# ---- what messages say --------------------------------------------------------------------------


def _note(data: bytes) -> str:
    """Octaves as most count them, and 60 beside it, since some call that C3."""
    return f"note {data[0]} ({NOTES[data[0] % 12]}{data[0] // 12 - 1}, where 60 is C4)"


def _note_on(data: bytes) -> str:
    if not data[1]:
        return f"{_note(data)} off, as velocity 0"
    return f"{_note(data)} on, velocity {data[1]}"


def _bend(data: bytes) -> str:
    place = data[0] | data[1] << 7
    return f"bend {place} ({place - CENTRE:+d} from its rest)"


MEANINGS: dict[str, Callable[[bytes], str]] = {
    "note_off": lambda data: f"{_note(data)} off, velocity {data[1]}",
    "note_on": _note_on,
    "poly_pressure": lambda data: f"pressure {data[1]} on {_note(data)}",
    "control_change": lambda data: f"controller {data[0]} = {data[1]}",
    "program_change": lambda data: f"program {data[0]} ({data[0] + 1} where they count from 1)",
    "channel_pressure": lambda data: f"pressure {data[0]}",
    "pitch_bend": _bend,
    "song_position": lambda data: f"song position, sixteenth {data[0] | data[1] << 7}",
    "song_select": lambda data: f"song {data[0]} ({data[0] + 1} where they count from 1)",
    "quarter_frame": lambda data: f"timecode, piece {data[0] >> 4} = {data[0] & 0x0F}",
    "sysex": lambda data: _sysex(data),
}
"""Kind of message -> what its data say; of the other kinds the name says all."""


def meaning(message: Message) -> str:
    """What a message says, in words, with the channel as desks show it and as on the wire."""
    tell = MEANINGS.get(message.kind)
    said = message.kind.replace("_", " ") if tell is None else tell(message.data)
    return f"channel {message.channel} (wire {message.channel - 1:X}): {said}" if message.channel else said


def _sysex(data: bytes) -> str:
    control = msc.decode(data)
    if control is not None:
        return show_control(control)
    if _is_show_control(data):
        return f"MIDI Show Control that cannot be read, command {data[4]:02X}" if len(data) > 4 else "cut show control"
    if data[:1] == b"\x7f" and data[2:4] == b"\x01\x01":
        place = MtcReader().take(Message("sysex", 0, data), 0.0)
        return f"timecode, a full frame: {'none there is' if place is None else label(place)}"
    if data[:1] == b"\x7e" and data[2:3] == b"\x06":
        return "who are you" if data[3:4] == b"\x01" else "who I am"
    number = data[:3] if data[:1] == b"\0" else data[:1]
    maker = MAKERS.get(number, f"manufacturer {number.hex(' ').upper()}")
    return f"sysex of {len(data) + 2} bytes, {maker}"


def label(place: Reading) -> str:
    """Where a tape is, and how its frames are counted."""
    return f"{place.timecode} at {place.timecode.rate.name}{', backwards' if place.direction < 0 else ''}"


def show_control(message: msc.ShowControl) -> str:
    """A show control message, as the desk's operator would name its parts."""
    parts = [f"MSC {message.command.replace('_', ' ').upper()}"]
    for name, value in (("cue", message.cue), ("list", message.cue_list), ("path", message.cue_path)):
        parts += [f"{name} {value}"] if value else []
    if message.command == "set":
        parts.append(f"control {message.control} = {message.value}")
    if message.command == "fire":
        parts.append(f"macro {message.macro}")
    if message.time is not None:
        parts.append(f"in {message.time:g} s")
    return f"{' '.join(parts)}, to {device(message.device)}, {equipment(message.format)}"


def device(number: int) -> str:
    """Whom a device id means: RP-002, section 2.2."""
    if number == msc.ALL_CALL:
        return "everybody (7F)"
    if number >= msc.FIRST_GROUP:
        return f"group {number - msc.FIRST_GROUP + 1} ({number:02X})"
    return f"device {number} ({number:02X})"


def equipment(number: int) -> str:
    return f"{msc.FORMATS.get(number, 'unknown equipment')} ({number:02X})"


def _is_show_control(data: bytes) -> bool:
    return data[:1] == bytes([msc.REAL_TIME]) and data[2:3] == bytes([msc.MSC])


def refusal(data: bytes, receiver: msc.Receiver) -> str:
    """Why a show does not obey this sysex; "" where it does, or where it is no show control."""
    if not _is_show_control(data):
        return ""
    control = msc.decode(data)
    if control is None:
        known = len(data) > 4 and data[4] in msc.COMMANDS
        return "it is not whole, or its numbers are none" if known else "there is no such command"
    if receiver.hears(control):
        return ""
    if not receiver.hears(msc.ShowControl(control.device, msc.ALL_TYPES, control.command)):
        devices = sorted(receiver.devices or ())
        groups = [f"group {number}" for number in sorted(receiver.groups)]
        return f"the show answers to device {', '.join([*map(str, devices), *groups])}"
    answered = ", ".join(equipment(number) for number in sorted(receiver.formats)[:6])
    return f"the show answers as {answered}"
