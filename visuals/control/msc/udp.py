"""MIDI Show Control over UDP, as grandMA2 and dot2 send it: `GMA 0 MSC 0`, a length, the sysex.

Knows the wrapping and the socket; what a message means is `msc`'s. Sends nothing: a desk that hears its own
commands again makes a loop. Source: grandMA2 User Manual, Remote control > MIDI Show Control, Ethernet.
"""

from __future__ import annotations

import logging
import socket
from collections import deque
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import NamedTuple, Self

from visuals.clock import Clock
from visuals.control.allowance import Once
from visuals.control.midi.messages import newest_controls
from visuals.control.msc.message import (
    FIRST_GROUP,
    FORMATS,
    MESSAGE_BYTES,
    Receiver,
    ShowControl,
    decode,
    encode,
    event_of,
)
from visuals.control.ports import udp
from visuals.types import Event

PORT = 6004
"""The desks' default; they offer 6000 to 6100."""

HEAD = b"GMA\0MSC\0"
HEAD_BYTES = len(HEAD) + 4
DESK_PLACES = 3
"""These desks write every cue with so many decimals."""

PACKET_BYTES = HEAD_BYTES + MESSAGE_BYTES + 1
"""A longer packet comes cut to this, and is then none of ours."""

BUFFER_BYTES = 1 << 17
"""A kernel keeps 250 packets in that, and drops the newest where there are more."""

PACKETS_A_DRAIN, MESSAGES_A_DRAIN = 256, 64
"""So many packets are taken, which is all that a kernel keeps, and so many, the newest, are read: desks send no more
than some dozen between two frames, and of a flood that does not end a call takes the frame loop a millisecond."""

SHOWN_BYTES = 32
"""Of what cannot be read."""

RETRY_S = 0.5
MOVING = ("msc.set.",)

logger = logging.getLogger(__name__)


def unpack(packet: bytes) -> ShowControl | None:
    """The message of a packet; None: there is none, or the packet is not whole.

    The length, low byte first, counts the packet; the manual's own examples leave out its last byte, and so do other
    senders. It is only compared, never used.
    """
    if packet[: len(HEAD)] != HEAD or len(packet) < HEAD_BYTES + 2:
        return None
    if int.from_bytes(packet[len(HEAD) : HEAD_BYTES], "little") not in (len(packet), len(packet) - 1):
        return None
    if packet[HEAD_BYTES] != 0xF0 or packet[-1] != 0xF7:
        return None
    return decode(packet[HEAD_BYTES + 1 : -1])


def pack(message: ShowControl) -> bytes:
    """The packet of a message. Raises ValueError as `encode` does.

    Its length is all of it, as the manual has it in words, though not in its examples: of the receivers that look at
    it, npm's `mamsc` takes no other.
    """
    sysex = encode(message, places=DESK_PLACES, wide=True)
    return HEAD + (HEAD_BYTES + len(sysex)).to_bytes(4, "little") + sysex


class Heard(NamedTuple):
    """A message, when (s) it was taken from the network, and the address it came from."""

    time: float
    message: ShowControl
    sender: str


class MscIn:
    """A `Source` of `msc.*` events from the desks on the network, for as long as it is entered.

    Only what `receiver` answers to becomes an event; of what it does not, and of what cannot be read, each sender's
    first is told. `host` is the address of one of our network cards, which then hears no broadcast; "" is all of
    them. A port that is taken or a network that is away is told once and tried again every RETRY_S; nothing is raised.
    """

    def __init__(self, clock: Clock, receiver: Receiver | None = None, host: str = "", port: int = PORT) -> None:
        self._clock, self._receiver = clock, receiver or Receiver()
        self._address = (host, port)
        self._ears: socket.socket | None = None
        self._retry = 0.0
        self._trouble_told = False
        self._once = Once()

    @property
    def listening(self) -> bool:
        """Whether the port is ours, as of the last call."""
        return self._ears is not None

    def __enter__(self) -> Self:
        self._open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def drain(self) -> Sequence[Event]:
        """What came since the last call and is for us; of each control only its newest value."""
        heard = [h for h in self.messages() if not self._tell_foreign(h)]
        return newest_controls([event_of(h.message, h.time, h.sender) for h in heard], MOVING)

    def messages(self) -> list[Heard]:
        """What came since the last call, whomever it is for, oldest first; of a flood the newest."""
        if self._ears is None and self._clock.now() >= self._retry:
            self._open()
        now, kept = self._clock.now(), deque(self._packets(), MESSAGES_A_DRAIN)
        found = [(unpack(packet), packet, sender) for packet, sender in kept]
        for message, packet, sender in found:
            if message is None:
                self._tell_unread(packet, sender)
        return [Heard(now, message, sender) for message, _, sender in found if message is not None]

    def _tell_unread(self, packet: bytes, sender: str) -> None:
        if self._once.is_due(self._clock.now(), "unreadable", sender):
            shown = packet[:SHOWN_BYTES].hex(" ")
            logger.warning("MIDI Show Control from %s: %d bytes cannot be read: %s", sender, len(packet), shown)

    def _tell_foreign(self, heard: Heard) -> bool:
        """Whether a message is somebody else's."""
        kind = self._receiver.refuses(heard.message)
        if kind and self._once.is_due(heard.time, kind, heard.sender):
            whose = _device(heard.message.device) if kind == "device" else _equipment(heard.message.format)
            logger.warning(
                "MIDI Show Control from %s: for %s, whom the show's `msc` does not name", heard.sender, whose
            )
        return bool(kind)

    def _packets(self) -> Iterator[tuple[bytes, str]]:
        """The packets that are there and may be a desk's."""
        for _ in range(PACKETS_A_DRAIN):
            received = self._receive()
            if received is None:
                return
            if received[0].startswith(HEAD):
                yield received
            else:
                self._tell_unread(*received)

    def _receive(self) -> tuple[bytes, str] | None:
        """The next packet that is there, and the address it is from."""
        if self._ears is None:
            return None
        try:
            packet, sender = self._ears.recvfrom(PACKET_BYTES)
        except BlockingIOError:
            return None
        except OSError as error:
            self._close()
            self._put_off(error)
            return None
        return packet, str(sender[0])

    def _open(self) -> None:
        """Take the port, without the options by which two programs would get half of the packets each."""
        try:
            ears = udp(*self._address)
        except OSError as error:
            self._put_off(error)
            return
        ears.setblocking(False)
        ears.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        self._ears = ears
        if self._trouble_told:
            logger.info("MIDI Show Control: listening to UDP port %d again", self._address[1])
            self._trouble_told = False

    def _put_off(self, error: OSError) -> None:
        self._retry = self._clock.now() + RETRY_S
        if not self._trouble_told:
            logger.warning("MIDI Show Control: UDP port %d: %s; trying again", self._address[1], error)
            self._trouble_told = True

    def _close(self) -> None:
        if self._ears is not None:
            self._ears.close()
            self._ears = None


def _device(number: int) -> str:
    """RP-002, section 2.2."""
    return f"device {number}" if number < FIRST_GROUP else f"group {number - FIRST_GROUP + 1}"


def _equipment(number: int) -> str:
    return FORMATS.get(number, f"format {number:02X}")
