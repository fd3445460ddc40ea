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
from visuals.wall.flash.turns import DOWN, UP, Indices, Offer

REST_S = 0.4
"""Where it acts, a sample turns no faster than this: at most 1.25 slow pulses a second."""

SMOOTH_S = 0.060
"""Time constant of the light where it acts: a cut becomes a fade that takes a tenth of a second."""

CALM_S = 1.5
"""How long it takes to let go, once the picture itself would pass."""

MARGIN = np.float32(0.03)
"""Of luminance, kept from the threshold of a turn: more than 8 bits, another gamma or a codec move it."""

TRIES = 3
SAVED = 1024
"""Samples whose state outlives the player; a field of view has some hundred of them."""


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
        self._left = Detector(self._eye.count, fields, limit.flashes)
        """What left."""
        self._wanted: Detector | None = None
        """What came, while that is not the same."""
        self._canvases = Canvases(self._eye)
        self._kept = False
        self._active = np.zeros(self._eye.count, np.float32)
        self._luminance = np.zeros(self._eye.count, np.float32)
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
        return self._wanted is not None or self._left.general.is_stirred(now) or self._left.red.is_stirred(now)

    def _pass(self, rasters: list[Pixels], judgement: Judgement, passed: float) -> None:
        self._left.take(judgement)
        self._luminance = judgement.seen.luminance
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
        share = 1.0 - self._active * np.float32(exp(-passed / SMOOTH_S))
        out = self._bounded(rasters, judgement, share)
        if not self._active.any():
            self._wanted = None
        return out

    def _stir(self, passed: float, *judgements: Judgement) -> None:
        """Let go a little, and take hold of what is too much."""
        self._active = np.maximum(self._active - np.float32(passed / CALM_S), 0.0)
        for found in judgements:
            if found.failing:
                self._active = np.maximum(self._active, spread(_failing(found, self._eye.count), self._eye))
        red = any(found.red.failing is not None for found in judgements)
        self._notes.tell(self._active > 0.0, red, judgements[0].now)

    def _bounded(self, rasters: list[Pixels], judgement: Judgement, share: Floats) -> list[Pixels]:
        """Mix, look at what came out, and hold what would still be too much."""
        self._limit_general(judgement, share)
        share[self._forbidden(judgement, judgement.red)] = 0.0
        for _ in range(TRIES):
            out = self._canvases.mix(rasters, share)
            result = self._left.judge(self._eye.look(out), judgement.now)
            held = self._forbidden(result, result.general) | self._forbidden(result, result.red)
            if not held.any():
                break
            share[held] = 0.0
        else:
            share[:] = 0.0
            out = self._canvases.mix(rasters, share)
            result = self._left.judge(self._eye.look(out), judgement.now)
        self._canvases.leave()
        self._left.take(result)
        self._luminance = result.seen.luminance
        return out

    def _limit_general(self, judgement: Judgement, share: Floats) -> None:
        """Let what may not turn go on as far as it can without: short of the threshold."""
        may_not = self._forbidden(judgement, judgement.general)
        for way in (UP, DOWN):
            cells = np.flatnonzero(may_not & judgement.general.moving[way])
            if cells.size:
                room = self._room(cells, judgement.seen, way)
                share[cells] = np.minimum(share[cells], room)

    def _room(self, cells: Indices, seen: Seen, way: int) -> Floats:
        """The share 0..1 of the way to the new light that ends short of a turn.

        Pictures mix as drives, which are about the square root of light: going down, that is quicker at
        first than light itself.
        """
        old, new = self._luminance[cells], seen.luminance[cells]
        if way == UP:
            far = (self._left.luminance.rise[cells] - MARGIN - old) / (new - old)
        else:
            stop = np.maximum(self._left.luminance.fall[cells] + MARGIN, 0.0)
            far = (np.sqrt(old) - np.sqrt(stop)) / (np.sqrt(old) - np.sqrt(new))
        return np.clip(far, 0.0, 1.0)

    def _forbidden(self, judgement: Judgement, offer: Offer) -> Mask:
        """Which samples may not turn now: they would be too many, or have to rest."""
        turns = self._left.general if offer is judgement.general else self._left.red
        may_not = offer.turned & (self._active > 0.0)
        if may_not.any():
            may_not &= turns.since(judgement.now) < REST_S
        return may_not if offer.blamed is None else may_not | offer.blamed

    def save(self, now: float) -> Floats:
        """The state [rows, SAVED] that another guard of the same walls can go on with."""
        index = self._index
        colours = self._eye.words[index].view(np.uint8).reshape(-1, 4).T.astype(np.float32)
        return np.concatenate([self._left.save(index, now), self._active[None, index], colours])

    def restore(self, state: Floats, now: float) -> None:
        """Take up a state that `save` gave a moment before `now`; what left then is known by its samples only."""
        nearest = np.rint(np.linspace(0, SAVED - 1, self._eye.count)).astype(np.intp)
        whole = state[:, nearest]
        self._left.restore(whole[: self._left.rows], now)
        words = np.ascontiguousarray(whole[-4:].T.astype(np.uint8)).view(np.uint32).reshape(-1)
        self._canvases.rebuild(words)
        self._kept = True
        self._luminance = self._eye.look(self._canvases.left).luminance
        self._active[:] = whole[self._left.rows]
        if self._active.any():
            self._wanted = self._left.copy()
        self._stepped = now


def _failing(judgement: Judgement, count: int) -> Mask:
    """The samples of which there would be too many, of either kind."""
    failing = np.zeros(count, bool)
    for offer in (judgement.general, judgement.red):
        if offer.failing is not None:
            failing |= offer.failing
    return failing


def state_shape(limit: FlashLimit) -> tuple[int, int]:
    """The shape of what `Guard.save` gives, whatever the walls."""
    return Detector.rows_for(limit.flashes) + 5, SAVED
