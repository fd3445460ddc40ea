"""How loud the music is beside the loud parts of the night, before any gain. Knows nothing of what plays."""

from __future__ import annotations

from math import exp

import numpy as np

from visuals.audio.levels import FLOOR_DB

_SPAN_DB, _HEADROOM_DB, _BIN_DB = 24.0, 15.0, 0.5
_ENERGY_MEMORY_S, _BELIEF_S = 240.0, 3.0
_LOOK_S = 0.125


class Energy:
    """How loud the last 1.5 s were beside the loud parts of the last minutes, 24 dB below them to them, 0..1.

    The loud parts are the 95th percentile, so a burst does not darken what follows. A night begins with
    3 s of belief that they lie 15 dB above its first sound.
    """

    def __init__(self) -> None:
        self._counts = np.zeros(int(-FLOOR_DB / _BIN_DB) + 20)
        self._top_db = FLOOR_DB
        self._heard = self._since = self.value = 0.0

    def feed(self, level_db: float, silent: bool, dt: float) -> float:
        if not silent:
            self._heard += dt
            self._since += dt
            if self._since >= _LOOK_S:
                self._learn(level_db)
        away = level_db - max(self._top_db, -90.0)
        target = 0.0 if silent else min(1.0, max(0.0, 1.0 + away / _SPAN_DB))
        self.value += (target - self.value) * (1.0 - exp(-dt / (0.15 if silent else 0.5)))
        return self.value

    def _learn(self, level_db: float) -> None:
        top = len(self._counts) - 1
        self._counts *= exp(-self._since / _ENERGY_MEMORY_S)
        if self._heard < 1.0:  # the level is still rising to what it is
            self._counts[:] = 0.0
            self._counts[min(top, int((level_db + _HEADROOM_DB - FLOOR_DB) / _BIN_DB))] = _BELIEF_S
        self._counts[min(top, max(0, int((level_db - FLOOR_DB) / _BIN_DB)))] += self._since
        self._since = 0.0
        share = self._counts.cumsum()
        self._top_db = FLOOR_DB + _BIN_DB * float(share.searchsorted(0.95 * share[-1]))
