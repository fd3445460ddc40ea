"""Which beat of the bar this is, and how many beats a bar has.

A forward filter over (metre, position), moved on once a beat. Evidence is how much a beat sounds like
a downbeat beside the beats before it, with a little from drums and harmony. Knows beats by number
only; nothing of tempo or time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

METRES = {2: 0.03, 3: 0.12, 4: 0.85}
"""Beats in a bar, and how common that is on stages."""

_SLIP = 0.004  # a beat lost or counted twice
_CHANGE = 0.002  # of metre, at a bar line
_FLOOR, _TRUST = 0.03, 0.8
_MEMORY_BEATS = 12.0
_MOST = 6.0  # times likelier one beat can make a position
_CHORD = 1.6
_KICK, _SNARE = 1.15, 1.3


@dataclass(frozen=True, slots=True)
class Accents:
    """What was heard on one beat: downbeat activation 0..1, strengths of drums 0..1, a change of chord."""

    downbeat: float = 0.0
    kick: float = 0.0
    snare: float = 0.0
    chord: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """The likeliest bar: its beats, the position in it from 0, and the confidence 0..1."""

    beats: int
    position: int
    confidence: float


class Bars:
    """One call per beat. A given `metre` is not argued with."""

    def __init__(self, metre: int | None = None) -> None:
        metres = METRES if metre is None else {metre: 1.0}
        self._beats = np.repeat(list(metres), list(metres))
        self._position = np.concatenate([np.arange(m) for m in metres])
        self._prior = np.concatenate([np.full(m, share / m) for m, share in metres.items()])
        self._first = self._position == 0
        even = self._beats % 2 == 0
        self._back = np.where(even, self._position % 2 == 1, self._position > 0)
        self._moves = self._transitions()
        self._prob = self._prior.copy()
        self._usual = 0.0
        self._heard = 0
        self._pinned = False

    def forget(self) -> None:
        """A new song: every position is as likely as its metre is common."""
        self._prob, self._heard, self._pinned = self._prior.copy(), 0, False

    def pin(self) -> None:
        """The operator says that this beat is a downbeat."""
        self._prob = np.where(self._first, np.bincount(self._beats, self._prob)[self._beats], 0.0)
        self._prob /= self._prob.sum()
        self._pinned = True

    def scale(self, factor: float) -> None:
        """The beat has become twice as fast or slow; what was a bar's half is known no more."""
        if not self._pinned:
            self._prob = 0.5 * self._prob + 0.5 * self._prior

    def hear(self, accents: Accents) -> Place:
        """Move on by one beat, on which this was heard."""
        self._prob = self._prob @ self._moves
        if not self._pinned:
            self._prob *= self._likelihood(accents)
            self._prob /= self._prob.sum()
        return self.place()

    def place(self) -> Place:
        """Where the last beat is."""
        best = int(self._prob.argmax())
        chance = 1.0 / float(self._beats[best])
        sure = max(0.0, (float(self._prob[best]) - chance) / (1.0 - chance))
        return Place(int(self._beats[best]), int(self._position[best]), sure)

    def _likelihood(self, accents: Accents) -> np.ndarray:
        heard = float(np.clip(accents.downbeat, 0.0, 1.0)) if np.isfinite(accents.downbeat) else 0.0
        level = float(np.log(heard + _FLOOR))
        self._heard += 1
        usual = self._usual if self._heard > 1 else level
        self._usual = usual + (level - usual) / min(self._heard, _MEMORY_BEATS)
        first = float(np.clip(np.exp(_TRUST * (level - usual)), 1.0 / _MOST, _MOST))
        if accents.chord:
            first *= _CHORD
        likelihood = np.where(self._first, first, 1.0)
        likelihood[self._first] *= _KICK**accents.kick / _SNARE**accents.snare
        likelihood[self._back] *= _SNARE**accents.snare
        return likelihood

    def _transitions(self) -> np.ndarray:
        """[from, to]: the next position, or seldom the same or the one after it, or another metre."""
        count = len(self._beats)
        moves = np.zeros((count, count))
        for i, (beats, position) in enumerate(zip(self._beats, self._position, strict=True)):
            ours = np.flatnonzero(self._beats == beats)
            moves[i, ours[(position + 1) % beats]] += 1.0 - 2.0 * _SLIP
            moves[i, ours[position]] += _SLIP
            moves[i, ours[(position + 2) % beats]] += _SLIP
            if position == beats - 1:
                starts = np.where(self._first, self._prior, 0.0)
                moves[i] = (1.0 - _CHANGE) * moves[i] + _CHANGE * starts / starts.sum()
        return moves
