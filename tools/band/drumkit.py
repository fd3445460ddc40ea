"""Synthetic drums: every kit seed is another kit, from a tight jazz set to an 808, a 909 and things nobody has built.

Membranes are sines whose pitch falls, wires and cymbals are noise with a spectrum of its own in each band, which decays
at its own rate. A harder stroke is brighter, not only louder. A stroke begins at the very sample of its note.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .song import Note
from .sound import (
    RATE,
    Curve,
    Sound,
    band,
    count,
    decay,
    fade,
    filtered,
    high_pass,
    noise,
    normalised,
    peak,
    place,
    tilt,
    times,
)

Range = tuple[float, float]
STRENGTHS = 5
"""Strokes are synthesised at so many velocities; the level follows the velocity exactly."""
TAKES = 3
"""So many different strokes of the same velocity, in turn."""


@dataclass(frozen=True, slots=True)
class Membrane:
    """Ranges of a drum with a pitch: Hz at rest and how many times higher it begins, s of the fall (time constant),
    s to fall by 60 dB, level of the stroke's click and its colour in Hz, overdrive, level of the second mode."""

    hz: Range
    rise: Range
    fall: Range
    t60: Range
    click: Range
    click_hz: Range
    drive: Range
    second: Range


KICKS = {
    "acoustic": Membrane(
        (45, 75), (1.2, 2.2), (0.01, 0.03), (0.2, 0.6), (0.08, 0.5), (1500, 5000), (0.5, 1.5), (0.1, 0.5)
    ),
    "damped": Membrane(
        (50, 90), (1.1, 1.8), (0.006, 0.02), (0.1, 0.25), (0.2, 0.8), (2000, 6000), (0.5, 2), (0.1, 0.4)
    ),
    "808": Membrane((38, 58), (1.1, 2.5), (0.008, 0.04), (0.5, 2.2), (0.03, 0.2), (800, 4000), (0.3, 3), (0, 0.05)),
    "909": Membrane((44, 60), (3, 7), (0.012, 0.04), (0.25, 0.6), (0.1, 0.5), (2000, 7000), (1, 4), (0, 0.05)),
    "club": Membrane((42, 62), (3, 9), (0.01, 0.05), (0.2, 0.5), (0.1, 0.6), (3000, 9000), (2, 9), (0, 0.1)),
    "click": Membrane((60, 120), (2, 6), (0.004, 0.015), (0.08, 0.2), (0.5, 1.2), (2500, 8000), (0.5, 4), (0, 0.3)),
}
TOM = Membrane((75, 120), (1.1, 1.8), (0.02, 0.08), (0.3, 1.3), (0.1, 0.8), (1200, 5000), (0.3, 1.5), (0.1, 0.5))
CONGA = Membrane((160, 260), (1.02, 1.15), (0.01, 0.04), (0.12, 0.4), (0.1, 0.6), (900, 3500), (0.3, 1), (0.1, 0.5))
SHELLS = {
    "deep": Membrane(
        (140, 190), (1.05, 1.5), (0.008, 0.03), (0.12, 0.3), (0.2, 0.8), (1500, 4000), (0.5, 2), (0.3, 0.8)
    ),
    "tight": Membrane(
        (190, 280), (1.05, 1.4), (0.005, 0.02), (0.06, 0.16), (0.3, 1), (2000, 6000), (0.5, 2), (0.3, 0.9)
    ),
    "808": Membrane((160, 240), (1, 1.1), (0.005, 0.01), (0.08, 0.2), (0.1, 0.4), (2000, 6000), (0.3, 1), (0.5, 1)),
    "909": Membrane((150, 220), (1.5, 3), (0.01, 0.03), (0.06, 0.2), (0.1, 0.6), (2000, 6000), (0.5, 2), (0.2, 0.8)),
    "electronic": Membrane(
        (120, 400), (1.2, 4), (0.01, 0.06), (0.1, 0.4), (0.1, 0.8), (1500, 7000), (0.5, 5), (0, 0.8)
    ),
}
WIRES: dict[str, tuple[Range, Range, Range, Range]] = {
    "deep": ((0.25, 0.7), (0.3, 0.9), (500, 1500), (4000, 9000)),
    "tight": ((0.12, 0.4), (0.3, 1.0), (900, 2500), (6000, 12000)),
    "808": ((0.15, 0.4), (0.4, 1.0), (1000, 3000), (7000, 13000)),
    "909": ((0.2, 0.6), (0.5, 1.3), (800, 2000), (6000, 12000)),
    "electronic": ((0.12, 0.8), (0.2, 1.3), (400, 3000), (4000, 15000)),
}
"""Of a snare's noise: s to fall by 60 dB, level, and its band's low and high edge in Hz."""

