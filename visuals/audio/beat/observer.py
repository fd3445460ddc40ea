"""The beat clock: beat, bar and phrase as phases that only go forward.

Fed with what a tempo tracker or an operator's finger says; coasts at the last tempo when nobody says
anything. Position is a closed form of time between two observations (a straight line plus an offset
that decays), so the result is the same at any step size. Knows nothing of sound and nothing of where
bars begin in the music: beat one is where counting began or where `resync` put it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import exp, floor

import numpy as np

from visuals.audio.beat.clock import Position
from visuals.types import BEATS_PER_BAR

BPM_RANGE = (40.0, 240.0)
BEATS_PER_PHRASE = 8 * BEATS_PER_BAR
_SAME_TEMPO = 0.04  # the tolerance of the beat tracking literature
_NEW_TEMPO_BEATS = 4.0  # a tempo must hold this long to replace the present one
_OCTAVE_BEATS = 16.0  # trackers flip between half and double: believe it only after four bars
_TEMPO_GAIN = 0.2
_PHASE_GAIN = 0.5
_FAR_BEATS = 0.15  # a beat this far off, and the next ones too, means the phase is wrong, not the beat
_FAR_STREAK = 2
_TAP_TIMEOUT_S = 2.0
_MEMORY_S = 10.0  # confidence fades with this time constant while nothing is observed
_NEW_SONG_S = 5.0  # after this long without an observation an operator's tap no longer binds


@dataclass(frozen=True, slots=True)
class Tempo:
    """What a tracker says at `time`: tempo, confidence 0..1, and a beat's time if one was found."""

    time: float
    bpm: float
    confidence: float
    beat: float | None = None


