"""Compose a song from a seed: the band is called together, the sections planned, everybody plays, hands are human.

The same seed, style and length give the same song on every machine. What the sound is like is not known here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np

from . import form, groove, harmony
from .form import Clock
from .groove import Hit
from .harmony import Tone
from .players import Ensemble
from .song import PARTS, Note, Part, Song
from .styles import CHOIR, STYLES, Style

DEFAULT_PROGRAMS: dict[Part, tuple[int, ...]] = {
    "bass": (33, 34, 32, 35, 38),
    "guitar": (25, 27, 29, 24),
    "keys": (0, 4, 16, 1),
    "pad": (48, 89, 50, 52),
    "lead": (65, 56, 73, 81, 29, 11),
    "voice": CHOIR,
}
ANY_PROGRAM: dict[Part, tuple[int, ...]] = {
    "bass": (*range(32, 40), 43, 58, 87),
    "guitar": (*range(24, 31), 15, 104, 105, 106),
    "keys": (*range(13), *range(16, 22), 46, 62, 81, 88),
    "pad": (*range(48, 55), 61, *range(88, 96), 19, 20),
    "lead": (
        *range(6),
        11,
        12,
        13,
        *range(21, 31),
        40,
        41,
        42,
        *range(56, 60),
        *range(64, 75),
        75,
        78,
        *range(80, 86),
        104,
        108,
        110,
        114,
    ),
    "voice": (52, 53, 54, 85, 91),
}
LATEST = 0.015
"""The widest standard deviation of a hand's timing, s."""
FARTHEST = 2.2
"""No slip is larger than this many standard deviations: that would be a wrong note, not a human one."""


class Hands:
    """Human timing and touch: every part has its own habit of being early or late, and its own spread."""

    def __init__(self, style: Style, rng: Random) -> None:
        tight = rng.uniform(0.0, 0.0015) if style.machine else rng.uniform(0.002, 0.011)
        self._rng = rng
        live: dict[Part, float] = {part: 0.0 if style.machine else rng.uniform(-0.008, 0.014) for part in PARTS}
        self._late = {**live, "drums": 0.0}
        self._spread = {part: min(LATEST, tight * rng.uniform(0.8, 1.6)) for part in PARTS}
        if not style.machine or rng.random() < 0.5:  # a singer is never sequenced
            self._spread["voice"], self._late["voice"] = rng.uniform(0.006, LATEST), rng.uniform(-0.005, 0.02)
        swing = 0.0 if style.machine else 0.006
        self._limbs = {
            "kick": rng.uniform(-swing, swing),
            "snare": rng.uniform(-swing, 1.6 * swing),
            "top": rng.uniform(-swing, swing),
        }
        self._touch = 0.02 if style.machine and rng.random() < 0.6 else rng.uniform(0.03, 0.1)

    def place(self, time: float, part: Part, key: int = 0) -> float:
        """A note's time (s) as played."""
        late = self._late[part]
        if part == "drums":
            late = self._limbs["kick" if key in groove.KICKS else "snare" if key in groove.SNARES else "top"]
        spread = self._spread[part]
        slip = min(FARTHEST * spread, max(-FARTHEST * spread, self._rng.gauss(0, spread)))
        return time + late + slip

    def press(self, velocity: float) -> float:
        """A velocity as played, 0.05..1."""
        return min(1.0, max(0.05, velocity + self._rng.gauss(0, self._touch)))


def pick_style(seed: int) -> Style:
    """A style drawn by the table's weights."""
    styles = list(STYLES.values())
    return Random(f"{seed}/style").choices(styles, [style.weight for style in styles])[0]


