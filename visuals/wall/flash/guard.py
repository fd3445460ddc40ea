"""Keeps flashes from the walls: what would be one too many leaves softened, all else as it came.

Follows what really left, so that its own work is judged by the same rules; asks nothing of the future
and delays nothing. It follows published guidelines; it is no medical guarantee.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import exp

import numpy as np

from visuals.types import FlashLimit, Pixels, Wall
from visuals.wall.flash.detect import Detector, Judgement
from visuals.wall.flash.field import Fields, venue
from visuals.wall.flash.light import SAMPLES, Eye, Floats, Mask, Seen
from visuals.wall.flash.notes import Event, Notes
from visuals.wall.flash.soften import Canvases, spread
from visuals.wall.flash.turns import DOWN, UP, Offer

REST_S = 0.4
"""Where it acts, a sample turns no faster than this: at most 1.25 slow pulses a second."""

MEAN_S = 0.8
"""Time constant of the mean that is seen where it acts: of a strobe of 4 Hz it leaves less than a turn."""

CALM_S = 1.5
"""How long it takes to let go, once the picture itself would pass."""

MARGIN = np.float32(0.03)
"""Of luminance, kept from the threshold of a turn: more than 8 bits, another gamma or a codec move it."""

TRIES = 3
SAVED = 1024
"""Samples whose state outlives the player; a field of view has some hundred of them."""
MOST_WALLS = 80
"""Whose means outlive it."""


class Guard:
    """Guards `walls`, one or more, under a venue's `limit`. Call `step` once a tick, with one raster a wall.

    `view` says which fields the samples fill, if not as the walls stand in the venue.
    """

    def __init__(
        self,
        walls: Sequence[Wall],
        limit: FlashLimit,
        samples: int = SAMPLES,
        view: Callable[[Eye], Fields] | None = None,
    ) -> None:
        self._walls, self._limit = list(walls), limit
        self._eye = Eye(self._walls, limit, samples)
        fields = view(self._eye) if view else venue(self._eye, self._walls, limit)
        self._left = Detector(self._eye.count, fields, self._eye.slices, limit.flashes)
        """What left."""
        self._wanted: Detector | None = None
        """What came, while that is not the same."""
        self._canvases = Canvases(self._eye)
        self._kept = False
        self._active = np.zeros(self._eye.count, np.float32)
        self._luminance = np.zeros(self._eye.count, np.float32)
        self._means = np.zeros(len(self._walls), np.float32)
        self._stepped: float | None = None
        self._notes = Notes(self._walls, self._eye.slices, limit)
        self._index = np.rint(np.linspace(0, max(0, self._eye.count - 1), SAVED)).astype(np.intp)

    def step(self, rasters: list[Pixels], now: float) -> list[Pixels]:
        """What may leave at `now` (s) of rasters [height, width, 4]: themselves if they may.

        What it gives else holds until the next call but one.
        """
        seen = self._eye.look(rasters)
        judgement = self._left.judge(seen, now)
        passed = 0.0 if self._stepped is None else max(0.0, now - self._stepped)
        self._stepped = now
        if self._limit.waived or not (judgement.failing or self._wanted):
            self._pass(rasters, judgement, passed)
            return rasters
        return self._act(rasters, seen, judgement, passed)

    def events(self) -> list[Event]:
        """What happened since the last call."""
        return self._notes.take()

    @property
    def acting(self) -> bool:
        return bool(self._notes.acting)

    def is_stirred(self, now: float) -> bool:
        """Whether something turned within the second that counts, or is softened."""
        return self._wanted is not None or self._left.is_stirred(now)

    def _pass(self, rasters: list[Pixels], judgement: Judgement, passed: float) -> None:
        self._left.take(judgement)
        self._luminance, self._means = judgement.seen.luminance, judgement.glow.means
        if self._limit.waived:
            self._stir(passed, judgement)
        # Only where one more turn would be too many can the next frame need this one.
        self._kept = self._left.in_force(judgement.now)
        if self._kept:
            self._canvases.keep(rasters)

    def _act(self, rasters: list[Pixels], seen: Seen, judgement: Judgement, passed: float) -> list[Pixels]:
        now = judgement.now
        if self._wanted is None:
            self._wanted = self._left.copy()
            if not self._kept:
                self._canvases.keep(rasters)
        wish = self._wanted.judge(seen, now)
        self._wanted.take(wish)
        self._stir(passed, judgement, wish)
        calm = self._canvases.calm(rasters, self._active, 1.0 - exp(-passed / MEAN_S))
        out = self._bounded(calm, self._left.judge(self._eye.look(calm), now))
        if not self._active.any():
            self._wanted = None
        return out

    def _stir(self, passed: float, *judgements: Judgement) -> None:
        """Let go a little, and take hold of what is too much."""
        self._active = np.maximum(self._active - np.float32(passed / CALM_S), 0.0)
        for found in judgements:
            if found.failing:
                self._active = np.maximum(self._active, spread(self._left.failing(found), self._eye))
        # Softened, a flash takes its time and no longer turns much at once.
        self._left.lamps.watched = np.array([bool(self._active[part].any()) for part in self._eye.slices])
        red = any(found.red.failing is not None for found in judgements)
        self._notes.tell(self._active > 0.0, red, judgements[0].now)

    def _bounded(self, rasters: list[Pixels], judgement: Judgement) -> list[Pixels]:
        """Mix, look at what came out, and hold what would still be too much."""
        share = np.ones(self._eye.count, np.float32)
        self._slow(judgement, share)
        share[self._forbidden(judgement, judgement.red)] = 0.0
        result = judgement
        for _ in range(TRIES):
            out = self._canvases.mix(rasters, share)
            if share.min() < 1.0:
                result = self._left.judge(self._eye.look(out), judgement.now)
            held = self._forbidden(result, result.general) | self._forbidden(result, result.red)
            held |= self._left.lamps.samples(self._dazzling(result), self._eye.count)
            if not held.any():
                break
            share[held] = 0.0
        else:
            share[:] = 0.0
            out = self._canvases.mix(rasters, share)
            result = self._left.judge(self._eye.look(out), judgement.now)
        self._canvases.leave(share)
        self._left.take(result)
        self._luminance, self._means = result.seen.luminance, result.glow.means
        return out

    def _slow(self, judgement: Judgement, share: Floats) -> None:
        """Let what may not turn go on as far as it can without: short of the threshold."""
        may_not, left, seen = self._forbidden(judgement, judgement.general), self._left, judgement.seen.luminance
        for way in (UP, DOWN):
            cells = np.flatnonzero(may_not & judgement.general.moving[way])
            if cells.size:
                room = _room(self._luminance[cells], seen[cells], left.luminance.stops(way)[cells], way)
                share[cells] = np.minimum(share[cells], room)
            lamps = np.flatnonzero(self._dazzling(judgement) & judgement.glow.offer.moving[way])
            if lamps.size:
                stops = left.lamps.luminance.stops(way)[lamps]
                room = _room(self._means[lamps], judgement.glow.means[lamps], stops, way)
                for lamp, most in zip(lamps, room, strict=True):
                    part = self._eye.slices[lamp]
                    share[part] = np.minimum(share[part], most)

    def _forbidden(self, judgement: Judgement, offer: Offer) -> Mask:
        """Which samples may not turn now: they would be too many, or have to rest."""
        turns = self._left.general if offer is judgement.general else self._left.red
        may_not = offer.turned & (self._active > 0.0)
        if may_not.any():
            may_not &= turns.since(judgement.now) < REST_S
        return may_not if offer.blamed is None else may_not | offer.blamed

    def _dazzling(self, judgement: Judgement) -> Mask:
        """Which walls' means may not turn now."""
        offer, turns = judgement.glow.offer, self._left.lamps.turns
        may_not = offer.turned & self._left.lamps.watched & (turns.since(judgement.now) < REST_S)
        return may_not if offer.blamed is None else may_not | offer.blamed

    def save(self, now: float) -> Floats:
        """The state, of `state_shape`, that another guard of the same walls can go on with."""
        index = self._index
        colours = self._eye.words[index].view(np.uint8).reshape(-1, 4).T.astype(np.float32)
        state = np.zeros(state_shape(self._limit), np.float32)
        state[:, :SAVED] = np.concatenate([self._left.save(index, now), self._active[None, index], colours])
        lamps = self._left.lamps.save(now)[:, :MOST_WALLS]
        state[: len(lamps), SAVED : SAVED + lamps.shape[1]] = lamps
        return state

    def restore(self, state: Floats, now: float) -> None:
        """Take up a state that `save` gave a moment before `now`; what left then is known by its samples only."""
        nearest = np.rint(np.linspace(0, SAVED - 1, self._eye.count)).astype(np.intp)
        whole, lamps = state[:, nearest], state[:, SAVED : SAVED + len(self._walls)]
        self._left.restore(whole[: self._left.rows], now)
        if lamps.shape[1] == len(self._walls):
            self._left.lamps.restore(lamps[: self._left.lamps.rows], now)
        words = np.ascontiguousarray(whole[-4:].T.astype(np.uint8)).view(np.uint32).reshape(-1)
        self._canvases.rebuild(words)
        self._kept = True
        seen = self._eye.look(self._canvases.left)
        self._luminance, self._means = seen.luminance, self._left.lamps.means(seen)
        self._active[:] = whole[self._left.rows]
        if self._active.any():
            self._wanted = self._left.copy()
        self._stepped = now


def _room(old: Floats, new: Floats, stops: Floats, way: int) -> Floats:
    """The share 0..1 of the way from an old light to a new one that ends short of a turn at `stops`.

    Pictures mix as drives, which are about the square root of light: going down, that is quicker at
    first than light itself.
    """
    if way == UP:
        return np.asarray(np.clip((stops - MARGIN - old) / (new - old), 0.0, 1.0))
    lowest = np.maximum(stops + MARGIN, 0.0)
    return np.asarray(np.clip((np.sqrt(old) - np.sqrt(lowest)) / (np.sqrt(old) - np.sqrt(new)), 0.0, 1.0))


def state_shape(limit: FlashLimit) -> tuple[int, int]:
    """The shape of what `Guard.save` gives, whatever the walls."""
    return Detector.rows_for(limit.flashes) + 5, SAVED + MOST_WALLS
