"""What a controller shows of the show: which buttons are lit, where its faders stand.

Pure: it is told what is on and what hands did, and gives the messages that are due. Knows no ports. A light is said
by the controller's palette; a level by the controller, the 14-bit pair or the bend wheel that it follows.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from visuals.control.feedback.palette import Palette
from visuals.control.midi.channels import PAIRS
from visuals.control.midi.messages import CENTRE, FULL_14_BIT
from visuals.types import SWITCHED, SWITCHES, Action, Binding, Event, FireCue, Flag, Follow, Go, Press

REST_S = 0.5
"""A fader that a hand moved hears nothing until it rested so long: a motor must not fight a hand."""

MOST = 30
"""Messages of a step; the rest follow in the next ones, those that waited longest first."""

LIGHT = "green"
"""Of a button for which the show names no colour."""

Messages = tuple[bytes, ...]
"""What says one thing, and so goes out as one: a message, or both halves of a fader."""

_FADER = re.compile(r"midi\.(cc14|cc|bend)\.(\d+)(?:/(\d+))?")


@dataclass(frozen=True, slots=True)
class State:
    """What is on: the scene, the cue that was fired last, the operator's switches."""

    scene: str
    cue: str | None
    flags: Flag

    def lights(self, action: Action) -> bool:
        """Whether what a button does is done."""
        match action:
            case Go(scene):
                return scene == self.scene
            case FireCue(cue):
                return cue == self.cue
            case Press(command) if command in SWITCHES:
                return SWITCHES[command] in self.flags
        return False


@dataclass(frozen=True, slots=True)
class Button:
    """What darkens a button, and what lights it for each thing that it does."""

    dark: Messages
    lit: list[tuple[Action, Messages]]

    def shows(self, state: State) -> Messages:
        return next((messages for action, messages in self.lit if state.lights(action)), self.dark)


def fader(event: str, level: float) -> Messages | None:
    """What puts the fader of an event to a level 0..1; None where it has no place that can be told."""
    found = _FADER.fullmatch(event)
    if found is None or not math.isfinite(level):
        return None
    level = min(max(level, 0.0), 1.0)
    kind, channel, number = found[1], int(found[2]) - 1, int(found[3] or 0)
    if kind == "cc":
        return (bytes([0xB0 | channel, number, round(level * 127)]),)
    if kind == "bend":
        place = (
            round(level * 2 * CENTRE) if level <= 0.5 else CENTRE + round((level - 0.5) * 2 * (FULL_14_BIT - CENTRE))
        )
        return (bytes([0xE0 | channel, place & 0x7F, place >> 7]),)
    place = round(level * FULL_14_BIT)
    status = 0xB0 | channel
    return bytes([status, number, place >> 7]), bytes([status, number + PAIRS, place & 0x7F])


class Feedback:
    """What one controller shows of a show's bindings."""

    def __init__(self, bindings: Iterable[Binding], palette: Palette) -> None:
        self._palette = palette
        self._wanted: dict[str, Messages] = {}
        self._sent: dict[str, Messages] = {}
        self._pending: dict[str, None] = {}
        self._rests: dict[str, float] = {}
        self._state: State | None = None
        self._hello: Messages = palette.hello
        self._buttons: dict[str, Button] = {}
        self._faders: dict[str, Follow] = {}
        self.take(bindings)

    def take(self, bindings: Iterable[Binding]) -> None:
        """Show an edited show's bindings from now on; what is bound no more is dark."""
        former = self._buttons
        self._buttons, self._faders, self._state = {}, {}, None
        for binding in bindings:
            match binding.action:
                case Go() | FireCue() | Press():
                    self._add_button(binding)
                case Follow(control) if not control.startswith("midi.") and fader(binding.event, 0.0) is not None:
                    self._faders.setdefault(binding.event, binding.action)
        for event in set(self._faders) & set(self._buttons):
            del self._buttons[event]
        known = {*self._faders, *self._buttons}
        self._wanted = {event: said for event, said in self._wanted.items() if event in known}
        self._pending = {event: None for event in self._pending if event in known}
        self._rests = {event: rest for event, rest in self._rests.items() if event in self._faders}
        for event, button in former.items():
            if event not in known:
                self._want(event, button.dark)

    def _add_button(self, binding: Binding) -> None:
        dark = self._palette.message(binding.event, None)
        lit = self._palette.message(binding.event, binding.light or LIGHT)
        if dark is not None and lit is not None:
            self._buttons.setdefault(binding.event, Button((dark,), [])).lit.append((binding.action, (lit,)))

    @property
    def controls(self) -> frozenset[str]:
        """The controls whose levels it shows."""
        return frozenset(follow.control for follow in self._faders.values())

    def hear(self, events: Iterable[Event]) -> None:
        """Note what hands did: it is never sent back to where it came from."""
        for event in events:
            follow = self._faders.get(event.name)
            if follow is not None:
                self._rests[event.name] = event.time + REST_S
                said = None if follow.relative else fader(event.name, event.value)
                if said is not None:
                    self._sent[event.name] = said
            elif event.value == 0.0 and event.name in self._buttons:
                # Some controllers switch a button's light themselves while it is down.
                self._sent.pop(event.name, None)
                self._pending.setdefault(event.name)

    def renew(self) -> None:
        """Say everything again: the controller was away, or a message was lost."""
        self._hello = self._palette.hello
        self._sent.clear()
        self._pending = dict.fromkeys(self._wanted)

    def step(
        self, scene: str, cue: str | None, flags: Flag, levels: Mapping[str, float], now: float
    ) -> Sequence[bytes]:
        """The messages that are due at `now` (s), at most MOST; `levels` are those of `controls`."""
        state = State(scene, cue, flags & SWITCHED)
        if state != self._state:
            self._state = state
            for event, button in self._buttons.items():
                self._want(event, button.shows(state))
        for event, follow in self._faders.items():
            if follow.control in levels:
                self._want(event, fader(event, _share(follow, levels[follow.control])))
        return self._due(now)

    def farewell(self) -> Sequence[bytes]:
        """What darkens every button."""
        return [message for button in self._buttons.values() for message in button.dark]

    def _want(self, event: str, messages: Messages | None) -> None:
        if messages is None:
            return
        self._wanted[event] = messages
        if self._sent.get(event) == messages:
            self._pending.pop(event, None)
        else:
            self._pending.setdefault(event)

    def _due(self, now: float) -> list[bytes]:
        due = list(self._hello)
        self._hello = ()
        for event in list(self._pending):
            messages = self._wanted.get(event, ())
            if len(due) + len(messages) > MOST:
                break
            if now >= self._rests.get(event, now):
                del self._pending[event]
                self._sent[event] = messages
                due += messages
        return due


def _share(follow: Follow, value: float) -> float:
    """Where a control stands in the range that its fader has of it."""
    span = follow.high - follow.low
    return (value - follow.low) / span if span else 0.0
