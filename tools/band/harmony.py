"""The players of chords: progressions in a key, bass lines, strummed, picked and held chords, in beats."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random
from typing import NamedTuple

from .form import Section
from .groove import KICKS, Hit
from .styles import Style

DEGREES = {"I": 0, "II": 2, "III": 4, "IV": 5, "V": 7, "VI": 9, "VII": 11}
KINDS: dict[str, tuple[int, ...]] = {
    "maj": (0, 4, 7), "min": (0, 3, 7), "7": (0, 4, 7, 10), "maj7": (0, 4, 7, 11), "min7": (0, 3, 7, 10),
    "hdim": (0, 3, 6, 10), "dim": (0, 3, 6), "sus4": (0, 5, 7), "add9": (0, 2, 4, 7), "5": (0, 7),
}  # fmt: skip
"""Semitones over the root of each kind of chord."""
NUMERAL = re.compile(r"([b#]?)([IViv]+)(maj7|m7|ø7|7|add|sus|°)?$")
MAJOR, MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)


class Chord(NamedTuple):
    """From `position` for `length` beats: `root` 0..11 from C, `kind` of KINDS."""

    position: float
    length: float
    root: int
    kind: str


class Tone(NamedTuple):
    """A note in beats; `delay` s is the strum's or the hand's own lateness."""

    position: float
    length: float
    pitch: int
    velocity: float
    delay: float = 0.0


def is_minor(progression: str) -> bool:
    """Whether the tonic of a progression is a minor chord."""
    roots = [match.group(1) + match.group(2) for token in progression.split() if (match := NUMERAL.match(token))]
    return "i" in roots or ("bVI" in roots and "I" not in roots)


def read(progression: str, key: int, colour: str) -> list[tuple[int, str]]:
    """Roman numerals as (root, kind). Errors: ValueError for a numeral nobody knows."""
    chords = []
    for token in progression.split():
        match = NUMERAL.match(token)
        if match is None:
            raise ValueError(f"no chord: {token}")
        accidental, numeral, suffix = match.groups()
        root = (key + DEGREES[numeral.upper()] + {"b": -1, "#": 1, "": 0}[accidental]) % 12
        small = numeral.islower()
        kind = {
            "maj7": "maj7",
            "m7": "min7",
            "ø7": "hdim",
            "7": "min7" if small else "7",
            "add": "add9",
            "sus": "sus4",
            "°": "dim",
        }.get(suffix or "", "")
        if not kind:
            kind = "min" if small else "maj"
            if colour == "7":
                kind = "min7" if small else "7" if numeral == "V" else "maj7"
        chords.append((root, "5" if colour == "5" else kind))
    return chords


def progress(style: Style, plan: list[Section], key: int, minor: bool, rng: Random) -> list[Chord]:
    """Every chord of a song; a section's name keeps its progression, as verses and choruses do."""
    fitting = [line for line in style.chords if is_minor(line) == minor] or list(style.chords)
    colour = style.colour if rng.random() < 0.7 else ""
    home, rate = rng.choice(fitting), rng.choice(style.bars_per_chord)
    book: dict[str, list[tuple[int, str]]] = {}
    chords: list[Chord] = []
    for section in plan:
        line = book.setdefault(section.name, read(home if rng.random() < 0.5 else rng.choice(fitting), key, colour))
        length = rate * style.metre
        if rate != int(rate) and style.metre == 3:
            length = float(style.metre)
        start, end = section.bar * style.metre, (section.bar + section.bars) * style.metre
        count = max(1, round((end - start) / length))
        for n in range(count):
            root, kind = line[n % len(line)]
            chords.append(Chord(start + n * length, length, root, kind))
    return chords


def chord_at(chords: list[Chord], position: float) -> Chord:
    """The chord that sounds at a position (beats); the first one before the start."""
    low, high = 0, len(chords)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if chords[middle].position <= position + 1e-6 else (low, middle)
    return chords[low]


def _interval(mark: str, kind: str) -> int:
    tones = KINDS[kind]
    third = next((tone for tone in tones if tone in (3, 4, 5)), 7)
    seventh = next((tone for tone in tones if tone in (10, 11)), 10)
    return {"1": 0, "2": 2, "3": third, "4": 5, "5": 6 if "dim" in kind else 7, "6": 9, "7": seventh, "8": 12}[mark]


