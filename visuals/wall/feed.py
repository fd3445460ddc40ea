"""The engine's picture as far as it can be trusted: what the player shows while the show is live.

A picture that is broken is as good as none: the last good one stays, and its age tells the failover. A
black one may be the show's: it is shown for a moment, or, with a delay, only when light comes back within
it. Every buffer is there from the start.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from visuals.shm import Latest
from visuals.types import Flag, Pixels
from visuals.wall.health import Doctor, Health
from visuals.wall.music import NOTHING, Heard
from visuals.wire import read_stamp

RECENT_S = 0.25
"""A picture this old when the player starts is the engine's live one: after a restart of the player alone
the walls go on with it at once."""

PATIENCE_S = {Health.BLACK: 0.15, Health.FLAT: 1.0}
"""How long such a picture may be seen. Black between the flashes of a strobe lasts less."""

SAFE_FRAMES = 2
"""By how many pictures `safe` delays what leaves."""


@dataclass(slots=True)
class _Shot:
    pixels: Pixels
    health: Health = Health.GOOD


class Feed:
    """Reads the ring `canvas`, of pictures of `size` (width, height); None: there is no engine.

    `live` is the picture to show, `arrived` when the last one came that is a sign of life (None before the
    first), `index` the ring's number of the newest, `flags` what came with it, `fault` what was wrong with it,
    `came` how many there were and `came_at` when the newest did, `broken` how many of them were that.
    """

    def __init__(self, ring: Latest | None, size: tuple[int, int], delay: int = 0) -> None:
        shape = (size[1], size[0], 4)
        self.misfit = ring is not None and (ring.layout.shape != shape or np.dtype(ring.layout.dtype) != np.uint8)
        self._ring = None if self.misfit else ring
        self._pool = [_Shot(np.zeros(shape, np.uint8)) for _ in range(delay + 3)]
        self._line: deque[_Shot] = deque()
        self._delay = delay
        self._shown = self._good = self._pool[0]
        self._doctor = Doctor()
        self._ill_since: float | None = None
        self.arrived: float | None = None
        self.came_at = float("-inf")
        self.index = -1
        self.flags = Flag.NONE
        self.fault = Health.GOOD
        self.broken = self.came = 0

    @property
    def live(self) -> Pixels:
        return self._shown.pixels

    def meet(self, now: float) -> None:
        """Take up the picture of an engine that already runs."""
        if self._ring is not None and now - self._ring.time < RECENT_S:
            self._take(now, NOTHING, newest=True)
            while self._line:
                self._show(self._line.popleft(), now)

    def read(self, now: float, heard: Heard) -> None:
        """Look whether there is a new picture, and show it as far as it may be shown."""
        if self._ring is not None:
            self._take(now, heard)

    def _take(self, now: float, heard: Heard, newest: bool = False) -> None:
        assert self._ring is not None
        shot = self._spare()
        reading = self._ring.read(shot.pixels) if newest else self._ring.read_new(shot.pixels)
        if reading is None:
            return
        self.came, self.came_at = self.came + 1, now
        told = read_stamp(reading.flags)
        shot.health = self._doctor.judge(shot.pixels, told, reading.index, now, heard)
        if shot.health is Health.BROKEN:
            self.fault, self.broken = shot.health, self.broken + 1
            return
        self.index, self.flags = reading.index, told.flags
        self._line.append(shot)
        if len(self._line) > self._delay:
            self._show(self._line.popleft(), now)

    def _spare(self) -> _Shot:
        """A buffer that nothing shows: a copy that failed half-way is never seen."""
        busy = (self._shown, self._good, *self._line)
        return next(shot for shot in self._pool if not any(shot is other for other in busy))

    def _show(self, shot: _Shot, now: float) -> None:
        self.fault = shot.health
        if shot.health is Health.GOOD:
            self._shown = self._good = shot
            self.arrived, self._ill_since = now, None
            return
        self._ill_since = now if self._ill_since is None else self._ill_since
        if shot.health is Health.STILL:
            self._shown = shot
        elif self.arrived is not None and self._passes(shot.health, now - self._ill_since):
            self._shown, self.arrived = shot, now
        else:
            self._shown = self._good

    def _passes(self, health: Health, seconds: float) -> bool:
        if self._delay and health is Health.BLACK:
            return any(later.health is Health.GOOD for later in self._line)
        return seconds < PATIENCE_S[health]
