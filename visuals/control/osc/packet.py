"""OSC 1.0 packets as tables: bytes in, messages out, and back.

Pure. Knows nothing of addresses that mean something. Own code beside a well-kept library, `python-osc`, because every
packet costs the frame loop's process in a flood, and because what comes off a network may neither raise nor take more
nesting, messages or type tags than are bounded here. Source: The Open Sound Control 1.0 Specification; T F N I
and arrays as 1.1 made them standard.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

Argument = float | str | bytes | bool | None

FIXED: dict[str, tuple[str, int]] = {
    "i": ("i", 4),
    "f": ("f", 4),
    "h": ("q", 8),
    "d": ("d", 8),
    "t": ("Q", 8),
    "c": ("I", 4),
    "r": ("I", 4),
    "m": ("4s", 4),
}
"""Type tag -> how `struct` reads its big-endian bytes, and their number."""

CONSTANT: dict[str, Argument] = {"T": True, "F": False, "N": None, "I": True}
"""Type tags without bytes. I, 1.1's impulse, says that something is pressed."""

SIZED = frozenset("sSb")
"""Type tags whose length stands in the data: strings up to their zero, blobs behind a count."""

BRACKETS = "[]"
"""Arrays: their elements are taken as if they stood side by side."""

BUNDLE = b"#bundle\0"
HEAD_BYTES = 16
"""A bundle begins with its name and a time tag of 8 bytes."""

IMMEDIATELY = 1
"""The time tag that asks for no time."""

NTP_UNIX_S = 2_208_988_800
"""Seconds from NTP's 1900 to 1970."""

ERA_S = 1 << 32
"""In 2036 NTP's seconds begin anew: the first half of their range is of the time after (RFC 4330, section 3)."""

PACKET_BYTES = 64 * 1024
DEPTH_LIMIT = 8
ELEMENTS_LIMIT = 256
"""More in one packet, read or not, are left out: reading them would hold the interpreter for longer than a
millisecond, and the frame loop with it."""
ADDRESS_LIMIT, TAGS_LIMIT = 256, 64


class Message(NamedTuple):
    """An address (or a pattern of addresses), its arguments and the NTP time tag of the bundle it came in.

    A tuple because it is made for every packet, and a frozen dataclass takes longer to make.
    """

    address: str
    arguments: tuple[Argument, ...] = ()
    timetag: int = IMMEDIATELY


def decode(packet: bytes) -> list[Message]:
    """The messages of a packet, in order; what cannot be read is left out. Never raises."""
    found: list[Message] = []
    if packet[:8] == BUNDLE:
        _unbundle(packet, 0, min(len(packet), PACKET_BYTES), 1, found, ELEMENTS_LIMIT)
    elif len(packet) <= PACKET_BYTES and (message := _message(packet, IMMEDIATELY)) is not None:
        found.append(message)
    return found


def is_empty(packet: bytes) -> bool:
    """Whether this is a bundle without messages, with which some say that they are there."""
    return len(packet) == HEAD_BYTES and packet.startswith(BUNDLE)


def _unbundle(packet: bytes, start: int, end: int, depth: int, found: list[Message], left: int) -> int:
    """Add the messages of the bundle at `start` to `found`, of `left` elements at most; gives how many are left then.
    One whose sizes are wrong ends there."""
    if end - start < HEAD_BYTES:
        return left
    timetag = int.from_bytes(packet[start + 8 : start + HEAD_BYTES])
    at = start + HEAD_BYTES
    while at + 4 <= end and left > 0:
        size = int.from_bytes(packet[at : at + 4])
        at, stop, left = at + 4, at + 4 + size, left - 1
        if not size or size & 3 or stop > end:
            break
        if packet[at : at + 8] != BUNDLE:
            message = _message(packet[at:stop], timetag)
            if message is not None:
                found.append(message)
        elif depth < DEPTH_LIMIT:
            left = _unbundle(packet, at, stop, depth + 1, found, left)
        at = stop
    return left


def _message(data: bytes, timetag: int) -> Message | None:
    size = len(data)
    zero = data.find(0, 0, ADDRESS_LIMIT)
    if size & 3 or zero < 2 or data[0] != 0x2F:
        return None
    try:
        address = data[:zero].decode()
    except UnicodeDecodeError:
        return None
    at = (zero | 3) + 1
    if at == size:  # some senders leave the type tags out where there are no arguments
        return Message(address, (), timetag)
    zero = data.find(0, at, at + TAGS_LIMIT)
    if zero < 0 or data[at] != 0x2C:
        return None
    arguments = _arguments(data, data[at + 1 : zero], (zero | 3) + 1)
    return None if arguments is None else Message(address, arguments, timetag)


