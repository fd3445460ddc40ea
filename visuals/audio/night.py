"""Where the night is: arrival, peak, late, three weights that add up to 1, from an hour rather than seconds.

The law. Loudness (before any gain) and density of onsets are averaged over about 10 minutes of music;
silence and applause do not count. Each is compared with the most there has been. At first nothing is
known of what is to come, so the most is believed to lie 8 dB and 30 % above the first minutes, a belief
that is gone after an hour. Heat is how near both are to the most: 1 from 2 dB below it on (as much as
songs differ), 0 at 8 dB. Heat is the weight of `peak`; the rest is `arrival` as long as there has been no
heat, and `late` afterwards, with 20 minutes of it as the constant between the two. So an hour at one
level glides from arrival to peak, a show that rises gets there when it does, and one that never calms
down has no late.

Knows nothing of clocks on walls, and begins anew as arrival when the program is started anew.
"""

from __future__ import annotations

from math import exp, log10

_STEP_S = 1.0
_MEAN_S, _FIRST_S = 600.0, 300.0
_BELIEF_DB, _BELIEF_DENSITY, _BELIEF_S = 8.0, 0.3, 3600.0
_NEAR_DB, _FAR_DB, _FAR_DENSITY = 2.0, 8.0, 0.5
_FORGET_DB_PER_S, _FORGET_DENSITY_PER_S = 1.0 / 3600.0, 0.05 / 3600.0
_DENSITY_SHARE = 0.3
_PASSED_S = 1200.0
_FOLLOW_S = 60.0
_QUIETEST = 1e-9


class Night:
    """The three weights. One call per hop, or a second at a time."""

    def __init__(self) -> None:
        self._elapsed = self._music = self._power_sum = self._onsets = 0.0
        self._heard = 0.0
        self._power = self._density = 0.0
        self._first = self._most = (0.0, 0.0)
        self._heat = self._hot_s = 0.0
        self._signals = self._weigh()

    def hear(self, loudness_db: float, onsets: int, resting: bool, dt: float) -> dict[str, float]:
        """`loudness_db` in LUFS; `onsets` since the last call; `resting` while there is no music."""
        self._elapsed += dt
        if not resting:
            self._music += dt
            self._power_sum += 10.0 ** (loudness_db / 10.0) * dt
            self._onsets += onsets
        if self._elapsed >= _STEP_S:
            if self._music > 0.5 * self._elapsed:
                self._step(self._power_sum / self._music, self._onsets / self._music, self._elapsed)
                self._signals = self._weigh()
            self._elapsed = self._music = self._power_sum = self._onsets = 0.0
        return self._signals

    def _step(self, power: float, density: float, dt: float) -> None:
        self._heard += dt
        # A mean of all there was until there is more than it can hold.
        share = max(dt / self._heard, 1.0 - exp(-dt / _MEAN_S))
        self._power += (power - self._power) * share
        self._density += (density - self._density) * share
        level_db = 10.0 * log10(self._power + _QUIETEST)
        if self._heard <= _FIRST_S:
            self._first = self._most = (level_db, self._density)
        self._most = (
            max(self._most[0] - _FORGET_DB_PER_S * dt, level_db),
            max(self._most[1] * (1.0 - _FORGET_DENSITY_PER_S * dt), self._density),
        )
        belief = max(0.0, 1.0 - self._heard / _BELIEF_S)
        loudest_db = max(self._most[0], self._first[0] + belief * _BELIEF_DB)
        densest = max(self._most[1], self._first[1] * (1.0 + belief * _BELIEF_DENSITY), 1e-3)
        level = _clamp((level_db - loudest_db + _FAR_DB) / (_FAR_DB - _NEAR_DB))
        dense = _clamp(1.0 + (self._density / densest - 1.0) / _FAR_DENSITY)
        heat = level * (1.0 - _DENSITY_SHARE + _DENSITY_SHARE * dense)
        self._heat += (heat - self._heat) * (1.0 - exp(-dt / _FOLLOW_S))
        self._hot_s += self._heat**2 * dt

    def _weigh(self) -> dict[str, float]:
        passed = 1.0 - exp(-self._hot_s / _PASSED_S)
        rest = 1.0 - self._heat
        return {"night.arrival": rest * (1.0 - passed), "night.peak": self._heat, "night.late": rest * passed}


def _clamp(value: float) -> float:
    return min(1.0, max(0.0, value))
