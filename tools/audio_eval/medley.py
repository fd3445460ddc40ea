"""MDB Drums (drum onsets, beats) and MedleyDB's f0, read as clips: Southall et al. 2017, Bittner et al. 2014.

Tracks and stems share their numbers: RAW_04_01 is what STEM_04 was made of (the metadata says so, and
the two lie within 3 ms of each other). Of 13 songs the raw mono tracks are there, of four of them the stems and
the released mix too. The mix of the others is the sum of the raw tracks at the levels mixes have:

    a role (drums, bass, guitar, voice) as a whole has the median level it has in the songs with stems,
    and its tracks share that power equally.

A level is the mean square of the 50 ms frames above -50 dBFS, so that rests do not count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from ruamel.yaml import YAML

from .clips import Clip, Floats, Part, Truth, read

DEVELOPMENT = ("80sRock", "Beatles", "Britpop", "Country1", "Grunge", "Hendrix", "Punk")
"""The first seven songs with audio, by name; the six others are for acceptance."""

CLASSES = {"KD": "kick", "SD": "snare", "HH": "hat"}
MERGE_S = 0.030
"""Strokes closer than this are one onset."""

_FLOOR = 10.0 ** (-50.0 / 10.0)
_F0_STEP_S = 256 / 44_100  # MedleyDB's grid; its files leave the unvoiced frames out


class Stem(NamedTuple):
    """One track of a song: its number, what plays (drums, bass, guitar, voice, other) and its raw file."""

    number: int
    role: str
    raw: Path


def find_mdb(folder: Path) -> Path | None:
    """The folder that holds `annotations/class` and `audio`, in `folder` or one below."""
    there = (f for f in (folder, *sorted(folder.glob("*"))) if (f / "annotations/class").is_dir())
    return next(there, None)


def find_f0(folders: Sequence[Path]) -> Path | None:
    """The folder of MedleyDB's f0 annotations, in one of `folders`."""
    found = (f for folder in folders for f in sorted(folder.glob("**/Annotations/Pitch")))
    return next(found, None)


def songs_of(root: Path) -> list[str]:
    """Names of the songs whose raw tracks are there, such as `Beatles`."""
    tracks = sorted((root / "audio/multi-tracks").glob("MusicDelta_*/MusicDelta_*_RAW"))
    return [t.parent.name.removeprefix("MusicDelta_") for t in tracks if any(t.glob("*.wav"))]


def read_song(root: Path, song: str, f0: Path | None) -> Iterator[Clip]:
    """The clips of one song: solo drums, the mix, each raw track, and the tracks with f0."""
    hits = _hits(root / f"annotations/class/MusicDelta_{song}_class.txt")
    drums = root / f"audio/drum_only/MusicDelta_{song}_Drum.wav"
    yield Clip(song, "MDB solo drums", (Part(drums),), hits)
    named = {name: hits[name] for name in CLASSES.values()}
    beats = _beats(root / f"annotations/beats/MusicDelta_{song}_MIX.beats")
    yield Clip(song, "MDB band mix", _mix(root, song), {**named, **beats})
    for stem in stems_of(root, song):
        name = f"{song} {stem.number:02d} {stem.role}"
        yield Clip(
            name,
            "MDB tracks",
            (Part(stem.raw),),
            {"hit": "drum" if stem.role == "drums" else "melodic", "role": stem.role},
        )
        curve = f0 / f"MusicDelta_{song}_STEM_{stem.number:02d}.csv" if f0 else None
        if curve and curve.is_file() and stem.role in ("voice", "guitar"):
            truth = {"f0": _f0(curve, len(read(stem.raw)[0]) / 44_100)}
            yield Clip(name, f"MedleyDB {stem.role}", (Part(stem.raw),), truth)


