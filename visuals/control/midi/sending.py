"""Sending: the outputs of one MIDI system that match. Knows nothing of what a message means. Runs in `process`."""

from __future__ import annotations

import select
from collections.abc import Iterable
from typing import Any

from visuals.clock import monotonic, sleep
from visuals.control.midi.lines import Inbox, Outbox
from visuals.control.midi.ports import LOOK_S, Port, System, listed_outputs, matches, refusals, sender

LAST_S = 0.05
"""What was sent last has left by then: a client that is freed takes what waits in it along."""


class Outputs:
    """The outputs of one system: those there are, and those that match and are open."""

    def __init__(self, system: System, pattern: str) -> None:
        self._system, self._pattern = system, pattern
        self._lister = sender(system)
        self._open: dict[Port, Any] = {}
        self.there: tuple[str, ...] = ()

    @property
    def open(self) -> tuple[str, ...]:
        return tuple(port.name for port in self._open)

    def look(self) -> bool:
        """Free the ports that are gone, open those that are new; True if there was one."""
        with refusals(self._system.name):
            self.there = listed_outputs(self._lister)
        wanted = [Port(n, self._system.client_identity(n)) for n in self.there if matches(self._pattern, n)]
        for port in [port for port in self._open if port not in wanted]:
            self._open.pop(port).delete()
        fresh = {port: self._connect(port.name) for port in wanted if port not in self._open}
        self._open |= {port: client for port, client in fresh.items() if client is not None}
        return any(client is not None for client in fresh.values())

    def _connect(self, name: str) -> Any:
        client = sender(self._system)
        with refusals(name):
            names = client.get_ports()
            if name not in names:
                client.delete()
                return None
            client.open_port(names.index(name), "out")
        return client

    def send(self, messages: Iterable[bytes]) -> None:
        """To every port that is open."""
        for message in messages:
            for port, client in self._open.items():
                with refusals(port.name):
                    client.send_message(message)

    def close(self) -> None:
        """Free every client."""
        for client in self._open.values():
            client.delete()
        self._lister.delete()
        self._open.clear()


def deliver(system: System, pattern: str, outbox: Outbox, stdin: int) -> None:
    """Send what comes by stdin; `["state", there, open]` at every look, `["ready"]` after a port was opened.

    Returns when stdin closes or the system is another.
    """
    identity = system.identity()
    sending, inbox, next_look = Outputs(system, pattern), Inbox(stdin), 0.0
    while True:
        if monotonic() >= next_look:
            if system.identity() != identity:
                return
            is_fresh = sending.look()
            outbox.put("state", sending.there, sending.open)
            if is_fresh:
                outbox.put("ready")
            next_look = monotonic() + LOOK_S
        outbox.flush()
        if select.select([stdin], [], [], max(0.0, next_look - monotonic()))[0]:
            messages = inbox.take()
            if messages is None:
                sleep(LAST_S)
                sending.close()
                return
            sending.send(messages)
