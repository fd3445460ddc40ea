"""A voice that sings, speaks or shouts nonsense: glottal pulses through moving formants, breath and consonants.

The pitch glides, scoops, drifts and vibrates as voices do, and comes with its exact course. What it says means nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from .song import Note
from .sound import (
    HOP,
    RATE,
    Curve,
    Response,
    Sound,
    band,
    count,
    decay,
    morph,
    noise,
    normalised,
    peak,
    place,
    times,
    wavetables,
)

Consonant = Literal["", "plosive", "sibilant", "nasal", "h"]
CONSONANTS: tuple[Consonant, ...] = ("", "plosive", "sibilant", "nasal", "h")

VOWELS = np.array(
    [
        (730, 1090, 2440, 3400, 4500),
        (660, 1720, 2410, 3500, 4500),
        (530, 1840, 2480, 3500, 4600),
        (270, 2290, 3010, 3700, 4700),
        (570, 840, 2410, 3300, 4400),
        (440, 1020, 2240, 3300, 4400),
        (300, 870, 2240, 3200, 4300),
        (640, 1190, 2390, 3300, 4400),
        (490, 1350, 1690, 3300, 4400),
    ],
    np.float32,
)
"""Formants in Hz of male English vowels (Peterson and Barney 1952, table II), with a usual fourth and fifth."""
_WIDTHS = np.array([70, 90, 130, 200, 300], np.float32)
_TABLE_HOPS = 2
"""Formants are computed every other hop, 10.7 ms: faster than a tongue moves."""
_TOP_HZ = 9000.0
_QUIET = 0.02
"""Voiced sound weaker than this, against the note at full level, is told as unvoiced."""


@dataclass(frozen=True, slots=True)
class Syllable:
    """One syllable: its vowel begins at `time` s (most of a sibilant comes before it) and is held for `duration` s;
    MIDI pitch, semitones it has glided away by its end; level 0..1; rows of VOWELS at its start and end."""

    time: float
    duration: float
    pitch: float
    glide: float
    level: float
    vowels: tuple[int, int]
    consonant: Consonant = ""
    whispered: bool = False


class Singer:
    """One voice, drawn from a seed. `steady` 1 sings, 0 speaks: no vibrato, quick glides."""

    def __init__(self, seed: int, steady: float = 1.0) -> None:
        rng = np.random.default_rng([seed, 11])
        self.rng = rng
        self.size = float(rng.uniform(0.92, 1.3))  # of the formants: men about 1, women 1.15, children 1.3
        self.slope = float(rng.uniform(-7.0, -1.0))  # dB per octave, breathy to pressed
        self.breath = float(np.exp(rng.uniform(np.log(0.01), np.log(0.25))))
        self.vibrato_cents = steady * float(
            rng.choice([0.0, rng.uniform(10, 35), rng.uniform(30, 90)], p=[0.2, 0.5, 0.3])
        )
        self.vibrato_hz, self.vibrato_after = float(rng.uniform(4.5, 6.8)), float(rng.uniform(0.1, 0.5))
        self.portamento = float(rng.uniform(0.04, 0.14)) * (0.5 + 0.5 * steady)
        self.scoop = float(rng.choice([0.0, rng.uniform(0.3, 2.5)]))
        self.drift_cents = float(rng.uniform(4, 15))
        self.consonants = rng.dirichlet(np.ones(len(CONSONANTS)) * 2)
        self.ring = float(rng.uniform(0.0, 8.0)) * steady  # dB at 3 kHz, the singer's formant

    def utter(self, syllables: Sequence[Syllable], duration: float) -> tuple[Sound, Curve]:
        """Sing these, in order of time and one at a time: mono with a peak of 1, and f0 in Hz at the middle of every
        hop of HOP samples, 0 where there is no voiced sound."""
        samples = count(duration)
        hops = -(-samples // HOP)
        if not syllables or not samples:
            return np.zeros(samples, np.float32), np.zeros(hops, np.float32)
        pitch, formants = self._course(syllables, hops)
        voiced, breathy, bursts = self._levels(syllables, samples)
        f0 = 440.0 * 2 ** ((pitch - 69.0) / 12)
        sound = self._voice(f0, formants, samples) * voiced
        hiss = noise(self.rng, samples, _mouth(formants.mean(axis=0)))
        whole = np.asarray(sound + hiss * breathy * np.float32(0.25) + bursts, np.float32)
        middle = np.minimum(np.arange(hops) * HOP + HOP // 2, samples - 1)
        return normalised(whole), np.where(voiced[middle] > _QUIET, f0, 0.0).astype(np.float32)

    def _course(self, syllables: Sequence[Syllable], hops: int) -> tuple[Curve, Curve]:
        """Pitch (MIDI) [hops] and formants (Hz) [hops, 5]."""
        rng, time = self.rng, (np.arange(hops) + 0.5) * HOP / RATE
        pitch = np.full(hops, syllables[0].pitch)
        formants = np.tile(VOWELS[syllables[0].vowels[0]] * self.size, (hops, 1))
        before, ended = syllables[0].pitch, -1.0
        for at, syllable in enumerate(syllables):
            legato = syllable.time - ended < 0.06
            start = before if legato else syllable.pitch - self.scoop
            first = max(0, int((syllable.time - 0.3 * self.portamento) * RATE / HOP))
            last = hops if at + 1 == len(syllables) else int(syllables[at + 1].time * RATE / HOP)
            since = time[first : last + 40] - syllable.time
            way = np.clip((since + 0.3 * self.portamento) / self.portamento, 0.0, 1.0)
            along = np.clip(since / max(syllable.duration, 0.02), 0.0, 1.0)
            course = start + (syllable.pitch - start) * way * way * (3 - 2 * way) + syllable.glide * along**1.5
            depth = self.vibrato_cents / 100 * np.clip((since - self.vibrato_after) / 0.3, 0.0, 1.0)
            swing = self.vibrato_hz * (1 + 0.03 * rng.normal()) * since
            pitch[first : last + 40] = course + depth * np.sin(2 * np.pi * swing)
            here, there = (VOWELS[vowel] * self.size for vowel in syllable.vowels)
            moved = np.clip((along - 0.3) / 0.5, 0.0, 1.0)[:, None]
            formants[first : last + 40] = here + (there - here) * moved
            if syllable.consonant == "nasal":
                closed = np.clip(1 - since / 0.06, 0.0, 1.0)[:, None] * np.array([0.6, 0.2, 0.1, 0, 0])
                formants[first : last + 40] *= 1 - closed
            before, ended = syllable.pitch + syllable.glide, syllable.time + syllable.duration
        knots = np.arange(0.0, time[-1] + 1.0, 0.12)
        drift = np.interp(time, knots, rng.standard_normal(knots.size))
        kernel = np.hanning(13) / np.hanning(13).sum()
        padded = np.pad(formants, ((6, 6), (0, 0)), mode="edge")
        smooth = np.stack([np.convolve(padded[:, n], kernel, mode="valid") for n in range(formants.shape[1])], axis=1)
        return pitch + self.drift_cents / 100 * drift, smooth.astype(np.float32)

    def _levels(self, syllables: Sequence[Syllable], samples: int) -> tuple[Curve, Curve, Sound]:
        """Level of the voice and of the breath for every sample, and the noises of consonants."""
        rng = self.rng
        voiced, breathy = np.zeros(samples, np.float32), np.zeros(samples, np.float32)
        bursts = np.zeros(samples, np.float32)
        for at, syllable in enumerate(syllables):
            free = syllables[at + 1].time - syllable.time if at + 1 < len(syllables) else np.inf
            ahead = (
                0.07 if at + 1 < len(syllables) and syllables[at + 1].consonant in ("sibilant", "plosive", "h") else 0.0
            )
            held = min(syllable.duration, free - ahead)
            release = float(np.clip(free - held, 0.02, 0.1))
            late = {"plosive": rng.uniform(0.005, 0.03), "nasal": 0.0}.get(syllable.consonant, 0.0)
            rise = {"nasal": 0.08, "plosive": 0.01, "": rng.uniform(0.015, 0.06)}.get(syllable.consonant, 0.025)
            time = times(max(held, 0.03) + release)
            shape = np.clip((time - late) / rise, 0.0, 1.0) * np.clip((time[-1] - time) / release, 0.0, 1.0)
            shape *= syllable.level * (1 - 0.3 * time / time[-1])
            share = 0.0 if syllable.whispered else 1.0
            start = count(syllable.time)
            place(voiced, (shape * share).astype(np.float32), start)
            place(breathy, (shape * (self.breath if share else 0.6)).astype(np.float32), start)
            self._consonant(bursts, breathy, syllable)
        return voiced, breathy, bursts

    def _consonant(self, bursts: Sound, breathy: Curve, syllable: Syllable) -> None:
        rng = self.rng
        if syllable.consonant == "plosive":
            length, centre = float(rng.uniform(0.008, 0.02)), float(rng.choice([900.0, 2000.0, 4000.0]))
            pop = noise(rng, count(length), lambda hz: band(hz, centre / 2, centre * 2, 1))
            place(
                bursts,
                pop * decay(times(length), length).astype(np.float32),
                count(syllable.time),
                0.2 * syllable.level,
            )
        elif syllable.consonant == "sibilant":
            length, low = float(rng.uniform(0.06, 0.14)), float(rng.uniform(2500, 5500))
            hiss = noise(rng, count(length), lambda hz: band(hz, low, 2.2 * low))
            hiss *= np.hanning(hiss.size).astype(np.float32)
            place(bursts, hiss, count(syllable.time - 0.8 * length), float(rng.uniform(0.06, 0.2)) * syllable.level)
        elif syllable.consonant == "h":
            puff = np.hanning(count(0.08)).astype(np.float32)
            place(breathy, puff, count(syllable.time - 0.06), 0.3 * syllable.level)

    def _voice(self, f0: Curve, formants: Curve, samples: int) -> Sound:
        frames = slice(0, None, _TABLE_HOPS)
        number = int(np.clip(_TOP_HZ / max(float(f0.min()), 60.0), 2, 127))
        n = np.arange(1, number + 1, dtype=np.float32)
        hz = f0[frames, None].astype(np.float32) * n
        gain = (n ** np.float32(self.slope / 6.02)).astype(np.complex64) * (hz < _TOP_HZ)
        for centre, width in zip(formants[frames].T, _WIDTHS, strict=True):
            ratio = hz / centre[:, None]
            gain = gain / (1 - ratio**2 + 1j * ratio * (width / centre[:, None]))
        gain *= ratio_db(hz, self.ring)
        # a singer's level is held by the ear, not by which harmonic a formant happens to meet
        gain /= np.sqrt(np.sum(np.abs(gain) ** 2, axis=1, keepdims=True)) ** 0.8 + 1e-9
        tables = wavetables(gain, max(64, 1 << int(2 * number + 2).bit_length()))
        position = np.arange(samples, dtype=np.float64)
        course = np.interp(position, (np.arange(f0.size) + 0.5) * HOP, f0)
        frame = (position - HOP / 2) / (HOP * _TABLE_HOPS)
        return morph(tables, np.cumsum(course) / RATE, np.clip(frame, 0, None))


def ratio_db(hz: Curve, db: float) -> Curve:
    """Gain of the singer's formant, a cluster of resonances near 3 kHz (Sundberg 1974)."""
    return peak(hz, 2900.0, 0.35, db).astype(np.float32)


