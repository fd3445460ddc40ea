"""MIDI Show Control as tables: sysex data in, what a desk wants of a show out, and back.

Pure. Knows nothing of ports, of what cues a show has, or of what it does with them. Source: MIDI Show
Control 1.1.1, MMA RP-002, whose sections are named; what desks really send is said where they differ.

What a show binds is an event, named `msc.<command>` or `msc.<command>.<what>`, split by its first two points:

    msc.go.1/5  msc.go.5.1/5      cue 5 of list 1, of executor 5 on page 1 (list 5.1, or list 5 path 1)
    msc.go.5  msc.go.1/  msc.go   cue 5 of no list in particular, the next cue of list 1, the next cue
    msc.stop  msc.stop.1/         all of it, list 1; and so `resume`, `go_off` (release), `load` (make ready)
    msc.set.258                   control 258 to `value` 0..1: a grandMA's fader 3 of page 2, 2 + 2 * 128
    msc.fire.64                   macro 64
    msc.open_cue_list.3           and so `close_cue_list`, `open_cue_path`, `close_cue_path`
    msc.all_off  msc.restore  msc.reset

`fade` holds the time of TIMED_GO, which is a `go` like any other, and of SET. Every value but SET's is 1.
Numbers stand as `cue_number` and `list_number` write them, so that equal ones have equal names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from visuals.types import Event
from visuals.vocabulary import cue_number, list_number

REAL_TIME, MSC = 0x7F, 0x02
"""Section 2.1: universal real time sysex, sub-ID 1."""

MESSAGE_BYTES = 128
"""Section 2.6: the longest message, F0 and F7 counted."""

ALL_CALL, FIRST_GROUP = 0x7F, 0x70
"""Section 2.2: devices 00-6F, groups 1 to 15 as 70-7E, everybody."""

EXTENSION, ALL_TYPES = 0x00, 0x7F

FORMATS: dict[int, str] = {
    0x01: "lighting",
    0x02: "moving lights",
    0x03: "colour changers",
    0x04: "strobes",
    0x05: "lasers",
    0x06: "chasers",
    0x10: "sound",
    0x11: "music",
    0x12: "CD players",
    0x13: "EPROM playback",
    0x14: "audio tape machines",
    0x15: "intercoms",
    0x16: "amplifiers",
    0x17: "audio effects devices",
    0x18: "equalisers",
    0x20: "machinery",
    0x21: "rigging",
    0x22: "flys",
    0x23: "lifts",
    0x24: "turntables",
    0x25: "trusses",
    0x26: "robots",
    0x27: "animation",
    0x28: "floats",
    0x29: "breakaways",
    0x2A: "barges",
    0x30: "video",
    0x31: "video tape machines",
    0x32: "video cassette machines",
    0x33: "video disc players",
    0x34: "video switchers",
    0x35: "video effects",
    0x36: "video character generators",
    0x37: "video still stores",
    0x38: "video monitors",
    0x40: "projection",
    0x41: "film projectors",
    0x42: "slide projectors",
    0x43: "video projectors",
    0x44: "dissolvers",
    0x45: "shutter controls",
    0x50: "process control",
    0x51: "hydraulic oil",
    0x52: "H2O",
    0x53: "CO2",
    0x54: "compressed air",
    0x55: "natural gas",
    0x56: "fog",
    0x57: "smoke",
    0x58: "cracked haze",
    0x60: "pyro",
    0x61: "fireworks",
    0x62: "explosions",
    0x63: "flame",
    0x64: "smoke pots",
    ALL_TYPES: "all types",
}
"""Section 4.1. Those that begin a row of sixteen (lighting: 01) are their row's general one."""

Shape = Literal["cue", "required cue", "timed cue", "control", "macro", "nothing", "list", "path"]

COMMANDS: dict[int, tuple[str, Shape]] = {
    0x01: ("go", "cue"),
    0x02: ("stop", "cue"),
    0x03: ("resume", "cue"),
    0x04: ("timed_go", "timed cue"),
    0x05: ("load", "required cue"),
    0x06: ("set", "control"),
    0x07: ("fire", "macro"),
    0x08: ("all_off", "nothing"),
    0x09: ("restore", "nothing"),
    0x0A: ("reset", "nothing"),
    0x0B: ("go_off", "cue"),
    0x1B: ("open_cue_list", "list"),
    0x1C: ("close_cue_list", "list"),
    0x1D: ("open_cue_path", "path"),
    0x1E: ("close_cue_path", "path"),
}
"""Sections 4.3, 4.4 and 5: command -> name, what its data are."""

CODES: dict[str, tuple[int, Shape]] = {name: (code, shape) for code, (name, shape) in COMMANDS.items()}

RATES_HZ = (24.0, 25.0, 30.0 / 1.001, 30.0)
"""Section 3.2.1, bits 5 and 6 of the hours: frames a second; desks that count no frames send 0."""

FULL = 0x3FFF
"""The largest value of SET."""

