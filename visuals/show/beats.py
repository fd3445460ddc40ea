"""Beats as events, raised when the phases pass: by the clock, not by the ears.

The ears tell a beat some hops after it sounded, and a wall shows it later still. The phases are known
ahead of both, so whoever runs them ahead by the wall's latency has light on the beat. It does not know
where the phases come from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import floor

from visuals.types import Event

BARS_PER_PHRASE = 8
CLOCKED = ("beat", "downbeat", "phrase")
"""Events that are raised here, and taken from nowhere else."""

MOST_BEATS = 8
"""In one step; after a longer pause the rest is not made up for."""


@dataclass(frozen=True, slots=True)
class Metre:
    """Where the music is: phases 0..1, tempo, beats in the bar, number of the present one from 0."""

    beat: float
    bar: float
    phrase: float
    bpm: float
    beats: int
    number: int

    def is_downbeat(self, ago: int) -> bool:
        """Whether the beat `ago` beats before the present one was the first of its bar."""
        return (self.number - ago) % self.beats == 0

    def is_phrase(self, ago: int) -> bool:
        """Whether it was the first of its phrase, too; phrases may be a bar longer or shorter than usual."""
        bar = round(self.phrase * BARS_PER_PHRASE - self.bar) + (self.number - ago) // self.beats
        return self.is_downbeat(ago) and bar % BARS_PER_PHRASE == 0


class BeatCounter:
    """Counts each beat once, however the phases are corrected meanwhile.

    A phase that is pulled back over a beat does not make that beat again; a pause makes up for the
    beats it missed. A beat that is called the first of its bar while its first half lasts is a
    downbeat still: an operator's "this is beat one" comes late by nature.
    """

    def __init__(self) -> None:
        self._place: float | None = None
        self._counted = 0
        self._now = 0.0
        self._told: set[str] = set(CLOCKED)

    def rest(self) -> None:
        """Forget the count: there is no beat to be counted on."""
        self._place = None

    def step(self, metre: Metre, now: float) -> tuple[Event, ...]:
        """The beats passed since the last step, at the times they passed; none in the first step."""
        if self._place is None:
            self._place, self._counted, self._now = metre.beat, 0, now
            self._told = set(CLOCKED)
            return ()
        reached = floor(self._advance(metre, now))
        passed = min(reached - self._counted, MOST_BEATS)
        events = tuple(self._beats(metre, passed, now))
        if reached == self._counted and metre.beat < 0.5:
            events = tuple(self._tell(self._names(metre, 0), now))
        self._counted, self._now = max(self._counted, reached), now
        return events

    def _advance(self, metre: Metre, now: float) -> float:
        """Beats since counting began: the turn of the phase that is nearest to what the tempo says."""
        assert self._place is not None
        expected = self._place + (now - self._now) * metre.bpm / 60.0
        self._place = round(expected - metre.beat) + metre.beat
        return self._place

    def _beats(self, metre: Metre, count: int, now: float) -> Iterator[Event]:
        for ago in reversed(range(count)):
            self._told = set()
            time = max(self._now, now - (metre.beat + ago) * 60.0 / metre.bpm)
            yield from self._tell(["beat", *self._names(metre, ago)], time)

    def _tell(self, names: list[str], time: float) -> Iterator[Event]:
        self._told |= set(names)
        return (Event(time, name, 1.0, "clock") for name in names)

    def _names(self, metre: Metre, ago: int) -> list[str]:
        """What else the beat `ago` beats before the present one is, and was not called yet."""
        firsts = {"downbeat": metre.is_downbeat(ago), "phrase": metre.is_phrase(ago)}
        return [name for name, is_first in firsts.items() if is_first and name not in self._told]
