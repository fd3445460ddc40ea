"""Synthetic basses, guitars, keys, pads and leads: additive tones whose harmonics move, one instrument per seed.

A tone is a wavetable that changes over time: every harmonic has its own decay (a string), or a filter closes over all
of them (a synthesiser). What is distorted is distorted as a whole part, so that chords growl as on an amplifier.
Pitch is exact: equal temperament, A4 = 440 Hz.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from .song import Note, Part
from .sound import (
    RATE,
    Curve,
    Sound,
    band,
    convolve,
    count,
    decay,
    impulse,
    morph,
    noise,
    normalised,
    peak,
    place,
    times,
    wavetables,
)

Range = tuple[float, float]
STRENGTHS = 4
FRAMES = 24
"""Moments at which a tone's harmonics are computed, dense at its start."""


@dataclass(frozen=True, slots=True)
class Timbre:
    """Ranges an instrument of this kind is drawn from.

    `slope` dB per octave of the harmonics at full velocity; `pluck` where the string is struck, share of its length,
    0 for no string; `odd` level of the even harmonics; `attack` s; `t60` s of the fundamental at 110 Hz, 0 holds;
    `damping` how much faster the tenth harmonic dies; `release` s; `strike` level of pick or hammer; `cutoff` Hz above
    which a filter closes, in `sweep` s; `voices` in unison, `spread` cents apart; `vibrato` cents; `drive` overdrive,
    above 3 through a cabinet.
    """

    slope: Range = (-9, -4)
    pluck: Range = (0.08, 0.4)
    even: Range = (0.7, 1.0)
    attack: Range = (0.001, 0.003)
    t60: Range = (2.0, 6.0)
    damping: Range = (1.0, 5.0)
    release: Range = (0.05, 0.2)
    strike: Range = (0.0, 0.2)
    cutoff: Range = (20000, 20000)
    sweep: Range = (0.1, 0.5)
    voices: tuple[int, int] = (1, 1)
    spread: Range = (0, 0)
    vibrato: Range = (0, 0)
    drive: Range = (0, 0)


TIMBRES: dict[str, Timbre] = {
    "finger bass": Timbre((-11, -7), (0.1, 0.3), t60=(1.5, 5), damping=(3, 8), strike=(0.02, 0.1), drive=(0, 1)),
    "pick bass": Timbre((-8, -4), (0.05, 0.15), t60=(1.5, 5), damping=(2, 5), strike=(0.1, 0.35), drive=(0, 2.5)),
    "slap bass": Timbre((-6, -2), (0.05, 0.2), t60=(1, 4), damping=(3, 9), strike=(0.3, 0.8)),
    "synth bass": Timbre(
        (-6, -5), (0, 0), (0, 1), t60=(0, 0), release=(0.02, 0.1), strike=(0, 0.05), cutoff=(200, 3000),
        sweep=(0.05, 0.6), voices=(1, 2), spread=(4, 14), drive=(0, 2.5),
    ),
    "sub bass": Timbre((-18, -12), (0, 0), (0, 1), (0.002, 0.01), (0, 0), release=(0.03, 0.2), drive=(0, 1.5)),
    "clean guitar": Timbre((-8, -4), strike=(0.02, 0.2), t60=(1.5, 5), drive=(0, 0.8)),
    "acoustic guitar": Timbre((-7, -3), t60=(0.8, 3), damping=(2, 6), strike=(0.1, 0.4)),
    "muted guitar": Timbre((-9, -5), t60=(0.15, 0.5), damping=(3, 9), strike=(0.1, 0.4), drive=(0, 6)),
    "distorted guitar": Timbre((-7, -3), t60=(3, 8), damping=(0.5, 2), strike=(0.05, 0.3), drive=(4, 30)),
    "piano": Timbre(
        (-10, -5), (0.1, 0.15), t60=(3, 9), damping=(1, 4), strike=(0.02, 0.15), voices=(2, 3), spread=(0.5, 3),
    ),
    "electric piano": Timbre(
        (-14, -7), (0, 0), (0.3, 1), t60=(2, 6), damping=(4, 12), strike=(0.01, 0.1), drive=(0, 1.5),
    ),
    "mallet": Timbre((-18, -8), (0, 0), (0, 0.4), t60=(0.5, 3), damping=(5, 15), strike=(0.05, 0.3)),
    "organ": Timbre(
        (-7, -3), (0, 0), (0.2, 1), (0.004, 0.02), (0, 0), release=(0.02, 0.08), strike=(0, 0.1),
        vibrato=(0, 15), drive=(0, 2),
    ),
    "strings": Timbre(
        (-8, -5), (0, 0), (0.8, 1), (0.06, 0.4), (0, 0), release=(0.2, 0.8), strike=(0, 0), cutoff=(3000, 8000),
        sweep=(1, 3), voices=(2, 3), spread=(6, 16), vibrato=(5, 25),
    ),
    "synth pad": Timbre(
        (-6, -5), (0, 0), (0, 1), (0.05, 0.6), (0, 0), release=(0.2, 1.2), strike=(0, 0), cutoff=(600, 5000),
        sweep=(0.5, 3), voices=(2, 3), spread=(6, 20),
    ),
    "wind": Timbre(
        (-12, -6), (0, 0), (0.1, 1), (0.02, 0.08), (0, 0), release=(0.05, 0.2), strike=(0.05, 0.2), vibrato=(5, 35),
    ),
    "synth lead": Timbre(
        (-6, -5), (0, 0), (0, 1), (0.001, 0.02), (0, 0), release=(0.03, 0.2), strike=(0, 0), cutoff=(1000, 8000),
        sweep=(0.1, 1), voices=(1, 3), spread=(4, 20), vibrato=(0, 20), drive=(0, 2),
    ),
    "pluck": Timbre(
        (-6, -5), (0, 0), (0, 1), t60=(0.3, 1.5), damping=(1, 6), strike=(0, 0.1), cutoff=(800, 6000),
        sweep=(0.05, 0.3), voices=(1, 3), spread=(4, 16),
    ),
}  # fmt: skip

