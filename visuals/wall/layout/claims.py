"""What an output takes for itself alone: a universe at a receiver, a monitor, a file.

Two walls that claim the same would write over each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from visuals.types import Wall
from visuals.wall.outputs.settings import universes


def claims(wall: Wall) -> Iterator[str]:
    """Each thing that nobody else may take, in words."""
    kind, fields = wall.output
    if kind == "sacn":
        for universe in _universes(wall, fields):
            for host in _hosts(fields):
                yield f"universe {universe} at {host}"
    elif kind == "window" and fields.get("monitor"):
        yield f"the monitor {fields['monitor']}"
    elif kind == "record":
        yield f"the file {fields['file']}"


def _universes(wall: Wall, fields: Mapping[str, object]) -> range:
    first = fields["universe"]
    assert isinstance(first, int)
    return range(first, first + universes(wall.size))


def _hosts(fields: Mapping[str, object]) -> tuple[str, ...]:
    host = fields.get("host")
    return (str(host),) if host else ("its multicast group",)


def address(wall: Wall) -> str:
    """Where a wall's picture goes, in a line: `sacn to 10.0.0.20, universes 1 to 7`."""
    kind, fields = wall.output
    parts = [kind]
    if fields.get("monitor"):
        parts.append(f"on {fields['monitor']}")
    if fields.get("file"):
        parts.append(f"to {fields['file']}")
    if kind == "sacn":
        parts.append(f"to {', '.join(_hosts(fields))}," if fields.get("host") else "multicast,")
        parts.append(_span(_universes(wall, fields)))
    return " ".join(parts)


def _span(numbers: range) -> str:
    return f"universe {numbers[0]}" if len(numbers) == 1 else f"universes {numbers[0]} to {numbers[-1]}"
