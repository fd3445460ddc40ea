"""The lines of an analysis that nobody made: a song of known form, as perfect ears would tell it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

BEAT_S = 0.5
SCALE = (57, 60, 62, 64, 67, 69)


def song(seconds: float) -> Iterator[dict[str, Any]]:
    """120 BPM in A minor: an intro, drums from one sixth on, a breakdown, a build, a drop at two thirds."""
    for hop in range(int(100 * seconds)):
        t = hop / 100.0
        yield from _events(t, seconds)
        yield {"type": "hop", "t": t, "emit": t + 0.01, "signals": _signals(t, seconds)}


def _part(t: float, seconds: float) -> str:
    share = t / seconds
    for end, name in ((1 / 6, "intro"), (0.45, "groove"), (2 / 3, "build"), (0.95, "drop")):
        if share < end:
            return name
    return "applause"


def _signals(t: float, seconds: float) -> dict[str, float]:
    part = _part(t, seconds)
    drums = part in ("groove", "drop")
    hit = float(np.exp(-(t % BEAT_S) / 0.1))
    late = float(np.exp(-((t + BEAT_S / 2) % BEAT_S) / 0.05))
    rise = (t / seconds - 0.45) / (2 / 3 - 0.45) if part == "build" else 0.0
    music = part != "applause"
    loud = {"intro": 0.25, "groove": 0.6, "build": 0.3 + 0.3 * rise, "drop": 0.9, "applause": 0.3}[part]
    return {
        "peak": loud * (0.4 + 0.6 * hit if drums else 0.5),
        "rms": 0.4 * loud * (0.4 + 0.6 * hit if drums else 0.5),
        "sub": hit * drums,
        "bass": (0.3 + 0.7 * hit) * drums,
        "lowmid": 0.4 * music,
        "mid": 0.3 + 0.4 * rise,
        "high": 0.2 + 0.6 * rise + 0.4 * late * drums,
        "air": late * drums + rise * 0.5,
        "pitch": 440.0 * 2 ** ((SCALE[int(t / BEAT_S) % 6] + 0.2 * np.sin(40 * t) - 69) / 12),
        "pitch.confidence": 0.9 if music and t % BEAT_S < 0.4 else 0.1,
        "bpm": 120.0 + 4.0 * np.exp(-t / 2.0),
        "tempo.confidence": 1.0 - float(np.exp(-t / 3.0)) if music else 0.5,
        "energy": loud,
        "build": rise,
        "breakdown": float(part == "build"),
        "drums": 0.8 * drums,
        "instruments": 0.5 * music,
        "voice": 0.7 * (part == "groove"),
        "crowd": 0.9 * (not music),
        "key": 9.0,
        "key.minor": 1.0,
        "key.confidence": 0.8,
    }


def _events(t: float, seconds: float) -> Iterator[dict[str, Any]]:
    part, before = _part(t, seconds), _part(max(0.0, t - 0.01), seconds)
    sixteenth = round(t / (BEAT_S / 4))
    names = [{"build": "breakdown", "drop": "drop"}.get(part, "section")] if part != before else []
    if abs(t - sixteenth * BEAT_S / 4) < 0.005 and part != "applause":
        beat = sixteenth // 4
        names += ["onset"] if sixteenth % 2 == 0 else []
        if sixteenth % 4 == 0:
            names += ["beat", "note.on", "hit.melodic", *(["downbeat"] if beat % 4 == 0 else [])]
            names += ["phrase"] if beat % 32 == 0 else []
        if part in ("groove", "drop"):
            names += ["kick"] if sixteenth % 4 == 0 else ["hat"] if sixteenth % 2 == 0 else []
            names += ["snare"] if sixteenth % 8 == 4 else []
    for name in names:
        strength = 0.6 + 0.4 * (sixteenth % 16 == 0)
        yield {"type": name, "t": t, "emit": t + 0.01, "strength": strength, "confidence": strength}
