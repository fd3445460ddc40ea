"""DMX in over the network: a source of events that never keeps the frame loop waiting.

A thread of its own receives and merges; the frame loop compares the universe with the one before. Knows sockets,
nothing of what a show does with an event.
"""

from __future__ import annotations

import logging
import math
import select
import socket
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from visuals.clock import Clock, monotonic, sleep
from visuals.control.allowance import Allowance
from visuals.control.dmx import artnet, e131
from visuals.control.dmx.fixture import FOOTPRINT, Fixture
from visuals.control.dmx.merge import SLOTS, Merge, Universe
from visuals.control.ports import REST_S, Port, join, udp
from visuals.errors import VisualsError
from visuals.types import DmxSettings, Event

LARGEST_BYTES = 2048
TURN_S = 0.1
"""So soon the loss of a source is seen, at most so much late."""

REJOIN_S = 2.0
"""After so much silence of its universe the group is joined anew: an interface that came back has forgotten it."""

ARTNET_PRIORITY = 100
POLLS_HZ = 20.0
"""Questions answered in a second; a controller asks every three. An answer is longer than a question, which may have
come in another's name."""

logger = logging.getLogger(__name__)


def misfit(settings: DmxSettings) -> str:
    """What is wrong with settings; "" for nothing."""
    lowest, highest = {"sacn": (1, e131.LAST_UNIVERSE), "artnet": (0, artnet.LAST_ADDRESS)}[settings.protocol]
    if not lowest <= settings.universe <= highest:
        return f"{settings.protocol} has no universe {settings.universe}, expected {lowest} to {highest}"
    last = SLOTS - FOOTPRINT + 1
    if not 1 <= settings.address <= last:
        return f"no room at address {settings.address} for {FOOTPRINT} channels, expected 1 to {last}"
    if not settings.hold >= 0.0:
        return f"a look cannot be held for {settings.hold} s"
    return ""


class DmxIn:
    """A `Source` of the fixture's events, for as long as it is entered (names: see `fixture`).

    `scenes` is how many the show has, `name` what we are called by who polls. Raises VisualsError for settings
    that cannot be; ports and interfaces that are not there are waited for.
    """

    def __init__(self, settings: DmxSettings, scenes: int, clock: Clock, name: str = "visuals") -> None:
        if wrong := misfit(settings):
            raise VisualsError(wrong)
        self._settings, self._clock, self._name = settings, clock, name
        self._fixture = Fixture(settings.address, scenes)
        protocol = artnet if settings.protocol == "artnet" else e131
        self._merge = Merge(protocol.LOSS_S, protocol.is_late, settings.hold)
        number = protocol.PORT if settings.port is None else settings.port
        self._port = Port(f"{settings.protocol} port {number}", lambda: self._open(number), LARGEST_BYTES)
        self._universe: Universe = Universe(None, "none")
        self._heard = -math.inf
        self._may_answer = Allowance(POLLS_HZ)
        self._ending = threading.Event()
        self._waking, self._wake = socket.socketpair()
        self._thread = threading.Thread(target=self._run, name="dmx", daemon=True)

    @property
    def port(self) -> int:
        """The port that is listened to; 0 while there is none."""
        opened = self._port.socket
        try:
            return 0 if opened is None else int(opened.getsockname()[1])
        except OSError:
            return 0

    @property
    def universe(self) -> Universe:
        """How the universe stands, as of the thread's last turn."""
        return self._universe

    def drain(self) -> Sequence[Event]:
        """What has changed since the last call."""
        return self._fixture.events(self._universe, self._clock.now())

    def take(self, scenes: int) -> None:
        """Let an edited show's number of scenes count. For who drains."""
        self._fixture.take(scenes)

    def __enter__(self) -> Self:
        self._port.tend(monotonic())
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        self._wake.send(b"\0")
        self._thread.join()
        self._port.drop()
        self._waking.close()
        self._wake.close()

    # ---- the thread

    def _open(self, number: int) -> socket.socket:
        # Shared: a visualiser or another receiver on this machine has the same port.
        opened = udp(self._settings.host, number, shared=True)
        try:
            if self._settings.protocol == "artnet":
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            elif self._settings.multicast:
                join(opened, e131.multicast_group(self._settings.universe), self._settings.interface)
        except OSError:
            opened.close()
            raise
        return opened

    def _run(self) -> None:
        while not self._ending.is_set():
            now = monotonic()
            if self._port.tend(now):
                self._heard = now
            opened = self._port.socket
            waiting = select.poll()
            waiting.register(self._waking, select.POLLIN)
            if opened is not None:
                waiting.register(opened, select.POLLIN)
            waiting.poll(0.0 if self._port.is_behind else 1000.0 * TURN_S)
            heard = self._hear()
            self._universe = self._merge.look(self._clock.now())
            if heard:
                sleep(REST_S)  # of what comes meanwhile one look is taken

    def _hear(self) -> bool:
        """Whether anything came."""
        came = False
        for packet, sender in self._port.receive():
            came = True
            if self._settings.protocol == "artnet":
                self._take_artnet(packet, sender)
            else:
                self._take_e131(packet)
        if self._settings.protocol == "sacn" and self._settings.multicast and monotonic() > self._heard + REJOIN_S:
            self._heard = monotonic()
            self._port.drop()
            self._port.tend(monotonic())
        return came

    def _take_e131(self, packet: bytes) -> None:
        data = e131.parse(packet)
        if data is None or data.universe != self._settings.universe:
            return
        self._heard = monotonic()
        if data.state == "terminated":
            self._merge.end(data.cid)
        elif data.state == "live":
            self._merge.take(data.cid, data.source, data.slots, data.priority, data.sequence, self._clock.now())

    def _take_artnet(self, packet: bytes, sender: tuple[str, int]) -> None:
        dmx = artnet.parse(packet)
        if dmx is None:
            if artnet.asks(packet, self._settings.universe) and self._may_answer.take(monotonic()):
                self._reply(sender)
        elif dmx.address == self._settings.universe:
            source = (sender[0], dmx.physical)
            self._merge.take(source, sender[0], dmx.slots, ARTNET_PRIORITY, dmx.sequence, self._clock.now())

    def _reply(self, poller: tuple[str, int]) -> None:
        """To the port of the standard, and to the one it was asked from where that is another."""
        reply = artnet.poll_reply(
            self._name, _own_address(poller), self._settings.universe, self._universe.link == "live"
        )
        for port in sorted({artnet.PORT, poller[1]}):
            self._port.send(reply, (poller[0], port))


def _own_address(to: tuple[str, int]) -> str:
    """Our address on the network that leads there; nothing is sent."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(to)
            return str(probe.getsockname()[0])
    except OSError:
        return "0.0.0.0"
