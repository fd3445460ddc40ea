"""Counts, for each sample, the opposed changes that matter: large enough at once, and how many in a second."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from visuals.wall.flash.field import Fields
from visuals.wall.flash.light import Floats, Mask

SYNC_S = 0.020
"""Changes in the same direction within this time add up to one area (Trace 2024)."""

WINDOW_S = 1.0
EDGE_S = 0.001
"""Three flashes a second are allowed to come each second: the window's end does not belong to it."""

REBASE_S = 512.0
NEVER = np.float32(-1e6)
UP, DOWN = 0, 1

Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Offer:
    """What a frame would do if it left: which samples would turn, whose turns count, which are too many.

    `moving` and `counted` are for up and down. `blamed` are those turning now without which nothing is too many.
    """

    moving: tuple[Mask, Mask]
    counted: tuple[Indices | None, Indices | None] = (None, None)
    failing: Mask | None = None
    blamed: Mask | None = None

    @property
    def turned(self) -> Mask:
        return np.asarray(self.moving[UP] | self.moving[DOWN])


class Turns:
    """The turns of `count` samples; `most` of them in a row may count within a second.

    A turn counts if those of the same direction, within SYNC_S, fill a quarter of a field with this sample in
    it, and if the last one that counted went the other way. Counting by sample keeps areas that
    flash out of step apart, and loses none.
    """

    def __init__(self, count: int, fields: Fields, most: int) -> None:
        self.fields, self.most = fields, most
        self.free = np.ones((2, count), bool)
        """Whether a sample may turn up, and down: not twice the same way."""
        self._countable = np.ones((2, count), bool)
        self._at = np.full((2, count), NEVER, np.float32)
        self._times = np.full(most * count, NEVER, np.float32)
        self._oldest = np.arange(count, dtype=np.intp)
        self._scratch = np.zeros(count, np.float32)
        self._epoch = 0.0
        self._latest = [float(NEVER)] * 2
        self._fullest = float(NEVER)

    def offer(self, up: Mask, down: Mask, now: float) -> Offer:
        """Judge turns of this moment; `up` and `down` hold only samples that are `free` to."""
        t = self._relative(now)
        counted = (self._counting(up, t, UP), self._counting(down, t, DOWN))
        failing = blamed = None
        for way, moving in ((UP, up), (DOWN, down)):
            bad = self._too_many(counted[way], moving, t, way)
            if bad is not None:
                failing = bad if failing is None else failing | bad
                # If some that left before would now be too many, nobody may join them.
                blame = moving if (bad & ~moving).any() else bad
                blamed = blame if blamed is None else blamed | blame
        return Offer((up, down), counted, failing, blamed)

    def take(self, offer: Offer, now: float) -> None:
        """It left."""
        t = np.float32(self._relative(now))
        for way, moving in enumerate(offer.moving):
            if moving.any():
                self._latest[way] = float(t)
                self.free[way] &= ~moving
                self.free[1 - way] |= moving
                # Times grow and are positive, so that a product and a maximum do for a choice, much quicker.
                np.multiply(moving, t, out=self._scratch)
                np.maximum(self._at[way], self._scratch, out=self._at[way])
        for way, counted in enumerate(offer.counted):
            if counted is not None:
                self._count(counted, way)

    def in_force(self, now: float) -> bool:
        """Whether a sample has had all its turns of the last second, so that one more would be too many."""
        return self._fullest > self._relative(now) - WINDOW_S

    def is_stirred(self, now: float) -> bool:
        """Whether any sample turned in the last second."""
        return max(self._latest) > self._relative(now) - WINDOW_S

    def counts(self, now: float) -> npt.NDArray[np.uint8]:
        """How many turns of each sample counted in the last second; `most` also stands for more."""
        times = self._times.reshape(self.most, -1)
        return np.asarray((times > self._relative(now) - (WINDOW_S - EDGE_S)).sum(axis=0, dtype=np.uint8))

    def since(self, now: float) -> Floats:
        """Seconds since each sample turned."""
        return np.asarray(np.float32(self._relative(now)) - self._at.max(axis=0))

    def lately(self, way: int, span: float, now: float) -> Mask:
        """Which samples turned that way within the last `span` seconds."""
        return np.asarray(self._at[way] >= np.float32(self._relative(now) - span))

    def save(self, index: Indices, now: float) -> Floats:
        """Some samples' state [rows, samples], with ages instead of times."""
        t = np.float32(self._relative(now))
        # Oldest first, so that no pointer needs saving.
        times = np.sort(self._times.reshape(self.most, -1)[:, index], axis=0)
        flags = np.concatenate([self.free[:, index], self._countable[:, index]]).astype(np.float32)
        return np.concatenate([flags, t - self._at[:, index], t - times])

    def restore(self, state: Floats, now: float) -> None:
        """Take up a state [rows, count] that `save` gave."""
        t = np.float32(self._relative(now))
        self.free[:], self._countable[:] = state[0:2] > 0.5, state[2:4] > 0.5
        self._at[:] = np.maximum(t - state[4:6], NEVER)
        self._times[:] = np.maximum(t - state[6:], NEVER).reshape(-1)
        self._oldest[:] = np.arange(self._oldest.size)
        self._latest = [float(row.max()) for row in self._at]
        self._fullest = float(self._times[self._oldest].max())

    @staticmethod
    def rows_for(most: int) -> int:
        """How many numbers a sample's state has."""
        return 6 + most

    def _relative(self, now: float) -> float:
        """Single precision holds a tenth of a millisecond only for some minutes. Never below 1."""
        if not 0.0 <= now - self._epoch < REBASE_S:
            shift = now - self._epoch
            for stamps in (self._at, self._times):
                np.subtract(stamps, np.float32(min(shift, -float(NEVER))), out=stamps)
                np.maximum(stamps, NEVER, out=stamps)
            self._latest = [latest - shift for latest in self._latest]
            self._fullest -= shift
            self._epoch = now
        return now - self._epoch + 1.0

    def _counting(self, moving: Mask, t: float, way: int) -> Indices | None:
        """Those whose turn fills enough of a field by now, and was not counted before."""
        if not moving.any():
            return None
        together = moving
        since = t - SYNC_S - EDGE_S
        if self._latest[way] >= since:
            together = moving | (self._at[way] >= np.float32(since))
        hot = self.fields.hot(together)
        return None if hot is None else np.flatnonzero(together & hot & self._countable[way])

    def _too_many(self, counted: Indices | None, moving: Mask, t: float, way: int) -> Mask | None:
        if counted is None or self._fullest <= t - WINDOW_S:
            return None
        # One that moved a little earlier and counts only now has its own time.
        stamp = np.where(moving[counted], np.float32(t), self._at[way][counted])
        bad = counted[stamp - self._times[self._oldest[counted]] < np.float32(WINDOW_S - EDGE_S)]
        if not bad.size:
            return None
        failing = np.zeros(moving.size, bool)
        failing[bad] = True
        return failing

    def _count(self, counted: Indices, way: int) -> None:
        if not counted.size:
            return
        place = self._oldest[counted]
        self._times[place] = self._at[way][counted]
        place += self._oldest.size
        place[place >= self._times.size] -= self._times.size
        self._oldest[counted] = place
        self._countable[way][counted] = False
        self._countable[1 - way][counted] = True
        self._fullest = max(self._fullest, float(self._times[place].max()))
