"""The plainest music there is: metronomes, sine kicks, bursts of noise. What a technician plays to a new system.

Ears that know only real instruments would not understand it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tools.band.song import Note, Song
from visuals.types import SAMPLE_RATE_HZ, Float32s

_KICK, _SNARE, _HAT, _BLOCK = 36, 38, 42, 76
_LONGEST_S = 0.4


def plain(song: Song, rng: np.random.Generator) -> tuple[Song, Float32s]:
    """The song's beats as clicks or as the simplest pattern, and its sound, which goes for the drums."""
    notes = _clicks(song, rng) if rng.random() < 0.4 else _pattern(song, rng)
    out = np.zeros(int((song.duration + _LONGEST_S) * SAMPLE_RATE_HZ), np.float32)
    strokes = {key: _stroke(int(key[0]), rng) for key in sorted({(n.pitch, n.velocity) for n in notes})}
    for note in notes:
        sound, first = strokes[note.pitch, note.velocity], int(note.time * SAMPLE_RATE_HZ)
        out[first : first + len(sound)] += np.float32(note.velocity) * sound
    return replace(song, notes=tuple(notes)), out[: int(song.duration * SAMPLE_RATE_HZ)]


def _clicks(song: Song, rng: np.random.Generator) -> list[Note]:
    """One on every beat, the first of the bar louder or not."""
    accent = rng.random() < 0.6
    loud = {time: 1.0 if position == 1 or not accent else 0.6 for time, position in song.beats.tolist()}
    return [Note(time, 0.1, _BLOCK, velocity, "drums") for time, velocity in loud.items() if time < song.duration]


def _pattern(song: Song, rng: np.random.Generator) -> list[Note]:
    """Kicks on every beat or every other one, snares between or after them, hats on or off the beats."""
    four, backbeat, hats = rng.random() < 0.5, rng.random() < 0.8, rng.integers(0, 4)
    notes = []
    times = song.beats[:, 0].tolist()
    for time, position, following in zip(times, song.beats[:, 1].tolist(), [*times[1:], times[-1] + 0.5], strict=True):
        odd = int(position) % 2 == 1
        if four or odd:
            notes.append(Note(time, 0.1, _KICK, 1.0, "drums"))
        if backbeat and not odd:
            notes.append(Note(time, 0.1, _SNARE, 1.0, "drums"))
        notes += [Note(at, 0.05, _HAT, 0.5, "drums") for at in _hats(time, following, int(hats))]
    return [note for note in notes if 0.0 <= note.time < song.duration]


def _hats(time: float, following: float, kind: int) -> list[float]:
    step = following - time
    return [[], [time + 0.5 * step], [time, time + 0.5 * step], [time + 0.25 * i * step for i in range(4)]][kind]


def _stroke(key: int, rng: np.random.Generator) -> Float32s:
    t = np.arange(int(_LONGEST_S * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    noise = rng.uniform(-1.0, 1.0, len(t))
    if key == _KICK:
        hz, sweep, fall = rng.uniform(42.0, 80.0), rng.uniform(0.0, 120.0), rng.uniform(0.01, 0.05)
        body = np.sin(2.0 * np.pi * (hz * t + sweep * fall * (1.0 - np.exp(-t / fall))))
        sound = body * np.exp(-t / rng.uniform(0.04, 0.2)) + rng.uniform(0.0, 0.4) * noise * np.exp(-t / 0.002)
    elif key == _SNARE:
        body = np.sin(2.0 * np.pi * rng.uniform(160.0, 280.0) * t) * np.exp(-t / rng.uniform(0.03, 0.08))
        sound = rng.uniform(0.2, 0.6) * noise * np.exp(-t / rng.uniform(0.03, 0.1)) + rng.uniform(0.0, 0.5) * body
    elif key == _HAT:
        sound = 0.4 * np.diff(noise * np.exp(-t / rng.uniform(0.008, 0.05)), prepend=0.0)
    else:
        hz = 10.0 ** rng.uniform(2.6, 3.6)
        wave = np.sin(2.0 * np.pi * hz * t) if rng.random() < 0.8 else noise
        sound = 0.8 * wave * np.exp(-t / 10.0 ** rng.uniform(-3.0, -1.6))
    return np.asarray(sound * np.minimum(1.0, 10.0 * (1.0 - t / _LONGEST_S)), np.float32)
