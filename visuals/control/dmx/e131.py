"""Streaming ACN in, ANSI E1.31-2018, as a table: bytes of a data packet to what they say. Receives nothing.

Per-address priorities (start code DD) are no part of the standard, and other start codes no levels: both are left
out. Synchronization packets are left out too, and data that waits for one is taken at once: a control that waits
for a lamp's frame is late for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PORT = 5568

CONSTANTS: tuple[tuple[int, bytes], ...] = (
    (0, b"\x00\x10\x00\x00"),  # preamble and postamble size
    (4, b"ASC-E1.17\0\0\0"),  # packet identifier
    (18, b"\x00\x00\x00\x04"),  # root vector: VECTOR_ROOT_E131_DATA
    (40, b"\x00\x00\x00\x02"),  # framing vector: VECTOR_E131_DATA_PACKET
    (117, b"\x02\xa1\x00\x00\x00\x01"),  # DMP: set property, type of address and data, first address, increment
)
"""Offset -> bytes that stand there in every data packet: table 4-1."""

CID, SOURCE, PRIORITY, SYNC = slice(22, 38), slice(44, 108), 108, slice(109, 111)
SEQUENCE, OPTIONS, UNIVERSE = 111, 112, slice(113, 115)
COUNT, START_CODE, SLOTS = slice(123, 125), 125, 126
"""Offsets of what differs: table 4-1."""

PREVIEW, TERMINATED = 0x80, 0x40
"""Options, section 6.2.6: not for live output; the source ends this stream."""

MOST_PRIORITY = 200
"""Section 6.2.3."""

MOST_SLOTS = 512
FIRST_UNIVERSE, LAST_UNIVERSE = 1, 63_999
"""Section 6.2.7."""

LOSS_S = 2.5
"""Appendix A, E131_NETWORK_DATA_LOSS_TIMEOUT: a source that says nothing for so long is gone (section 6.7.1)."""

LATE_WINDOW = 20
"""Section 6.7.2: so far back a sequence number is late; one still further back is of a source that began anew."""


@dataclass(frozen=True, slots=True)
class Data:
    """What a data packet says; `slots` are levels 0..255, 512 at most."""

    cid: bytes
    source: str
    priority: int
    sequence: int
    universe: int
    state: Literal["live", "preview", "terminated"]
    slots: bytes


def parse(packet: bytes) -> Data | None:
    """The data of a packet; None for any other bytes. Never raises."""
    if len(packet) < SLOTS or not all(packet.startswith(constant, at) for at, constant in CONSTANTS):
        return None
    count = int.from_bytes(packet[COUNT]) - 1
    universe = int.from_bytes(packet[UNIVERSE])
    if not 0 <= count <= MOST_SLOTS or SLOTS + count > len(packet) or packet[START_CODE]:
        return None
    if not FIRST_UNIVERSE <= universe <= LAST_UNIVERSE or packet[PRIORITY] > MOST_PRIORITY:
        return None
    options = packet[OPTIONS]
    return Data(
        cid=packet[CID],
        source=packet[SOURCE].partition(b"\0")[0].decode(errors="replace"),
        priority=packet[PRIORITY],
        sequence=packet[SEQUENCE],
        universe=universe,
        state="terminated" if options & TERMINATED else "preview" if options & PREVIEW else "live",
        slots=packet[SLOTS : SLOTS + count],
    )


def is_late(sequence: int, last: int) -> bool:
    """Whether a packet belongs before the one that came last: section 6.7.2."""
    ahead = (sequence - last + 128) % 256 - 128
    return -LATE_WINDOW < ahead <= 0


def multicast_group(universe: int) -> str:
    """Section 9.3.1: 239.255.high.low."""
    return f"239.255.{universe >> 8}.{universe & 255}"
