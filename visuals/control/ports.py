"""UDP ports that come back: opened when they can be, opened anew when they fail. For threads that receive: nothing
here raises, and nothing belongs on the frame's path.

Knows sockets, nothing of what is in a packet.
"""

from __future__ import annotations

import logging
import socket
import struct
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress

from visuals.clock import monotonic, sleep

RETRY_S = 0.5
BUFFER_BYTES = 1 << 19
"""What a kernel keeps: some thousand small packets. It drops the newest where there are more."""
BUSY_S, REST_S = 0.0005, 0.002
"""A thread that receives works so long and then rests as long as it worked, REST_S at most. Without the rest it takes
the interpreter back before the frame loop has woken, which then waits 5 ms (Python's switch interval) each time it
comes back from a call."""
READS = 128
"""So many packets are taken from the kernel in a turn, half of its time: a hundred thousand in a second, so that in
most floods what an operator does is not lost there."""
KEPT, KEPT_BYTES = 1024, 1 << 17
"""What waits for its turn; where more comes the oldest goes. It is done with in 100 ms, so that a flood that ends
is over."""

IP_MULTICAST_ALL = 49
"""Linux, ip(7): whether a socket gets what comes for any group that is joined on this machine."""

Heard = tuple[bytes, tuple[str, int]]

logger = logging.getLogger(__name__)


class Turn:
    """How long a thread that receives has worked without a rest."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """It has waited for something to come, which is a rest."""
        self._began = monotonic()

    @property
    def over(self) -> bool:
        return monotonic() >= self._began + BUSY_S

    def rest(self) -> None:
        """Leave the interpreter to the frame loop, if the turn is over."""
        worked = monotonic() - self._began
        if worked >= BUSY_S:
            sleep(min(worked, REST_S))
            self.begin()


class Port:
    """A UDP socket for as long as it is wanted. `opened` makes it, and raises OSError where it cannot.

    `lost` counts the packets of floods that nobody had the time for.
    """

    def __init__(self, name: str, opened: Callable[[], socket.socket], largest: int) -> None:
        self._name, self._open, self._largest = name, opened, largest
        self.socket: socket.socket | None = None
        self.turn = Turn()
        self.lost = 0
        self._tried: float | None = None
        self._failing = ""
        self._waiting: deque[Heard] = deque()
        self._waiting_bytes = 0

    @property
    def is_behind(self) -> bool:
        """Whether packets wait here for their turn: nobody needs to wait for the socket."""
        return bool(self._waiting)

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
        """What has come, the oldest first, and a rest after it; in a flood what a turn allows, the others later."""
        self.turn.begin()
        self._read()
        while self._waiting:
            packet, sender = self._waiting.popleft()
            self._waiting_bytes -= len(packet)
            yield packet, sender
            if self.turn.over:
                break
        self.turn.rest()

    def _read(self) -> None:
        count = size = 0
        while self.socket is not None and count < READS and size < KEPT_BYTES:
            try:
                packet, sender = self.socket.recvfrom(self._largest)
            except (BlockingIOError, ConnectionRefusedError):  # the latter tells of an answer nobody was there for
                return
            except OSError as error:
                logger.info("%s was lost: %s", self._name, error)
                self.drop()
                return
            count, size = count + 1, size + len(packet)
            self._waiting.append((packet, sender))
            self._waiting_bytes += len(packet)
            while len(self._waiting) > KEPT or self._waiting_bytes > KEPT_BYTES:
                self._waiting_bytes -= len(self._waiting.popleft()[0])
                self.lost += 1

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
    """Join a multicast group on an interface, given by its name or its address; "" is every one that takes it.

    The system would choose the one that leads to the internet, which a lighting network seldom is. What other programs
    on this machine have joined does not come by `opened`. Raises OSError where there is no such interface.
    """
    if sys.platform == "linux":
        opened.setsockopt(socket.IPPROTO_IP, IP_MULTICAST_ALL, 0)
    if interface:
        _join_on(opened, group, *_interface(interface))
        return
    refusal = OSError("no interface takes a multicast group")
    joined = 0
    for index, _ in socket.if_nameindex():
        try:
            _join_on(opened, group, bytes(4), index)
            joined += 1
        except OSError as error:
            refusal = error
    if not joined:
        raise refusal


def _interface(named: str) -> tuple[bytes, int]:
    """The address or the index of an interface, the other 0."""
    try:
        return socket.inet_aton(named), 0
    except OSError:
        return bytes(4), socket.if_nametoindex(named)


def _join_on(opened: socket.socket, group: str, address: bytes, index: int) -> None:
    membership = struct.pack("4s4si", socket.inet_aton(group), address, index)
    opened.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)


def is_own(host: str) -> bool:
    """Whether an address is one of this machine's."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind((host, 0))
    except OSError:
        return False
    return True