def stems_of(root: Path, song: str) -> list[Stem]:
    """The tracks of a song whose raw file is there, by number."""
    folder = root / f"audio/multi-tracks/MusicDelta_{song}"
    described: dict[str, Any] = YAML(typ="safe").load(folder / f"MusicDelta_{song}_METADATA.yaml")["stems"]
    stems = []
    for key, stem in sorted(described.items()):
        for raw in stem["raw"].values():
            path = folder / f"MusicDelta_{song}_RAW" / raw["filename"]
            if path.is_file():
                stems.append(Stem(int(key[1:]), _role(stem["instrument"]), path))
    return stems


def _role(instrument: str) -> str:
    words = {"drum": "drums", "bass": "bass", "guitar": "guitar", "singer": "voice", "vocal": "voice"}
    return next((role for word, role in words.items() if word in instrument), "other")


# ---- mixing -------------------------------------------------------------------------------------


def _mix(root: Path, song: str) -> tuple[Part, ...]:
    released = root / f"audio/full_mix/MusicDelta_{song}_MIX.wav"
    if released.is_file():
        return (Part(released),)
    stems, levels = stems_of(root, song), mix_levels(root)
    roles = [stem.role for stem in stems]
    usual = float(np.median(list(levels.values()))) if levels else 0.01
    shares = [levels.get(role, usual) / roles.count(role) for role in roles]
    powers = [_power(stem.raw) for stem in stems]
    return tuple(
        Part(s.raw, float(np.sqrt(share / power))) for s, share, power in zip(stems, shares, powers, strict=True)
    )


@cache
def mix_levels(root: Path) -> dict[str, float]:
    """Power of each role in a mix: the median over the songs whose stems are there."""
    songs: dict[str, list[float]] = {}
    for song in songs_of(root):
        folder = root / f"audio/multi-tracks/MusicDelta_{song}/MusicDelta_{song}_STEMS"
        total: dict[str, float] = {}
        for stem in stems_of(root, song) if folder.is_dir() else ():
            path = folder / f"MusicDelta_{song}_STEM_{stem.number:02d}.wav"
            if path.is_file():
                total[stem.role] = total.get(stem.role, 0.0) + _power(path)
        for role, power in total.items():
            songs.setdefault(role, []).append(power)
    return {role: float(np.median(powers)) for role, powers in songs.items()}


def _power(path: Path) -> float:
    mono, rate = read(path)
    frame = rate // 20
    powers = np.square(mono[: len(mono) // frame * frame].astype(np.float64)).reshape(-1, frame).mean(axis=1)
    heard = powers[powers > _FLOOR]
    return float(heard.mean()) if len(heard) else 1.0


# ---- annotations --------------------------------------------------------------------------------


def _hits(path: Path) -> Truth:
    rows = [line.split() for line in path.read_text().splitlines() if line.strip()]
    truth: Truth = {
        name: np.array(sorted(float(time) for time, kind in rows if kind == short)) for short, name in CLASSES.items()
    }
    truth["onsets"] = merged(np.array(sorted(float(time) for time, _ in rows)))
    return truth


def merged(times: Floats) -> Floats:
    """The first of each group of times that follow within 30 ms of the group's first."""
    kept: list[float] = []
    for time in times:
        if not kept or time - kept[-1] > MERGE_S:
            kept.append(float(time))
    return np.array(kept)


def _beats(path: Path) -> Truth:
    rows = np.loadtxt(path, ndmin=2)
    return {"beats": rows[:, 0], "downbeats": rows[rows[:, 1] == 1, 0]}


def _f0(path: Path, duration: float) -> tuple[Floats, Floats]:
    """Times and Hz on the annotation's own grid over the whole track, 0 where nothing was annotated."""
    rows = np.loadtxt(path, delimiter=",", ndmin=2, usecols=(0, 1))
    times: Floats = np.arange(int(duration / _F0_STEP_S), dtype=np.float64) * _F0_STEP_S
    hz = np.zeros(len(times))
    places = np.rint(rows[:, 0] / _F0_STEP_S).astype(int)
    inside = places < len(hz)
    hz[places[inside]] = rows[inside, 1]
    return times, hz
