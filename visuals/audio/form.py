"""Where the song is: energy, build, drop, breakdown, section, song, from seconds rather than milliseconds of sound.

Hears ungained levels only: automatic gain would level out the very drop it is to find. Knows nothing
of notes, and of hits only how many there were.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import exp, log2, log10

import numpy as np
import numpy.typing as npt

from visuals.audio.bands import Powers
from visuals.audio.beat.clock import Position
from visuals.audio.energy import Energy

Float64s = npt.NDArray[np.float64]

RATE_HZ = 8.0
_LOUD, _BASS, _BODY, _HIGH, _LOWMID, _MID, _DENSITY, _KICKS = range(8)
"""Columns of a row: K-weighted level, bass, all above it, highs, lowmid, mid (dB); log2 of 1 + onsets; kicks (1/s)."""

_WINDOW_S, _HALF_S = 8.0, 4.0
_MEMORY_ROWS = 256

# Build: a rise per second that is as steep as they come, and its share.
_RISES = {_HIGH: (0.8, 0.6), _BODY: (0.5, 0.3), _DENSITY: (0.15, 0.3)}
_DENSITY_S = 1.0
_GONE_BONUS = 1.4  # without bass a rise means more
_RISE_S = (5.0, 8.0)
_STEADY_LOW, _STEADY_FULL = 0.7, 0.88  # r² of a step is at most 0.75, of a ramp with music on it about 0.85

# Drop.
_DROP_BASS_DB, _DROP_LEVEL_DB = 9.0, 4.0
_RISER_BASS_DB, _RISER_LEVEL_DB = 7.5, -2.0
"""A riser may be louder than the drop it leads to: after a build without bass, its return tells."""
_BUILT = 0.45
_OFF_BEAT_DB = 3.0
_REFRACTORY_S = 8.0

# Breakdown.
_GONE_DB, _BACK_DB = 8.0, 5.0
_GONE_KICKS = 0.3
_BARS_GONE, _GONE_RANGE_S = 2.0, (3.0, 6.0)

_SECTION_DISTANCE = 0.8
_SECTION_SCALES = {_BASS: 6.0, _LOWMID: 5.0, _MID: 5.0, _HIGH: 5.0, _DENSITY: 1.0, _KICKS: 1.5}

_SONG_GAP_S, _CROWD = 2.0, 0.6


class Form:
    """Follows the form. One call per hop."""

    def __init__(self) -> None:
        self._quick, self._smooth = [0.0] * 6, [0.0] * 6
        self._energy, self._level = Energy(), 0.0
        self._dt, self._paces = 0.0, [0.0, 0.0, 0.0]
        self._rows = np.zeros((_MEMORY_ROWS, 8))
        self._count = 0
        self._hits = [0.0, 0.0]
        self._density = 0.0
        self._elapsed = self._heard = 0.0
        self._build = self._build_peak = 0.0
        self._since_drop = 0
        self._drop, self._breakdown = _Drop(), _Breakdown()
        self._since_section = 0.0
        self._song_time, self._away = 0.0, _SONG_GAP_S

    def hear(
        self, powers: Powers, hits: Mapping[str, int], place: Position, silent: bool, crowd: float, dt: float
    ) -> tuple[dict[str, float], list[tuple[str, float]]]:
        """The form's signals, and its events with their strengths.

        `powers` are before any gain; `hits` how many `onset` and `kick` this hop had; `crowd` 0..1.
        """
        resting = silent or crowd > _CROWD
        events = self._follow_song(resting, dt)
        self._follow(powers, hits, dt)
        energy = self._energy.feed(_db(self._level), silent, dt)
        if not resting:
            self._heard += dt
            self._since_section += dt
            drop = self._drop.feed([_db(p) for p in self._quick[:2]], self._build_peak, place, dt)
            if drop is not None:
                self._build = self._build_peak = 0.0
                self._since_drop = 0
                events.append(("drop", drop))
        self._elapsed += dt
        if self._elapsed >= 1.0 / RATE_HZ:
            events += self._step(place, resting)
        signals = {
            "energy": energy,
            "build": self._build,
            "breakdown": float(self._breakdown.on),
            "song.time": self._song_time,
        }
        return signals, events

    def _follow_song(self, resting: bool, dt: float) -> list[tuple[str, float]]:
        """A song begins when 2 s without music are over; its time runs on until the next one begins."""
        self._song_time += dt
        if resting:
            self._away += dt
            return []
        new, self._away = self._away >= _SONG_GAP_S, 0.0
        if not new:
            return []
        self._song_time = 0.0
        return [("song", 1.0)]

    def _follow(self, powers: Powers, hits: Mapping[str, int], dt: float) -> None:
        high = powers.high + powers.air
        body = powers.lowmid + powers.mid + high
        now = (powers.loud, powers.bass, body, high, powers.lowmid, powers.mid)
        if dt != self._dt:
            self._dt, self._paces = dt, [1.0 - exp(-dt / tau) for tau in (0.12, 0.5, 1.5)]
        quick, smooth, slow = self._paces
        for i, power in enumerate(now):
            self._quick[i] += (power - self._quick[i]) * quick
            self._smooth[i] += (power - self._smooth[i]) * smooth
        self._level += (powers.loud - self._level) * slow
        self._hits[0] += hits.get("onset", 0)
        self._hits[1] += hits.get("kick", 0)

    def _step(self, place: Position, resting: bool) -> list[tuple[str, float]]:
        onsets, kicks = (count / self._elapsed for count in self._hits)
        self._density += (onsets - self._density) * (1.0 - exp(-self._elapsed / _DENSITY_S))
        self._hits, self._elapsed = [0.0, 0.0], 0.0
        if resting:
            self._build += (0.0 - self._build) * 0.2
            self._breakdown.on = False
            return []
        self._rows[:-1] = self._rows[1:]
        self._rows[-1] = [*(_db(power) for power in self._smooth), log2(1.0 + self._density), kicks]
        self._count = min(_MEMORY_ROWS, self._count + 1)
        rows = self._rows[_MEMORY_ROWS - self._count :]
        self._follow_build(rows)
        self._drop.learn(rows, self._heard)
        events: list[tuple[str, float]] = []
        if self._breakdown.feed(rows, place, self._build):
            events.append(("breakdown", 1.0))
        section = self._find_section(rows)
        if section is not None:
            events.append(("section", section))
        return events

    def _follow_build(self, rows: Float64s) -> None:
        """Only what came after the last drop counts: a drop ends the build it was for."""
        self._since_drop += 1
        fresh = rows[-min(self._since_drop, len(rows)) :]
        target = 0.0
        if len(fresh) >= RATE_HZ * _RISE_S[0]:
            target = max(_rise(fresh[-int(RATE_HZ * seconds) :]) for seconds in _RISE_S)
            target = min(1.0, target * (_GONE_BONUS if self._drop.gone else 1.0))
        self._build += (target - self._build) * (1.0 - exp(-1.0 / (RATE_HZ * 0.7)))
        self._build_peak = max(self._build, self._build_peak * exp(-1.0 / (RATE_HZ * 3.0)))

    def _find_section(self, rows: Float64s) -> float | None:
        """The last four seconds are unlike the four before: 5 dB in the mean of the levels, or as much in a few."""
        half = int(RATE_HZ * _HALF_S)
        if len(rows) < 2 * half or self._since_section < _REFRACTORY_S:
            return None
        change = (rows[-half:].mean(axis=0) - rows[-2 * half : -half].mean(axis=0))[list(_SECTION_SCALES)]
        change /= list(_SECTION_SCALES.values())
        distance = float(np.sqrt(np.mean(np.clip(change, -3.0, 3.0) ** 2)))
        if distance < _SECTION_DISTANCE:
            return None
        self._since_section = 0.0
        return min(1.0, 0.5 * distance)


class _Drop:
    """Bass and level jump above the last four seconds, after a build or a long gap in the bass.

    Asked in every hop. A jump far from the downbeat, where that is known, must be larger.
    """

    def __init__(self) -> None:
        self._since = 0.0
        self._past: tuple[float, float] | None = None
        self.gone = False

    def learn(self, rows: Float64s, heard: float) -> None:
        """Remember the last four seconds without the newest quarter second."""
        past = rows[-int(RATE_HZ * _HALF_S) - 2 : -2]
        if len(past) < RATE_HZ * _HALF_S or heard < _WINDOW_S:
            self._past = None
            return
        level_db, bass_db = _mean_db(past[:, :2]).tolist()
        self._past = (level_db, bass_db)
        self.gone = bass_db < float(np.percentile(rows[:, _BASS], 90)) - _DROP_BASS_DB

    def feed(self, now_db: list[float], build: float, place: Position, dt: float) -> float | None:
        self._since += dt
        if self._past is None or self._since < _REFRACTORY_S:
            return None
        built = build > _BUILT
        if not (built or self.gone):
            return None
        level, bass = now_db[_LOUD] - self._past[0], now_db[_BASS] - self._past[1]
        riser = built and self.gone
        bass_db, level_db = (_RISER_BASS_DB, _RISER_LEVEL_DB) if riser else (_DROP_BASS_DB, _DROP_LEVEL_DB)
        away = min(place.bar_phase, 1.0 - place.bar_phase)
        late = _OFF_BEAT_DB if place.bar_confidence > 0.5 and away > 0.2 else 0.0
        if bass < bass_db + late or level < level_db:
            return None
        self._since = 0.0
        return min(1.0, max(0.0, 0.5 + (bass - _DROP_BASS_DB) / 24.0))


class _Breakdown:
    """On while kick and bass, that were there before, have been away for two bars. Never begins in a build."""

    def __init__(self) -> None:
        self.on = False
        self._rows_back = 0

    def feed(self, rows: Float64s, place: Position, build: float) -> bool:
        """Whether one begins."""
        usual_db, usual_kicks = float(np.percentile(rows[:, _BASS], 80)), float(rows[:, _KICKS].mean())
        if self.on:
            self.on = bool(rows[-1, _BASS] < usual_db - _BACK_DB)
            self._rows_back = 0
            return False
        self._rows_back += 1
        low, high = _GONE_RANGE_S
        bars = int(RATE_HZ * min(high, max(low, _BARS_GONE * place.beats_per_bar * 60.0 / place.bpm)))
        if build > _BUILT or self._rows_back < bars or len(rows) < max(2 * bars, RATE_HZ * _WINDOW_S):
            return False
        recent = rows[-bars:]
        silent_bass = recent[:, _BASS].max() < usual_db - _GONE_DB
        self.on = bool(silent_bass and recent[:, _KICKS].mean() <= _GONE_KICKS * usual_kicks)
        return self.on


def _db(power: float) -> float:
    return 10.0 * log10(power + 1e-12)


def _mean_db(rows: Float64s) -> Float64s:
    """Means of dB rows in the power domain."""
    mean: Float64s = 10.0 * np.log10(np.mean(10.0 ** (rows / 10.0), axis=0))
    return mean


def _rise(rows: Float64s) -> float:
    """How fast and how steadily highs, body and onset density rise, 0..1."""
    t = np.arange(len(rows)) / RATE_HZ
    t -= t.mean()
    columns = list(_RISES)
    values = rows[:, columns] - rows[:, columns].mean(axis=0)
    slopes = t @ values / (t @ t)
    steady = slopes**2 * (t @ t) / (np.square(values).sum(axis=0) + 1e-6)
    trust = np.clip((steady - _STEADY_LOW) / (_STEADY_FULL - _STEADY_LOW), 0.0, 1.0)
    steep, share = np.array(list(_RISES.values())).T
    return float(np.clip(share @ (np.clip(slopes / steep, -1.0, 1.0) * trust), 0.0, 1.0))
