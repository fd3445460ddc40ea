"""Distributed Display Protocol to LED controllers: http://www.3waylabs.com/ddp, version 1.

No universes: a picture is a run of bytes, cut into packets that say where in it they belong.
"""

from __future__ import annotations

import numpy as np

from visuals.wall.outputs.datagrams import Row, resolve
from visuals.wall.outputs.settings import DdpSettings, Size
from visuals.wall.outputs.stream import Cadence, Stream
from visuals.wall.outputs.wiring import Wiring

HEADER_BYTES, DATA_BYTES = 10, 1440
"""1440 bytes are 480 pixels of three colours or 360 of four, and fit an Ethernet packet."""

FLAGS, SEQUENCE, TYPE, ID, OFFSET, LENGTH = 0, 1, 2, 3, 4, 8
VERSION_1, PUSH = 0x40, 0x01
RGB_8, RGBW_8 = 0x0B, 0x1B
LAST_SEQUENCE = 15
"""Numbers run from 1; 0 means that nobody counts."""


def packets(length: int, kind: int, destination: int) -> Row:
    """Packets [count, 1450] for a picture of `length` bytes, all data zero, without a sequence number.

    The last one asks the display to show what it has; of it only what the header says is to be sent.
    """
    offsets = np.arange(0, length, DATA_BYTES)
    ready = np.zeros((len(offsets), HEADER_BYTES + DATA_BYTES), np.uint8)
    ready[:, FLAGS], ready[:, TYPE], ready[:, ID] = VERSION_1, kind, destination
    ready[-1, FLAGS] |= PUSH
    ready[:, OFFSET:LENGTH] = offsets.astype(">u4").view(np.uint8).reshape(-1, 4)
    lengths = np.minimum(DATA_BYTES, length - offsets)
    ready[:, LENGTH:HEADER_BYTES] = lengths.astype(">u2").view(np.uint8).reshape(-1, 2)
    return ready


class Ddp(Stream):
    """Sends a wall's pixels to one controller or several. Raises DeviceError when a host is not there."""

    def __init__(self, size: Size, settings: DdpSettings, source: str) -> None:
        length = size[0] * size[1] * len(settings.order)
        self._packets = packets(length, RGBW_8 if "W" in settings.order else RGB_8, settings.id)
        count = len(self._packets)
        self._steps = (np.arange(count) % LAST_SEQUENCE).astype(np.uint8)
        rows = [*self._packets[:-1], self._packets[-1, : HEADER_BYTES + length - (count - 1) * DATA_BYTES]]
        hosts = [resolve(host, settings.port) for host in settings.hosts]
        super().__init__(
            f"DDP {source}",
            Wiring(size, settings, DATA_BYTES),
            Cadence(settings.rate_hz),
            self._packets[:, HEADER_BYTES:],
            [(row, host) for host in hosts for row in rows],
            settings.interface,
        )

    def _number(self, count: int) -> None:
        """Each packet gets the number after the one before it, from picture to picture."""
        before = count * len(self._packets) % LAST_SEQUENCE
        self._packets[:, SEQUENCE] = (self._steps + before) % LAST_SEQUENCE + 1