SETS: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "acoustic": (("acoustic", "damped"), ("deep", "tight"), ("bronze",)),
    "808": (("808",), ("808",), ("squares",)),
    "909": (("909", "club"), ("909", "electronic"), ("squares", "noise")),
    "electronic": (("club", "909", "808", "click"), ("electronic", "909", "808"), ("squares", "noise", "bronze")),
    "mixed": (tuple(KICKS), tuple(SHELLS), ("bronze", "squares", "noise")),
}
"""Kicks, snares and hats that go together."""

TOM_KEYS = {41: 0.0, 43: 3.0, 45: 6.0, 47: 9.0, 48: 12.0, 50: 15.0}
CONGA_KEYS = {60: 5.0, 61: 1.0, 62: 7.0, 63: 3.0, 64: 0.0, 65: 6.0, 66: 2.0}
"""Semitones above the lowest of them."""
HAT_KEYS = frozenset({42, 44, 46})
WOOD_KEYS = frozenset({31, 37, 75, 76, 77})
BELL_KEYS = {56: 1.0, 67: 1.4, 68: 1.1, 80: 5.0, 81: 5.0}
"""How high they ring: cowbell, agogo, triangle."""
LEVELS = {
    **dict.fromkeys((35, 36), 1.0), **dict.fromkeys((38, 40), 0.8), 37: 0.4, 39: 0.6, 42: 0.33, 44: 0.22, 46: 0.38,
    **dict.fromkeys(TOM_KEYS, 0.7), **dict.fromkeys(CONGA_KEYS, 0.4), 49: 0.5, 57: 0.5, 52: 0.45, 55: 0.4,
    51: 0.25, 59: 0.25, 53: 0.3, 54: 0.2, 56: 0.3, 69: 0.15, 70: 0.15, 82: 0.15, 75: 0.3,
}  # fmt: skip
"""Peak of each key at full velocity, as in a mix; other keys 0.25."""


