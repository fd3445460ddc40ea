"""Two machines for one rig: the main one tells that it plays, the stand-by one notices when it no longer does.

A datagram ten times a second from the player itself, so that it stops with the light and not with the
machine. Receivers of sACN choose by priority and need none of this; windows and the like do.
"""

from __future__ import annotations

import socket
from contextlib import suppress

PORT = 5569
PERIOD_S = 0.1
LOST_AFTER_S = 0.5
"""Five beats in a row were not heard. Light is here within this and a tick; sACN's own rule takes 2.5 s."""

BACK_AFTER_S = 3.0
"""So long the main machine must have played again before this one leaves the light to it."""

BEAT = b"visuals plays 1"
MOST_A_TICK = 32


class Heart:
    """Beats for a machine, or a whole network by its broadcast address. Nobody listening is no fault."""

    def __init__(self, host: str, port: int = PORT) -> None:
        self._to = (host, port)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        self._socket.setblocking(False)
        self._next = float("-inf")

    def beat(self, now: float) -> None:
        """Call every tick; `now` in seconds. Never waits."""
        if now >= self._next:
            self._next = now + PERIOD_S
            with suppress(OSError):
                self._socket.sendto(BEAT, self._to)

    def close(self) -> None:
        self._socket.close()


class Vigil:
    """Listens for the main machine's heart. Raises OSError when the port is taken."""

    def __init__(self, now: float, port: int = PORT) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("", port))
        self._socket.setblocking(False)
        self._heard = self._since = now
        self._leads = False
        self.met = False
        """Whether the main machine was ever heard."""

    def leads(self, now: float) -> bool:
        """Whether the light is up to this machine at `now` (s). Call every tick."""
        if self._beaten():
            self.met = True
            if now - self._heard > LOST_AFTER_S:
                self._since = now
            self._heard = now
        if now - self._heard > LOST_AFTER_S:
            self._leads = True
        elif now - self._since >= BACK_AFTER_S:
            self._leads = False
        return self._leads

    def _beaten(self) -> bool:
        heard = False
        for _ in range(MOST_A_TICK):
            try:
                heard = self._socket.recv(64) == BEAT or heard
            except OSError:
                break
        return heard

    def close(self) -> None:
        self._socket.close()