def _mouth(formants: Curve) -> Response:
    """What a mouth lets through of a breath, on average."""

    def response(hz: Curve) -> Curve:
        gain = band(hz, 300, 9000, 1)
        for centre in formants[:4]:
            gain = gain * peak(hz, float(centre), 0.25, 8.0)
        return gain

    return response


def _vowels(rng: np.random.Generator) -> tuple[int, int]:
    first = int(rng.integers(len(VOWELS)))
    return first, int(rng.integers(len(VOWELS))) if rng.random() < 0.25 else first


def sing(notes: Iterable[Note], duration: float, seed: int) -> tuple[Sound, Curve]:
    """A singer on these notes, one at a time: mono with a peak of 1, `duration` s, and its f0 as in `Singer.utter`."""
    singer = Singer(seed)
    rng = singer.rng
    line: list[Syllable] = []
    for note in sorted(notes, key=lambda note: (note.time, -note.pitch)):
        if line and note.time - line[-1].time < 0.05:
            continue  # one voice: of a chord it sings the highest note
        whispered = bool(rng.random() < 0.03)
        consonant = CONSONANTS[rng.choice(len(CONSONANTS), p=singer.consonants)]
        fall = float(rng.choice([0.0, -rng.uniform(0.2, 3.0)], p=[0.85, 0.15]))
        level = 0.25 + 0.75 * note.velocity
        line.append(Syllable(note.time, note.duration, note.pitch, fall, level, _vowels(rng), consonant, whispered))
    return singer.utter(line, duration)


