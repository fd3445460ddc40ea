"""UDP ports that come back: opened when they can be, opened anew when they fail. For threads that receive: nothing
here raises, and nothing belongs on the frame's path.

Knows sockets, nothing of what is in a packet.
"""

from __future__ import annotations

import logging
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress

from visuals.clock import monotonic, sleep

RETRY_S = 0.5
BUFFER_BYTES = 1 << 19
"""Some thousand small packets: more would only be older when their turn comes."""
BUSY_S, REST_S = 0.0005, 0.0005
"""In a flood a thread that receives works so long and rests so long in turn. Without the rest it takes the
interpreter back before the frame loop has woken, which then waits 5 ms (Python's switch interval) each time it comes
back from a call; what the kernel cannot keep meanwhile it drops."""

Heard = tuple[bytes, tuple[str, int]]

logger = logging.getLogger(__name__)


class Port:
    """A UDP socket for as long as it is wanted. `opened` makes it, and raises OSError where it cannot."""

    def __init__(self, name: str, opened: Callable[[], socket.socket], largest: int) -> None:
        self._name, self._open, self._largest = name, opened, largest
        self.socket: socket.socket | None = None
        self._tried: float | None = None
        self._failing = ""

    def tend(self, now: float) -> bool:
        """Open the port if it is not, at most once in RETRY_S; True when that was done."""
        if self.socket is not None or (self._tried is not None and now < self._tried + RETRY_S):
            return False
        self._tried = now
        try:
            self.socket = self._open()
            self.socket.setblocking(False)
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        except OSError as error:
            self.drop()
            if str(error) != self._failing:
                logger.warning("%s cannot be opened, trying again: %s", self._name, error)
            self._failing = str(error)
            return False
        if self._failing:
            logger.info("%s is open", self._name)
        self._failing = ""
        return True

    def receive(self) -> Iterator[Heard]:
        """What has come; in a flood only what BUSY_S allows, and then a rest."""
        began = monotonic()
        while self.socket is not None:
            try:
                yield self.socket.recvfrom(self._largest)
            except (BlockingIOError, ConnectionRefusedError):  # the latter tells of an answer nobody was there for
                return
            except OSError as error:
                logger.info("%s was lost: %s", self._name, error)
                self.drop()
                return
            if monotonic() > began + BUSY_S:
                sleep(REST_S)
                return

    def send(self, packet: bytes, to: tuple[str, int]) -> None:
        """Hand a packet over; one that cannot leave now is lost, as any may be."""
        if self.socket is not None:
            with suppress(OSError):
                self.socket.sendto(packet, to)

    def drop(self) -> None:
        """Close the socket; `tend` opens it anew."""
        if self.socket is not None:
            self.socket.close()
            self.socket = None


def udp(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """A bound UDP socket; a `shared` port may be had by other programs too. Raises OSError."""
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        if shared:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((host, port))
    except OSError:
        opened.close()
        raise
    return opened


def join(opened: socket.socket, group: str, interface: str) -> None:
    """Join a multicast group on an interface, given by its name or its address; "" leaves it to the system.

    Raises OSError where there is no such interface.
    """
    try:
        address, index = socket.inet_aton(interface or "0.0.0.0"), 0
    except OSError:
        address, index = bytes(4), socket.if_nametoindex(interface)
    opened.setsockopt(
        socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, struct.pack("4s4si", socket.inet_aton(group), address, index)
    )


def is_own(host: str) -> bool:
    """Whether an address is one of this machine's."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, 0))
        except OSError:
            return False
    return True