KINDS: dict[Part, tuple[str, ...]] = {
    "bass": ("finger bass", "pick bass", "slap bass", "synth bass", "sub bass"),
    "guitar": ("clean guitar", "acoustic guitar", "muted guitar", "distorted guitar"),
    "keys": ("piano", "electric piano", "organ", "mallet", "pluck"),
    "pad": ("strings", "synth pad", "organ"),
    "lead": ("synth lead", "wind", "pluck", "distorted guitar", "strings"),
}

PROGRAMS: tuple[tuple[range, str], ...] = (
    (range(4), "piano"), (range(4, 8), "electric piano"), (range(8, 16), "mallet"), (range(16, 24), "organ"),
    (range(24, 26), "acoustic guitar"), (range(26, 28), "clean guitar"), (range(28, 29), "muted guitar"),
    (range(29, 32), "distorted guitar"), (range(32, 34), "finger bass"), (range(34, 35), "pick bass"),
    (range(35, 36), "finger bass"), (range(36, 38), "slap bass"), (range(38, 40), "synth bass"),
    (range(40, 56), "strings"), (range(56, 80), "wind"), (range(80, 88), "synth lead"),
    (range(88, 104), "synth pad"), (range(104, 128), "pluck"),
)  # fmt: skip
"""The nearest kind to each General MIDI program."""


def kind_of(program: int, part: Part) -> str:
    """The kind of instrument that plays a General MIDI program in this part."""
    kind = next(kind for programs, kind in PROGRAMS if program in programs)
    if part == "bass" and kind not in KINDS["bass"]:
        return "synth bass" if program >= 80 else "finger bass"
    return kind


