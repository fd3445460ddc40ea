"""What is bound to an event, by its name.

A desk may say more than a show asks: which of its lists a cue is of, which cue it stops. A show control message that
nothing is bound to stands for the next wider one that something is bound to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from visuals.types import Binding, Event, Follow, Press

WHOLE = frozenset({"stop", "resume", "go_off"})
"""Commands that a show obeys as a whole, whichever of its cues is named."""

NEXT = "0"
"""A desk that must name a cue names this one where it means the next."""

CALLS = ("msc.go.", "msc.load.")
"""Events that name a cue, which a show may not have."""

FADERS = (
    *("midi.cc.", "midi.cc14.", "midi.bend.", "midi.pressure.", "msc.set."),
    *("dmx.master", "dmx.speed", "dmx.hue", "dmx.assign."),
)
"""Events of what moves on and on, and is no button by itself."""
BUTTON_DOWN, BEND_DOWN = 0.5, 0.75
"""A fader bound to a button's action is pressed from here on: 64 of 127. A bend wheel rests in its middle."""


def threshold(name: str) -> float:
    """From where on what moves is a button that is down."""
    return BEND_DOWN if name.startswith("midi.bend.") else BUTTON_DOWN


def is_press(event: Event) -> bool:
    """Whether a button is down, and not let go; of what moves, that it is far enough for one."""
    if event.name.startswith(FADERS):
        return event.value >= threshold(event.name)
    return event.value > 0.0 or event.name.startswith("midi.program.")


def heeds_release(binding: Binding) -> bool:
    """Whether a binding does something as well when its button is let go."""
    action = binding.action
    return isinstance(action, Follow) or (isinstance(action, Press) and action.mode == "momentary")


class Bindings:
    """The bindings of a show."""

    def __init__(self, bindings: Iterable[Binding]) -> None:
        self._by_event: dict[str, list[Binding]] = {}
        for binding in bindings:
            self._by_event.setdefault(binding.event, []).append(binding)

    def of(self, event: str) -> Sequence[Binding]:
        """What an event does."""
        found = self._by_event.get(event, [])
        if not event.startswith("msc.") or any(map(acts, found)):
            return found
        found = list(found)
        for name in wider(event):
            found += self._by_event.get(name, ())
            if any(map(acts, found)):
                break
        return found


def acts(binding: Binding) -> bool:
    """Whether a binding does something; one that only publishes a signal leaves that to others."""
    return not (isinstance(binding.action, Follow) and binding.action.control.startswith("midi."))


def wider(event: str) -> Iterator[str]:
    """The names that a show control event stands for besides its own, the nearest first.

    `msc.go.1/5` is cue 5 of any list too; `msc.go.1/0` and `msc.go.1/` are the next cue of list 1, then of any.
    """
    _, command, *rest = event.split(".", 2)
    if not rest:
        return
    place, slash, cue = rest[0].rpartition("/")
    alone = f"msc.{command}"
    if slash and cue:
        yield f"{alone}.{cue}"
    if command in WHOLE or (command == "go" and cue in ("", NEXT)):
        if slash and cue:
            yield f"{alone}.{place}/"
        yield alone
