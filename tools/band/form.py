"""The plan of a song: which sections follow each other, who plays in them, and when every beat falls."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

import numpy as np

from .song import Floats, Part
from .styles import Style

SLOWEST, FASTEST = 55.0, 210.0
FORMS: dict[str, tuple[str, ...]] = {
    "song": ("intro", "verse", "chorus", "verse", "build", "chorus", "breakdown", "chorus", "solo", "chorus", "outro"),
    "dance": ("intro", "verse", "breakdown", "build", "drop", "verse", "breakdown", "build", "drop", "outro"),
    "loop": ("intro", "verse", "chorus", "verse", "breakdown", "chorus", "outro"),
    "free": ("intro", "verse", "chorus", "verse", "chorus", "outro"),
    "solo": ("verse", "chorus", "solo", "verse", "breakdown", "chorus"),
}
ENERGY = {
    "count": 0.5,
    "intro": 0.45,
    "verse": 0.55,
    "build": 0.65,
    "chorus": 0.9,
    "drop": 1.0,
    "breakdown": 0.3,
    "solo": 0.8,
    "outro": 0.5,
}
DRUMS: dict[str, tuple[tuple[str, float], ...]] = {
    "count": (("count", 1.0),),
    "intro": (("full", 0.45), ("none", 0.3), ("light", 0.25)),
    "verse": (("full", 0.84), ("light", 0.1), ("toms", 0.03), ("none", 0.03)),
    "build": (("build", 0.6), ("full", 0.4)),
    "chorus": (("full", 1.0),),
    "drop": (("full", 1.0),),
    "solo": (("full", 0.95), ("light", 0.05)),
    "breakdown": (("none", 0.45), ("light", 0.35), ("full", 0.1), ("toms", 0.1)),
    "outro": (("full", 0.7), ("light", 0.2), ("none", 0.1)),
}
"""How the drums play in each section, and how often."""
PRESENT: dict[str, dict[Part, float]] = {
    "intro": {"bass": 0.6, "guitar": 0.75, "keys": 0.75, "pad": 0.6, "lead": 0.35, "voice": 0.08},
    "verse": {"bass": 0.95, "guitar": 0.85, "keys": 0.8, "pad": 0.5, "lead": 0.1, "voice": 0.9},
    "build": {"bass": 0.6, "guitar": 0.8, "keys": 0.8, "pad": 0.8, "lead": 0.3, "voice": 0.4},
    "chorus": {"bass": 1.0, "guitar": 0.97, "keys": 0.95, "pad": 0.85, "lead": 0.3, "voice": 0.92},
    "drop": {"bass": 1.0, "guitar": 0.9, "keys": 0.9, "pad": 0.6, "lead": 0.9, "voice": 0.2},
    "solo": {"bass": 1.0, "guitar": 0.95, "keys": 0.9, "pad": 0.5, "lead": 1.0, "voice": 0.05},
    "breakdown": {"bass": 0.4, "guitar": 0.5, "keys": 0.7, "pad": 0.9, "lead": 0.3, "voice": 0.6},
    "outro": {"bass": 0.85, "guitar": 0.85, "keys": 0.8, "pad": 0.6, "lead": 0.3, "voice": 0.35},
}


@dataclass(frozen=True, slots=True)
class Section:
    """`bars` bars from `bar` on. `drums`: a name of DRUMS' right side. `feel`: 0.5 half time, 1, 2 double."""

    name: str
    bar: int
    bars: int
    parts: frozenset[Part]
    drums: str = "full"
    feel: float = 1.0
    energy: float = 0.5
    stops: frozenset[int] = field(default_factory=frozenset)
    """Bars (counted in the song) that the drums leave after their first beat."""
    breaks: frozenset[int] = field(default_factory=frozenset)
    """Those of the stops in which the band, but for the voice, stops with them."""


