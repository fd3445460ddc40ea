"""OSC in over UDP and TCP: a source of events that answers, tells of changes and never keeps the frame loop waiting.

A thread of its own receives, decodes and answers; the frame loop takes the newest value of each address. Knows
sockets, nothing of what a show does with an event.
"""

from __future__ import annotations

import logging
import selectors
import socket
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from visuals.clock import Clock, calendar, monotonic, sleep
from visuals.control.osc.addresses import Space
from visuals.control.osc.framing import Framing
from visuals.control.osc.packet import PACKET_BYTES
from visuals.control.osc.peers import Peer
from visuals.control.osc.reception import Reception
from visuals.control.osc.subscribers import PUSHES_HZ
from visuals.control.ports import BUSY_S, REST_S, RETRY_S, Port, is_own, udp
from visuals.types import Event

PORT = 7000
"""Resolume's for OSC in: what the tablets' layouts are set to."""

CLIENTS_LIMIT = 16
"""TCP clients at once; when one more comes, the one that is silent longest goes."""

READ_BYTES = 1024
"""Read of one client at a time; one that has sent more gives the others their turn."""

IDLE_S = 0.1

logger = logging.getLogger(__name__)


class Client:
    """One TCP connection. Bytes that it does not take at once end it: nobody waits for a slow one."""

    def __init__(self, connected: socket.socket, peer: Peer, now: float) -> None:
        self.socket, self.peer, self.heard = connected, peer, now
        self._framing = Framing()
        connected.setblocking(False)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def packets(self, now: float) -> list[bytes] | None:
        """The packets that have come; None when the connection is over."""
        try:
            data = self.socket.recv(READ_BYTES)
        except BlockingIOError:
            return []
        except OSError:
            return None
        self.heard = now
        found = self._framing.feed(data)
        return None if not data or self._framing.broken else found

    @property
    def is_broken(self) -> bool:
        """Whether what came is no stream of packets."""
        return self._framing.broken

    def send(self, packet: bytes) -> bool:
        """Whether all of it went."""
        framed = self._framing.frame(packet)
        try:
            return self.socket.send(framed) == len(framed)
        except OSError:
            return False


