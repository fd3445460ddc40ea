"""The show as a fixture: its channels as one table, and what their values are to the show.

Pure. Names of events, each only when its value changes:

    dmx.scene.<n>     the n-th scene of the show, from 1, is called   value 1; 0 on the desk calls none, nor does
                      what a fade passes through
    dmx.master        brightness, 16 bits                             0..1
    dmx.speed         rate of every layer's own time                  0..1 over 0 to twice the show's
    dmx.hue           free for the show to bind                       0..1 round the circle
    dmx.blackout      from 128 on                                     1 or 0
    dmx.freeze        from 128 on                                     1 or 0
    dmx.assign.<n>    1 to 8, free for the show to bind               0..1
    dmx.link          the desk is heard (1) or no longer (0)
    dmx.release       nobody has the show any more: the desk's levels do not count   value 1
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from visuals.control.allowance import Once
from visuals.control.dmx.merge import Universe
from visuals.types import Action, Binding, Event, Follow, Go

Kind = Literal["choice", "level", "switch"]

ON = 128
"""From this value on a switch is on."""

REST_S, SETTLE_S = 0.2, 0.06
"""A scene's channel that has stood for REST_S calls the next scene at once: a hand waits for the beat. After that only
where it has stood for SETTLE_S: not the steps of a fade, which a desk sends every 23 to 33 ms, so that a fade over the
whole channel in less than 15 s calls nothing on its way."""

MOST_SCENES = 255
ASSIGNABLE = 8

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel: its first slot of the footprint from 1, how many slots it has (the first the most significant),
    what it is at rest (as the desk has it before anybody moves it), and what it does."""

    name: str
    slot: int
    slots: int
    kind: Kind
    rest: int
    what: str
    action: Action | None = None


CHANNELS: tuple[Channel, ...] = (
    Channel("scene", 1, 1, "choice", 0, "Scene"),
    Channel("master", 2, 2, "level", 65_535, "Master", Follow("master", 0.0, 1.0)),
    Channel("speed", 4, 1, "level", 128, "Speed", Follow("speed", 0.0, 2.0)),
    Channel("hue", 5, 1, "level", 0, "Hue"),
    Channel("blackout", 6, 1, "switch", 0, "Blackout", Follow("blackout", 0.0, 1.0)),
    Channel("freeze", 7, 1, "switch", 0, "Freeze", Follow("freeze", 0.0, 1.0)),
    *(Channel(f"assign.{n}", 7 + n, 1, "level", 0, f"Assign {n}") for n in range(1, ASSIGNABLE + 1)),
)
"""The footprint. It stays as it is: rigs that are patched already know no other."""

FOOTPRINT = sum(channel.slots for channel in CHANNELS)


def labelled(labels: Mapping[str, str]) -> tuple[Channel, ...]:
    """The channels with what a show does with some of them, by their names."""
    return tuple(replace(channel, what=labels.get(channel.name, channel.what)) for channel in CHANNELS)


def bindings(scenes: Sequence[str]) -> tuple[Binding, ...]:
    """What the channels do by themselves; hue and the assignable ones do what the show binds to them."""
    calls = [Binding(f"dmx.scene.{n}", Go(scene)) for n, scene in enumerate(scenes[:MOST_SCENES], 1)]
    levels = [Binding(f"dmx.{channel.name}", channel.action) for channel in CHANNELS if channel.action is not None]
    return (*calls, *levels)


class Fixture:
    """The footprint at `address` (1 to 498) of a universe, told apart into events. A show has `scenes` scenes.

    The desk has the fixture from the first look on in which one of its slots is not 0: a desk that was only switched
    on, or has the fixture not patched yet, must not black out the walls.
    """

    def __init__(self, address: int, scenes: int) -> None:
        self._first, self._scenes = address - 1, min(scenes, MOST_SCENES)
        self._before: Universe = Universe(None, "none")
        self._values: dict[str, int] = {}
        self._scene, self._since, self._called = 0, -math.inf, 0
        self._rested = True
        self._once = Once()

    def take(self, scenes: int) -> None:
        """The show has so many scenes now."""
        self._scenes = min(scenes, MOST_SCENES)
        self._once.forget()

    def events(self, look: Universe, now: float) -> list[Event]:
        """What has changed since the last look. All of it is new when the desk has the fixture for the first time."""
        before, self._before = self._before, look
        source = f"dmx {look.source or before.source}"
        names = [] if look is before else [*self._changes(before, look, now)]
        if self._scene != self._called and (self._rested or now >= self._since + SETTLE_S):
            self._called, self._rested = self._scene, False
            if 0 < self._scene <= self._scenes:
                names.append((f"dmx.scene.{self._scene}", 1.0))
            elif self._scene and self._once.is_due(now, source):
                logger.warning("%s: no scene %d, the show has %d", source, self._scene, self._scenes)
        return [Event(now, name, value, source) for name, value in names]

    def _changes(self, before: Universe, look: Universe, now: float) -> Iterator[tuple[str, float]]:
        if (before.link == "live") != (look.link == "live"):
            yield "dmx.link", float(look.link == "live")
        if look.slots is None:
            self._values.clear()
            self._scene = self._called = 0
            if before.slots is not None:
                yield "dmx.release", 1.0
            return
        footprint = look.slots[self._first : self._first + FOOTPRINT]
        if not self._values and not any(footprint):
            return
        for channel in CHANNELS:
            value = int.from_bytes(footprint[channel.slot - 1 : channel.slot - 1 + channel.slots])
            if self._values.get(channel.name) != value:
                yield from self._change(channel, self._values.get(channel.name), value, now)
                self._values[channel.name] = value

    def _change(self, channel: Channel, before: int | None, value: int, now: float) -> Iterator[tuple[str, float]]:
        match channel.kind:
            case "level":
                yield f"dmx.{channel.name}", value / (256**channel.slots - 1)
            case "switch":
                if before is None or (before >= ON) != (value >= ON):
                    yield f"dmx.{channel.name}", float(value >= ON)
            case "choice":
                self._rested = now >= self._since + REST_S
                self._scene, self._since = value, now