class Kit:
    """One drum kit: `kind` is one of SETS, drawn when left out. `stroke` gives the sound of one stroke."""

    def __init__(self, seed: int, kind: str | None = None) -> None:
        rng = np.random.default_rng([seed, 1])
        self._seed = seed
        kinds = tuple(SETS)
        self.kind = kind or kinds[rng.choice(len(kinds), p=(0.45, 0.12, 0.13, 0.15, 0.15))]
        kicks, snares, hats = SETS[self.kind]
        self.kick, self.snare, self.hat = (str(rng.choice(names)) for names in (kicks, snares, hats))
        self._colour = float(rng.normal(0.0, 0.7))
        self._softness = float(rng.uniform(0.5, 4.0))
        self._trims = 10 ** (rng.normal(0.0, 2.0, 128) / 20)
        self._strokes: dict[tuple[int, int, int], Sound] = {}

    @cached_property
    def _metal(self) -> Curve:
        """Lines of this kit's cymbals, dB over a fine grid of log frequency: what makes noise metallic."""
        rng = np.random.default_rng([self._seed, 2])
        return np.asarray(rng.normal(0.0, rng.uniform(3.0, 9.0), 4096).astype(np.float32))

    def stroke(self, key: int, velocity: float, take: int = 0) -> Sound:
        """The sound of one stroke on a GM drum key with its peak where it stands in a mix. Kept: do not change it."""
        step = min(STRENGTHS - 1, int(velocity * STRENGTHS))
        wanted = (key, step, take % TAKES)
        if wanted not in self._strokes:
            self._strokes[wanted] = self._synthesise(key, (step + 0.5) / STRENGTHS, take % TAKES)
        return self._strokes[wanted]

    def _synthesise(self, key: int, velocity: float, take: int) -> Sound:
        draw = np.random.default_rng([self._seed, key])  # the drum: the same for every stroke
        rng = np.random.default_rng([self._seed, key, take, 3])  # the stroke
        sound = self._voice(key, draw, rng, velocity)
        slope = self._colour - self._softness * (1.0 - velocity)
        # the slope begins at 150 Hz: a soft kick is as low as a hard one, only duller
        coloured = filtered(sound, lambda hz: tilt(np.maximum(hz, 150.0), slope, 150.0))
        level = LEVELS.get(key, 0.25) * float(self._trims[key % 128])
        return normalised(fade(coloured, 0.01), min(level, 1.0))

    def _voice(self, key: int, draw: np.random.Generator, rng: np.random.Generator, velocity: float) -> Sound:
        if key in (35, 36):
            return _membrane(KICKS[self.kick], draw, rng, velocity)
        if key in (38, 40):
            return _snare(self.snare, draw, rng, velocity)
        if key in WOOD_KEYS:
            return _wood(draw, rng)
        if key == 39:
            return _clap(draw, rng)
        if key in TOM_KEYS:
            return _membrane(TOM, np.random.default_rng([self._seed, 41]), rng, velocity, TOM_KEYS[key])
        if key in CONGA_KEYS:
            return _membrane(CONGA, np.random.default_rng([self._seed, 60]), rng, velocity, CONGA_KEYS[key])
        if key in (54, 69, 70, 82):
            return _shaker(draw, rng)
        if key in BELL_KEYS:
            return _bell(draw, rng, BELL_KEYS[key])
        if key in HAT_KEYS:
            return self._hat(key, rng)
        return self._cymbal(key, draw, rng)

    def _hat(self, key: int, rng: np.random.Generator) -> Sound:
        draw = np.random.default_rng([self._seed, 42])  # one pair of cymbals for all three keys
        closed, opened = draw.uniform(0.05, 0.25), draw.uniform(0.4, 1.8)
        low, high = draw.uniform(2000, 7500), draw.uniform(8500, 17000)
        t60 = {42: closed, 44: closed * 0.8, 46: opened}[key] * rng.uniform(0.85, 1.15)
        body = self._metallic(rng, t60, low * (0.8 if key == 44 else 1.0), high)
        if self.hat == "squares":
            time = times(body.size / RATE)
            squares = _squares(draw, time) * decay(time, t60)
            return np.asarray(0.3 * body + filtered(squares.astype(np.float32), lambda hz: high_pass(hz, low, 3)))
        return body

    def _cymbal(self, key: int, draw: np.random.Generator, rng: np.random.Generator) -> Sound:
        ride = key in (51, 53, 59)
        low = draw.uniform(1500, 4000) if ride else draw.uniform(300, 2000)
        t60 = draw.uniform(0.8, 2.5) if ride else draw.uniform(1.0, 3.5) * (0.5 if key in (52, 55) else 1.0)
        wash = self._metallic(rng, t60, low, draw.uniform(7000, 15000))
        if not ride:
            return wash
        ping = _bell(draw, rng, draw.uniform(1.5, 3.5) * (2 if key == 53 else 1))
        place(wash, ping, 0, draw.uniform(0.3, 1.0))
        return wash

    def _metallic(self, rng: np.random.Generator, t60: float, low: float, high: float) -> Sound:
        """Noise with the kit's lines, of which the highs and the lowest fall faster than the middle."""
        samples = count(min(t60 * 1.1, 3.0))
        time = times(samples / RATE)
        lines = self._metal if self.hat != "noise" else self._metal * np.float32(0.2)
        sound = np.zeros(samples, np.float32)
        for bottom, top, share in ((low, 5000.0, 0.8), (5000.0, 9000.0, 1.0), (9000.0, high, 0.75)):
            if bottom < top:
                sound += _lined(rng, samples, lines, bottom, top) * decay(time, t60 * share).astype(np.float32)
        strike = noise(rng, min(samples, count(0.004)), lambda hz: band(hz, max(low, 2000.0), high))
        place(sound, strike * decay(times(strike.size / RATE), 0.004).astype(np.float32), 0, 1.5)
        return sound


