"""Art-Net 4 in, as tables: bytes to slots, and the answer to who asks. Art-Net is designed by and copyright
Artistic Licence. Receives nothing.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass

PORT = 6454
ID = b"Art-Net\0"
OP_POLL, OP_POLL_REPLY, OP_DMX = 0x2000, 0x2100, 0x5000
"""OpCodes, sent low byte first: table 1."""

OLDEST_VERSION = 14

SEQUENCE, PHYSICAL, SUB_UNI, NET, LENGTH, DATA = 12, 13, 14, 15, slice(16, 18), 18
"""Offsets of ArtDmx."""

MOST_SLOTS = 512
LAST_ADDRESS = 0x7FFF
"""Port-Addresses have 15 bits: net, sub-net, universe."""

POLL_FLAGS, TARGETED, POLL_TOP, POLL_BOTTOM = 12, 0x20, slice(14, 16), slice(16, 18)
POLL_BYTES, TARGETED_BYTES = 14, 18
"""ArtPoll; targeted (bit 5) only those that have a Port-Address from bottom to top shall answer."""

LAST_SEQUENCE, LATE_WINDOW = 255, 20

LOSS_S = 10.0
"""Merging, ArtDmx: a source that says nothing for so long is gone."""

REPLY: tuple[tuple[str, int], ...] = (
    ("ID", 8),
    ("OpCode", 2),
    ("IP", 4),
    ("Port", 2),
    ("VersInfo", 2),
    ("NetSwitch", 1),
    ("SubSwitch", 1),
    ("Oem", 2),
    ("UbeaVersion", 1),
    ("Status1", 1),
    ("EstaMan", 2),
    ("PortName", 18),
    ("LongName", 64),
    ("NodeReport", 64),
    ("NumPorts", 2),
    ("PortTypes", 4),
    ("GoodInput", 4),
    ("GoodOutputA", 4),
    ("SwIn", 4),
    ("SwOut", 4),
    ("AcnPriority", 1),
    ("SwMacro", 1),
    ("SwRemote", 1),
    ("Spare", 3),
    ("Style", 1),
    ("Mac", 6),
    ("BindIp", 4),
    ("BindIndex", 1),
    ("Status2", 1),
    ("GoodOutputB", 4),
    ("Status3", 1),
    ("DefaultRespUid", 6),
    ("User", 2),
    ("RefreshRate", 2),
    ("BackgroundQueuePolicy", 1),
    ("Filler", 10),
)
"""Fields of ArtPollReply in their order, and their bytes: 239 in all."""

OUTPUT_DMX, DATA_FLOWS = 0x80, 0x80
"""PortTypes: takes DMX512 from the network. GoodOutputA: data is being received."""

ADDRESS_15_BIT = 0x08
"""Status2: knows the 15 bits of Art-Net 3 and 4."""

STYLE_MEDIA = 2
"""A media server."""

OEM_UNKNOWN = 0x00FF


@dataclass(frozen=True, slots=True)
class Dmx:
    """What an ArtDmx says; `sequence` 0 means that nobody counts."""

    address: int
    sequence: int
    physical: int
    slots: bytes


def parse(packet: bytes) -> Dmx | None:
    """The levels of an ArtDmx; None for any other bytes. Never raises."""
    if len(packet) <= DATA or not _is(packet, OP_DMX) or int.from_bytes(packet[10:12]) < OLDEST_VERSION:
        return None
    count = int.from_bytes(packet[LENGTH])
    address = packet[NET] << 8 | packet[SUB_UNI]
    if not 0 < count <= MOST_SLOTS or DATA + count > len(packet) or address > LAST_ADDRESS:
        return None
    return Dmx(address, packet[SEQUENCE], packet[PHYSICAL], packet[DATA : DATA + count])


def asks(packet: bytes, address: int) -> bool:
    """Whether a packet is an ArtPoll that who listens to this Port-Address shall answer."""
    if len(packet) < POLL_BYTES or not _is(packet, OP_POLL):
        return False
    if not packet[POLL_FLAGS] & TARGETED or len(packet) < TARGETED_BYTES:
        return True
    return int.from_bytes(packet[POLL_BOTTOM]) <= address <= int.from_bytes(packet[POLL_TOP])


def poll_reply(name: str, ip: str, address: int, receiving: bool) -> bytes:
    """ArtPollReply of a media server that listens to one Port-Address."""
    text = name.encode("ascii", "replace")
    fields: Mapping[str, bytes] = {
        "ID": ID,
        "OpCode": OP_POLL_REPLY.to_bytes(2, "little"),
        "IP": socket.inet_aton(ip),
        "Port": PORT.to_bytes(2, "little"),
        "VersInfo": b"\0\1",
        "NetSwitch": bytes([address >> 8]),
        "SubSwitch": bytes([address >> 4 & 0x0F]),
        "Oem": OEM_UNKNOWN.to_bytes(2),
        "PortName": text[:17],
        "LongName": text[:63],
        "NodeReport": b"#0001 [0000] listens",
        "NumPorts": b"\0\1",
        "PortTypes": bytes([OUTPUT_DMX]),
        "GoodOutputA": bytes([DATA_FLOWS if receiving else 0]),
        "SwOut": bytes([address & 0x0F]),
        "Style": bytes([STYLE_MEDIA]),
        "BindIp": socket.inet_aton(ip),
        "BindIndex": b"\1",
        "Status2": bytes([ADDRESS_15_BIT]),
    }
    return b"".join(fields.get(field, b"").ljust(size, b"\0") for field, size in REPLY)


def is_late(sequence: int, last: int) -> bool:
    """Whether a packet belongs before the one that came last.

    Numbers run from 1 to 255; 0 means that nobody counts, and some senders never count on. One further back than
    LATE_WINDOW is of a source that began anew.
    """
    if not sequence or not last:
        return False
    return 0 < (last - sequence) % LAST_SEQUENCE < LATE_WINDOW


def _is(packet: bytes, code: int) -> bool:
    return packet[:10] == ID + code.to_bytes(2, "little")
