"""The tree of addresses a show may be played by, made from plain tables. Nothing else can be written.

Pure. Each address leads to one event, and the event to one action, so that a desk's message does what a binding of
the show file does. Names of events:

    osc.scene.<name>            a scene is called               value 1
    osc.cue.<number>            a cue is fired                  value 1
    osc.press.<word>            a word of the operator          value 1; `/show/go` is osc.press.go
    osc.<control>               a control of the whole show     0..1 over its range: osc.master, osc.speed
    osc.control.<layer>.<name>  a control of a layer            0..1 over its range
    osc.<path>                  what the show itself binds      osc./1/fader1

Resolume's addresses are further ways to the same events: a composition's columns are the scenes in the order of
the show, its layers the show's, bottom first, all counted from 1. Clip M of any layer is column M: a scene is one
picture, its layers do not change one by one. (resolume.com/support/en/osc)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice
from typing import Literal

from visuals.control.osc.packet import Argument
from visuals.control.osc.pattern import is_pattern, matches, pieces_of, work
from visuals.types import Action, Binding, FireCue, Follow, Go, Press

TREES = ("/show", "/composition")
"""Our own addresses, and those that Resolume has."""

Kind = Literal["level", "choice", "button"]
"""A level has a value 0..1. A choice is on or off: calling it puts others off. A button has no state."""

FORBIDDEN = str.maketrans(dict.fromkeys(" #*,/?[]{}", "_"))
"""OSC 1.0: printable characters that no name of a method may have."""

WORK_LIMIT = 20_000
"""Steps that one pattern may take over the whole tree: some milliseconds."""

MATCHES_LIMIT = 512

NEAREST, NEAREST_OF = 6, 64
"""So many addresses are named for an unknown one, and so many names compared with it, a millisecond's work."""

RESOLUME: tuple[tuple[str, str], ...] = (
    ("/composition/master", "osc.master"),
    ("/composition/video/opacity", "osc.master"),
    ("/composition/speed", "osc.speed"),
    ("/composition/tempocontroller/tempotap", "osc.press.tap"),
    ("/composition/tempocontroller/resync", "osc.press.resync"),
    ("/composition/connectnextcolumn", "osc.press.go"),
)
"""Resolume's address -> our event, where both know the thing."""

RESOLUME_LAYER: tuple[tuple[str, str], ...] = (
    ("/composition/layers/{n}/video/opacity", "opacity"),
    ("/composition/layers/{n}/master", "opacity"),
    ("/composition/layers/{n}/bypassed", "bypass"),
    ("/composition/layers/{n}/solo", "solo"),
)
"""Resolume's address of layer n -> the layer's control."""


@dataclass(frozen=True, slots=True)
class Address:
    """One address, the event it leads to and what that does."""

    path: str
    event: str
    kind: Kind
    action: Action
    what: str = ""

    @property
    def readable(self) -> bool:
        return self.kind != "button"


@dataclass(slots=True)
class Node:
    """One part of the tree: what is under it by name, and what it is itself."""

    under: dict[str, Node] = field(default_factory=dict)
    address: Address | None = None