def _lined(rng: np.random.Generator, samples: int, lines: Curve, low: float, high: float) -> Sound:
    def response(hz: Curve) -> Curve:
        place_in_table = np.log2(np.maximum(hz, 100.0) / 100.0) * (lines.size / 8)
        comb = 10 ** (lines[np.minimum(place_in_table.astype(int), lines.size - 1)] / 20)
        return np.asarray(band(hz, low, high, 3) * comb)

    # as loud as it is wide: an octave of noise has twice the power of half of it
    return noise(rng, samples, response) * np.float32(np.sqrt((high - low) / 10000.0))


def _squares(draw: np.random.Generator, time: Curve) -> Curve:
    """Six square waves out of tune, as in the TR-808's cymbals."""
    hz = draw.uniform(200, 900, 6)
    phase = np.outer(hz, time)
    return np.asarray(np.where(phase % 1.0 < 0.5, 1.0, -1.0).sum(axis=0) / 6)


def _membrane(
    kind: Membrane, draw: np.random.Generator, rng: np.random.Generator, velocity: float, semitones: float = 0.0
) -> Sound:
    hz, rise, fall, t60, click, click_hz, drive, second = (
        float(draw.uniform(*span))
        for span in (kind.hz, kind.rise, kind.fall, kind.t60, kind.click, kind.click_hz, kind.drive, kind.second)
    )
    ratio, start = float(draw.uniform(1.5, 2.4)), float(draw.uniform(0.05, 0.25))
    hz *= 2 ** (semitones / 12) * float(rng.uniform(0.995, 1.005))
    time = times(min(t60 * 1.05, 2.0))
    # integral of hz (1 + (rise - 1) exp(-t / fall)): the skin is tighter while it moves far
    swing = (rise - 1) * (0.6 + 0.4 * velocity)
    cycles = start + hz * (time + swing * fall * (1 - np.exp(-time / fall)))
    body = np.sin(2 * np.pi * cycles) * decay(time, t60)
    body += second * np.sin(2 * np.pi * (cycles - start) * ratio) * decay(time, t60 * 0.5)
    body = np.tanh(body * (1 + drive)) / np.tanh(1 + drive)
    # the membrane needs a moment to be pushed; what is heard first is the click
    body *= 1 - np.exp(-time / 0.0006)
    length = min(time.size, count(0.02))
    strike = noise(rng, length, lambda f: band(f, click_hz * 0.5, click_hz * 2.0))
    strike *= decay(times(length / RATE), float(draw.uniform(0.004, 0.015))).astype(np.float32)
    sound: Sound = np.asarray(body, np.float32)
    place(sound, strike, 0, click * (0.3 + 0.7 * velocity) * 0.5)
    return sound


def _snare(kind: str, draw: np.random.Generator, rng: np.random.Generator, velocity: float) -> Sound:
    t60, level, low, high = (float(draw.uniform(*span)) for span in WIRES[kind])
    shell = _membrane(SHELLS[kind], draw, rng, velocity)
    samples = max(shell.size, count(t60 * 1.1))
    time = times(samples / RATE)
    hold, formant = float(draw.uniform(0.0, 0.03)), float(draw.uniform(1500, 5000))
    wires = noise(rng, samples, lambda hz: band(hz, low, high, 1) * peak(hz, formant, 0.7, 5.0))
    # wires rattle on for a moment before they settle; a soft stroke is nearly all wires
    wires *= decay(np.maximum(time - hold, 0.0), t60).astype(np.float32)
    sound = np.asarray(wires * np.float32(level * (1.2 - 0.4 * velocity) * 0.5))
    place(sound, shell, 0, 0.8)
    return sound


