"""Strokes picked from what the networks say, at the moment they say it: onset, kick, snare, hat.

A probability that crosses its threshold is a stroke at once; nothing waits to see whether it was the
peak. Thresholds follow the surest strokes of the last seconds: beside a loud guitar the networks are
less sure of every drum, not only of the wrong ones. For snare and hat the rise of their own band has a
say too, for the instruments the networks learnt from have brighter snares and barer hats than recorded
ones. Whether an onset was a drum or a note is told when the networks have heard enough of it. Knows
nothing of how the probabilities came about.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from visuals.audio import net
from visuals.types import HOP, SAMPLE_RATE_HZ, Event, Float32s
from visuals.vocabulary import HITS

_HOP_S = HOP / SAMPLE_RATE_HZ
_FORGET_PEAK = np.float32(np.exp(-_HOP_S / 3.0))
_FORGET_SURE = np.float32(np.exp(-_HOP_S / 4.0))
_MELODIC = net.FAST_HEADS.index("melodic")
_CLASS_AFTER_HOPS = 12
"""64 ms after an onset the networks know best whether it was a drum."""


@dataclass(frozen=True, slots=True)
class _Law:
    """Least threshold of the probability and its share of the recent peak, shortest time between two strokes,
    usual delay, where its strength lies; and the band whose rise counts, by how much, and the rise that says nothing.
    """

    floor: float
    share: float
    interval: float
    delay: float
    strength_hz: tuple[float, float]
    rise_hz: tuple[float, float] = (0.0, 0.0)
    rise_weight: float = 0.0
    rise_usual: float = 0.0


_LAWS = {
    "onset": _Law(0.5, 0.0, 0.05, 0.005, (30.0, 16000.0)),
    "kick": _Law(0.3, 0.8, 0.08, 0.008, (30.0, 150.0)),
    "snare": _Law(0.3, 0.8, 0.08, 0.010, (150.0, 6000.0), (100.0, 700.0), 2.0, 0.6),
    "hat": _Law(0.1, 0.4, 0.05, 0.010, (5000.0, 16000.0), (10000.0, 16000.0), 2.0, 0.6),
}
_MOST_RISE = 1.5
_NEW_HOPS, _OLD_HOPS = 4, 3
"""A rise is from the least of three hops to the most of the four after them."""


class Hits:
    """One call per hop."""

    def __init__(self) -> None:
        laws = [_LAWS[name] for name in HITS]
        self._heads = np.array([net.FAST_HEADS.index(name) for name in HITS])
        self._floor = np.array([law.floor for law in laws], np.float32)
        self._share = np.array([law.share for law in laws], np.float32)
        self._surest = np.zeros(len(HITS), np.float32)
        self._interval = np.array([law.interval for law in laws])
        self._weights = _means([law.strength_hz for law in laws])
        self._risers = np.flatnonzero([law.rise_weight > 0.0 for law in laws])
        self._rise_bands = _means([laws[i].rise_hz for i in self._risers])
        self._rise_weight = np.array([laws[i].rise_weight for i in self._risers], np.float32)
        self._rise_usual = np.array([laws[i].rise_usual for i in self._risers], np.float32)
        self._levels = np.zeros((_OLD_HOPS + _NEW_HOPS, len(self._risers)), np.float32)
        self._peak = np.full(len(HITS), 1e-3, np.float32)
        self._armed = np.ones(len(HITS), np.bool_)
        self._age = np.full(len(HITS), 3600.0)
        self._strength = np.zeros(len(HITS))
        self._count = np.zeros(len(HITS))
        self._melodic = 0.0
        self._undecided: list[tuple[int, float]] = []  # hops since an onset, and its time

    def hear(self, heard: net.Heard, silent: bool, end: float) -> list[Event]:
        """The strokes of the hop that ends at `end`, in show time."""
        amplitude = np.sqrt(self._weights @ heard.power)
        self._peak = np.maximum(self._peak * _FORGET_PEAK, amplitude)
        self._age += _HOP_S
        value = self._judge(heard)
        threshold = np.maximum(self._floor, self._share * self._surest)
        self._surest = np.maximum(self._surest * _FORGET_SURE, value)
        self._armed |= value < 0.5 * threshold
        struck = (value > threshold) & self._armed & (self._age > self._interval)
        events = self._decide(float(heard.fast[_MELODIC]))
        if silent or not struck.any():
            return events
        share = amplitude / self._peak
        for i in np.flatnonzero(struck):
            name = HITS[i]
            self._armed[i], self._age[i] = False, 0.0
            self._strength[i] = min(1.0, 0.3 + 0.7 * float(share[i]))
            self._count[i] += 1
            events.append(Event(end - _LAWS[name].delay, name, float(self._strength[i]), "audio"))
            if name == "onset":
                self._undecided = [*self._undecided[-3:], (0, end - _LAWS[name].delay)]
        return events

    def _judge(self, heard: net.Heard) -> Float32s:
        """The probabilities, those of snare and hat with the rise of their bands as further evidence."""
        self._levels[:-1] = self._levels[1:]
        self._levels[-1] = self._rise_bands @ heard.level
        rise = self._levels[_OLD_HOPS:].max(axis=0) - self._levels[:_OLD_HOPS].min(axis=0)
        evidence = self._rise_weight * (np.minimum(rise, _MOST_RISE) - self._rise_usual)
        value: Float32s = heard.fast[self._heads]
        odds = value[self._risers] / (1.0 - value[self._risers] + 1e-6) * np.exp(evidence)
        value[self._risers] = odds / (1.0 + odds)
        return value

    def _decide(self, melodic: float) -> list[Event]:
        """Drum or note, for the onsets that are old enough."""
        events = []
        self._undecided = [(age + 1, time) for age, time in self._undecided]
        while self._undecided and self._undecided[0][0] >= _CLASS_AFTER_HOPS:
            _, time = self._undecided.pop(0)
            self._melodic = melodic
            name, sure = ("hit.melodic", melodic) if melodic > 0.5 else ("hit.drum", 1.0 - melodic)
            events.append(Event(time, name, sure, "audio"))
        return events

    def signals(self) -> dict[str, float]:
        told = {"hit.melodic": self._melodic}
        rows = zip(HITS, self._strength.tolist(), self._age.tolist(), self._count.tolist(), strict=True)
        for name, strength, age, count in rows:
            told[f"{name}.strength"], told[f"{name}.age"], told[f"{name}.count"] = strength, min(age, 3600.0), count
        return told


def _means(ranges_hz: list[tuple[float, float]]) -> Float32s:
    """Rows that average the bands whose middles lie in each range."""
    rows = [(low <= net.FAST_MIDDLES_HZ) & (high > net.FAST_MIDDLES_HZ) for low, high in ranges_hz]
    return np.array([row / row.sum() for row in rows], np.float32)
