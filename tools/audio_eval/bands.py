"""The project's own synthesised band as clips: NAME.wav with NAME.json beside it, as tools/synth_band writes them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .choice import Songs, wanted
from .clips import Clip, Floats, Part, Truth

_CROWD_SHARE = 0.7
"""A second is the crowd's when so much of its power is; below 0.02 it is the music's, the rest is not judged."""
_MUSIC_SHARE = 0.02


def read_bands(folder: Path, songs: Songs, folders: Sequence[Path]) -> Iterator[Clip]:
    """Every song of the folder, scored in all the band knows: all songs are for development."""
    for path in sorted(folder.glob("*.wav")):
        listed = path.with_suffix(".json")
        if not listed.is_file() or not wanted(path.stem, songs):
            continue
        told = json.loads(listed.read_text())
        if isinstance(told, dict) and {"beats", "onsets", "sections"} <= told.keys():
            yield Clip(path.stem, "synthesised band", (Part(path),), _truth(told))
            yield from _stems(path.with_suffix(""), told)


def _stems(folder: Path, told: dict[str, Any]) -> Iterator[Clip]:
    """The parts by themselves, where they were written: drums or notes, and the voice's f0."""
    for path in sorted(folder.glob("*.wav")):
        role, name = path.stem, f"{folder.name} {path.stem}"
        if role in ("reverb", "crowd"):
            continue
        kind = "drum" if role == "drums" else "melodic"
        yield Clip(name, "synthesised parts", (Part(path),), {"hit": kind, "role": role})
        if role == "voice":
            hz = np.array(told["f0"], np.float64)
            times = np.arange(len(hz)) * float(told["hop_s"])
            yield Clip(name, "synthesised voice", (Part(path),), {"f0": (times, hz)})


def _truth(told: dict[str, Any]) -> Truth:
    truth: Truth = {name: np.array(told[name], np.float64) for name in ("kick", "snare", "hat", "downbeats")}
    truth["onsets"] = np.array([onset["t"] for onset in told["onsets"]], np.float64)
    truth["beats"] = np.array([time for time, _ in told["beats"]], np.float64)
    truth["section"] = np.array([time for time, _ in told["sections"][1:]], np.float64)
    truth["drop"] = np.array(told["drops"], np.float64).reshape(-1)
    truth["tempo_changes"] = _tempo_changes(truth["beats"], np.array(told["bpm"], np.float64))
    truth["key"] = (int(told["key"]), bool(told["minor"]))
    truth["crowd"] = _crowd(np.array(told["crowd"], np.float64), float(told["step_s"]))
    return truth


def _tempo_changes(beats: Floats, bpm: Floats) -> Floats:
    """Where the tempo leaps by more than 4 %; what drifts is followed, not found again."""
    leaps = np.abs(np.diff(bpm)) > 0.04 * bpm[:-1]
    return np.asarray(beats[1 : len(bpm)][leaps], np.float64)


def _crowd(share: Floats, step: float) -> Floats:
    """From the crowd's share of the power in each step: that of each whole second, NaN for seconds not judged."""
    per_second = round(1.0 / step)
    seconds = share[: len(share) // per_second * per_second].reshape(-1, per_second)
    low, high = seconds.min(axis=1, initial=1.0), seconds.max(axis=1, initial=0.0)
    return np.where(low > _CROWD_SHARE, 1.0, np.where(high < _MUSIC_SHARE, 0.0, np.nan))
