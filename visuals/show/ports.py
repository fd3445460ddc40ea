"""Whether the network ports of a show file get in each other's way, or lead what the show says back to it.

Opens none, and knows of the machine only what the file says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

from visuals.document import Keys
from visuals.show import schema
from visuals.show.names import Faults
from visuals.types import MscFollower

EVERYWHERE = "0.0.0.0"


@dataclass(frozen=True, slots=True)
class Ear:
    """Where a show listens: on all networks, or at one address."""

    what: str
    host: str
    port: int
    keys: Keys

    def shares(self, other: Ear) -> bool:
        """Whether only one of the two can be opened."""
        hosts = {self.host, other.host}
        return self.port == other.port and (len(hosts) == 1 or EVERYWHERE in hosts)


@dataclass(frozen=True, slots=True)
class Mouth:
    """Where a show sends to."""

    host: str
    port: int
    keys: Keys


def check_ports(file: schema.ShowFile, faults: Faults) -> None:
    """Refuse ports that only one can have, and a show that tells itself."""
    ears = [*_ears(file)]
    for n, ear in enumerate(ears):
        for other in ears[:n]:
            if ear.shares(other):
                faults.add(ear.keys, f"found port {ear.port}, which {other.what} has already; expected another")
    if file.osc is not None and file.osc.query is not None:
        osc, query = file.osc, Ear("OSCQuery", *file.osc.query, ("osc", "query"))
        if query.shares(Ear("OSC over TCP", osc.host, osc.port, ("osc", "port"))):
            faults.add(query.keys, f"found port {query.port}, which OSC over TCP has already; expected another")
    own = {ear.host for ear in ears}
    for mouth in _mouths(file):
        heard = next((ear for ear in ears if _reaches(mouth, ear, own)), None)
        if heard is not None:
            found = f"found {mouth.host}:{mouth.port}, where the show listens to {heard.what} itself"
            faults.add(mouth.keys, f"{found}; expected another machine, or another port")


def _ears(file: schema.ShowFile) -> Iterator[Ear]:
    """What is listened to over UDP."""
    if file.osc is not None:
        yield Ear("OSC", file.osc.host, file.osc.port, ("osc", "port"))
    if file.msc is not None and file.msc.udp is not None:
        yield Ear("MIDI Show Control", file.msc.host or EVERYWHERE, file.msc.udp, ("msc", "udp"))


def _mouths(file: schema.ShowFile) -> Iterator[Mouth]:
    for n, follower in enumerate(file.msc.send if file.msc else ()):
        if follower.host is not None:
            yield Mouth(follower.host, follower.udp or MscFollower().udp, ("msc", "send", n, "host"))
    for n, (host, port, _) in enumerate(file.osc.tell if file.osc else ()):
        yield Mouth(host, port, ("osc", "tell", n))


def _reaches(mouth: Mouth, ear: Ear, own: set[str]) -> bool:
    """Whether what is sent comes back; a broadcast is heard where no address is asked for."""
    if mouth.port != ear.port:
        return False
    if ear.host != EVERYWHERE:
        return mouth.host == ear.host
    return mouth.host in own or IPv4Address(mouth.host).is_loopback or mouth.host.endswith(".255")
