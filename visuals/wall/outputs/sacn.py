"""Streaming ACN to LED nodes and DMX gateways: ANSI E1.31-2018, one NumPy array of ready packets.

Knows pixels and universes, nothing of walls or shows. The network may be gone: a packet that cannot
leave is counted and forgotten.
"""

from __future__ import annotations

import logging
import socket
import uuid
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from visuals.errors import DeviceError, OutputError
from visuals.types import Frame
from visuals.wall.outputs.settings import MAX_UNIVERSE, PIXELS_PER_UNIVERSE, SacnSettings, universes

logger = logging.getLogger(__name__)

PACKET_BYTES = 638
PRIORITY, SYNC, SEQUENCE, OPTIONS, UNIVERSE, START_CODE, SLOTS = 108, 109, 111, 112, 113, 125, 126
"""Offsets of E1.31-2018 table 4-1 (in octets from the root layer's preamble)."""

TERMINATED = 0x40
"""Options bit 6, Stream_Terminated; section 6.2.6 wants three such packets."""

REPEATS = 3
KEEP_ALIVE_S = 0.8
"""Section 6.6.2: three packets of what does not change, then one every 800 to 1000 ms."""

MULTICAST_TTL = 16


def multicast_group(universe: int) -> str:
    """Section 9.3.1: 239.255.high.low."""
    return f"239.255.{universe >> 8}.{universe & 255}"


def packets(
    first: int, count: int, cid: bytes, source: str, priority: int = 100, sync: int = 0
) -> npt.NDArray[np.uint8]:
    """Data packets [count, 638] for `count` universes from `first`, all slots zero, sequence 0.

    Root, framing and DMP layer of E1.31-2018 section 4.1 with a full property array of 512 slots.
    """
    name = source.encode()[:63].decode(errors="ignore").encode().ljust(64, b"\0")
    head = (
        b"\x00\x10\x00\x00ASC-E1.17\0\0\0"
        + _length(PACKET_BYTES - 16)
        + (4).to_bytes(4)  # VECTOR_ROOT_E131_DATA
        + cid
        + _length(PACKET_BYTES - 38)
        + (2).to_bytes(4)  # VECTOR_E131_DATA_PACKET
        + name
        + bytes([priority])
        + sync.to_bytes(2)
        + bytes(4)  # sequence, options, universe
        + _length(PACKET_BYTES - 115)
        + b"\x02\xa1\x00\x00\x00\x01\x02\x01\x00"  # set property, 1-byte steps, 513 values, start code 0
    )
    ready = np.zeros((count, PACKET_BYTES), np.uint8)
    ready[:, : len(head)] = np.frombuffer(head, np.uint8)
    numbers = np.arange(first, first + count, dtype=">u2")
    ready[:, UNIVERSE : UNIVERSE + 2] = numbers.view(np.uint8).reshape(count, 2)
    return ready


def _length(octets: int) -> bytes:
    """Flags 0x7 and the 12-bit length of a protocol data unit."""
    return (0x7000 | octets).to_bytes(2)


class Sacn:
    """Sends a wall's pixels, row by row from the top left, RGB, 170 pixels a universe.

    `source` names the stream in consoles; the CID derives from it, so it survives restarts. Raises
    OutputError when the wall needs more universes than there are, DeviceError when the host or the
    interface is not there.
    """

    def __init__(self, size: tuple[int, int], settings: SacnSettings, source: str) -> None:
        count = universes(size)
        last = settings.universe + count - 1
        if last > MAX_UNIVERSE:
            raise OutputError(
                f"universe {settings.universe} and {count - 1} more reach {last}, expected {MAX_UNIVERSE}"
            )
        self._pixels = size[0] * size[1]
        self.cid = uuid.uuid5(uuid.NAMESPACE_DNS, f"visuals.{source}").bytes
        self._packets = packets(settings.universe, count, self.cid, source, settings.priority)
        self._views = [memoryview(packet) for packet in self._packets]
        self._slots = np.zeros((count * PIXELS_PER_UNIVERSE, 3), np.uint8)
        self._rows = self._slots.reshape(count, -1)
        # A grid of one turn less a second: then no second, wherever it begins, holds more than the rate.
        self._turns_hz = settings.rate_hz - 1.0
        self._turn = -1
        self._addresses = _addresses(settings, count)
        self._settings = settings
        self._same, self._sent = 0, float("-inf")
        self.lost = 0

    def send(self, frame: Frame) -> None:
        """Send when something changed and the rate allows it, else keep the stream alive."""
        turn = int(frame.time * self._turns_hz)
        if turn == self._turn:
            return
        fresh = frame.pixels.reshape(-1, 4)[:, :3]
        if np.array_equal(self._slots[: self._pixels], fresh):
            if self._same >= REPEATS and frame.time - self._sent < KEEP_ALIVE_S:
                return
            self._same += 1
        else:
            self._same = 1
            self._slots[: self._pixels] = fresh
            self._packets[:, SLOTS : SLOTS + self._rows.shape[1]] = self._rows
        self._turn, self._sent = turn, frame.time
        self._send_all()

    def _send_all(self) -> None:
        self._packets[:, SEQUENCE] += 1  # wraps at 255, section 6.2.5
        for view, address in zip(self._views, self._addresses, strict=True):
            try:
                self._socket.sendto(view, address)
            except OSError as error:
                self._lose(error)

    def _lose(self, error: OSError) -> None:
        if not self.lost:
            logger.warning("sACN packets are lost: %s", error.strerror or error)
        self.lost += 1

    def __enter__(self) -> Self:
        self._socket = _open_socket(self._settings)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._packets[:, OPTIONS] = TERMINATED
        for _ in range(3):
            self._send_all()
        self._socket.close()


def _addresses(settings: SacnSettings, count: int) -> list[tuple[str, int]]:
    if settings.host is None:
        return [(multicast_group(settings.universe + i), settings.port) for i in range(count)]
    try:
        host = socket.getaddrinfo(settings.host, settings.port, socket.AF_INET, socket.SOCK_DGRAM)[0][4][0]
    except OSError as error:
        raise DeviceError(f"no host `{settings.host}`: {error.strerror or error}") from error
    return [(str(host), settings.port)] * count


def _open_socket(settings: SacnSettings) -> socket.socket:
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        opened.setblocking(False)
        opened.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, MULTICAST_TTL)
        if settings.interface is not None:
            opened.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(settings.interface))
    except OSError as error:
        opened.close()
        raise DeviceError(f"no network card with the address `{settings.interface}`: {error}") from error
    return opened