def _clap(draw: np.random.Generator, rng: np.random.Generator) -> Sound:
    """Several hands a few milliseconds apart, and the room after them."""
    centre, t60 = float(draw.uniform(900, 2200)), float(draw.uniform(0.08, 0.4))
    hands, apart = int(draw.integers(2, 5)), float(draw.uniform(0.006, 0.014))
    time = times(t60 + hands * apart)
    envelope = np.zeros(time.size, np.float32)
    for hand in range(hands):
        since = time - hand * apart * float(rng.uniform(0.9, 1.1))
        fall = t60 if hand == hands - 1 else 0.02
        envelope = np.maximum(envelope, np.where(since >= 0, decay(np.maximum(since, 0.0), fall), 0.0))
    width = float(draw.uniform(1.4, 2.5))
    return np.asarray(noise(rng, time.size, lambda hz: band(hz, centre / width, centre * width)) * envelope)


def _wood(draw: np.random.Generator, rng: np.random.Generator) -> Sound:
    """Side stick, claves: a few short modes and a crack."""
    hz, t60 = float(draw.uniform(350, 1700)), float(draw.uniform(0.03, 0.12))
    ratios, levels = draw.uniform(1.3, 5.0, 3), draw.uniform(0.1, 0.8, 3)
    time = times(t60 * 1.1)
    tone = np.cos(2 * np.pi * hz * time) * decay(time, t60)
    for ratio, level in zip(ratios, levels, strict=True):
        tone += level * np.cos(2 * np.pi * hz * ratio * time) * decay(time, t60 / ratio)
    crack = noise(rng, count(0.01), lambda f: band(f, 1500, 9000)) * decay(times(0.01), 0.006).astype(np.float32)
    sound: Sound = np.asarray(tone, np.float32)
    place(sound, crack, 0, float(draw.uniform(0.2, 1.0)))
    return sound


def _shaker(draw: np.random.Generator, rng: np.random.Generator) -> Sound:
    low, t60, swell = float(draw.uniform(2000, 6000)), float(draw.uniform(0.05, 0.2)), float(draw.uniform(0.001, 0.01))
    time = times(t60 * 1.2)
    envelope = (0.3 + 0.7 * (1 - np.exp(-time / swell))) * decay(time, t60)
    return np.asarray(noise(rng, time.size, lambda hz: band(hz, low, 2.2 * low)) * envelope, np.float32)


def _bell(draw: np.random.Generator, rng: np.random.Generator, pitch: float = 1.0) -> Sound:
    """Cowbell, the ping of a ride: few modes far from harmonic."""
    hz, t60 = float(draw.uniform(450, 800)) * pitch, float(draw.uniform(0.1, 0.6))
    ratios = np.concatenate([[1.0, 1.48], draw.uniform(1.5, 7.0, 5)])
    time = times(t60 * 1.1)
    tone = np.zeros(time.size, np.float32)
    for ratio in ratios:
        mode = np.cos(2 * np.pi * (hz * ratio * time + rng.uniform(-0.1, 0.1))) * decay(time, t60 / ratio**0.5)
        tone += (mode / ratio).astype(np.float32)
    return tone


def drums(notes: Iterable[Note], duration: float, kit_seed: int, kind: str | None = None) -> Sound:
    """All strokes (part "drums") on one kit: mono, `duration` s. A new stroke on the hat stops the open one."""
    kit = Kit(kit_seed, kind)
    strokes = sorted((note for note in notes if note.part == "drums"), key=lambda note: note.time)
    mix = np.zeros(count(duration), np.float32)
    hats = [note.time for note in strokes if round(note.pitch) in HAT_KEYS]
    done = 0
    for turn, note in enumerate(strokes):
        key = round(note.pitch)
        sound = kit.stroke(key, note.velocity, turn)
        if key in HAT_KEYS:
            done += 1
            if done < len(hats):
                sound = fade(sound[: count(hats[done] - note.time + 0.012)], 0.015)
        place(mix, sound, count(note.time), note.velocity**1.4)
    return mix