def compose(seed: int, style: str | None = None, seconds: float = 40.0, bpm: float | None = None) -> Song:
    """A song of `seconds`. Errors: KeyError for a style nobody knows. `bpm` overrides the style's range (55..210)."""
    table = STYLES[style] if style is not None else pick_style(seed)
    rng = Random(f"{seed}/{table.name}/form")
    tempo = bpm or _tempo(table, rng)
    band = _band(table, rng)
    plan = form.sections(table, band, tempo, seconds + 4, rng)
    clock = form.clock(table, tempo, plan, rng)
    minor = rng.random() < table.minor
    line = [harmony.is_minor(chords) for chords in table.chords]
    minor = minor if minor in line else line[0]
    key = rng.randrange(12)
    chords = harmony.progress(table, plan, key, minor, Random(f"{seed}/harmony"))
    programs: dict[Part, int] = {part: _program(table, part, rng) for part in PARTS if part in band}
    ensemble = Ensemble(seed, table, plan, chords, key, minor, tempo, programs)
    played = ensemble.play()
    hands = Hands(table, Random(f"{seed}/hands"))
    notes = _notes(played, clock, hands)
    late = 0.0 if plan[0].name in ("intro", "count") else rng.uniform(0.0, table.metre * 60 / tempo)
    lead_in = rng.choice((0.0, 0.02, rng.uniform(0.05, 0.6), rng.uniform(0.3, 2.0))) if not late else 0.0
    whole = Song(
        seed=seed,
        style=table.name,
        key=key,
        minor=minor,
        notes=tuple(notes),
        beats=np.stack([clock.times[:-1], np.arange(len(clock.bpm)) % table.metre + 1.0], axis=1),
        metre=table.metre,
        bpm=clock.bpm,
        sections=tuple((float(clock.times[section.bar * table.metre]), section.name) for section in plan),
        chords=tuple((clock.at(chord.position), chord.root, chord.kind) for chord in chords),
        duration=seconds,
        instruments=programs,
    )
    return _cut(whole, lead_in - late)


def _tempo(style: Style, rng: Random) -> float:
    low, high = style.bpm
    bpm = rng.uniform(low, high)
    return float(round(bpm)) if style.machine and rng.random() < 0.8 else bpm


def _band(style: Style, rng: Random) -> frozenset[Part]:
    band: set[Part] = set() if style.form == "free" else {"drums"}
    if style.bass and style.form != "solo" and rng.random() < style.parts.get("bass", 0.97):
        band.add("bass")
    for part in PARTS[2:]:
        if rng.random() < style.parts.get(part, 0.0):
            band.add(part)
    return frozenset(band)


def _program(style: Style, part: Part, rng: Random) -> int:
    if part == "drums":
        return rng.choice(style.kits)
    if rng.random() < 0.1:  # now and then an instrument the style does not expect
        return rng.choice(ANY_PROGRAM[part])
    return rng.choice(style.programs.get(part) or DEFAULT_PROGRAMS[part])


def _notes(played: dict[Part, list[Hit] | list[Tone]], clock: Clock, hands: Hands) -> list[Note]:
    notes: list[Note] = []
    for part in PARTS:
        for event in played.get(part, []):
            velocity = hands.press(event.velocity)
            if isinstance(event, Hit):
                notes.append(
                    Note(hands.place(clock.at(event.position), part, event.key), 0.1, float(event.key), velocity, part)
                )
            else:
                start, end = clock.at(event.position), clock.at(event.position + event.length)
                notes.append(
                    Note(
                        hands.place(start, part) + event.delay,
                        max(0.03, end - start),
                        float(event.pitch),
                        velocity,
                        part,
                    )
                )
    return notes


def _cut(song: Song, shift: float) -> Song:
    """The song as heard from `shift` s on: what begins outside it is left out, what lasts longer ends with it."""
    end = song.duration
    notes = [
        Note(note.time + shift, min(note.duration, end - note.time - shift), note.pitch, note.velocity, note.part)
        for note in song.notes
        if 0 <= note.time + shift < end - 0.02
    ]
    times = song.beats[:, 0] + shift
    heard = (times >= 0) & (times < end)
    return replace(
        song,
        notes=tuple(sorted(notes, key=lambda note: (note.time, note.part, note.pitch))),
        beats=np.stack([times[heard], song.beats[heard, 1]], axis=1),
        bpm=song.bpm[heard],
        sections=tuple((time, name) for time, name in _spans(song.sections, shift, end)),
        chords=tuple((time, root, kind) for time, root, kind in _spans(song.chords, shift, end)),
    )


def _spans(spans: tuple[tuple[Any, ...], ...], shift: float, end: float) -> Iterator[tuple[Any, ...]]:
    """The spans, each (start, …) until the next one's start, that are heard between 0 and `end`."""
    for n, (start, *what) in enumerate(spans):
        over = spans[n + 1][0] + shift if n + 1 < len(spans) else end
        if over > 0.0 and start + shift < end:
            yield (max(0.0, start + shift), *what)
