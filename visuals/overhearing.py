"""Whether a show would hear itself: its light in the universe it listens to, its words at a port of its own.

Knows the files' settings and this machine's addresses, no packets.
"""

from __future__ import annotations

from collections.abc import Iterator

from visuals.control.ports import is_own
from visuals.types import DmxSettings, Rig, Show
from visuals.wall.layout.claims import settings_of
from visuals.wall.outputs.settings import UniverseSettings, universes


def overheard(show: Show, rig: Rig) -> Iterator[str]:
    """A line per wall whose light the show would take for a lighting desk's."""
    dmx = show.desks.dmx
    if dmx is None:
        return
    for wall in rig.walls:
        settings = settings_of(wall)
        if wall.output[0] != dmx.protocol or not isinstance(settings, UniverseSettings):
            continue
        last = settings.first + universes(wall.size, settings) - 1
        if settings.first <= dmx.universe <= last and _comes_back(settings, dmx):
            yield (
                f"wall `{wall.name}`: found universes {settings.first} to {last}, of which the show {show.name} hears "
                f"{dmx.universe}: it would take its own light for a desk's; expected another `universe`"
            )


def echoed(show: Show) -> Iterator[str]:
    """A line for each of those whom a show tells that is the show itself, on this machine."""
    msc, osc = show.desks.msc, show.desks.osc
    heard = {msc.udp: "MIDI Show Control"} if msc.udp is not None else {}
    heard |= {osc.port: "OSC"} if osc is not None else {}
    told = [("msc: send", follower.host, follower.udp) for follower in msc.followers if follower.host]
    told += [("osc: tell", host, port) for host, port, _ in (osc.told if osc is not None else ())]
    for where, host, port in told:
        if port in heard and is_own(host):
            own = f"this machine, where the show listens to {heard[port]} itself"
            yield f"`{where}`: found {host}:{port}, which is {own}; expected another machine, or another port"


def _comes_back(settings: UniverseSettings, dmx: DmxSettings) -> bool:
    """Whether what leaves reaches this machine too: a group does on the card it leaves by, and so does a broadcast."""
    if settings.hosts:
        return any(host.endswith(".255") or is_own(host) for host in settings.hosts)
    return not (settings.interface and dmx.interface) or settings.interface == dmx.interface
