"""Knobs that do not say where they stand, and faders that stand elsewhere than what they move.

Pure. Values and positions are 0..1. Knows no messages: it takes the values of `midi.cc.*` events.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Literal

Relative = Literal["twos complement", "binary offset", "sign magnitude"]

RELATIVE: Mapping[Relative, Callable[[int], int]] = {
    "twos complement": lambda byte: byte if byte < 64 else byte - 128,
    "binary offset": lambda byte: byte - 64,
    "sign magnitude": lambda byte: byte if byte < 64 else 64 - byte,
}
"""How endless knobs write a turn: data byte -> steps to the right.

    twos complement   1 right, 127 left   (Reaper: Relative 1)
    binary offset     65 right, 63 left   (Reaper: Relative 2)
    sign magnitude    1 right, 65 left    (Reaper: Relative 3)
"""

LEFT: Mapping[Relative, range] = {
    "twos complement": range(112, 128),
    "binary offset": range(48, 64),
    "sign magnitude": range(65, 80),
}
"""What is written where an endless knob is turned to the left, at no more than sixteen steps at once."""

STEP = 1.0 / 127.0

SAME = 1e-6
"""A value that went to a control's range and back is not moved by what arithmetic left of it."""


def steps(kind: Relative, value: float) -> int:
    """How far an endless knob was turned, -64..64, by the value of its event."""
    return RELATIVE[kind](round(value * 127.0))


def recognised(data: Sequence[int]) -> Relative | None:
    """How the knob writes its turns that sent these bytes, at best when it was turned to the left; None: it is none.

    An endless knob says the same again and again, a fader its place only once. One that was turned to the right
    alone is taken for the commonest.
    """
    if not any(a == b for a, b in pairwise(data)):
        return None
    kind = next((kind for kind, left in LEFT.items() if any(byte in left for byte in data)), None)
    if kind is None and all(0 < byte < 16 for byte in data):
        return "twos complement"
    return kind


class Endless:
    """A position that an endless knob moves by `step`, from wherever it was put."""

    def __init__(self, kind: Relative, step: float = STEP, position: float = 0.0) -> None:
        self._kind, self._step = kind, step
        self.position = position

    def put(self, position: float) -> None:
        """Something else moved what the knob moves."""
        self.position = position

    def turn(self, value: float) -> float:
        """The position after a turn, which ends at 0 and 1."""
        self.position = min(max(self.position + steps(self._kind, value) * self._step, 0.0), 1.0)
        return self.position


class Pickup:
    """Soft take-over: a fader moves nothing until it has met or passed the value it moves.

    `reach` is how near counts as met.
    """

    def __init__(self, value: float, reach: float = STEP) -> None:
        self._value, self._reach = value, reach
        self._fader: float | None = None
        self._holds = False

    def put(self, value: float) -> None:
        """Say where the value is: if something else moved it, the fader must come for it again, or stand there."""
        if abs(value - self._value) < SAME:
            return
        self._value = value
        self._holds = self._fader is not None and self._is_met(self._fader)

    def move(self, fader: float) -> float | None:
        """The value that the fader, now here, gives; None while it has not taken over."""
        before, self._fader = self._fader, fader
        passed = before is not None and (before - self._value) * (fader - self._value) <= 0.0
        self._holds = self._holds or passed or self._is_met(fader)
        if not self._holds:
            return None
        self._value = fader
        return fader

    def _is_met(self, fader: float) -> bool:
        return abs(fader - self._value) <= self._reach
