"""What sACN, Art-Net and DDP have in common: when a picture leaves, and what happens when it cannot.

The network may be gone: that is told once, told again when it is back, and never raised.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from visuals.errors import DeviceError
from visuals.types import Frame
from visuals.wall.outputs.datagrams import Datagrams, Packet, open_socket
from visuals.wall.outputs.wiring import Wiring

logger = logging.getLogger(__name__)

REPEATS = 3
KEEP_ALIVE_S = 0.8
"""E1.31-2018 section 6.6.2: three packets of what does not change, then one every 800 to 1000 ms. Art-Net 4
wants the same 800 to 1000 ms, and DDP receivers leave their live mode after one to a few seconds."""

RENEW_S = 0.05
"""A socket bound to a card that was pulled out stays dead when the card returns: while packets are lost a
new one is taken this often, so that the light is back within 100 ms."""

CALM_S = 1.0
"""So long nothing may be lost before the network counts as back: one that flutters is one fault."""


class Cadence:
    """Which pictures leave: what changed, at most `turns_hz` times a second, and what did not to keep alive."""

    def __init__(self, turns_hz: float) -> None:
        self._turns_hz = turns_hz
        self._turn, self._same, self._sent = -1, 0, float("-inf")

    def is_turn(self, time: float) -> bool:
        return self.turn(time) != self._turn

    def wants(self, time: float, changed: bool) -> bool:
        """Whether this picture leaves now."""
        if not changed and self._same >= REPEATS and time - self._sent < KEEP_ALIVE_S:
            return False
        self._same = 1 if changed else self._same + 1
        self._turn, self._sent = self.turn(time), time
        return True

    def again(self) -> None:
        """What was sent got lost: the next turn repeats it."""
        self._same = 0

    def turn(self, time: float) -> int:
        """The number of the turn at show time `time` (s)."""
        # Ticks of the same rate fall on the edges of the turns; they are counted there, not left to rounding.
        return int(time * self._turns_hz + 1e-3)


class Stream:
    """Sends a wall's pixels as packets; a kind of it writes their headers and counts them.

    `rows` [packets, slots] is where the pixels lie in the packets.
    """

    def __init__(
        self,
        name: str,
        wiring: Wiring,
        cadence: Cadence,
        rows: npt.NDArray[np.uint8],
        packets: Sequence[Packet],
        interface: str | None,
    ) -> None:
        self._name, self._interface = name, interface
        self._wiring, self._cadence, self._rows = wiring, cadence, rows
        self._datagrams = Datagrams(packets)
        self._packet_count = len(packets)
        self._pictures: int | None = None
        self._socket: socket.socket | None = None
        self._trouble_at: float | None = None
        self._lost_at = self._renewed = 0.0

    @property
    def lost(self) -> int:
        """Packets that no route would take."""
        return self._datagrams.lost

    def send(self, frame: Frame) -> None:
        """Send when something changed and the rate allows it, else keep the stream alive.

        A link too slow for the rate gets fewer pictures, each of them whole.
        """
        if not self._datagrams.done:
            self._judge(self._datagrams.resume(self._out), frame.time)
            if not self._datagrams.done:
                return
        if not self._cadence.is_turn(frame.time):
            return
        changed = self._wiring.take(frame.pixels)
        if self._cadence.wants(frame.time, changed):
            if self._pictures is None:
                # Receivers drop what seems to come late. The numbers of a player that is started anew go on about
                # where those of the one before ended.
                self._pictures = self._cadence.turn(frame.time)
            self._judge(self._send_all(), frame.time)

    def _number(self, count: int) -> None:
        """Write the sequence numbers of picture `count`, from 0, into the packets."""
        raise NotImplementedError

    def _open(self) -> socket.socket:
        return open_socket(self._interface, self._packet_count)

    @property
    def _out(self) -> socket.socket:
        assert self._socket is not None, "an output sends within its context"
        return self._socket

    def _send_all(self) -> OSError | None:
        self._rows[:] = self._wiring.slots.reshape(self._rows.shape)
        count = self._pictures or 0
        self._number(count)
        self._pictures = count + 1
        return self._datagrams.send(self._out)

    def _judge(self, error: OSError | None, time: float) -> None:
        """Tell when the network goes and comes; while it is away try on at the full rate."""
        if error is not None:
            if self._trouble_at is None:
                self._trouble_at = time
                logger.warning("%s: packets do not leave: %s", self._name, error.strerror or error)
            self._lost_at = time
            self._cadence.again()
            self._renew(time)
        elif self._trouble_at is not None and time - self._lost_at >= CALM_S:
            away = self._lost_at - self._trouble_at
            self._trouble_at = None
            logger.warning("%s: packets leave again, after %.1f s; %d were lost", self._name, away, self.lost)

    def _renew(self, time: float) -> None:
        """Take a new socket, unless its packets only wait for room."""
        if not self._datagrams.done or time - self._renewed < RENEW_S:
            return
        self._renewed = time
        try:
            opened = self._open()
        except DeviceError:
            return
        self._out.close()
        self._socket = opened

    def __enter__(self) -> Self:
        self._socket = self._open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._end()
        self._close()

    def _close(self) -> None:
        self._out.close()

    def _end(self) -> None:
        """Tell the receivers that this end is meant."""
