"""The flash guard in the player: goes on where a fallen player's stopped, and tells the show log when it acts."""

from __future__ import annotations

from collections.abc import Sequence

from visuals.shm import Latest
from visuals.telemetry import Log
from visuals.types import FlashLimit, Pixels, Wall
from visuals.wall.flash.guard import Guard

TAKEN_UP_S = 2.0
"""State older than this says nothing of the second that counts."""

IDLE_TICKS = 16
"""How often the state is written while nothing turns; else at every tick, so that none is forgotten."""


class Guarding:
    """A guard over `walls` whose state lives in `ring`, if there is one."""

    def __init__(self, walls: Sequence[Wall], limit: FlashLimit, ring: Latest | None, log: Log) -> None:
        self._guard = Guard(walls, limit) if walls else None
        self._ring, self._log = ring, log
        self._ticks = 0
        if limit.waived:
            log.write("flash", state="waived", why=limit.waived)

    def meet(self, now: float) -> None:
        """Take up what a player left behind a moment before `now` (s)."""
        if self._guard is not None and self._ring is not None and now - self._ring.time < TAKEN_UP_S:
            reading = self._ring.read()
            if reading is not None:
                self._guard.restore(reading.data, reading.time)

    def step(self, rasters: list[Pixels], now: float) -> list[Pixels]:
        """What may leave of the rasters; see `Guard.step`."""
        if self._guard is None:
            return rasters
        out = self._guard.step(rasters, now)
        for event in self._guard.events():
            self._log.write("flash", wall=event.wall, state=event.state, why=event.why, share=round(event.share, 3))
        self._ticks += 1
        if self._ring is not None and (self._guard.is_stirred(now) or self._ticks % IDLE_TICKS == 0):
            self._ring.write(self._guard.save(now), time=now)
        return out