def _steps(pattern: str, section: Section, metre: int) -> list[tuple[float, str, float]]:
    """(position in beats of the song, mark, length in beats with the holds after it) of a pattern over a section."""
    bars = pattern.split("/")
    found: list[tuple[float, str, float]] = []
    for n in range(section.bars):
        bar = bars[n % len(bars)]
        size = metre / len(bar)
        for step, mark in enumerate(bar):
            if mark == "-" and found:
                position, old, length = found[-1]
                found[-1] = (position, old, length + size)
            elif mark not in ".-":
                found.append(((section.bar + n) * metre + step * size, mark, size))
    return found


def riff(metre: int, rng: Random) -> list[tuple[float, int, float]]:
    """A made-up two-bar riff: (position, semitones over the root, length), pentatonic, its second bar an answer."""
    step = rng.choice((0.5, 0.5, 0.25))
    scale = rng.choice(((0, 3, 5, 7, 10, 12), (0, 0, 3, 5, 6, 7, 10), (0, 2, 3, 7, 8, 10), (0, 0, 0, 1, 5, 7)))
    density = rng.uniform(0.45, 0.85)
    places = [
        n * step
        for n in range(round(metre / step))
        if n == 0 or rng.random() < density * (1 if n * step % 1 == 0 else 0.75)
    ]
    first = [(place, rng.choice(scale) if place else 0) for place in places]
    second = [(place, tone if rng.random() < 0.6 else rng.choice(scale)) for place, tone in first]
    whole = first + [(place + metre, tone) for place, tone in second]
    ends = [place for place, _ in whole[1:]] + [2.0 * metre]
    return [(place, tone, end - place) for (place, tone), end in zip(whole, ends, strict=True)]


def bass(
    style: Style,
    section: Section,
    pattern: str,
    chords: list[Chord],
    drums: list[Hit],
    line: list[tuple[float, int, float]],
    rng: Random,
) -> list[Tone]:
    """One section's bass line, E1 to about G2."""
    metre, low = style.metre, 28
    start, end = float(section.bar * metre), float((section.bar + section.bars) * metre)

    def low_root(position: float) -> int:
        return low + (chord_at(chords, position).root - low) % 12

    if pattern == "walk":
        return _walk(start, end, chords, low_root, rng)
    if pattern == "riff":
        return [Tone(p, n * 0.9, low_root(p) + tone, 0.8) for p, tone, n in _repeated(line, start, end, 2 * metre)]
    if pattern == "kick":
        places = sorted({hit.position for hit in drums if hit.key in KICKS and start <= hit.position < end}) or [
            start + metre * n for n in range(section.bars)
        ]
        ends = [*places[1:], end]
        return [
            Tone(p, min(2.0, n - p) * 0.9, low_root(p) + rng.choice((0, 0, 0, 0, 0, 7, 12)), 0.8)
            for p, n in zip(places, ends, strict=True)
        ]
    tones = []
    for position, mark, length in _steps(pattern, section, metre):
        chord, root = chord_at(chords, position), low_root(position)
        if mark == "g":
            tones.append(Tone(position, 0.08, root, 0.3))
        elif mark == "a":
            tones.append(Tone(position, length * 0.9, low_root(position + 1) + rng.choice((-1, 1, -2)), 0.75))
        else:
            tones.append(
                Tone(
                    position,
                    length * rng.choice((0.95, 0.95, 0.7)),
                    root + _interval(mark, chord.kind),
                    0.8 if position % 1 == 0 else 0.72,
                )
            )
    return tones


def _walk(start: float, end: float, chords: list[Chord], low_root: Callable[[float], int], rng: Random) -> list[Tone]:
    tones: list[Tone] = []
    position, pitch = start, low_root(start)
    while position < end:
        chord = chord_at(chords, position)
        if position <= chord.position + 0.01:
            pitch = low_root(position) + (12 if pitch > 38 and low_root(position) < 33 else 0)
        elif position + 1 >= chord.position + chord.length:
            pitch = low_root(position + 1) + rng.choice((-1, 1, 2, -2, 7))
        else:
            pitch = low_root(position) + rng.choice([*KINDS[chord.kind], 12, 9 if chord.kind != "min" else 10])
        tones.append(Tone(position, 0.92, min(50, max(26, pitch)), rng.uniform(0.7, 0.85)))
        if rng.random() < 0.08:
            tones.append(Tone(position + 0.5, 0.4, min(50, max(26, pitch)), 0.55))
        position += 1
    return tones