class Space:
    """All addresses of one show.

    `scenes` in the order of the show, `cues` by number, `controls` by their full name (`master`,
    `dream.walk`) with lowest and highest value, `words` of the operator with what they do, `layers` bottom first.
    `bound` are addresses of the show's own, which come before all others of their path.
    """

    def __init__(
        self,
        scenes: Sequence[str],
        cues: Sequence[str],
        controls: Mapping[str, tuple[float, float]],
        words: Mapping[str, str],
        layers: Sequence[str] = (),
        bound: Iterable[Address] = (),
    ) -> None:
        self.addresses: dict[str, Address] = {}
        self.root = Node()
        for address in (*bound, *_own(scenes, cues, controls, words)):
            self._add(address)
        self.events = {address.event: address for address in self.addresses.values()}
        self._off = {a.event: 0.0 for a in self.events.values() if isinstance(a.action, Go | FireCue)}
        self._levels: dict[str, list[tuple[str, Follow]]] = {}
        for address in self.events.values():
            if isinstance(address.action, Follow):
                self._levels.setdefault(address.action.control, []).append((address.event, address.action))
        for path, event in _resolume(scenes, layers):
            if event in self.events:
                first = self.events[event]
                self._add(Address(path, event, first.kind, first.action, first.what))

    def _add(self, address: Address) -> None:
        if address.path in self.addresses:
            return
        self.addresses[address.path] = address
        node = self.root
        for part in address.path[1:].split("/"):
            node = node.under.setdefault(part, Node())
        node.address = address

    def bindings(self) -> tuple[Binding, ...]:
        """What each event does: a level drives its control over its range, the rest acts when it comes."""
        return tuple(Binding(address.event, address.action) for address in self.events.values())

    def by_event(self, tree: str) -> dict[str, Address]:
        """The first address of each event that is under `tree`, one of TREES."""
        found: dict[str, Address] = {}
        for path, address in self.addresses.items():
            if path.startswith(tree + "/"):
                found.setdefault(address.event, address)
        return found

    def match(self, pattern: str, may: Callable[[int], bool] = lambda steps: True) -> tuple[Address, ...] | None:
        """What a pattern matches, MATCHES_LIMIT at most; None if finding out takes too much work, or more than `may`
        allows, which is asked before each name for so many steps."""
        left = WORK_LIMIT
        nodes = [self.root]
        for part in pattern[1:].split("/"):
            if not is_pattern(part):
                nodes = [node.under[part] for node in nodes if part in node.under]
                continue
            pieces = pieces_of(part)
            if pieces is None:
                return ()
            found = []
            for name, under in ((n, u) for node in nodes for n, u in node.under.items()):
                steps = work(pieces, name)
                left -= steps
                if left < 0 or not may(steps):
                    return None
                if matches(pieces, name):
                    found.append(under)
            nodes = found
        return tuple(node.address for node in nodes if node.address is not None)[:MATCHES_LIMIT]

    def nearest(self, path: str) -> tuple[str, ...]:
        """The address that is likest to an unknown one; where none is, some of those under what of it is known."""
        node = self.root
        for part in path[1:].split("/"):
            names = [part] if part in node.under else get_close_matches(part[:64], islice(node.under, NEAREST_OF), 1)
            if not names:
                break
            node = node.under[names[0]]
        if node is self.root:
            return ()
        if node.address is not None:
            return (node.address.path,)
        return tuple(_first(under).path for under in islice(node.under.values(), NEAREST))

    def state(self, scene: str, cue: str | None, controls: Mapping[str, float]) -> dict[str, float]:
        """The value of every event that has one: levels 0..1 over their range, what is on 1, all else 0.

        Looks only at the `controls` there are: a show has many times those of the scene that is on.
        """
        found = self._off.copy()
        found |= {on: 1.0 for on in (f"osc.scene.{scene}", f"osc.cue.{cue}") if on in found}
        for control, value in controls.items():
            for event, follow in self._levels.get(control, ()):
                span = follow.high - follow.low
                share = (value - follow.low) / span if span else 0.0
                found[event] = min(max(share, 0.0), 1.0) if math.isfinite(share) else 0.0
        return found


def _first(node: Node) -> Address:
    """The first address at or under a node; none is without one."""
    while node.address is None:
        node = next(iter(node.under.values()))
    return node.address


def _own(
    scenes: Sequence[str], cues: Sequence[str], controls: Mapping[str, tuple[float, float]], words: Mapping[str, str]
) -> Iterator[Address]:
    for name in scenes:
        yield Address(f"/show/scene/{_name(name)}", f"osc.scene.{name}", "choice", Go(name), f"call scene {name}")
    for number in cues:
        yield Address(
            f"/show/cue/{_name(number)}", f"osc.cue.{number}", "choice", FireCue(number), f"fire cue {number}"
        )
    for word, what in words.items():
        yield Address(f"/show/press/{_name(word)}", f"osc.press.{word}", "button", Press(word), what)
    if "go" in words:
        yield Address("/show/go", "osc.press.go", "button", Press("go"), words["go"])
    for control, (low, high) in controls.items():
        layer, dot, rest = control.partition(".")
        path = f"/show/control/{_name(layer)}/{_name(rest)}" if dot else f"/show/{_name(control)}"
        event = f"osc.control.{control}" if dot else f"osc.{control}"
        yield Address(path, event, "level", Follow(control, low, high), f"{control}, {low:g} to {high:g}")


def _resolume(scenes: Sequence[str], layers: Sequence[str]) -> Iterator[tuple[str, str]]:
    yield from RESOLUME
    for column, scene in enumerate(scenes, 1):
        yield f"/composition/columns/{column}/connect", f"osc.scene.{scene}"
    for number, layer in enumerate(layers, 1):
        for path, control in RESOLUME_LAYER:
            yield path.format(n=number), f"osc.control.{layer}.{control}"
        for column, scene in enumerate(scenes, 1):
            yield f"/composition/layers/{number}/clips/{column}/connect", f"osc.scene.{scene}"


def _name(text: str) -> str:
    return text.translate(FORBIDDEN)


def level_of(arguments: tuple[Argument, ...]) -> float | None:
    """The first argument as a level, brought within 0..1; None if it is no number."""
    value = arguments[0] if arguments else None
    if isinstance(value, float):
        return None if math.isnan(value) else min(max(value, 0.0), 1.0)
    return float(min(max(value, 0), 1)) if isinstance(value, int) else None
