"""The singer and the soloist: melodies in phrases, that repeat, answer, rest and end on a chord's tone, in beats."""

from __future__ import annotations

from random import Random

from .form import Section
from .harmony import KINDS, MAJOR, MINOR, Chord, Tone, chord_at

PHRASES = ("AABA", "ABAB", "AABC", "ABAC", "AAAB", "ABCB")
PENTA_MAJOR, PENTA_MINOR, BLUES = (0, 2, 4, 7, 9), (0, 3, 5, 7, 10), (0, 3, 5, 6, 7, 10)
Motif = list[tuple[float, float, int]]
"""Position and length in beats from the phrase's start, and the step of the scale over the phrase's first note."""


def scale(key: int, minor: bool, rng: Random) -> tuple[int, ...]:
    """Pitch classes a melody is made of."""
    kinds = (
        (MINOR, MINOR, PENTA_MINOR, PENTA_MINOR, BLUES)
        if minor
        else (MAJOR, MAJOR, PENTA_MAJOR, PENTA_MAJOR, MAJOR, PENTA_MINOR)
    )
    return tuple((key + tone) % 12 for tone in kinds[rng.randrange(len(kinds))])


def motif(length: float, busy: float, ternary: bool, bpm: float, rng: Random) -> Motif:
    """A rhythm with rests and a contour. Fuller and more syncopated the busier (0..1); may begin before its bar."""
    fine = (0.1 + busy * 0.6) * (1.8 if bpm < 85 else 1.0 if bpm < 118 else 0.25 if bpm < 145 else 0.0)
    step = 1 / 3 if ternary else rng.choices((0.5, 0.25, 1.0), (1.2 - busy, fine, 0.02 if bpm < 130 else 0.2))[0]
    end = length * rng.uniform(0.55, 1.0)
    start = rng.choices((0.0, -0.5, -1.0, 0.5, 1.0), (5, 1.5 + busy, 1, 2 * busy, 1))[0]
    if ternary:
        start = rng.choice((0.0, 0.0, -1 / 3))
    places = []
    for n in range(round(start / step), round(end / step)):
        beat = n * step
        chance = 0.74 if beat % 1 == 0 else 0.62 if abs(beat % 1 - 0.5) < 0.01 else 0.45
        if rng.random() < chance * (0.6 + 0.7 * busy):
            places.append(beat)
    places = places or [max(0.0, start)]
    shape, notes, held = 0, [], rng.uniform(0.75, 1.0)
    for n, place in enumerate(places):
        following = places[n + 1] if n + 1 < len(places) else min(length, place + rng.choice((1.0, 1.5, 2.0)))
        notes.append((place, min(following - place, 3.0) * held, shape))
        shape += rng.choices((0, 1, -1, 2, -2, 3, -3, 5, -4), (3, 4, 4, 1.7, 1.7, 0.6, 0.5, 0.25, 0.2))[0]
    return notes


def sing(
    section: Section,
    metre: int,
    chords: list[Chord],
    tones: tuple[int, ...],
    busy: float,
    centre: int,
    bpm: float,
    rng: Random,
) -> list[Tone]:
    """A section's melody around `centre` (MIDI), from three motifs in an order such as AABA."""
    bars_per_phrase = min(section.bars, 4 if bpm > 140 and metre > 2 else 2)
    length = float(metre * bars_per_phrase)
    ternary = metre == 2
    motifs = {name: motif(length, busy, ternary, bpm, rng) for name in "ABC"}
    order = rng.choice(PHRASES)
    ladder = [pitch for pitch in range(centre - 10, centre + 12) if pitch % 12 in tones]
    middle = len(ladder) // 2
    begin = {name: middle + rng.randrange(-2, 3) for name in "ABC"}
    loud, sung = rng.uniform(0.65, 0.9), []
    for n in range(max(1, section.bars // bars_per_phrase)):
        name = order[n % 4]
        if n and rng.random() < 0.06:
            continue
        start = (section.bar + n * bars_per_phrase) * metre
        for k, (place, hold, shape) in enumerate(motifs[name]):
            position = start + place
            if position < 0 or rng.random() < 0.04:
                continue
            rung = begin[name] + shape
            span = len(ladder) - 1
            rung = abs(rung) if rung < 0 else rung
            rung = 2 * span - rung if rung > span else rung
            pitch = ladder[max(0, min(span, rung))]
            if place % 1 == 0 or k == len(motifs[name]) - 1:
                pitch = _nearest(pitch, chord_at(chords, position))
            sung.append(
                Tone(position, hold, pitch, min(1.0, loud + (0.08 if place % 1 == 0 else 0.0) + rng.gauss(0, 0.05)))
            )
    return sung


def _nearest(pitch: int, chord: Chord) -> int:
    """The chord's tone nearest to a pitch."""
    classes = [(chord.root + tone) % 12 for tone in KINDS[chord.kind]]
    return min(
        (pitch + step for step in (0, -1, 1, -2, 2, -3, 3) if (pitch + step) % 12 in classes),
        default=pitch,
        key=lambda found: abs(found - pitch),
    )