def babble(duration: float, seed: int, excited: float = 0.3) -> tuple[Sound, Curve]:
    """Somebody speaks, without words: mono with a peak of 1, and f0 as in `Singer.utter`. `excited` 0..1: livelier."""
    singer = Singer(seed, steady=0.0)
    rng = singer.rng
    base = 69 + 12 * np.log2((75 + 120 * (singer.size - 0.85) * 2) * 2 ** (0.6 * excited) / 440)
    rate, lively = rng.uniform(3.5, 6.5), rng.uniform(1.0, 2.5) * (1 + 2 * excited)
    line: list[Syllable] = []
    time = float(rng.uniform(0.05, 0.4))
    while time < duration:
        phrase = int(rng.integers(3, 14))
        for step in range(phrase):
            length = float(rng.lognormal(np.log(1 / rate), 0.25)) * (1.5 if step == phrase - 1 else 1.0)
            accent = rng.random() < 0.3
            pitch = base + lively * (
                1.5 - 3 * step / phrase + (rng.uniform(0.5, 2.5) if accent else rng.normal(0, 0.5))
            )
            consonant = CONSONANTS[rng.choice(len(CONSONANTS), p=singer.consonants)]
            level = float(rng.uniform(0.5, 0.8) + 0.2 * accent)
            glide = float(rng.normal(-0.5, 0.8) * lively)
            line.append(
                Syllable(time, 0.8 * length, pitch, glide, level, _vowels(rng), consonant, bool(rng.random() < 0.03))
            )
            time += length
        time += float(rng.lognormal(np.log(0.35), 0.6))
    return singer.utter([syllable for syllable in line if syllable.time < duration - 0.05], duration)