class OscIn:
    """A `Source` of the events of `space`, for as long as it is entered (names: see `addresses`).

    `port` is opened for UDP and TCP on `host`, and opened later where another program has it; 0 takes any
    that is free. `told` are those who hear of changes without asking: address, UDP port, and the one of TREES they
    know. `publish` says how things stand: questions and subscribers are answered from it.
    """

    def __init__(
        self,
        space: Space,
        clock: Clock,
        host: str = "0.0.0.0",
        port: int = PORT,
        told: Sequence[tuple[str, int, str]] = (),
    ) -> None:
        self._space, self._clock, self._host, self._port = space, clock, host, port
        self._newest_space = space
        self._reception = Reception(space)
        for address, number, tree in told:
            self._reception.subscribers.keep(Peer("udp", address, number), tree)
        self._udp = Port(f"OSC port {port}/udp", lambda: udp(host, self._port), PACKET_BYTES)
        self._tcp: socket.socket | None = None
        self._tcp_tried = -RETRY_S
        self._clients: dict[Peer, Client] = {}
        self._selector = selectors.DefaultSelector()
        self._waking, self._wake = socket.socketpair()
        self._ending = threading.Event()
        self._standing: tuple[str, str | None, Mapping[str, float]] | None = None
        self._reckoned = -1.0
        self._thread = threading.Thread(target=self._run, name="osc", daemon=True)

    @property
    def port(self) -> int:
        """The port that is listened to; 0 while there is none yet."""
        return self._port

    @property
    def counts(self) -> dict[str, int]:
        """Packets, and what was not obeyed: for the log."""
        counts = self._reception.counts
        return {name: getattr(counts, name) for name in counts.__slots__}

    @property
    def state(self) -> Mapping[str, float]:
        """The value of every event that has one, as last published."""
        return self._reception.state

    def publish(self, scene: str, cue: str | None, controls: Mapping[str, float]) -> None:
        """Say what is on: the scene, the cue, the value of each control in its own unit. Costs nothing here.

        `controls` is read later, by another thread: a mapping that was given is not changed any more.
        """
        self._standing = (scene, cue, controls)

    def take(self, space: Space) -> None:
        """Let the addresses of an edited show count, from the thread's next turn on."""
        self._newest_space = space

    def drain(self) -> Sequence[Event]:
        """What came since the last call, of each address the newest."""
        return self._reception.drain()

    def __enter__(self) -> Self:
        self._selector.register(self._waking, selectors.EVENT_READ)
        self._tend()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        self._wake.send(b"\0")
        self._thread.join()
        for client in [*self._clients.values()]:
            self._leave(client)
        self._udp.drop()
        for opened in (self._tcp, self._waking, self._wake):
            if opened is not None:
                opened.close()
        self._selector.close()

    # ---- the thread

    def _run(self) -> None:
        wait, turn = 0.0, self._udp.turn
        while not self._ending.is_set():
            self._tend()
            began = monotonic()
            ready = self._selector.select(0.0 if self._udp.is_behind else wait)
            if monotonic() > began + BUSY_S:
                turn.begin()
            if (newest := self._newest_space) is not self._space:
                self._space = newest
                self._reception.use(newest)
            self._hear([key.fileobj for key, _ in ready])
            now = self._clock.now()
            wait = min(self._reception.release(now), self._tell(now))
            turn.rest()

    def _tend(self) -> None:
        if self._udp.tend(monotonic()) and self._udp.socket is not None:
            self._selector.register(self._udp.socket, selectors.EVENT_READ)
            self._port = self._udp.socket.getsockname()[1]
        if self._tcp is None and self._udp.socket is not None and monotonic() >= self._tcp_tried + RETRY_S:
            self._tcp_tried = monotonic()
            self._tcp = self._listen()

    def _listen(self) -> socket.socket | None:
        opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # kept for a minute after its last client
            opened.bind((self._host, self._port))
            opened.listen(CLIENTS_LIMIT)
            opened.setblocking(False)
        except OSError as error:
            opened.close()
            logger.debug("OSC port %d/tcp cannot be opened: %s", self._port, error)
            return None
        self._selector.register(opened, selectors.EVENT_READ)
        return opened

    def _hear(self, ready: Sequence[object]) -> None:
        if self._udp.socket in ready or self._udp.is_behind:
            self._hear_udp()
        if self._tcp in ready:
            self._admit()
        for client in [c for c in self._clients.values() if c.socket in ready]:
            self._hear_client(client)

    def _hear_udp(self) -> None:
        listening = self._udp.socket
        for packet, (host, port) in self._udp.receive():
            if port != self._port or not is_own(host):  # told ourselves, we would obey ourselves
                self._take(packet, Peer("udp", host, port))
        if self._udp.socket is None and listening is not None:
            self._selector.unregister(listening)

    def _hear_client(self, client: Client) -> None:
        packets = client.packets(self._clock.now())
        for packet in packets or ():
            self._take(packet, client.peer)
            self._udp.turn.rest()
        if packets is None:
            if client.is_broken:
                self._reception.garble("a stream of no packets", client.peer, self._clock.now())
            self._leave(client)

    def _take(self, packet: bytes, sender: Peer) -> None:
        for to, answer in self._reception.take(packet, sender, self._clock.now(), calendar()):
            self._send(to, answer)

    def _send(self, to: Peer, packet: bytes) -> None:
        if to.door == "udp":
            self._udp.send(packet, (to.host, to.port))
        elif to in self._clients and not self._clients[to].send(packet):
            self._leave(self._clients[to])

    def _tell(self, now: float) -> float:
        """Tell subscribers what has changed; gives how long (s) until that is due again."""
        standing = self._standing
        if standing is not None and now >= self._reckoned + 1.0 / PUSHES_HZ:
            self._standing, self._reckoned = None, now
            self._reception.state = self._space.state(*standing)
        for to, packet in self._reception.subscribers.push(self._reception.state, now):
            self._send(to, packet)
            self._udp.turn.rest()
        return 1.0 / PUSHES_HZ if len(self._reception.subscribers) or self._standing is not None else IDLE_S

    def _admit(self) -> None:
        assert self._tcp is not None
        try:
            connected, (host, port) = self._tcp.accept()
        except OSError:  # it went again, or there is no room for more: then it stays ready to be admitted
            sleep(REST_S)
            return
        if len(self._clients) >= CLIENTS_LIMIT:
            self._leave(min(self._clients.values(), key=lambda client: client.heard))
        try:
            client = Client(connected, Peer("tcp", host, port), self._clock.now())
        except OSError:  # gone already
            connected.close()
            return
        self._clients[client.peer] = client
        self._selector.register(connected, selectors.EVENT_READ)

    def _leave(self, client: Client) -> None:
        self._clients.pop(client.peer, None)
        self._reception.subscribers.remove(client.peer)
        with suppress(KeyError, ValueError):
            self._selector.unregister(client.socket)
        client.socket.close()
