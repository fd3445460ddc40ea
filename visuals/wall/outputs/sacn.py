"""Streaming ACN to LED nodes and DMX gateways: ANSI E1.31-2018.

Knows pixels and universes, nothing of walls or shows.
"""

from __future__ import annotations

import socket
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path

from visuals.errors import OutputError
from visuals.types import Frame
from visuals.wall.outputs.datagrams import Datagrams, Packet, Row, resolve
from visuals.wall.outputs.e131 import (
    DISCOVERY_S,
    DISCOVERY_UNIVERSE,
    FREE_RUNNING,
    OPTIONS,
    SEQUENCE,
    SLOTS,
    SYNC_SEQUENCE,
    TERMINATED,
    discovery_packets,
    multicast_group,
    packets,
    sync_packet,
)
from visuals.wall.outputs.settings import SLOTS_PER_UNIVERSE, SacnSettings, Size, universes
from visuals.wall.outputs.stream import Cadence, Stream
from visuals.wall.outputs.wiring import Wiring

MACHINE_ID = Path("/etc/machine-id")
TERMINATIONS = 3


class Sacn(Stream):
    """Sends a wall's pixels as DMX universes.

    `source` names the stream in consoles; the CID derives from it, the machine and the priority, so it
    survives restarts, and a second machine that stands by with the same rig is another source. Raises
    OutputError when the wall needs more universes than there are, DeviceError when the host or the
    interface is not there.
    """

    def __init__(self, size: Size, settings: SacnSettings, source: str) -> None:
        if text := settings.misfit(size):
            raise OutputError(text)
        count, first = universes(size, settings), settings.universe
        self.cid = _cid(f"{source} {settings.priority}")
        self._packets = packets(first, count, self.cid, source, settings.priority, settings.sync or 0)
        self._sync = sync_packet(settings.sync or 0, self.cid)
        self._discovery = Datagrams(_discovery(range(first, first + count), self.cid, source, settings))
        self._told = float("-inf")
        leaving = _addressed(self._packets, range(first, first + count), settings)
        if settings.sync is not None:
            self._packets[:, OPTIONS] = FREE_RUNNING
            leaving += _addressed([self._sync], [settings.sync], settings)
        # A grid of one turn less a second: then no second, wherever it begins, holds more than the rate.
        cadence = Cadence(settings.rate_hz - 1.0)
        rows = self._packets[:, SLOTS:]
        wiring = Wiring(size, settings, SLOTS_PER_UNIVERSE)
        super().__init__(f"sACN {source}", wiring, cadence, rows, leaving, settings.interface)

    def send(self, frame: Frame) -> None:
        super().send(frame)
        if frame.time - self._told >= DISCOVERY_S:
            self._told = frame.time
            self._discovery.send(self._out)  # where nothing leads to its group, nobody asked

    def _number(self, count: int) -> None:
        """Numbers wrap at 255, section 6.2.5."""
        self._packets[:, SEQUENCE] = self._sync[SYNC_SEQUENCE] = (count + 1) & 0xFF

    def _end(self) -> None:
        self._packets[:, OPTIONS] |= TERMINATED
        for _ in range(TERMINATIONS):
            self._send_all()


def _addressed(rows: Iterable[Row], numbers: Sequence[int], settings: SacnSettings) -> list[Packet]:
    """Each universe's packet for each host in turn, or for its multicast group."""
    if not settings.hosts:
        return [(row, (multicast_group(n), settings.port)) for row, n in zip(rows, numbers, strict=True)]
    hosts = [resolve(host, settings.port) for host in settings.hosts]
    return [(row, host) for host in hosts for row in rows]


def _discovery(numbers: Sequence[int], cid: bytes, source: str, settings: SacnSettings) -> list[Packet]:
    """Consoles look for sources in one group, section 4.3, wherever the data goes."""
    group = multicast_group(DISCOVERY_UNIVERSE)
    return [(page, (group, settings.port)) for page in discovery_packets(numbers, cid, source)]


def _cid(source: str) -> bytes:
    """The same for this machine and source, whenever it starts."""
    machine = MACHINE_ID.read_text().strip() if MACHINE_ID.exists() else ""
    return uuid.uuid5(uuid.NAMESPACE_DNS, f"visuals.{machine}.{socket.gethostname()}.{source}").bytes
