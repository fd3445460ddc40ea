"""Which of the tracker's pulses leads, and how sure it is.

A filter's likeliest state jumps between a tempo, its half and its double, and between beat and
offbeat. A leader does not: it follows one pulse, and gives way only to a rival that has been likelier
for long enough. Confidence is skill: how much more like a beat the predicted moments sounded than
the moments between them, which no noise can feign.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log2, sqrt

from visuals.audio.beat.tracker import Pulse, Tracker

LOCK, LOST = 0.3, 0.1
_SAME_TEMPO, _SAME_PHASE = 0.04, 0.15
_AHEAD = 1.5  # times likelier than the leader is a rival
_TEMPO_BEATS, _PHASE_BEATS, _OCTAVE_BEATS = 3.0, 4.0, 8.0
_SKILL_S = 5.0
_PRACTICE_S = 0.2  # spent on beats before skill can be told: three of them
_WIDTH_S = 0.025
_FAINT = 0.1  # activations much below this are nothing, however regular


@dataclass(frozen=True, slots=True)
class Lead:
    """The leading pulse and its confidence 0..1."""

    pulse: Pulse
    confidence: float
    locked: bool


class Leader:
    """Follows one pulse of a tracker."""

    def __init__(self) -> None:
        self.pinned = False
        self.locked = False
        self._pulse: Pulse | None = None
        self._rival: Pulse | None = None
        self._rival_since = 0.0
        self._on = self._on_weight = self._off = self._off_weight = 0.0

    @property
    def confidence(self) -> float:
        """Skill, bent so that the luck of random attacks (up to 0.3, seldom 0.4) stays low."""
        on = self._on / max(self._on_weight, 1e-9)
        off = self._off / max(self._off_weight, 1e-9)
        skill = max(0.0, on - off) / (on + off + _FAINT)
        return min(1.0, self._on_weight / _PRACTICE_S) * min(1.0, 1.4 * skill * sqrt(skill))

    def take(self, pulse: Pulse) -> None:
        """Lead with an operator's pulse and let no rival argue."""
        self._pulse, self._rival, self.pinned = pulse, None, True
        self._on = self._on_weight = self._off = self._off_weight = 0.0

    def follow(self, tracker: Tracker, beat: float, time: float, at_bar: bool) -> Lead:
        """The lead after the tracker has heard the activation `beat` of the moment `time`."""
        if self._pulse is None:
            self._pulse = tracker.best()
            return Lead(self._pulse, 0.0, False)
        before = self._pulse
        expected = (before.phase + (time - before.time) * before.bpm / 60.0) % 1.0
        self._judge(expected, beat, before.bpm, max(0.0, time - before.time))
        self._pulse = tracker.at(before.bpm, expected)
        if self.pinned or tracker.is_best(self._pulse):
            self._rival = None
        else:
            self._consider(tracker.best(), at_bar)
        sure = self.confidence
        if not self.locked and sure > LOCK:
            self.locked = True
        elif self.locked and sure < LOST:
            self.locked = False
        return Lead(self._pulse, sure, self.locked)

    def _judge(self, phase: float, beat: float, bpm: float, dt: float) -> None:
        away = ((phase + 0.5) % 1.0 - 0.5) * 60.0 / bpm
        on = exp(-0.5 * (away / _WIDTH_S) ** 2)
        fade = exp(-dt / _SKILL_S)
        self._on = fade * self._on + on * beat * dt
        self._on_weight = fade * self._on_weight + on * dt
        self._off = fade * self._off + (1.0 - on) * beat * dt
        self._off_weight = fade * self._off_weight + (1.0 - on) * dt

    def _consider(self, best: Pulse, at_bar: bool) -> None:
        lead = self._pulse
        assert lead is not None
        if best.share < _AHEAD * lead.share or _same(best, lead):
            self._rival = None
            return
        if not self.locked:
            self._pulse = best
            return
        if self._rival is None or not _same_tempo(best, self._rival):
            self._rival, self._rival_since = best, best.time
        octaves = abs(log2(best.bpm / lead.bpm))
        if _same_tempo(best, lead):
            patience = _PHASE_BEATS
        else:
            patience = _OCTAVE_BEATS if abs(octaves - 1.0) < 2.0 * _SAME_TEMPO else _TEMPO_BEATS
        waited = (best.time - self._rival_since) * lead.bpm / 60.0
        if waited >= patience and (patience < _OCTAVE_BEATS or at_bar):
            self._pulse, self._rival = best, None


def _same_tempo(one: Pulse, other: Pulse) -> bool:
    return abs(one.bpm / other.bpm - 1.0) < _SAME_TEMPO


def _same(one: Pulse, other: Pulse) -> bool:
    away = abs((one.phase - other.phase + 0.5) % 1.0 - 0.5)
    return _same_tempo(one, other) and away < _SAME_PHASE
