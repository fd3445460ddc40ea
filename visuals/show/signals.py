"""Every value a rule can read, at one time: what was heard, the clock, the desk.

When the ears fall silent the levels go to rest within half a second of the last hop, while tempo is
held and beat, bar and phrase run on from the clock. It does not know where features come from.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from visuals.show.beats import BARS_PER_PHRASE, BeatCounter, Metre
from visuals.types import Event, Features, Signals
from visuals.vocabulary import BANDS_HZ, HITS, SIGNALS

STALE_AFTER_S = 0.25
AT_REST_AFTER_S = 0.5
ON_THE_BEAT_S = 0.1
"""How late after a beat still counts as on it: what waits for a beat may itself be told some ms late."""

TAPE = ("timecode", "timecode.running")
"""Signals that whoever follows timecode sets."""

LFOS = {"lfo.beat": "beat.phase", "lfo.bar": "bar.phase", "lfo.phrase": "phrase.phase"}
SLOW_LFO_S = 20.0
BPM_RANGE = (20.0, 400.0)
BEATS_RANGE = (2, 7)

_RUNNING = ("song.time", *(f"{hit}.age" for hit in HITS))
"""Clocks: from one hop to the next, and where no more hops come, they run on."""
_HELD = frozenset(
    {
        *("bpm", "tempo.locked", "bar.beats", "key", "key.minor"),
        *("night.arrival", "night.peak", "night.late"),
        *(f"{band}.time" for band in BANDS_HZ),
        *(f"{hit}.count" for hit in HITS),
    }
)
"""What has no rest to go to: a count that glides back to 0 would count everything again."""


class Board:
    """Merges what is known into one mapping; `step` first, then read.

    `events` are the beats, downbeats and phrases since the last step; `beat` and `bar` tell whether
    one began in this step or just before it. `lead`: how far (s) all that is told by the clock, and
    only that, runs ahead, for walls that show it that much later.
    """

    def __init__(self, desk_signals: Iterable[str] = (), lead: float = 0.0) -> None:
        self.events: tuple[Event, ...] = ()
        self.beat = self.bar = False
        self.values: dict[str, float] = dict.fromkeys((*TAPE, *desk_signals), 0.0)
        self._lead = lead
        self._heard = {name: term.rest for name, term in SIGNALS.items()}
        self._heard_at = 0.0
        self._silent, self._running = True, False
        self._counter = BeatCounter()

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
        if features:
            self._hear(features[-1])
            found = self._heard["tempo.locked"] >= 0.5 or any(e.name == "beat" for f in features for e in f.events)
            self._running = self._running or found
        age = max(0.0, now - self._heard_at)
        self._levels(age)
        metre = self._metre(age + self._lead)
        self._publish(metre, now)
        self._count(metre, age, now)
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
        heard["bar.beats"] = min(max(round(heard["bar.beats"]), BEATS_RANGE[0]), BEATS_RANGE[1])

    def _levels(self, age: float) -> None:
        self.values.update(self._heard)
        share = max(0.0, min(1.0, (AT_REST_AFTER_S - age) / (AT_REST_AFTER_S - STALE_AFTER_S)))
        if share < 1.0:
            for name, value in self._heard.items():
                if name not in _HELD:
                    rest = SIGNALS[name].rest
                    self.values[name] = rest + (value - rest) * share
        for name in _RUNNING:
            self.values[name] = self._heard[name] + age

    def _metre(self, ahead: float) -> Metre:
        """The phases of the last hop, carried on by `ahead` seconds."""
        heard, beats = self._heard, int(self._heard["bar.beats"])
        passed = ahead * self.bpm / 60.0
        begun = int(heard["beat.phase"] + passed)
        return Metre(
            beat=(heard["beat.phase"] + passed) % 1.0,
            bar=(heard["bar.phase"] + passed / beats) % 1.0,
            phrase=(heard["phrase.phase"] + passed / (beats * BARS_PER_PHRASE)) % 1.0,
            bpm=self.bpm,
            beats=beats,
            number=(int(heard["bar.beat"]) - 1 + begun) % beats,
        )

    def _publish(self, metre: Metre, now: float) -> None:
        values = self.values
        values["beat.phase"], values["bar.phase"], values["phrase.phase"] = metre.beat, metre.bar, metre.phrase
        values["beat.next"] = (1.0 - metre.beat) * 60.0 / metre.bpm
        values["bar.beat"] = metre.number + 1.0
        values["time"] = now
        for lfo, phase in LFOS.items():
            values[lfo] = _sine(values[phase])
        values["lfo.slow"] = _sine(now / SLOW_LFO_S)

    def _count(self, metre: Metre, age: float, now: float) -> None:
        """Count beats, but not before ears that listen have found the first tempo; from then on it is held."""
        hearing = not self._silent and age <= STALE_AFTER_S
        if hearing and not self._running:
            self._counter.rest()
            self.events = ()
        else:
            self.events = self._counter.step(metre, now)
        names = {event.name for event in self.events}
        beat_s = 60.0 / metre.bpm
        self.beat = "beat" in names or metre.beat * beat_s < ON_THE_BEAT_S
        self.bar = "downbeat" in names or metre.bar * metre.beats * beat_s < ON_THE_BEAT_S


def _sine(phase: float) -> float:
    return 0.5 + 0.5 * math.sin(2.0 * math.pi * phase)
