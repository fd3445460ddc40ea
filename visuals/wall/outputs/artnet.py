"""Art-Net 4 to LED nodes and DMX gateways. Art-Net is designed by and copyright Artistic Licence.

Knows pixels and universes, nothing of walls or shows. Answers who asks what is on the network, as long
as no other program on this machine does.
"""

from __future__ import annotations

import logging
import socket

import numpy as np

from visuals.errors import OutputError
from visuals.types import Frame
from visuals.wall.outputs.datagrams import Address, Row, open_socket, resolve
from visuals.wall.outputs.settings import SLOTS_PER_UNIVERSE, ArtnetSettings, Size, universes
from visuals.wall.outputs.stream import Cadence, Stream
from visuals.wall.outputs.wiring import Wiring

logger = logging.getLogger(__name__)

PORT = 6454
ID = b"Art-Net\0"
POLL, POLL_REPLY, DMX, SYNC = 0x2000, 0x2100, 0x5000, 0x5200
"""OpCodes, sent low byte first."""

VERSION = 14

SEQUENCE, SUB_UNI, LENGTH, DATA = 12, 14, 16, 18
"""Offsets in ArtDmx; sub-net and universe in one byte, the net in the next."""

LAST_SEQUENCE = 255
"""Numbers run from 1; 0 means that nobody counts."""

POLL_BYTES, POLL_FLAGS, POLL_TOP, POLL_BOTTOM = 14, 12, 14, 16
TARGETED = 0x20
"""Flags bit 5 of ArtPoll: only who serves a Port-Address between bottom and top shall answer."""

REPLY_BYTES, REPLY_PORTS = 239, 4
OEM_UNKNOWN = 0x00FF
STYLE_CONTROLLER = 1
SENDS_DMX, DATA_FLOWS = 0x40, 0x80
"""Bits of PortTypes (DMX512 into the network) and GoodInput."""

POLLS_A_FRAME = 32
"""So many packets are looked at before a picture leaves; a flood waits in the kernel, and is dropped there."""


def packets(first: int, count: int) -> Row:
    """ArtDmx packets [count, 530] for `count` Port-Addresses from `first`, all slots zero, sequence 0."""
    ready = np.zeros((count, DATA + SLOTS_PER_UNIVERSE), np.uint8)
    head = _head(DMX) + bytes(4) + SLOTS_PER_UNIVERSE.to_bytes(2)
    ready[:, :DATA] = np.frombuffer(head, np.uint8)
    addresses = np.arange(first, first + count, dtype="<u2")
    ready[:, SUB_UNI:LENGTH] = addresses.view(np.uint8).reshape(count, 2)
    return ready


def sync_packet() -> Row:
    """ArtSync: show now what has come."""
    return np.frombuffer(_head(SYNC) + bytes(2), np.uint8).copy()


def poll_reply(name: str, ip: str, first: int, count: int) -> bytes:
    """ArtPollReply of a controller that sends `count` Port-Addresses from `first`.

    It has room for the first four, as far as they share net and subnet.
    """
    ports = min(count, REPLY_PORTS, 16 - first % 16)
    numbers = bytes((first + i) & 0x0F for i in range(ports))
    text = name.encode(errors="replace")
    reply = (
        ID
        + POLL_REPLY.to_bytes(2, "little")
        + socket.inet_aton(ip)
        + PORT.to_bytes(2, "little")
        + bytes([0, 1])  # VersInfo
        + bytes([first >> 8, first >> 4 & 0x0F])  # NetSwitch, SubSwitch
        + OEM_UNKNOWN.to_bytes(2)
        + bytes(2)  # Ubea, Status1
        + bytes(2)  # EstaMan
        + text[:17].ljust(18, b"\0")  # PortName
        + text[:63].ljust(64, b"\0")  # LongName
        + f"#0001 [0000] sends {count} universes".encode().ljust(64, b"\0")  # NodeReport
        + ports.to_bytes(2)
        + bytes([SENDS_DMX] * ports).ljust(4, b"\0")  # PortTypes
        + bytes([DATA_FLOWS] * ports).ljust(4, b"\0")  # GoodInput
        + bytes(4)  # GoodOutputA
        + numbers.ljust(4, b"\0")  # SwIn
        + bytes(4)  # SwOut
        + bytes(6)  # AcnPriority, SwMacro, SwRemote, Spare
        + bytes([STYLE_CONTROLLER])
    )
    return reply.ljust(REPLY_BYTES, b"\0")