DAY_S = 24 * 3600
TIME_BYTES, CONTROL_BYTES = 5, 4
FRAME_PARTS = 100

RUNNING = frozenset({"stop", "resume", "go_off"})
"""Commands for which a desk writes cue 0 where it means the one that runs: a list cannot be sent without a cue."""


@dataclass(frozen=True, slots=True)
class ShowControl:
    """One message: whom it is for, what they shall do, and with what; what was not sent is "", 0 or None.

    `command` is a name of `COMMANDS`; `cue`, `cue_list` and `cue_path` are as `cue_number` and `list_number`
    write them; `time` (s) is that of TIMED_GO and SET; `control` and `value` are 0..16383; `macro` is 0..127,
    over UDP 0..255.
    """

    device: int
    format: int
    command: str
    cue: str = ""
    cue_list: str = ""
    cue_path: str = ""
    time: float | None = None
    control: int = 0
    value: int = 0
    macro: int = 0


# ---- whom it is for -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Receiver:
    """What this show answers to: device ids 0..111, groups 1..15, formats; without ids, everybody's.

    A desk that knows no video sends to lighting, so a show answers that too. All-call and all types are
    always for us.
    """

    devices: frozenset[int] | None = None
    groups: frozenset[int] = frozenset()
    formats: frozenset[int] = frozenset({0x01, 0x02, 0x30, 0x40})

    def hears(self, message: ShowControl) -> bool:
        return not self.refuses(message)

    def refuses(self, message: ShowControl) -> Literal["", "device", "format"]:
        """What of a message makes it somebody else's; "" for nothing."""
        if not self._is_me(message.device):
            return "device"
        return "" if message.format == ALL_TYPES or message.format in self.formats else "format"

    def _is_me(self, device: int) -> bool:
        if self.devices is None or device == ALL_CALL:
            return True
        return device in self.devices if device < FIRST_GROUP else device - FIRST_GROUP + 1 in self.groups


# ---- from bytes ---------------------------------------------------------------------------------

Fields = dict[str, Any]


def decode(data: bytes) -> ShowControl | None:
    """The message in a sysex's data (without F0 and F7); None: it is no show control, or not whole.

    A byte over 7F, which only UDP can carry, is a macro or an error. A RESET has no data: one that has a cue's is
    what some senders write for GO_OFF.
    """
    if not 5 <= len(data) <= MESSAGE_BYTES - 2 or data[0] != REAL_TIME or data[2] != MSC or data[3] == EXTENSION:
        return None
    name, shape = COMMANDS.get(data[4], ("", None))
    if shape is None or not (data[:-1] if shape == "macro" else data).isascii():
        return None
    if name == "reset" and data[5:].strip(b"\0"):
        name, shape = "go_off", "cue"
    fields = _READERS[shape](data[5:])
    return None if fields is None else ShowControl(data[1], data[3], name, **fields)


def _read_cue(data: bytes) -> Fields | None:
    """Section 3.1: `cue [00 list [00 path]]`, each may be empty, more delimiters may follow."""
    parts = data.decode().rstrip("\0").split("\0")
    if len(parts) > 3:
        return None
    found: Fields = {}
    for part, (field, number) in zip(parts, _ADDRESS, strict=False):
        if part:
            found[field] = number(part)
    return None if None in found.values() else found


_ADDRESS = (("cue", cue_number), ("cue_list", list_number), ("cue_path", list_number))


def _read_required_cue(data: bytes) -> Fields | None:
    found = _read_cue(data)
    return found if found and "cue" in found else None


def _read_timed_cue(data: bytes) -> Fields | None:
    found = _read_cue(data[TIME_BYTES:])
    if found is None or len(data) < TIME_BYTES:
        return None
    return {**found, "time": _seconds(data[:TIME_BYTES])}


def _read_control(data: bytes) -> Fields | None:
    """Section 5, SET: control and value of 14 bits each, low half first, and perhaps a time; some senders write a 0
    in a time's place."""
    if len(data) == CONTROL_BYTES + 1 and data[-1] == 0:
        data = data[:-1]
    if len(data) not in (CONTROL_BYTES, CONTROL_BYTES + TIME_BYTES):
        return None
    found: Fields = {"control": data[0] | data[1] << 7, "value": data[2] | data[3] << 7}
    if len(data) > CONTROL_BYTES:
        found["time"] = _seconds(data[CONTROL_BYTES:])
    return found


def _read_macro(data: bytes) -> Fields | None:
    return {"macro": data[0]} if len(data) == 1 else None


def _read_nothing(data: bytes) -> Fields | None:
    return None if data.strip(b"\0") else {}


def _read_list(data: bytes) -> Fields | None:
    found = list_number(data.rstrip(b"\0").decode())
    return None if found is None else {"cue_list": found}


def _read_path(data: bytes) -> Fields | None:
    found = list_number(data.rstrip(b"\0").decode())
    return None if found is None else {"cue_path": found}