class Instrument:
    """One instrument: `kind` is one of TIMBRES. `tone` gives the sound of one note."""

    def __init__(self, seed: int, kind: str) -> None:
        self._rng = rng = np.random.default_rng([seed, sum(kind.encode())])
        timbre = TIMBRES[kind]

        def draw(span: Range) -> float:
            return float(rng.uniform(*span))

        self._slope, self._pluck, self._even = draw(timbre.slope), draw(timbre.pluck), draw(timbre.even)
        self._attack, self._t60, self._damping = draw(timbre.attack), draw(timbre.t60), draw(timbre.damping)
        self.release, self._strike, self._cutoff = draw(timbre.release), draw(timbre.strike), draw(timbre.cutoff)
        self._sweep, self._vibrato, self.drive = draw(timbre.sweep), draw(timbre.vibrato), draw(timbre.drive)
        self._cents = draw(timbre.spread) * np.linspace(
            -1, 1, int(rng.integers(timbre.voices[0], timbre.voices[1] + 1))
        )
        if self._cents.size == 1:
            self._cents[:] = 0.0
        self._softness, self._rate = rng.uniform(2.0, 6.0), rng.uniform(4.5, 6.5)
        self._colour = rng.normal(0.0, 2.0, 128)
        self._angle = rng.uniform(-np.pi, np.pi, 128)

    def tone(self, pitch: float, velocity: float, seconds: float) -> Sound:
        """One note that is held for `seconds`, with a peak of 1."""
        hz = 440.0 * 2 ** ((pitch - 69.0) / 12)
        time = times(min(seconds, self._t60 * 1.1 * (110.0 / hz) ** 0.4 + 0.05) if self._t60 else seconds)
        if not time.size:
            return np.zeros(0, np.float32)
        length = float(time[-1]) + 1 / RATE
        number = int(np.clip(12000 / hz, 1, 96))
        moments = length * np.linspace(0.0, 1.0, FRAMES) ** 3
        size = max(64, 1 << int(2 * number + 2).bit_length())
        tables = wavetables(self._harmonics(hz, velocity, moments, number), size)
        frame = np.cbrt(time * np.float32(1 / length)) * np.float32(FRAMES - 1)
        sound = np.zeros(time.size, np.float32)
        for voice, cents in enumerate(self._cents):
            cycles = hz * 2 ** (cents / 1200) * time.astype(np.float64)
            if self._vibrato:
                wobble = 2 * np.pi * (self._rate + 0.3 * voice)
                # the depth grows over 0.3 s, as players do it
                depth = hz * (2 ** (self._vibrato / 1200) - 1) * np.minimum(time / 0.3, 1.0)
                cycles -= depth * (np.cos(wobble * time) - 1) / wobble
            sound += morph(tables, cycles + 0.37 * voice, frame)
        sound = normalised(sound)
        sound *= (1 - np.exp(-time / np.float32(self._attack / 2))).astype(np.float32)
        self._add_strike(sound, hz, velocity)
        return sound

    def _harmonics(self, hz: float, velocity: float, moments: Curve, number: int) -> Curve:
        n = np.arange(1, number + 1)
        slope = self._slope - self._softness * (1 - velocity)
        level = n ** (slope / 6.02) * 10 ** (self._colour[:number] / 20)
        level[1::2] *= self._even
        if self._pluck:
            level *= np.abs(np.sin(np.pi * n * self._pluck)) + 0.05
        gain = np.tile(level, (moments.size, 1))
        if self._t60:
            # high strings die sooner, and in every string the high harmonics
            t60 = self._t60 * (110.0 / hz) ** 0.4 / (1 + self._damping * (n - 1) / 9)
            gain *= np.exp(-6.9 * moments[:, None] / t60)
        if self._cutoff < 20000:
            opened = self._cutoff * (0.4 + 0.6 * velocity) * (0.25 + 0.75 * np.exp(-moments / self._sweep)) + hz
            gain /= 1 + (n * hz / opened[:, None]) ** 4
        return np.asarray(gain * np.exp(1j * self._angle[:number]))

    def _add_strike(self, sound: Sound, hz: float, velocity: float) -> None:
        level = self._strike * (0.3 + 0.7 * velocity)
        if level > 0.005:
            samples = count(0.015)
            click = noise(self._rng, samples, lambda f: band(f, min(2 * hz, 1500), 6000))
            place(sound, click * decay(times(0.015), 0.012).astype(np.float32), 0, 0.5 * level)


def cabinet(rng: np.random.Generator) -> Sound:
    """The impulse response of a guitar loudspeaker: nothing below 80 Hz and above 5 kHz, a peak between 2 and 3 kHz."""
    top, bump, low = rng.uniform(3500, 6000), rng.uniform(1800, 3200), rng.uniform(60, 110)
    return impulse(lambda hz: band(hz, low, top, 3) * peak(hz, bump, 0.6, 5) * peak(hz, 400, 0.8, -4))


def play(notes: Iterable[Note], duration: float, seed: int, kind: str) -> Sound:
    """All these notes on one instrument: mono, `duration` s."""
    instrument = Instrument(seed, kind)
    rng = np.random.default_rng([seed, 5])
    groups: dict[tuple[float, int], list[Note]] = defaultdict(list)
    for note in notes:
        groups[round(note.pitch, 2), min(STRENGTHS - 1, int(note.velocity * STRENGTHS))].append(note)
    mix = np.zeros(count(duration), np.float32)
    for (pitch, step), group in sorted(groups.items()):
        longest = max(note.duration for note in group) + instrument.release
        tone = instrument.tone(pitch, (step + 0.5) / STRENGTHS, longest)
        for note in group:
            place(mix, _released(tone, note.duration, instrument.release), count(note.time), note.velocity)
    if instrument.drive:
        amount = instrument.drive / max(float(np.percentile(np.abs(mix[mix != 0.0]), 95)), 1e-3) if mix.any() else 1.0
        mix = np.tanh(mix * np.float32(amount)).astype(np.float32)
        if instrument.drive > 3:
            mix = convolve(mix, cabinet(rng))
    return mix


def _released(tone: Sound, held: float, release: float) -> Sound:
    samples = count(held)
    sound = tone[: samples + count(release)].copy()
    tail = sound.size - samples
    if tail > 0:
        sound[samples:] *= (decay(times(release)[:tail], release) * np.linspace(1, 0, tail)).astype(np.float32)
    return sound
