"""Every value a rule can read, at one time: what was heard, the clock, the desk.

When the ears fall silent the levels go to rest within half a second of the last hop, while tempo is
held and beat, bar and phrase run on from the clock. It does not know where features come from.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from visuals.types import BEATS_PER_BAR, Event, Features, Signals
from visuals.vocabulary import SIGNALS

STALE_AFTER_S = 0.25
AT_REST_AFTER_S = 0.5
ON_THE_BEAT_S = 0.1
"""How late after a beat still counts as on it: hops, analysis and step are each some ms late."""

CYCLES = {"beat.phase": 1.0, "bar.phase": float(BEATS_PER_BAR), "phrase.phase": 8.0 * BEATS_PER_BAR}
"""Beats in one turn of each phase."""
LFOS = {"lfo.beat": "beat.phase", "lfo.bar": "bar.phase", "lfo.phrase": "phrase.phase"}
SLOW_LFO_S = 20.0
BPM_RANGE = (20.0, 400.0)
_HELD = {"bpm", *CYCLES}


class Board:
    """Merges what is known into one mapping; `step` first, then read.

    `events` are beats counted from the clock while no ears do it; `beat` and `bar` tell whether one
    of these began since the last step, or just before it.
    """

    def __init__(self, desk_signals: Iterable[str] = ()) -> None:
        self.events: tuple[Event, ...] = ()
        self.beat = self.bar = False
        self.values: dict[str, float] = dict.fromkeys(desk_signals, 0.0)
        self._heard = {name: term.rest for name, term in SIGNALS.items()}
        self._heard_at = 0.0
        self._silent = True
        self._phases = dict.fromkeys(CYCLES, 0.0)

    @property
    def bpm(self) -> float:
        return self._heard["bpm"]

    def name(self, signals: Iterable[str]) -> None:
        """Let the desk publish these and no others, keeping the values there are."""
        for name in [n for n in self.values if n.startswith("midi.")]:
            if name not in signals:
                del self.values[name]
        for name in signals:
            self.values.setdefault(name, 0.0)

    def set(self, name: str, value: float) -> None:
        """Publish a value of the desk."""
        if math.isfinite(value):
            self.values[name] = value

    def step(self, features: Sequence[Features], now: float) -> Signals:
        """All signals at `now`. The mapping is the board's own and changes with the next step."""
        beats = {event.name for f in features for event in f.events}
        if features:
            self._hear(features[-1])
        age = max(0.0, now - self._heard_at)
        self._levels(age)
        passed = self._run_phases(age)
        self.values["time"] = now
        for lfo, phase in LFOS.items():
            self.values[lfo] = _sine(self.values[phase])
        self.values["lfo.slow"] = _sine(now / SLOW_LFO_S)
        self.beat = "beat" in beats or passed["beat.phase"] or self._just_passed("beat.phase")
        self.bar = "downbeat" in beats or passed["bar.phase"] or self._just_passed("bar.phase")
        self.events = tuple(_clock_beats(passed, now)) if self._silent or age > STALE_AFTER_S else ()
        return self.values

    def _hear(self, features: Features) -> None:
        """Take the newest hop; a value that is no number leaves the last one standing."""
        self._silent = False
        self._heard_at = features.time
        heard = self._heard
        for name in heard:
            value = features.signals.get(name, heard[name])
            if math.isfinite(value):
                heard[name] = value
        heard["bpm"] = min(max(heard["bpm"], BPM_RANGE[0]), BPM_RANGE[1])

    def _levels(self, age: float) -> None:
        if age <= STALE_AFTER_S:
            self.values.update(self._heard)
            return
        share = max(0.0, (AT_REST_AFTER_S - age) / (AT_REST_AFTER_S - STALE_AFTER_S))
        for name, value in self._heard.items():
            rest = SIGNALS[name].rest
            self.values[name] = value if name in _HELD else rest + (value - rest) * share

    def _run_phases(self, age: float) -> dict[str, bool]:
        """Carry the phases from their hop to now; tells which began anew."""
        beats = age * self.bpm / 60.0
        passed = {}
        for name, turn in CYCLES.items():
            phase = (self._heard[name] + beats / turn) % 1.0
            passed[name] = phase < self._phases[name] - 0.5
            self.values[name] = self._phases[name] = phase
        return passed

    def _just_passed(self, phase: str) -> bool:
        return self.values[phase] * CYCLES[phase] * 60.0 / self.bpm < ON_THE_BEAT_S


def _sine(phase: float) -> float:
    return 0.5 + 0.5 * math.sin(2.0 * math.pi * phase)


def _clock_beats(passed: dict[str, bool], now: float) -> Iterable[Event]:
    if passed["beat.phase"]:
        yield Event(now, "beat", 1.0, "clock")
    if passed["bar.phase"]:
        yield Event(now, "downbeat", 1.0, "clock")
