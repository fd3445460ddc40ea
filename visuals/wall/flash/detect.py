"""Finds general and red flashes: what each sample's light has done, turn by turn.

A general turn is a change of luminance from the last extreme by 10 % of the reference white, if the darker
state is below 80 % of it, else by a Michelson contrast of 1/17 (Trace 2024; WCAG 2.2 and BT.1702 are the
same with 20 of 200 cd/m2). A red turn is one between a saturated red, R / (R + G + B) >= 0.8 in linear
light, and a colour 0.2 away from it in CIE 1976 u'v', that takes at most 66 ms. How long a turn of luminance
takes is no excuse here: Trace lets off those of more than 66 ms, WCAG's peak and valley does not.
"""

from __future__ import annotations

from collections import deque
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from visuals.wall.flash.field import Fields
from visuals.wall.flash.light import Floats, Mask, Seen
from visuals.wall.flash.turns import DOWN, SYNC_S, UP, Indices, Offer, Turns

STEP = np.float32(0.1 - 1e-6)
RATIO = np.float32(18.0 / 16.0 - 1e-6)
"""Michelson 1/17 is high / low = 18/16. At a low of 0.8 that is the same as the step: the two meet."""

LITTLE = 6.0
"""Red that changes in less than this part of what matters is not looked at: frames within SYNC_S add up."""

FAR = np.float32(1e9)
RED_STEP = np.float32(0.2 - 1e-5)
RED_TURN_S = 0.066
RECENT = 16
"""How many frames may lie within that: at 240 fps."""


def rises_at(low: Floats) -> Floats:
    """From which luminance on a change from `low` is a turn."""
    raised = low + STEP
    return np.asarray(np.maximum(raised, low * RATIO, out=raised))


def falls_at(high: Floats) -> Floats:
    """Down to which luminance a change from `high` must go to be a turn."""
    lowered = high - STEP
    return np.asarray(np.minimum(lowered, high * (1 / RATIO), out=lowered))


def most_turns(flashes: int) -> int:
    """How many turns are no more than `flashes`: two each. A single change is no flash."""
    return max(1, 2 * flashes)


class Luminance:
    """How far each sample's luminance may go before it turns, from its extremes since it turned last."""

    def __init__(self, count: int) -> None:
        self.rise = np.full(count, np.inf, np.float32)
        self.fall = np.full(count, -np.inf, np.float32)

    def moves(self, seen: Seen, free: npt.NDArray[np.bool_]) -> tuple[Mask, Mask]:
        """Which samples would turn up, and down."""
        return (seen.luminance >= self.rise) & free[UP], (seen.luminance <= self.fall) & free[DOWN]

    def take(self, seen: Seen, turned: Mask) -> None:
        # A lower low brings the threshold down with it, so the extreme need not be kept.
        rise, fall = rises_at(seen.luminance), falls_at(seen.luminance)
        np.minimum(self.rise, rise, out=self.rise)
        np.maximum(self.fall, fall, out=self.fall)
        if turned.any():
            # Whoever turned begins anew; thresholds for a rise are positive.
            np.maximum(self.rise, rise * turned, out=self.rise)
            fall += np.multiply(~turned, FAR)
            np.minimum(self.fall, fall, out=self.fall)


class Redness:
    """Compares each sample's colour with those it had within a turn's longest time.

    Sleeps while less red is seen than could matter: then nothing is remembered but the last frame.
    """

    def __init__(self, count: int, least: float) -> None:
        self._recent: deque[tuple[float, Seen]] = deque(maxlen=RECENT)
        self._before: tuple[float, Seen] | None = None
        self._least = least
        self._awake_until = -np.inf
        self._none = np.zeros(count, bool)

    def moves(self, seen: Seen, free: npt.NDArray[np.bool_], now: float) -> tuple[Mask, Mask]:
        """Which samples would turn to red, and from it."""
        if np.count_nonzero(seen.red) >= self._least:
            if now >= self._awake_until and self._before is not None:
                self._keep(*self._before)
            self._awake_until = now + RED_TURN_S + SYNC_S
        recent = [was for time, was in self._recent if 0.0 < now - time <= RED_TURN_S]
        if now >= self._awake_until or np.count_nonzero(_others(seen, recent)) < self._least:
            return self._none, self._none
        changed = self._none.copy()
        for was in recent:
            changed |= (seen.red ^ was.red) & _far(seen.uv(), was.uv())
        return changed & seen.red & free[UP], changed & ~seen.red & free[DOWN]

    def take(self, seen: Seen, now: float) -> None:
        self._before = now, seen
        if now < self._awake_until:
            self._keep(now, seen)

    def _keep(self, time: float, seen: Seen) -> None:
        self._recent.append((time, seen.copy()))


def _others(seen: Seen, recent: list[Seen]) -> Mask:
    """The samples that are red now and were not, or the other way round."""
    others = np.zeros_like(seen.red)
    for was in recent:
        others |= seen.red ^ was.red
    return others


def _far(here: tuple[Floats, Floats], there: tuple[Floats, Floats]) -> Mask:
    u, v = here[0] - there[0], here[1] - there[1]
    return np.asarray(np.square(u, out=u) + np.square(v, out=v) >= RED_STEP**2)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a frame would do if it left, by kind of flash."""

    seen: Seen
    now: float
    general: Offer
    red: Offer

    @property
    def failing(self) -> bool:
        return self.general.failing is not None or self.red.failing is not None


class Detector:
    """Follows what leaves: `judge` a frame as often as you like, `take` the one that leaves.

    `most` is how many turns may count within a second: two a flash.
    """

    def __init__(self, count: int, fields: Fields, flashes: int = 3) -> None:
        most = most_turns(flashes)
        self.count, self.fields = count, fields
        self.luminance, self.redness = Luminance(count), Redness(count, fields.least / LITTLE)
        self.general, self.red = Turns(count, fields, most), Turns(count, fields, most)

    def judge(self, seen: Seen, now: float) -> Judgement:
        """`now` in s; what `seen` is of the frame that would leave."""
        general = self.general.offer(*self.luminance.moves(seen, self.general.free), now)
        return Judgement(seen, now, general, self.red.offer(*self.redness.moves(seen, self.red.free, now), now))

    def take(self, judgement: Judgement) -> None:
        """This frame left."""
        general, red = judgement.general, judgement.red
        self.general.take(general, judgement.now)
        self.red.take(red, judgement.now)
        self.luminance.take(judgement.seen, general.turned)
        self.redness.take(judgement.seen, judgement.now)

    def in_force(self, now: float) -> bool:
        """Whether a further turn could be too many."""
        return self.general.in_force(now) or self.red.in_force(now)

    def copy(self) -> Detector:
        """Another that goes on from here."""
        return deepcopy(self, {id(self.fields): self.fields})

    @staticmethod
    def rows_for(flashes: int) -> int:
        """How many numbers a sample's state has."""
        return 2 + 2 * Turns.rows_for(most_turns(flashes))

    @property
    def rows(self) -> int:
        return 2 + 2 * Turns.rows_for(self.general.most)

    def save(self, index: Indices, now: float) -> Floats:
        """The state [rows, samples] of some samples."""
        planes = np.stack([self.luminance.rise[index], self.luminance.fall[index]])
        return np.concatenate([planes, self.general.save(index, now), self.red.save(index, now)])

    def restore(self, state: Floats, now: float) -> None:
        """Take up a state [rows, count]."""
        self.luminance.rise[:], self.luminance.fall[:] = state[0], state[1]
        split = 2 + Turns.rows_for(self.general.most)
        self.general.restore(state[2:split], now)
        self.red.restore(state[split:], now)
