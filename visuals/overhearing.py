"""Whether a show would hear its own light: the universe it listens to, held against those that a rig's walls send.

Knows both files' settings, no packets.
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


def _comes_back(settings: UniverseSettings, dmx: DmxSettings) -> bool:
    """Whether what leaves reaches this machine too: a group does on the card it leaves by, and so does a broadcast."""
    if settings.hosts:
        return any(host.endswith(".255") or is_own(host) for host in settings.hosts)
    return not (settings.interface and dmx.interface) or settings.interface == dmx.interface
