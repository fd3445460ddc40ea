"""Songs played on sampled instruments: fluidsynth renders each part of a Song with a General MIDI soundfont.

One run of the program makes all parts: they lie one after another in one MIDI file, so the soundfont is loaded once.
What fluidsynth cannot do is left out: pitches are rounded to semitones, the voice is a choir or a synthesiser.
Sampled drums speak at once; soft instruments (strings, choirs) rise late, as real ones do.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import numpy.typing as npt

from .song import PARTS, Note, Part, Song

RATE = 48_000
FOLDERS = (Path("/usr/share/sounds/sf2"), Path("/usr/share/sounds/sf3"))
"""Where Debian puts soundfonts."""
TICKS_PER_SECOND = 4000
"""0.25 ms; fluidsynth itself starts notes on whole milliseconds and blocks of 64 samples."""
LATE = 0.0028
"""Seconds from a note to a tenth of its peak in the quickest of the measured drum kits, taken off every note."""
GAP = 2.5
"""Silence between parts, s: no tail reaches the next part."""
DRUM_CHANNEL = 9
MIX: Mapping[Part, int] = {"drums": 115, "bass": 105, "guitar": 85, "keys": 85, "pad": 70, "lead": 90, "voice": 100}
"""Channel volume of each part (MIDI controller 7); the mix proper is not made here."""

Sound = npt.NDArray[np.float32]


class NoSynthesiser(Exception):
    """fluidsynth or its soundfont is missing, or it failed; the message says what to install."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """How a song is played: which soundfont, with fluidsynth's own reverb and chorus or without."""

    soundfont: Path
    reverb: bool = False
    chorus: bool = False


def soundfonts(folders: Sequence[Path] = FOLDERS) -> list[Path]:
    """The soundfonts in these folders, each once though it may have several names."""
    found = {
        path.resolve()
        for folder in folders
        if folder.is_dir()
        for path in folder.iterdir()
        if path.suffix in (".sf2", ".sf3")
    }
    return sorted(path for path in found if path.is_file())


def choose(seed: int, fonts: Sequence[Path]) -> Rendering:
    """A rendering drawn from the seed. Errors: NoSynthesiser when there is no soundfont."""
    if not fonts:
        raise NoSynthesiser("no soundfont: install fluid-soundfont-gm or timgm6mb-soundfont")
    rng = Random(f"{seed}/rendering")
    return Rendering(rng.choice(list(fonts)), reverb=rng.random() < 0.4, chorus=rng.random() < 0.3)


def render(song: Song, rendering: Rendering) -> dict[Part, Sound]:
    """Each part of the song as mono float32 of `song.duration` seconds at 48 kHz. Errors: NoSynthesiser."""
    program = shutil.which("fluidsynth")
    if program is None:
        raise NoSynthesiser("fluidsynth is missing: install the package fluidsynth")
    parts = [part for part in PARTS if any(note.part == part for note in song.notes)]
    if not parts:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        score, sound = Path(folder, "song.mid"), Path(folder, "song.raw")
        score.write_bytes(midi_file(song, parts))
        switches = {"-R": rendering.reverb, "-C": rendering.chorus}
        options = [text for name, on in switches.items() for text in (name, str(int(on)))]
        options += ["-o", "synth.dynamic-sample-loading=1", "-o", "synth.polyphony=128"]
        form = ["-r", str(RATE), "-T", "raw", "-O", "float", "-E", "little", "-F", str(sound)]
        command = [program, "-niq", "-g", "0.4", *form, *options, str(rendering.soundfont), str(score)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        if ran.returncode or not sound.exists():
            raise NoSynthesiser(f"fluidsynth failed: {(ran.stderr or ran.stdout).strip()[-300:]}")
        both = np.fromfile(sound, dtype="<f4").reshape(-1, 2)
    mono = both.mean(axis=1, dtype=np.float32)
    length, stride = round(song.duration * RATE), round((song.duration + GAP) * RATE)
    mono = np.pad(mono, (0, max(0, stride * len(parts) - len(mono))))
    return {part: mono[n * stride : n * stride + length].copy() for n, part in enumerate(parts)}


def midi_file(song: Song, parts: Sequence[Part]) -> bytes:
    """A standard MIDI file (format 0) with the parts one after another, `song.duration` + GAP seconds each."""
    events: list[tuple[int, int, bytes]] = []
    for n, part in enumerate(parts):
        start = n * (song.duration + GAP)
        channel = DRUM_CHANNEL if part == "drums" else n if n < DRUM_CHANNEL else n + 1
        head = bytes(
            [0xC0 | channel, song.instruments.get(part, 0), 0xB0 | channel, 7, MIX[part], 0xB0 | channel, 10, 64]
        )
        tick = _tick(start)
        events += [(tick, 0, head[0:2]), (tick, 0, head[2:5]), (tick, 0, head[5:8])]
        for note in song.notes:
            if note.part == part:
                events += _strike(note, start, channel)
    end = _tick(len(parts) * (song.duration + GAP))
    body, last = bytearray(b"\x00\xff\x51\x03" + (500_000).to_bytes(3, "big")), 0
    for tick, _, message in sorted(events):
        body += _variable(tick - last) + message
        last = tick
    body += _variable(max(0, end - last)) + b"\xff\x2f\x00"
    division = TICKS_PER_SECOND // 2  # half a second a quarter note
    return (
        b"MThd\x00\x00\x00\x06\x00\x00\x00\x01"
        + division.to_bytes(2, "big")
        + b"MTrk"
        + len(body).to_bytes(4, "big")
        + bytes(body)
    )


def _strike(note: Note, start: float, channel: int) -> list[tuple[int, int, bytes]]:
    key, velocity = max(0, min(127, round(note.pitch))), max(1, min(127, round(note.velocity * 127)))
    on = _tick(start + max(0.0, note.time - LATE))
    off = max(on + 8, _tick(start + note.time + note.duration) - 8)  # the same key again is struck after it is let go
    return [(on, 2, bytes([0x90 | channel, key, velocity])), (off, 1, bytes([0x80 | channel, key, 0]))]


def _tick(seconds: float) -> int:
    return round(seconds * TICKS_PER_SECOND)


def _variable(number: int) -> bytes:
    """A number as MIDI's variable-length quantity."""
    out = [number & 0x7F]
    while number := number >> 7:
        out.append(0x80 | (number & 0x7F))
    return bytes(reversed(out))
