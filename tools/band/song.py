"""The score of a made-up song: what is played when, and what a listener should hear in it.

A Song is the exact truth for tests and training: every hit, note, beat, downbeat, chord and section with its time (s).
It knows nothing of sound; `sampled` and the synthesised band turn it into sound.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Part = Literal["drums", "bass", "guitar", "keys", "pad", "lead", "voice"]
PARTS: tuple[Part, ...] = get_args(Part)

CLASSES: dict[str, frozenset[int]] = {
    "kick": frozenset({35, 36}),
    "snare": frozenset({37, 38, 39, 40}),  # side stick and clap too: they take the snare's place in the bar
    "hat": frozenset({42, 44, 46}),
    "cymbal": frozenset({49, 51, 52, 53, 55, 57, 59}),  # kept apart from the hats, as MDB Drums does
    "tom": frozenset({41, 43, 45, 47, 48, 50}),
}
"""General MIDI drum keys of each class of hit; every other key (shaker, conga, sticks …) is "other"."""


@dataclass(frozen=True, slots=True)
class Note:
    """One note or drum hit. `time` and `duration` s, `pitch` MIDI (drums: the GM drum key), `velocity` 0..1."""

    time: float
    duration: float
    pitch: float
    velocity: float
    part: Part


@dataclass(frozen=True, slots=True, eq=False)
class Song:
    """A made-up song and its ground truth. All times in seconds from the start of the sound, 0..`duration`.

    `beats` [n, 2]: time and position in the bar, 1..`metre`; `bpm` [n]: tempo from that beat to the next.
    `key` 0..11 from C. `chords`: (time, root 0..11, kind), kind one of `harmony.KINDS`. `instruments`: General MIDI
    program 0..127, for drums the kit (0 standard, 8 room, 16 power, 24 electronic, 25 808, 32 jazz, 40 brush).
    """

    seed: int
    style: str
    key: int
    minor: bool
    notes: tuple[Note, ...]
    beats: Floats
    metre: int
    bpm: Floats
    sections: tuple[tuple[float, str], ...]
    chords: tuple[tuple[float, int, str], ...]
    duration: float
    instruments: Mapping[Part, int]


def hits(song: Song) -> dict[str, Floats]:
    """Sorted times (s) of the drum hits by class: those of CLASSES, and "other" (hand percussion, sticks)."""
    drums = [note for note in song.notes if note.part == "drums"]
    times = np.array([note.time for note in drums], dtype=np.float64)
    keys = np.array([round(note.pitch) for note in drums], dtype=np.int64)
    found = {name: np.sort(times[np.isin(keys, sorted(kinds))]) for name, kinds in CLASSES.items()}
    known = sorted(frozenset().union(*CLASSES.values()))
    return {**found, "other": np.sort(times[~np.isin(keys, known)])}


def onsets(song: Song, part: Part) -> Floats:
    """Sorted onset times (s) of one part; the notes of a chord within 30 ms count as one onset."""
    times = np.sort(np.array([note.time for note in song.notes if note.part == part], dtype=np.float64))
    if not len(times):
        return times
    kept = [times[0]]
    for time in times[1:]:
        if time - kept[-1] > 0.03:
            kept.append(time)
    return np.array(kept)