@dataclass(frozen=True, slots=True)
class Clock:
    """When things fall: `times` [n + 1] s of each beat and the end, `bpm` [n], and where the off-beats swing to."""

    times: Floats
    bpm: Floats
    swing: float
    unit: float

    def at(self, position: float) -> float:
        """The time (s) of a position in beats from the first bar, swung."""
        cell = 2 * self.unit
        whole, part = divmod(position, cell)
        half = part / cell
        bent = 2 * self.swing * half if half < 0.5 else self.swing + (2 * half - 1) * (1 - self.swing)
        place = whole * cell + bent * cell
        beat = min(max(int(place // 1), 0), len(self.bpm) - 1)
        return float(self.times[beat] + (place - beat) * 60 / self.bpm[beat])


def sections(style: Style, band: frozenset[Part], bpm: float, seconds: float, rng: Random) -> list[Section]:
    """Sections that last at least `seconds`; often the song is met in its middle, as by a late guest."""
    bar_seconds = style.metre * 60 / bpm
    order = FORMS[style.form]
    place = 0 if rng.random() < 0.45 else rng.randrange(len(order))
    plan: list[Section] = []
    bar = 0
    if place == 0 and style.form == "song" and not style.machine and rng.random() < 0.12:
        plan.append(Section("count", 0, 1, frozenset({"drums"}), "count"))
        bar = 1
    while bar * bar_seconds < seconds + bar_seconds:
        name = order[place % len(order)]
        place += 1
        if name in ("build", "breakdown", "solo") and style.form not in ("dance",) and rng.random() < 0.35:
            continue
        length = rng.uniform(5, 11) if name in ("intro", "build") else rng.uniform(6, 18)
        bars = min((2, 4, 8, 16), key=lambda bars: abs(np.log(bars * bar_seconds / length)))
        plan.append(_section(style, name, bar, bars, band, bpm, rng))
        bar += bars
    return plan


def _section(style: Style, name: str, bar: int, bars: int, band: frozenset[Part], bpm: float, rng: Random) -> Section:
    parts = {part for part in sorted(band - {"drums"}) if rng.random() < PRESENT[name][part]}
    if style.form == "free":
        parts |= {part for part in ("keys", "guitar", "pad", "lead") if part in band and rng.random() < 0.8}
    if not parts and len(band) > 1:
        parts = {rng.choice(sorted(band - {"drums"}))}
    modes = DRUMS[name]
    drums = rng.choices([mode for mode, _ in modes], [share for _, share in modes])[0] if "drums" in band else "none"
    if style.form == "solo" and drums == "none":
        drums = "full"
    feel = 1.0
    if style.metre == 4 and rng.random() < style.feels:
        feel = 0.5 if bpm > 110 or (bpm > 90 and rng.random() < 0.5) else 2.0 if bpm < 92 else 1.0
    stops = frozenset(b for b in range(bar + 1, bar + bars) if rng.random() < 0.02)
    breaks = frozenset(b for b in stops if rng.random() < 0.4)
    energy = min(1.0, max(0.15, ENERGY[name] + rng.gauss(0, 0.1)))
    if drums != "none":
        parts.add("drums")
    return Section(name, bar, bars, frozenset(parts), drums, feel, energy, stops, breaks)


def clock(style: Style, bpm: float, plan: list[Section], rng: Random) -> Clock:
    """Every beat's time. Sequenced songs are steady; played ones drift by up to 3 %, or change tempo at a section."""
    count = (plan[-1].bar + plan[-1].bars) * style.metre
    curve = np.ones(count)
    kind = rng.choices(("steady", "drift", "step"), (0.88, 0.0, 0.12) if style.machine else (0.3, 0.56, 0.14))[0]
    if style.form == "free" and rng.random() < 0.6:
        kind = "rubato"
    beat = np.arange(count)
    if kind == "drift":
        for _ in range(3):
            period = rng.uniform(12, 100)
            curve += rng.uniform(0, 0.01) * np.sin(2 * np.pi * (beat / period + rng.random()))
        for section in plan:
            curve[section.bar * style.metre : (section.bar + section.bars) * style.metre] += rng.gauss(0, 0.004)
    elif kind == "rubato":
        phrase = 4 * style.metre
        curve += rng.uniform(0.01, 0.05) * np.sin(2 * np.pi * beat / phrase + rng.uniform(-0.5, 0.5))
        curve += np.convolve([rng.gauss(0, 0.02) for _ in range(count + 4)], np.ones(5) / 5, "valid")
    elif kind == "step" and len(plan) > 1:
        factor = rng.choice((rng.uniform(0.8, 0.95), rng.uniform(1.05, 1.25)))
        curve[rng.choice(plan[1:]).bar * style.metre :] *= factor
    tempo = np.clip(bpm * np.clip(curve, 0.75, 1.3), SLOWEST, FASTEST)
    swing = rng.uniform(*style.swing)
    return Clock(np.concatenate([[0.0], np.cumsum(60 / tempo)]), tempo, swing, style.unit)