def _seconds(data: bytes) -> float:
    """Section 3.2.1: `0tthhhhh 0cmmmmmm 0sssssss 0gifffff`, then 1/100 frames, or a status where i is set.

    The seconds take their reserved bit, since a grandMA counts past 59 there. Colour frame and sign say
    nothing about a fade.
    """
    hours, minutes, seconds, frames, parts = data
    whole = (hours & 0x1F) * 3600 + (minutes & 0x3F) * 60 + seconds
    fine = 0 if frames & 0x20 else parts
    return whole + ((frames & 0x1F) + fine / FRAME_PARTS) / RATES_HZ[hours >> 5]


_READERS: dict[Shape, Callable[[bytes], Fields | None]] = {
    "cue": _read_cue,
    "required cue": _read_required_cue,
    "timed cue": _read_timed_cue,
    "control": _read_control,
    "macro": _read_macro,
    "nothing": _read_nothing,
    "list": _read_list,
    "path": _read_path,
}


# ---- to bytes -----------------------------------------------------------------------------------


def encode(message: ShowControl, *, places: int = 0, wide: bool = False) -> bytes:
    """The whole sysex, F0 to F7, of a message.

    A cue gets at least so many decimal `places`, of which a grandMA wants 3; `wide` macros go to 255, as only
    UDP allows. Raises ValueError for what cannot be said: another command, a number out of its range.
    """
    code, shape = CODES.get(message.command, (0, "nothing"))
    data = bytes([REAL_TIME, message.device, MSC, message.format, code]) + _WRITERS[shape](message, places)
    if not (wide or data.isascii()) or not _is_same(decode(data), message):
        raise ValueError(f"no show control can say {message}")
    return b"\xf0" + data + b"\xf7"


def _is_same(found: ShowControl | None, message: ShowControl) -> bool:
    """Whether that is what was meant; times are sent in steps."""
    if found is None or (found.time is None) != (message.time is None):
        return False
    return replace(found, time=message.time) == message


def _write_cue(message: ShowControl, places: int) -> bytes:
    fields = (_padded(message.cue, places), message.cue_list, message.cue_path)
    return "\0".join(fields).rstrip("\0").encode()


def _write_timed_cue(message: ShowControl, places: int) -> bytes:
    return _time_bytes(message.time) + _write_cue(message, places)


def _write_control(message: ShowControl, places: int) -> bytes:
    halves = bytes([message.control & 0x7F, message.control >> 7, message.value & 0x7F, message.value >> 7])
    return halves if message.time is None else halves + _time_bytes(message.time)


def _padded(cue: str, places: int) -> str:
    whole, _, fraction = cue.partition(".")
    if not cue or not places or "." in fraction:
        return cue
    return f"{whole}.{fraction.ljust(places, '0')}"


def _time_bytes(time: float | None) -> bytes:
    """A time in 24ths of a second and their hundredths, which a grandMA reads too."""
    if time is None or not 0.0 <= time < DAY_S:
        raise ValueError(f"no time of a fade: {time}")
    frames, parts = divmod(min(round(time * 24 * FRAME_PARTS), DAY_S * 24 * FRAME_PARTS - 1), FRAME_PARTS)
    seconds, frame = divmod(frames, 24)
    return bytes([seconds // 3600, seconds // 60 % 60, seconds % 60, frame, parts])


_WRITERS: dict[Shape, Callable[[ShowControl, int], bytes]] = {
    "cue": _write_cue,
    "required cue": _write_cue,
    "timed cue": _write_timed_cue,
    "control": _write_control,
    "macro": lambda message, places: bytes([message.macro]),
    "nothing": lambda message, places: b"",
    "list": lambda message, places: message.cue_list.encode(),
    "path": lambda message, places: message.cue_path.encode(),
}


# ---- what a show binds --------------------------------------------------------------------------


def event_of(message: ShowControl, time: float, source: str) -> Event:
    """The event of a message, named as the top of this file says; `time` (s) is when it came."""
    name, what = message.command, _what(message)
    name = "go" if name == "timed_go" else name
    value = message.value / FULL if name == "set" else 1.0
    return Event(time, ".".join(filter(None, ("msc", name, what))), value, source, message.time)


def _what(message: ShowControl) -> str:
    match CODES[message.command][1]:
        case "control":
            return str(message.control)
        case "macro":
            return str(message.macro)
        case "list":
            return message.cue_list
        case "path":
            return message.cue_path
        case "nothing":
            return ""
    cue = "" if message.cue == "0" and message.command in RUNNING else message.cue
    place = _place(message)
    return f"{place}/{cue}" if place else cue


def _place(message: ShowControl) -> str:
    """List and path as one: a grandMA's `Exec.Page` and `Exec Page` are the same place."""
    if not message.cue_path:
        return message.cue_list
    plain = message.cue_list.isdigit() and message.cue_path.isdigit()
    return f"{message.cue_list}{'.' if plain else ':'}{message.cue_path}"
