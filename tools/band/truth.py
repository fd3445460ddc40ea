"""What a listener should hear in a recording of the synthesised band, exactly: the truth for every signal of the ears.

Times in seconds. Curves have one value a step: `hop_s` of 256 samples for what changes fast, `step_s` for the rest.
Loud enough to be heard is not judged: a soft note under a loud drum is in the lists too. Pads rise slowly and begin
nowhere in particular: they are in `notes` and `chroma`, not in `onsets`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .mix import Recording, level
from .song import Song, hits
from .sound import HOP, RATE, Curve, Sound

MERGED = 0.03
"""Notes of so many seconds are one onset, as annotators of drums take it."""
STEP = 0.1
AWAY = 2.0
"""Drums and bass are away for so many seconds in a breakdown."""
NOT_MUSIC = ("crowd", "reverb")


def truth(recording: Recording) -> dict[str, Any]:
    """The truth as lists and numbers that JSON can hold; README of the format: `tools/synth_band --help`."""
    song = recording.song
    struck = hits(song)
    stems = recording.stems
    share = _share(stems, ("crowd",), tuple(stems))
    return {
        "seed": song.seed,
        "style": song.style,
        "duration": song.duration,
        "onsets": onsets(song),
        **{name: _rounded(struck[name]) for name in ("kick", "snare", "hat", "cymbal", "tom", "other")},
        "notes": [
            [round(note.time, 5), round(note.duration, 4), round(note.pitch, 3), round(note.velocity, 3), note.part]
            for note in song.notes
        ],
        "beats": [[round(float(time), 5), int(place)] for time, place in song.beats],
        "downbeats": _rounded(song.beats[song.beats[:, 1] == 1, 0]),
        "metre": song.metre,
        "bpm": [round(float(bpm), 3) for bpm in song.bpm],
        "key": song.key,
        "minor": song.minor,
        "chords": [[round(time, 5), root, kind] for time, root, kind in song.chords],
        "sections": [[round(time, 5), name] for time, name in song.sections],
        "drops": drops(song),
        "builds": [[round(start, 5), round(end, 5)] for start, end in spans(song, "build")],
        "breakdowns": [[round(start, 5), round(end, 5)] for start, end in breakdowns(song)],
        "hop_s": HOP / RATE,
        "f0": np.round(recording.f0.astype(np.float64), 2).tolist(),
        "voice": (_powers(stems["voice"]) > (0.03 * level(stems["voice"])) ** 2).astype(int).tolist()
        if "voice" in stems
        else [],
        "step_s": STEP,
        "chroma": np.round(chroma(song), 3).tolist(),
        "level_db": np.round(_decibels(recording.sound), 1).tolist(),
        "drums": _share(stems, ("drums",), tuple(name for name in stems if name not in NOT_MUSIC)),
        "crowd": share,
        "silence": (_decibels(recording.sound) < -60).astype(int).tolist(),
        "clip": _rounded(np.unique(np.flatnonzero(np.abs(recording.sound) >= 0.9999) // (RATE // 100)) / 100),
        "hum_db": None if np.isinf(recording.hum_db) else round(recording.hum_db, 1),
    }


def onsets(song: Song) -> list[dict[str, Any]]:
    """Every attack, those within MERGED s as one: `t`, `hit` drum, melodic or both, `strength` of the strongest."""
    found: list[dict[str, Any]] = []
    for note in sorted(song.notes, key=lambda note: note.time):
        if note.part == "pad":
            continue
        hit = "drum" if note.part == "drums" else "melodic"
        if found and note.time - found[-1]["t"] <= MERGED:
            last = found[-1]
            last["hit"] = hit if last["hit"] == hit else "both"
            last["strength"] = max(last["strength"], round(note.velocity, 3))
        else:
            found.append({"t": round(note.time, 5), "hit": hit, "strength": round(note.velocity, 3)})
    return found


def spans(song: Song, name: str) -> list[tuple[float, float]]:
    """The sections of this name, from and to."""
    starts = [time for time, _ in song.sections]
    ends = [*starts[1:], song.duration]
    return [(time, end) for (time, this), end in zip(song.sections, ends, strict=True) if this == name]


def drops(song: Song) -> list[float]:
    """Where a drop begins, or a chorus right after a build."""
    names = [name for _, name in song.sections]
    return [
        round(time, 5)
        for at, (time, name) in enumerate(song.sections)
        if at and (name == "drop" or (name == "chorus" and names[at - 1] == "build"))
    ]


def breakdowns(song: Song) -> list[tuple[float, float]]:
    """Where drums and bass are both away for AWAY s while somebody else plays; none in songs that have neither."""
    low = [(note.time, note.time + note.duration) for note in song.notes if note.part in ("drums", "bass")]
    if not low:
        return []
    edges = [(0.0, 0.0), *sorted(low), (song.duration, song.duration)]
    found, reached = [], 0.0
    for start, end in edges:
        others = any(reached <= note.time < start for note in song.notes)
        if start - reached >= AWAY and others:
            found.append((reached, start))
        reached = max(reached, end)
    return found


def chroma(song: Song) -> Curve:
    """How strongly each pitch class is played [steps, 12], 0..1 of the strongest of its moment."""
    steps = round(song.duration / STEP)
    found = np.zeros((steps, 12))
    for note in song.notes:
        if note.part != "drums":
            first, last = int(note.time / STEP), int((note.time + note.duration) / STEP) + 1
            found[first:last, round(note.pitch) % 12] += note.velocity**2
    strongest = found.max(axis=1, keepdims=True)
    return np.asarray(found / np.where(strongest > 0, strongest, 1.0))


def _powers(sound: Sound, width: int = HOP) -> Curve:
    rows = -(-sound.size // width)
    padded = np.zeros(rows * width, np.float32)
    padded[: sound.size] = sound**2
    return np.asarray(padded.reshape(rows, width).mean(axis=1))


def _decibels(sound: Sound) -> Curve:
    return np.asarray(10 * np.log10(_powers(sound, round(STEP * RATE)).astype(np.float64) + 1e-12))


def _share(stems: dict[str, Sound], some: tuple[str, ...], whole: tuple[str, ...]) -> list[float]:
    """The share that some stems have in the power of the whole, every STEP seconds; 0 where nothing sounds."""
    width = round(STEP * RATE)
    nothing = np.zeros(1)
    part = sum((_powers(stems[name], width).astype(np.float64) for name in some if name in stems), nothing)
    total = sum((_powers(stems[name], width).astype(np.float64) for name in whole), nothing)
    return np.round(part / np.maximum(total, 1e-12), 3).tolist()  # type: ignore[no-any-return]


def _rounded(values: Curve) -> list[float]:
    return np.round(values, 5).tolist()  # type: ignore[no-any-return]
