"""What is bound to an event, by its name.

A desk may say more than a show asks: which of its lists a cue is of, which cue it stops. A show control message that
nothing is bound to stands for the next wider one that something is bound to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from visuals.types import Binding

WHOLE = frozenset({"stop", "resume", "go_off"})
"""Commands that a show obeys as a whole, whichever of its cues is named."""

NEXT = "0"
"""A desk that must name a cue names this one where it means the next."""


class Bindings:
    """The bindings of a show."""

    def __init__(self, bindings: Iterable[Binding]) -> None:
        self._by_event: dict[str, list[Binding]] = {}
        for binding in bindings:
            self._by_event.setdefault(binding.event, []).append(binding)

    def of(self, event: str) -> Sequence[Binding]:
        """What an event does."""
        found = self._by_event.get(event)
        if found is None and event.startswith("msc."):
            return next((self._by_event[name] for name in wider(event) if name in self._by_event), ())
        return found or ()


def wider(event: str) -> Iterator[str]:
    """The names that a show control event stands for besides its own, the nearest first.

    `msc.go.1/5` is cue 5 of any list too; `msc.go.1/0` and `msc.go.1/` are the next cue of list 1, then of any.
    """
    _, command, *rest = event.split(".", 2)
    place, slash, cue = (rest[0] if rest else "").rpartition("/")
    alone = f"msc.{command}"
    if slash and cue:
        yield f"{alone}.{cue}"
    if command in WHOLE or (command == "go" and cue in ("", NEXT)):
        if slash and cue:
            yield f"{alone}.{place}/"
        yield alone
