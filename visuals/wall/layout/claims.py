"""What an output takes for itself alone: a universe at a receiver, a device, a monitor, a name, a file.

Two walls that claim the same would write over each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from visuals.types import Rectangle, Wall
from visuals.wall.outputs.settings import (
    KINDS,
    ArtnetSettings,
    DdpSettings,
    NdiSettings,
    RecordSettings,
    Settings,
    UniverseSettings,
    WindowSettings,
    universes,
)

MULTICAST = "its multicast group"


def settings_of(wall: Wall) -> Settings:
    return KINDS[wall.output[0]].model_validate(dict(wall.output[1]))


def claims(wall: Wall) -> Iterator[str]:
    """Each thing that nobody else may take, in words."""
    settings = settings_of(wall)
    if isinstance(settings, UniverseSettings):
        card = f" from {settings.interface}" if settings.interface else ""
        for host in settings.hosts or (MULTICAST,):
            yield from (f"universe {_named(settings, n)} at {host}{card}" for n in _universes(wall, settings))
    elif isinstance(settings, DdpSettings):
        yield from (f"device {settings.id} at {host}" for host in settings.hosts)
    elif isinstance(settings, WindowSettings) and settings.monitor:
        yield f"the monitor {settings.monitor}"
    elif isinstance(settings, NdiSettings):
        yield f"the NDI name {settings.name or wall.name}"
    elif isinstance(settings, RecordSettings):
        yield f"the file {settings.file}"


def span_of(wall: Wall) -> str | None:
    """The window that a wall shares with others, if it does."""
    settings = settings_of(wall)
    return settings.span if isinstance(settings, WindowSettings) else None


def panes(walls: Sequence[Wall]) -> dict[str, list[tuple[int, Rectangle]]]:
    """For each part of a window that several walls share, which wall takes which rectangle of it."""
    shared: dict[str, list[tuple[int, Rectangle]]] = {}
    for n, wall in enumerate(walls):
        settings = settings_of(wall)
        if isinstance(settings, WindowSettings) and settings.span:
            x, y = settings.position or (0, 0)
            window = f"{settings.span} on {settings.monitor or 'all monitors'}"
            shared.setdefault(window, []).append((n, (x, y, *wall.size)))
    return shared


def address(wall: Wall) -> str:
    """Where a wall's picture goes, in a line: `sacn to 10.0.0.20, universes 1 to 7`."""
    kind, settings = wall.output[0], settings_of(wall)
    if isinstance(settings, UniverseSettings):
        numbers = [_named(settings, n) for n in _universes(wall, settings)]
        span = f"universe {numbers[0]}" if len(numbers) == 1 else f"universes {numbers[0]} to {numbers[-1]}"
        return f"{kind} to {', '.join(settings.hosts)}, {span}" if settings.hosts else f"{kind} multicast, {span}"
    if isinstance(settings, DdpSettings):
        return f"{kind} to {', '.join(settings.hosts)}, device {settings.id}"
    if isinstance(settings, WindowSettings):
        parts = [f"on {settings.monitor}"] if settings.monitor else []
        return " ".join([kind, *([settings.span] if settings.span else []), *parts])
    return f"{kind} to {settings.file}" if isinstance(settings, RecordSettings) else kind


def _universes(wall: Wall, settings: UniverseSettings) -> range:
    return range(settings.first, settings.first + universes(wall.size, settings))


def _named(settings: UniverseSettings, number: int) -> str:
    """A universe as desks write it."""
    if isinstance(settings, ArtnetSettings):
        return f"{number >> 8}.{number >> 4 & 15}.{number & 15}"
    return str(number)
