"""Packets of light put together to pictures again: sACN (ANSI E1.31-2018) and DDP (3waylabs, version 1).

A reader of its own, which shares no line with what sends. Knows no sockets and no time.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]

PIXELS_A_UNIVERSE, CHANNELS = 170, 3
ACN_ID, ACN_HEAD = b"ASC-E1.17\0\0\0", 126
PRIORITY, SEQUENCE, OPTIONS, UNIVERSE, START_CODE = 108, 111, 112, 113, 125
"""Offsets of E1.31-2018 table 4-1, in octets."""
TERMINATED = 0x40

DDP_HEAD = struct.Struct(">BBBBIH")
DDP_VERSION, DDP_VERSION_MASK, DDP_TIMECODE, DDP_PUSH = 0x40, 0xC0, 0x10, 0x01
DDP_DISPLAY = 1


@dataclass(frozen=True, slots=True)
class Picture:
    """A wall's pixels [height, width, 3] as they came; `skips` packets were missed since the last one."""

    pixels: Pixels
    priority: int
    skips: int


class Reader(Protocol):
    """Takes one packet after the other; gives a picture with the packet that completes it, else None."""

    def take(self, packet: bytes) -> Picture | None: ...


class SacnReader:
    """Universes from `first` on, each of 170 RGB pixels; the last universe of a wall completes its picture."""

    def __init__(self, size: tuple[int, int], first: int = 1) -> None:
        self._size, self._first = size, first
        self._count = -(-size[0] * size[1] // PIXELS_A_UNIVERSE)
        self._slots = np.zeros((self._count, PIXELS_A_UNIVERSE * CHANNELS), np.uint8)
        self._numbers: dict[tuple[bytes, int], int] = {}
        self._skips = 0

    def take(self, packet: bytes) -> Picture | None:
        if len(packet) < ACN_HEAD or packet[4:16] != ACN_ID or packet[START_CODE] or packet[OPTIONS] & TERMINATED:
            return None
        (universe,) = struct.unpack_from(">H", packet, UNIVERSE)
        place = universe - self._first
        if packet[21] != 4 or not 0 <= place < self._count:
            return None
        self._count_skips((packet[22:38], universe), packet[SEQUENCE])
        values = np.frombuffer(packet, np.uint8, offset=ACN_HEAD)[: self._slots.shape[1]]
        self._slots[place, : len(values)] = values
        if place < self._count - 1:
            return None
        skips, self._skips = self._skips, 0
        width, height = self._size
        flat = self._slots.reshape(-1, CHANNELS)[: width * height]
        return Picture(flat.reshape(height, width, CHANNELS).copy(), packet[PRIORITY], skips)

    def _count_skips(self, stream: tuple[bytes, int], number: int) -> None:
        last = self._numbers.get(stream, (number - 1) % 256)
        self._skips += (number - last - 1) % 256 if (number - last) % 256 < 128 else 0
        self._numbers[stream] = number


class DdpReader:
    """Data at offsets; the push flag completes a picture. Numbers 1 to 15 count packets or pictures, 0 is none."""

    def __init__(self, size: tuple[int, int]) -> None:
        self._size = size
        self._bytes = np.zeros(size[0] * size[1] * CHANNELS, np.uint8)
        self._last = 0
        self._skips = 0

    def take(self, packet: bytes) -> Picture | None:
        if len(packet) < DDP_HEAD.size or packet[0] & DDP_VERSION_MASK != DDP_VERSION:
            return None
        flags, sequence, _, identity, offset, length = DDP_HEAD.unpack_from(packet)
        start = DDP_HEAD.size + (4 if flags & DDP_TIMECODE else 0)
        data = np.frombuffer(packet, np.uint8, offset=start)[:length]
        if identity != DDP_DISPLAY or offset + len(data) > len(self._bytes):
            return None
        self._bytes[offset : offset + len(data)] = data
        number = sequence & 15
        if number and self._last and number != self._last:
            self._skips += (number - self._last - 1) % 15
        self._last = number
        if not flags & DDP_PUSH:
            return None
        skips, self._skips = self._skips, 0
        width, height = self._size
        return Picture(self._bytes.reshape(height, width, CHANNELS).copy(), 0, skips)


def reader(kind: str, size: tuple[int, int]) -> Reader:
    """`kind` is `sacn` or `ddp`."""
    return SacnReader(size) if kind == "sacn" else DdpReader(size)