def _arguments(data: bytes, tags: bytes, at: int) -> tuple[Argument, ...] | None:
    """The arguments from `at` on; None if a tag is unknown (section on type tags: such a message may be dropped)
    or bytes are missing or too many."""
    shape = _shape(tags)
    if isinstance(shape, struct.Struct):
        return shape.unpack_from(data, at) if at + shape.size == len(data) else None
    values: list[Argument] = []
    for tag in shape or ():
        if tag in FIXED:
            form, size = FIXED[tag]
            if at + size > len(data):
                return None
            values.append(struct.unpack_from(">" + form, data, at)[0])
            at += size
        elif tag in SIZED:
            sized = _blob(data, at) if tag == "b" else _string(data, at)
            if sized is None:
                return None
            values.append(sized[0])
            at = sized[1]
        else:
            values.append(CONSTANT[tag])
    return tuple(values) if shape is not None and at == len(data) else None


@lru_cache(256)
def _shape(tags: bytes) -> struct.Struct | str | None:
    """One struct for all arguments where each has its bytes, else the tags; None if one is unknown."""
    text = tags.decode("ascii", "replace").translate({ord(bracket): None for bracket in BRACKETS})
    if text and all(tag in FIXED for tag in text):
        return struct.Struct(">" + "".join(FIXED[tag][0] for tag in text))
    return text if all(tag in FIXED or tag in SIZED or tag in CONSTANT for tag in text) else None


def _string(data: bytes, at: int) -> tuple[str, int] | None:
    zero = data.find(0, at)
    return None if zero < 0 else (data[at:zero].decode(errors="replace"), (zero | 3) + 1)


def _blob(data: bytes, at: int) -> tuple[bytes, int] | None:
    start = at + 4
    stop = start + int.from_bytes(data[at:start])
    return (data[start:stop], (stop + 3) & ~3) if start <= len(data) and stop <= len(data) else None


def encode(address: str, *arguments: Argument) -> bytes:
    """A message: int as i (h beyond 32 bits), float as f, str s, bytes b, True T, False F, None N.

    Integers beyond 64 bits and floats beyond 32 are no arguments of OSC: they are brought within.
    """
    parts = [_encoded(argument) for argument in arguments]
    tags = "," + "".join(tag for tag, _ in parts)
    return _padded(address.encode()) + _padded(tags.encode()) + b"".join(data for _, data in parts)


def _encoded(value: Argument) -> tuple[str, bytes]:
    match value:
        case None:
            return "N", b""
        case bool():
            return ("T" if value else "F"), b""
        case int():
            if -(1 << 31) <= value < 1 << 31:
                return "i", struct.pack(">i", value)
            return "h", struct.pack(">q", min(max(value, -(1 << 63)), (1 << 63) - 1))
        case float():
            return "f", struct.pack(">f", _float32(value))
        case str():
            return "s", _padded(value.encode(errors="replace"))
        case bytes():
            return "b", len(value).to_bytes(4) + value + bytes(-len(value) % 4)


LARGEST_FLOAT32 = 3.4028234663852886e38


def _float32(value: float) -> float:
    return min(max(value, -LARGEST_FLOAT32), LARGEST_FLOAT32) if math.isfinite(value) else value


def _padded(text: bytes) -> bytes:
    """An OSC-string: ended by one to four zeros, so that its length is a multiple of 4."""
    text = text.replace(b"\0", b"")
    return text + bytes(4 - len(text) % 4)


def bundle(elements: Iterable[bytes], timetag: int = IMMEDIATELY) -> bytes:
    """A bundle of messages and bundles that are encoded already."""
    return BUNDLE + timetag.to_bytes(8) + b"".join(len(element).to_bytes(4) + element for element in elements)


def unix_of(timetag: int) -> float:
    """Seconds since 1970 of an NTP time tag, from 1968 to 2104."""
    seconds = timetag / 2**32
    return seconds - NTP_UNIX_S + (ERA_S if seconds < ERA_S / 2 else 0)


def timetag_of(unix: float) -> int:
    """The NTP time tag of seconds since 1970."""
    return int((unix + NTP_UNIX_S) * 2**32) % 2**64