def asks(packet: bytes, first: int, count: int) -> bool:
    """Whether a packet is an ArtPoll that a sender of these Port-Addresses shall answer."""
    if len(packet) < POLL_BYTES or packet[:10] != ID + POLL.to_bytes(2, "little"):
        return False
    if not packet[POLL_FLAGS] & TARGETED or len(packet) < POLL_BOTTOM + 2:
        return True
    top = int.from_bytes(packet[POLL_TOP : POLL_TOP + 2])
    bottom = int.from_bytes(packet[POLL_BOTTOM : POLL_BOTTOM + 2])
    return first <= top and bottom < first + count


def _head(code: int) -> bytes:
    return ID + code.to_bytes(2, "little") + VERSION.to_bytes(2)


class Artnet(Stream):
    """Sends a wall's pixels as DMX universes.

    `source` names us to who polls. Raises OutputError when the wall needs more universes than there
    are, DeviceError when a host or the interface is not there.
    """

    def __init__(self, size: Size, settings: ArtnetSettings, source: str) -> None:
        if text := settings.misfit(size):
            raise OutputError(text)
        self._source, self._first, self._count = source, settings.first, universes(size, settings)
        self._packets = packets(self._first, self._count)
        hosts = [resolve(host, settings.port) for host in settings.hosts]
        leaving = [(row, host) for host in hosts for row in self._packets]
        if settings.sync:
            leaving += [(sync_packet(), host) for host in hosts]
        self._ears: socket.socket | None = None
        # See sACN: no second, wherever it begins, holds more than the rate.
        cadence = Cadence(settings.rate_hz - 1.0)
        wiring = Wiring(size, settings, SLOTS_PER_UNIVERSE)
        super().__init__(f"Art-Net {source}", wiring, cadence, self._packets[:, DATA:], leaving, settings.interface)

    def send(self, frame: Frame) -> None:
        super().send(frame)
        self._answer()

    def _number(self, count: int) -> None:
        self._packets[:, SEQUENCE] = count % LAST_SEQUENCE + 1

    def _open(self) -> socket.socket:
        if self._ears is None:
            self._ears = _open_ears()
        opened = super()._open()
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)  # a host may be the network's broadcast address
        return opened

    def _answer(self) -> None:
        """Reply to every ArtPoll that has come. What else comes to this port is not for us."""
        if self._ears is None:
            return
        for _ in range(POLLS_A_FRAME):
            try:
                packet, poller = self._ears.recvfrom(2048)
            except OSError:  # none, or a network that is away
                return
            if asks(packet, self._first, self._count):
                self._reply(poller)

    def _reply(self, poller: Address) -> None:
        """To the port of the standard, and to the one it was asked from where that is another."""
        assert self._ears is not None
        try:
            reply = poll_reply(self._source, _own_address(poller), self._first, self._count)
            for port in {PORT, poller[1]}:
                self._ears.sendto(reply, (poller[0], port))
        except OSError as error:
            logger.debug("no reply to the poll of %s: %s", poller[0], error)

    def _close(self) -> None:
        super()._close()
        if self._ears is not None:
            self._ears.close()
            self._ears = None


def _open_ears() -> socket.socket | None:
    """The port of the standard, or None when somebody else has it: they are left every packet of theirs."""
    ears = open_socket(None, REPLY_PORTS)
    try:
        ears.bind(("", PORT))
        # Only now: whoever comes later may share the port, but we took it from nobody.
        ears.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    except OSError as error:
        logger.debug("polls are not answered: %s", error)
        ears.close()
        return None
    return ears


def _own_address(to: Address) -> str:
    """Our address on the network that leads there; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(to)
        return str(probe.getsockname()[0])
