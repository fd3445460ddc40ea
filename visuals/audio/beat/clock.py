"""The beat clock: beat, bar and phrase as phases that only go forward.

Fed with a tempo and a phase, by a tracker or by an operator's finger; coasts when nobody says
anything. Position is a closed form of time between two corrections (a straight line plus an offset
that decays), so the result is the same at any step size, and a beat's time is known before it comes.
Knows nothing of sound and believes what it is told: who leads is decided elsewhere.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import exp, floor, isfinite

import numpy as np

from visuals.audio.beat.spans import BARS_PER_PHRASE, Layout
from visuals.types import BEATS_PER_BAR

BPM_RANGE = (20.0, 400.0)
HELD, SOUND, OPERATOR, MIDI_CLOCK, LINK = range(5)
_PULL_BEATS = 0.6  # an error decays with this constant: half a beat never stops the clock, and 80 % go in one beat
_TEMPO_S = 2.0
_SAME_TEMPO = 0.04  # the tolerance of the beat tracking literature
_TAP_TIMEOUT_S = 2.0
HOLD_BEATS = 16.0  # how long a tempo is believed that nobody confirms
_FADE_BEATS = 8.0
_SURE_BAR = 0.4
_MOST_BEATS = 32  # told of in one step, after a stall


@dataclass(frozen=True, slots=True)
class Position:
    """Where the music is. Phases 0..1; `beats`, `downbeats`, `phrases` are the times passed in this step.

    `next`: seconds until the next beat. `bar_beat`: from 1. `source`: 0 held, 1 the sound, 2 the operator,
    3 MIDI clock, 4 Link.
    """

    bpm: float
    confidence: float
    beat_phase: float
    bar_phase: float
    phrase_phase: float
    next: float = 0.5
    bar_beat: int = 1
    beats_per_bar: int = BEATS_PER_BAR
    bar_confidence: float = 0.0
    locked: bool = False
    source: int = HELD
    beats: tuple[float, ...] = ()
    downbeats: tuple[float, ...] = ()
    phrases: tuple[float, ...] = ()


class BeatClock:
    """Turns tempo and phase into a position. Times must not decrease from call to call.

    The beat position is `line(t) + offset·exp(-(t - t0)/τ)`: a correction replaces the line and the
    offset takes up the difference (at most half a beat), which keeps the rate between 0.16 and 1.84
    of the tempo, so no phase ever steps back.
    """

    def __init__(self, bpm: float = 120.0, beats_per_bar: int = BEATS_PER_BAR) -> None:
        self.bpm = bpm
        self.layout = Layout(beats_per_bar)
        self.running = self.locked = False
        self.source = HELD
        self._zero_time, self._zero_beat = 0.0, 0.0
        self._offset, self._offset_time = 0.0, 0.0
        self._confidence, self._heard, self._bar_confidence = 0.0, -np.inf, 0.0
        self._last = -np.inf
        self._counted: int | None = None
        self._owed: list[float] = []
        self._taps: deque[float] = deque(maxlen=8)

    # ---- what it is told

    def follow(self, now: float, bpm: float, phase: float, confidence: float, source: int = SOUND) -> None:
        """The beat at `now` has this tempo, phase 0..1 and confidence. Nonsense is left out.

        What the ears find of a tempo is smoothed; other clocks know theirs.
        """
        if not all(map(isfinite, (now, bpm, phase, confidence))) or bpm <= 0.0:
            return
        bpm = _into_range(bpm)
        if self.running and source <= OPERATOR and abs(bpm / self.bpm - 1.0) < _SAME_TEMPO:
            since = max(0.0, now - self._heard)
            bpm = self.bpm + (bpm - self.bpm) * (1.0 - exp(-since / _TEMPO_S))
        self._lead(now, bpm, phase, confidence, source)

    def coast(self) -> None:
        """Nobody leads now: the tempo goes on, and the confidence for 16 beats."""
        if self.source != OPERATOR:
            self.source = HELD

    def vouch(self, now: float) -> None:
        """Whoever led last stands by it: the confidence does not fade."""
        self._heard = max(self._heard, now)

    def tap(self, time: float) -> bool:
        """The operator taps a beat. True from the second tap on, when tempo and phase are theirs."""
        if self._taps and time - self._taps[-1] > _TAP_TIMEOUT_S:
            self._taps.clear()
        if self._taps and time <= self._taps[-1]:
            return False
        self._taps.append(time)
        if len(self._taps) < 2:
            return False
        bpm = 60.0 / float(np.median(np.diff(self._taps)))
        self._lead(time, _into_range(bpm), 0.0, 1.0, OPERATOR)
        return True

    def shift(self, now: float, seconds: float) -> None:
        """Every beat comes this much later (or earlier, when negative)."""
        self._set(now, self.bpm, (self._line(max(now, self._last)) - seconds * self.bpm / 60.0) % 1.0)

    def scale(self, now: float, factor: float) -> None:
        """The tempo is `factor` times this; the bar's beginning stays where it is."""
        now = max(now, self._last)
        self._roll(now)
        into = (self._place(now) - self.layout.bar.start) * factor
        left = self.layout.beats - into / factor
        self._set(now, _into_range(self.bpm * factor), into % 1.0)
        self.layout.aim(round(self._line(now) + left * factor), self._place(now))

    def align(self, downbeat: int, beats: int, confidence: float) -> None:
        """Beat number `downbeat` began a bar of `beats` beats: end the present bar accordingly, when that is sure."""
        self._bar_confidence = min(1.0, max(0.0, confidence))
        if self._counted is None or confidence < _SURE_BAR:
            return
        before, self.layout.beats = self.layout.beats, beats
        if not self.layout.aim(downbeat, self._place(self._last)):
            self.layout.beats, self._bar_confidence = before, 0.0

    def begin(self, now: float, position: float, beats: int) -> None:
        """A song has been started, and at `now` is at beat `position`: the bar that this is in is so at once."""
        place = self._place(self._last)
        began = round(self._line(max(now, self._last)) - position)
        self.layout.beats = beats
        self.layout.restart(began + floor((place - began) / beats) * beats, place)

    def lay(self, now: float, position: float, beats: int) -> None:
        """At `now` a song is at beat `position`: its bars, of `beats` beats, and phrases count from its start."""
        began = round(self._line(max(now, self._last)) - position)
        self.align(began, beats, 1.0)
        phrase, place = BARS_PER_PHRASE * beats, self._place(self._last)
        if self._counted is None or (self.layout.bar.end - began) % beats:
            return
        if (self.layout.phrase.end - began) % phrase:
            self.layout.begin_phrase(place - (place - began) % phrase, place)

    def section(self, time: float) -> None:
        """The music became another at `time`: phrases count from the bar line nearest to it."""
        if self._counted is not None and isfinite(time):
            place = self._place(self._last)
            self.layout.begin_phrase(place - (self._last - time) * self.bpm / 60.0, place)

    def resync(self, time: float) -> None:
        """This moment is beat one of a phrase: pull the nearest beat here and count from it."""
        self._set(time, self.bpm, 0.0)
        now = max(time, self._last)
        self._roll(now)
        if self.layout.restart(round(self._line(now)), self._place(now)):
            self._owed.append(now)
        self.running, self._bar_confidence = True, 1.0

    # ---- what it tells

    def advance(self, now: float) -> Position:
        """The position at `now`, with the beats passed since the last call."""
        now = max(now, self._last)
        beats, downbeats, phrases = self._roll(now)
        place, bar = self._place(now), self.layout.bar
        told = self.running
        sure = self.confidence(now)
        return Position(
            bpm=self.bpm,
            confidence=sure,
            beat_phase=_phase(place % 1.0),
            bar_phase=_phase(bar.phase(place)),
            phrase_phase=_phase(self.layout.phrase.phase(place)),
            next=max(0.0, self.time_of(floor(place) + 1) - now),
            bar_beat=floor(place) - bar.start + 1,
            beats_per_bar=bar.end - bar.start,
            bar_confidence=min(sure, self._bar_confidence),
            locked=self.locked,
            source=self.source,
            beats=tuple(beats) if told else (),
            downbeats=tuple(downbeats) if told else (),
            phrases=tuple(phrases) if told else (),
        )

    def confidence(self, now: float) -> float:
        """How sure the beat is: held for 16 beats after the last word, then fading."""
        beats = max(0.0, now - self._heard) * self.bpm / 60.0
        return self._confidence * exp(-max(0.0, beats - HOLD_BEATS) / _FADE_BEATS)

    def phase(self, time: float) -> float:
        """The phase that the clock has or is drawn to, 0..1."""
        return _phase(self._line(time) % 1.0)

    def beat_near(self, time: float) -> tuple[int, float]:
        """The number of the beat nearest to `time` and how far past it that is, in beats. For the last seconds only."""
        place = self._place(self._last) - (self._last - time) * self.bpm / 60.0
        return round(place), place - round(place)

    def time_of(self, beat: int) -> float:
        """When beat number `beat` comes, if nobody says anything until then."""
        time = self._zero_time + (beat - self._zero_beat) * 60.0 / self.bpm
        for _ in range(20):
            error = self._place(time) - beat
            if abs(error) < 1e-9:
                break
            time -= error * 60.0 / self.bpm / max(0.3, self._rate(time))
        return time

    # ---- inside

    def _roll(self, now: float) -> tuple[list[float], list[float], list[float]]:
        """Count the beats up to `now` and lay out bars and phrases as they come."""
        place = self._place(now)
        count = floor(place)
        beats, downbeats, phrases = [], [], []
        if self._counted is None:
            self.layout.restart(count, place)
        else:
            downbeats, phrases, self._owed = [*self._owed], [*self._owed], []
            for number in range(self._counted + 1, count + 1):
                time = min(max(self.time_of(number), self._last), now)
                beats.append(time)
                is_downbeat, is_phrase = self.layout.enter(number)
                downbeats += [time] * is_downbeat
                phrases += [time] * is_phrase
        self._last, self._counted = now, count
        return beats[-_MOST_BEATS:], downbeats[-_MOST_BEATS:], phrases[-_MOST_BEATS:]

    def _lead(self, now: float, bpm: float, phase: float, confidence: float, source: int) -> None:
        self._set(now, bpm, phase)
        self.running, self.source = True, source
        self._confidence, self._heard = min(1.0, max(0.0, confidence)), max(now, self._last)

    def _set(self, now: float, bpm: float, phase: float) -> None:
        """Lay a new line at `bpm` that has this phase now; the offset takes up the difference."""
        now = max(now, self._last)
        place = self._place(now)
        error = (phase - place + 0.5) % 1.0 - 0.5
        self.bpm = bpm
        self._zero_time, self._zero_beat = now, place + error
        self._offset, self._offset_time = -error, now

    def _line(self, t: float) -> float:
        return self._zero_beat + (t - self._zero_time) * self.bpm / 60.0

    def _place(self, t: float) -> float:
        return self._line(t) + self._offset * self._decay(t)

    def _rate(self, t: float) -> float:
        """Of the place, over the tempo's."""
        return 1.0 - self._offset * self._decay(t) / _PULL_BEATS

    def _decay(self, t: float) -> float:
        return exp(-max(0.0, t - self._offset_time) * self.bpm / 60.0 / _PULL_BEATS)


def _into_range(bpm: float) -> float:
    while bpm < BPM_RANGE[0]:
        bpm *= 2.0
    while bpm > BPM_RANGE[1]:
        bpm /= 2.0
    return bpm


def _phase(phase: float) -> float:
    return phase if 0.0 <= phase < 1.0 else 0.0
