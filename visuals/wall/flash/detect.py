"""Finds general and red flashes: what each sample's light has done, turn by turn.

A general turn is a change of luminance from the last extreme by 10 % of the reference white, if the darker
state is below 80 % of it, else by a Michelson contrast of 1/17 (Trace 2024; WCAG 2.2 and BT.1702 are the
same with 20 of 200 cd/m2). A red turn is one between a saturated red, R / (R + G + B) >= 0.8 in linear
light, and a colour 0.2 away from it in CIE 1976 u'v', that takes at most 66 ms. How long a turn of luminance
takes is no excuse here: Trace lets off those of more than 66 ms, WCAG's peak and valley does not.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from visuals.wall.flash.field import Fields
from visuals.wall.flash.lamps import Glow, Lamps
from visuals.wall.flash.light import Floats, Mask, Seen
from visuals.wall.flash.luminance import Luminance
from visuals.wall.flash.turns import DOWN, SYNC_S, UP, Indices, Offer, Turns

LITTLE = 6.0
"""Red that changes in less than this part of what matters is not looked at: frames within SYNC_S add up."""

RISE_S = 0.1
"""How long a wall's mean may take to turn: a cut that was softened takes so long."""

RED_STEP = np.float32(0.2 - 1e-5)
RED_TURN_S = 0.066
RECENT = 16
"""How many frames may lie within that: at 240 fps."""


def most_turns(flashes: int) -> int:
    """How many turns are no more than `flashes`: two each. A single change is no flash."""
    return max(1, 2 * flashes)


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
    glow: Glow

    @property
    def failing(self) -> bool:
        return any(offer.failing is not None for offer in (self.general, self.red, self.glow.offer))


class Detector:
    """Follows what leaves: `judge` a frame as often as you like, `take` the one that leaves.

    Two turns a flash may count within a second. `parts` are the samples of each wall, of `count` in all.
    """

    def __init__(self, count: int, fields: Fields, parts: Sequence[slice], flashes: int = 3) -> None:
        most = most_turns(flashes)
        self.count, self.fields = count, fields
        self.luminance, self.redness = Luminance(count), Redness(count, fields.least / LITTLE)
        self.general, self.red = Turns(count, fields, most), Turns(count, fields, most)
        self.lamps = Lamps(parts, fields, most)

    def judge(self, seen: Seen, now: float) -> Judgement:
        """`now` in s; what `seen` is of the frame that would leave."""
        general = self.general.offer(*self.luminance.moves(seen.luminance, self.general.free), now)
        red = self.red.offer(*self.redness.moves(seen, self.red.free, now), now)
        return Judgement(
            seen, now, general, red, self.lamps.judge(seen, lambda way: self.lately(general, way, now), now)
        )

    def take(self, judgement: Judgement) -> None:
        """This frame left."""
        general, red = judgement.general, judgement.red
        self.general.take(general, judgement.now)
        self.red.take(red, judgement.now)
        self.luminance.take(judgement.seen.luminance, general.turned)
        self.redness.take(judgement.seen, judgement.now)
        self.lamps.take(judgement.glow, judgement.now)

    def lately(self, general: Offer, way: int, now: float) -> Mask:
        """The samples that turn now or did a moment ago."""
        return np.asarray(general.moving[way] | self.general.lately(way, RISE_S, now))

    def failing(self, judgement: Judgement) -> Mask:
        """The samples of which there would be too many turns, of any kind."""
        failing = np.zeros(self.count, bool)
        for offer in (judgement.general, judgement.red):
            if offer.failing is not None:
                failing |= offer.failing
        if (lamps := judgement.glow.offer.failing) is not None:
            failing |= self.lamps.samples(lamps, self.count)
        return failing

    def in_force(self, now: float) -> bool:
        """Whether a further turn could be too many."""
        return any(turns.in_force(now) for turns in (self.general, self.red, self.lamps.turns))

    def is_stirred(self, now: float) -> bool:
        """Whether anything turned in the last second."""
        return any(turns.is_stirred(now) for turns in (self.general, self.red, self.lamps.turns))

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