class BeatClock:
    """Turns observations into a position. Times must not decrease from call to call.

    The beat position is `line(t) + offset·exp(-(t - t0)/τ)` with τ one beat: an observation replaces
    the line and the offset takes up the difference (at most half a beat), which keeps the rate
    between 0.5 and 1.5 of the tempo, so no phase ever steps back.
    """

    def __init__(self, bpm: float = 120.0) -> None:
        self.bpm = bpm
        self.locked = False
        self._zero_time, self._zero_beat = 0.0, 0.0
        self._offset, self._offset_time = 0.0, 0.0
        self._confidence, self._heard = 0.0, 0.0
        self._first_beat = 0
        self._last = -np.inf
        self._counted: int | None = None
        self._owed_downbeat = False
        self._rival: Tempo | None = None
        self._far = 0
        self._last_beat: float | None = None
        self._taps: deque[float] = deque(maxlen=8)
        self._pinned = False

    # ---- what it is told

    def observe(self, tempo: Tempo) -> None:
        """Take what a tracker says. Only beats count, from the second one that fits its tempo on."""
        if tempo.beat is None or not np.isfinite([tempo.time, tempo.bpm, tempo.confidence, tempo.beat]).all():
            return
        bpm = _into_range(tempo.bpm)
        if tempo.time - self._heard > _NEW_SONG_S:
            self._pinned = False
        if not self.locked:
            self._lock(bpm, tempo)
        elif abs(bpm / self.bpm - 1.0) < _SAME_TEMPO:
            self._rival = None
            self._correct(bpm, tempo)
        else:
            self._grow_sure(0.0, tempo.time)
            self._consider(bpm, tempo)
        self._last_beat = tempo.beat

    def tap(self, time: float) -> None:
        """The operator taps a beat. From the second tap on the tempo is theirs; trackers may only
        refine it by up to 4 %, until the song is over."""
        if self._taps and time - self._taps[-1] > _TAP_TIMEOUT_S:
            self._taps.clear()
        if self._taps and time <= self._taps[-1]:
            return
        self._taps.append(time)
        if len(self._taps) < 2:
            return
        bpm = _into_range(60.0 / float(np.median(np.diff(self._taps))))
        self._set(time, bpm, time, gain=1.0)
        self.locked = self._pinned = True
        self._confidence, self._heard, self._rival = 1.0, time, None

    def resync(self, time: float) -> None:
        """This moment is beat one of a phrase: pull the nearest beat here and count from it."""
        self._set(time, self.bpm, time, gain=1.0)
        self._first_beat = round(self._line(time))
        self.locked = True
        if self._counted is not None and self._first_beat <= self._counted:
            self._owed_downbeat = True

    # ---- what it tells

    def advance(self, now: float) -> Position:
        """The position at `now`, with the beats passed since the last call."""
        now = max(now, self._last)
        place = self._place(now)
        count = floor(place)
        beats, downbeats = self._passed(count, now)
        self._last, self._counted = now, count
        since = place - self._first_beat
        return Position(
            bpm=self.bpm,
            confidence=self._confidence_at(now),
            beat_phase=_phase(place, 1),
            bar_phase=_phase(since, BEATS_PER_BAR),
            phrase_phase=_phase(since, BEATS_PER_PHRASE),
            beats=beats if self.locked else (),
            downbeats=downbeats if self.locked else (),
        )

    # ---- inside

    def _passed(self, count: int, now: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
        if self._counted is None:
            return (), ()
        numbers = range(self._counted + 1, count + 1)[-BEATS_PER_PHRASE:]
        times = {n: self._time_of(n, self._last, now) for n in numbers}
        downbeats = [t for n, t in times.items() if (n - self._first_beat) % BEATS_PER_BAR == 0]
        if self._owed_downbeat:
            downbeats, self._owed_downbeat = [now, *downbeats][:1], False
        return tuple(times.values()), tuple(downbeats)

    def _time_of(self, beat: int, low: float, high: float) -> float:
        """When the position passes `beat`, by bisection: it is monotone between `low` and `high`."""
        low = max(low, high - BEATS_PER_PHRASE * 60.0 / BPM_RANGE[0])
        for _ in range(40):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if self._place(middle) < beat else (low, middle)
        return high

    def _lock(self, bpm: float, tempo: Tempo) -> None:
        assert tempo.beat is not None
        if self._last_beat is not None and abs((tempo.beat - self._last_beat) * bpm / 60.0 - 1.0) < _FAR_BEATS:
            self._set(tempo.time, bpm, tempo.beat, gain=1.0)
            self.locked = True
            self._grow_sure(0.5, tempo.time)

    def _correct(self, bpm: float, tempo: Tempo) -> None:
        """Draw tempo and phase towards a beat: all the way once several in a row were far off."""
        assert tempo.beat is not None
        place = self._line(tempo.beat)
        error = abs(round(place) - place)
        self._far = self._far + 1 if error > _FAR_BEATS else 0
        sudden = self._far >= _FAR_STREAK
        self._set(
            tempo.time, self.bpm + _TEMPO_GAIN * (bpm - self.bpm), tempo.beat, gain=1.0 if sudden else _PHASE_GAIN
        )
        self._far = 0 if sudden else self._far
        # aubio's own confidence is 0 for its first 6 s, whatever it hears; how well beats land counts half.
        self._grow_sure(exp(-((error / 0.1) ** 2)) * (0.5 + 0.5 * min(1.0, max(0.0, tempo.confidence))), tempo.time)

    def _grow_sure(self, target: float, time: float) -> None:
        sure = self._confidence_at(time)
        self._confidence, self._heard = sure + 0.2 * (target - sure), time

    def _consider(self, bpm: float, tempo: Tempo) -> None:
        """Believe another tempo only when it lasts. An operator's tempo is not argued with."""
        assert tempo.beat is not None
        if self._pinned:
            return
        if self._rival is None or abs(bpm / self._rival.bpm - 1.0) > _SAME_TEMPO:
            self._rival = Tempo(tempo.time, bpm, tempo.confidence, tempo.beat)
            return
        ratio = max(bpm, self.bpm) / min(bpm, self.bpm)
        patience = _OCTAVE_BEATS if abs(ratio - 2.0) < 2.0 * _SAME_TEMPO else _NEW_TEMPO_BEATS
        if (tempo.time - self._rival.time) * self.bpm / 60.0 >= patience:
            self._set(tempo.time, bpm, tempo.beat, gain=1.0)
            self._rival = None

    def _set(self, now: float, bpm: float, beat: float, gain: float) -> None:
        """Lay a new line through `now` at `bpm`, its phase moved by `gain` of the error at `beat`."""
        now = max(now, self._last)
        place, line = self._place(now), self._line(now)
        at_beat = line + (beat - now) * bpm / 60.0
        error = round(at_beat) - at_beat
        self.bpm = bpm
        self._zero_time, self._zero_beat = now, line + gain * error
        offset = place - self._zero_beat
        if offset < -0.5 or offset > 0.5:
            # Whole beats between the two lines are renamed, never travelled.
            self._zero_beat += round(offset)
            offset = place - self._zero_beat
        self._offset, self._offset_time = offset, now

    def _line(self, t: float) -> float:
        return self._zero_beat + (t - self._zero_time) * self.bpm / 60.0

    def _place(self, t: float) -> float:
        return self._line(t) + self._offset * exp(-max(0.0, t - self._offset_time) * self.bpm / 60.0)

    def _confidence_at(self, t: float) -> float:
        return self._confidence * exp(-max(0.0, t - self._heard) / _MEMORY_S)


def _into_range(bpm: float) -> float:
    """Halve or double into 40..240."""
    bpm = max(bpm, 1.0)
    while bpm < BPM_RANGE[0]:
        bpm *= 2.0
    while bpm > BPM_RANGE[1]:
        bpm /= 2.0
    return bpm


def _phase(beats: float, length: int) -> float:
    phase = beats / length % 1.0
    return phase if phase < 1.0 else 0.0
