"""The packets of streaming ACN, ANSI E1.31-2018, as arrays of bytes. Sends nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

DATA_BYTES, SYNC_BYTES, DISCOVERY_HEAD_BYTES = 638, 49, 120

PRIORITY, SYNC, SEQUENCE, OPTIONS, UNIVERSE, START_CODE, SLOTS = 108, 109, 111, 112, 113, 125, 126
"""Offsets of table 4-1 (in octets from the root layer's preamble)."""

SYNC_SEQUENCE = 44
"""Table 4-2."""

TERMINATED = 0x40
"""Options bit 6, Stream_Terminated; section 6.2.6 wants three such packets."""

FREE_RUNNING = 0x20
"""Options bit 5, Force_Synchronization: receivers that miss the sync packets show what comes."""

DISCOVERY_UNIVERSE = 64_214
DISCOVERY_S = 10.0
"""Section 4.3 and appendix A: the universe and the interval of universe discovery."""

UNIVERSES_PER_PAGE = 512

ROOT_DATA, ROOT_EXTENDED = 4, 8
FRAME_DATA, FRAME_SYNC, FRAME_DISCOVERY = 2, 1, 2
UNIVERSE_LIST = 1
"""Vectors of appendix A."""


def multicast_group(universe: int) -> str:
    """Section 9.3.1: 239.255.high.low."""
    return f"239.255.{universe >> 8}.{universe & 255}"


def packets(
    first: int, count: int, cid: bytes, source: str, priority: int = 100, sync: int = 0
) -> npt.NDArray[np.uint8]:
    """Data packets [count, 638] for `count` universes from `first`, all slots zero, sequence 0.

    Root, framing and DMP layer of section 4.1 with a full property array of 512 slots.
    """
    head = (
        _root(DATA_BYTES, ROOT_DATA, cid)
        + _length(DATA_BYTES - 38)
        + FRAME_DATA.to_bytes(4)
        + _name(source)
        + bytes([priority])
        + sync.to_bytes(2)
        + bytes(4)  # sequence, options, universe
        + _length(DATA_BYTES - 115)
        + b"\x02\xa1\x00\x00\x00\x01\x02\x01\x00"  # set property, 1-byte steps, 513 values, start code 0
    )
    ready = np.zeros((count, DATA_BYTES), np.uint8)
    ready[:, : len(head)] = np.frombuffer(head, np.uint8)
    numbers = np.arange(first, first + count, dtype=">u2")
    ready[:, UNIVERSE : UNIVERSE + 2] = numbers.view(np.uint8).reshape(count, 2)
    return ready


def sync_packet(universe: int, cid: bytes) -> npt.NDArray[np.uint8]:
    """The packet of section 4.2 that makes receivers show what they hold; sequence 0."""
    framing = _length(SYNC_BYTES - 38) + FRAME_SYNC.to_bytes(4) + bytes(1) + universe.to_bytes(2) + bytes(2)
    return np.frombuffer(_root(SYNC_BYTES, ROOT_EXTENDED, cid) + framing, np.uint8).copy()


def discovery_packets(universes: Sequence[int], cid: bytes, source: str) -> list[npt.NDArray[np.uint8]]:
    """The packets of section 4.3 that tell which universes a source sends, 512 a page."""
    pages = [universes[i : i + UNIVERSES_PER_PAGE] for i in range(0, len(universes), UNIVERSES_PER_PAGE)]
    return [_page(page, number, len(pages) - 1, cid, source) for number, page in enumerate(pages)]


def _page(universes: Sequence[int], number: int, last: int, cid: bytes, source: str) -> npt.NDArray[np.uint8]:
    size = DISCOVERY_HEAD_BYTES + 2 * len(universes)
    packet = (
        _root(size, ROOT_EXTENDED, cid)
        + _length(size - 38)
        + FRAME_DISCOVERY.to_bytes(4)
        + _name(source)
        + bytes(4)
        + _length(size - 112)
        + UNIVERSE_LIST.to_bytes(4)
        + bytes([number, last])
        + np.array(universes, ">u2").tobytes()
    )
    return np.frombuffer(packet, np.uint8).copy()


def _root(size: int, vector: int, cid: bytes) -> bytes:
    """Root layer, section 5, of a packet of `size` octets."""
    return b"\x00\x10\x00\x00ASC-E1.17\0\0\0" + _length(size - 16) + vector.to_bytes(4) + cid


def _length(octets: int) -> bytes:
    """Flags 0x7 and the 12-bit length of a protocol data unit."""
    return (0x7000 | octets).to_bytes(2)


def _name(source: str) -> bytes:
    """At most 63 octets of UTF-8, section 6.2.2."""
    return source.encode()[:63].decode(errors="ignore").encode().ljust(64, b"\0")