def _repeated(
    line: list[tuple[float, int, float]], start: float, end: float, length: float
) -> list[tuple[float, int, float]]:
    turns = int((end - start) // length) + 1
    return [
        (start + turn * length + p, tone, n)
        for turn in range(turns)
        for p, tone, n in line
        if start + turn * length + p < end
    ]


def voicing(chord: Chord, instrument: str, around: float) -> list[int]:
    """The pitches a hand takes: guitars from the low strings up, keys and pads close together near `around`."""
    tones = KINDS[chord.kind]
    if instrument == "guitar":
        root = 40 + (chord.root - 40) % 12
        return (
            [root + tone for tone in (0, 7, 12)]
            if chord.kind == "5"
            else [root, root + 7, *(root + 12 + tone for tone in tones[:4])]
        )
    if chord.kind == "5":
        root = round((around - chord.root) / 12) * 12 + chord.root
        return [root, root + 7]
    centre = around - sum(tones) / len(tones)
    return sorted(round((centre - chord.root - tone) / 12) * 12 + chord.root + tone for tone in tones)


def comp(
    style: Style,
    section: Section,
    instrument: str,
    pattern: str,
    chords: list[Chord],
    line: list[tuple[float, int, float]],
    rng: Random,
) -> list[Tone]:
    """One section of guitar or keys, strums spread over up to 25 ms, some chords an eighth early."""
    metre = style.metre
    start, end = float(section.bar * metre), float((section.bar + section.bars) * metre)
    around = {"guitar": 45.0, "keys": 60.0}.get(instrument, 67.0)
    power = style.colour == "5"
    if pattern == "riff":
        return [
            Tone(p, n * 0.92, 40 + (chord_at(chords, p).root - 40) % 12 + tone + over, 0.8)
            for p, tone, n in _repeated(line, start, end, 2 * metre)
            for over in ((0, 7) if power else (0,))
        ]
    strum = rng.uniform(0.004, 0.02) if instrument == "guitar" and not style.machine else rng.uniform(0, 0.004)
    tones: list[Tone] = []
    for position, mark, length in _steps(pattern, section, metre):
        chord = chord_at(chords, position)
        root = (40 if instrument == "guitar" else 48) + (chord.root - (40 if instrument == "guitar" else 48)) % 12
        loud = (0.82 if position % 1 == 0 else 0.68) * (0.8 + 0.25 * section.energy)
        if mark in "12345678":
            tones.append(Tone(position, max(length, 0.5), root + _interval(mark, chord.kind), loud))
        elif mark == "p":
            tones += [Tone(position, length * 0.45, root + over, loud) for over in ((0, 7) if power else (0,))]
        elif mark == "b":
            tones.append(Tone(position, length, root - (12 if instrument == "keys" else 0), loud))
        else:
            pitches = voicing(chord, instrument, around)
            upward = position % 1 != 0 and instrument == "guitar"
            ordered = pitches[::-1] if upward else pitches
            hold = 0.06 if mark == "m" else length * (0.5 if length < 0.6 and rng.random() < 0.3 else 0.96)
            tones += [
                Tone(position, hold, pitch, loud * (0.6 if mark == "m" else 1.1 if mark == "X" else 1.0), n * strum)
                for n, pitch in enumerate(ordered)
            ]
    return tones


def pad(section: Section, metre: int, chords: list[Chord], rng: Random) -> list[Tone]:
    """Held chords; sometimes stabs or an off-beat pulse instead."""
    start, end = section.bar * metre, (section.bar + section.bars) * metre
    around, manner = rng.choice((58.0, 64.0, 67.0)), rng.choices(("hold", "bars", "pulse"), (0.7, 0.2, 0.1))[0]
    tones: list[Tone] = []
    for chord in chords:
        if not start <= chord.position < end:
            continue
        step = {"hold": chord.length, "bars": min(chord.length, float(metre)), "pulse": 0.5}[manner]
        for n in range(max(1, round(chord.length / step))):
            tones += [
                Tone(
                    chord.position + n * step,
                    step * (0.98 if manner != "pulse" else 0.6),
                    pitch,
                    0.55 + 0.2 * section.energy,
                )
                for pitch in voicing(chord, "pad", around)
            ]
    return tones
