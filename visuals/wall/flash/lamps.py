"""Each wall as one lamp: the mean of its light, wherever on it enough flashes.

A flash that wanders turns no single sample often, and the wall all the same. Who measures the mean of
a picture, as IRIS does, finds it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from visuals.wall.flash.field import Fields
from visuals.wall.flash.light import Floats, Mask, Seen
from visuals.wall.flash.luminance import Luminance
from visuals.wall.flash.turns import DOWN, UP, Offer, Turns


@dataclass(frozen=True, slots=True)
class Glow:
    """The mean luminance of each wall, and what turns that would be."""

    means: Floats
    offer: Offer


class Lamps:
    """Follows the means of the samples at `parts`; `most` turns of each may count within a second.

    A mean turns only with as many samples as matter in one of the `fields`, but for lamps that are `watched`.
    """

    def __init__(self, parts: Sequence[slice], fields: Fields, most: int) -> None:
        count = len(parts)
        # Each is a field of view of its own.
        alone = Fields(np.arange(count, dtype=np.float32), np.zeros(count, np.float32), np.ones(count, np.float32))
        self.parts, self._fields = tuple(parts), fields
        self.watched = np.zeros(count, bool)
        self.luminance, self.turns = Luminance(count), Turns(count, alone, most)

    def judge(self, seen: Seen, turning: Callable[[int], Mask], now: float) -> Glow:
        """What it would be at `now` (s) if what is `seen` left; `turning` gives the samples that turn up, or down."""
        means = self.means(seen)
        up, down = self.luminance.moves(means, self.turns.free)
        return Glow(means, self.turns.offer(self._matter(up, turning, UP), self._matter(down, turning, DOWN), now))

    def means(self, seen: Seen) -> Floats:
        """The mean luminance of each wall."""
        return np.array([seen.luminance[part].mean() for part in self.parts], np.float32)

    def _matter(self, lamps: Mask, turning: Callable[[int], Mask], way: int) -> Mask:
        """Those of `lamps` on which enough is turning."""
        if not (lamps & ~self.watched).any():
            return lamps
        samples = turning(way)
        for lamp in np.flatnonzero(lamps & ~self.watched):
            here = np.zeros_like(samples)
            here[self.parts[lamp]] = samples[self.parts[lamp]]
            lamps[lamp] = self._fields.hot(here) is not None
        return lamps

    def take(self, glow: Glow, now: float) -> None:
        """It left."""
        self.turns.take(glow.offer, now)
        self.luminance.take(glow.means, glow.offer.turned)

    def samples(self, lamps: Mask, count: int) -> Mask:
        """All samples, of `count`, of those walls."""
        found = np.zeros(count, bool)
        for part, lamp in zip(self.parts, lamps, strict=True):
            found[part] = lamp
        return found

    @property
    def rows(self) -> int:
        """How many numbers a wall's state has."""
        return 2 + Turns.rows_for(self.turns.most)

    def save(self, now: float) -> Floats:
        """The state [rows, walls]."""
        everything = np.arange(len(self.parts))
        planes = np.stack([self.luminance.rise, self.luminance.fall])
        return np.concatenate([planes, self.turns.save(everything, now)])

    def restore(self, state: Floats, now: float) -> None:
        """Take up a state that `save` gave."""
        self.luminance.rise[:], self.luminance.fall[:] = state[0], state[1]
        self.turns.restore(state[2:], now)
