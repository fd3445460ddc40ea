"""The synthesised band plays a Song: stems, a mix as from a desk, an audience and a room when they are asked for.

Everything is drawn from the song's seed; the same song gives the same samples. What a listener should hear in it
stands in `truth`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from . import crowd as audience
from . import drumkit, plucked, room
from .song import PARTS, Part, Song
from .sound import HOP, RATE, Curve, Sound, convolve, count, rms
from .voice import sing

BALANCE: dict[Part, tuple[float, float]] = {
    "drums": (0.0, 2.5),
    "bass": (-1.5, 2.5),
    "guitar": (-4.0, 3.0),
    "keys": (-5.0, 3.0),
    "pad": (-9.0, 3.0),
    "lead": (-3.5, 2.5),
    "voice": (0.5, 2.5),
}
"""Level of each part while it plays, dB against the drums: mean and standard deviation over mixes."""
KITS = {24: ("electronic", "909"), 25: ("808", "909")}
"""Kinds of kit for the drum programs of General MIDI that are machines."""


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """What was played and what came out. `song` as it was heard (it stops earlier when applause ends it); `sound` the
    mix, mono within -1..1; `stems` each part at its level in the mix, before the master's compressor, with "reverb" of
    all of them and "crowd" where there are; `f0` Hz of the voice for every hop; `hum_db` dBFS of mains hum, -inf for
    none."""

    song: Song
    sound: Sound
    stems: dict[str, Sound]
    f0: Curve
    hum_db: float = -np.inf


def render(song: Song) -> dict[Part, Sound]:
    """Each part that plays, dry: mono of `song.duration` s with an RMS of 0.1 while it plays."""
    return _perform(song)[0]


def _perform(song: Song) -> tuple[dict[Part, Sound], Curve]:
    stems: dict[Part, Sound] = {}
    f0: Curve = np.zeros(-(-count(song.duration) // HOP), np.float32)
    for number, part in enumerate(PARTS):
        notes = [note for note in song.notes if note.part == part]
        seed = song.seed * 8 + number
        if not notes:
            continue
        if part == "drums":
            kinds = KITS.get(song.instruments.get(part, 0), ("acoustic", "acoustic", "acoustic", "mixed"))
            sound = drumkit.drums(notes, song.duration, seed, kinds[song.seed % len(kinds)])
        elif part == "voice":
            sound, f0 = sing(notes, song.duration, seed)
        else:
            sound = plucked.play(notes, song.duration, seed, plucked.kind_of(song.instruments.get(part, 0), part))
        stems[part] = sound * np.float32(0.1 / max(level(sound), 1e-9))
    return stems, f0


def level(sound: Sound) -> float:
    """RMS of a sound while it sounds: of the stretches of 50 ms within 30 dB of the loudest."""
    width = 2400
    power = np.mean(sound[: sound.size // width * width].reshape(-1, width) ** 2, axis=1)
    if not power.size:
        return rms(sound)
    return float(np.sqrt(np.mean(power[power >= power.max() * 1e-3])))


def record(song: Song, crowd: bool = False, in_room: bool = False) -> Recording:
    """Play and mix a song. `crowd`: an audience is there, and applauds at the end, which comes earlier. `in_room`:
    heard through a microphone in a room, with its noise, sometimes with hum or an input turned up too far."""
    rng = np.random.default_rng([song.seed, 31])
    end = song.duration
    if crowd:
        end -= float(rng.uniform(0.15, 0.25)) * song.duration
        song = ended(song, end)
    dry, f0 = _perform(song)
    stems = _balanced(rng, dry)
    if crowd:
        stems["crowd"] = _audience(rng, song, stems, end)
    mix = _mastered(rng, sum(stems.values(), np.zeros(count(song.duration), np.float32)))
    if not in_room:
        return Recording(song, mix, stems, f0)
    sound, hum_db = _through_a_microphone(rng, mix)
    return Recording(song, sound, stems, f0, hum_db)


def ended(song: Song, end: float) -> Song:
    """The song broken off at `end` s with its length kept: silence follows."""
    heard = song.beats[:, 0] < end
    return replace(
        song,
        notes=tuple(
            replace(note, duration=min(note.duration, end - note.time)) for note in song.notes if note.time < end - 0.02
        ),
        beats=song.beats[heard],
        bpm=song.bpm[heard],
        sections=(*(section for section in song.sections if section[0] < end), (end, "end")),
        chords=tuple(chord for chord in song.chords if chord[0] < end),
    )


def _balanced(rng: np.random.Generator, dry: dict[Part, Sound]) -> dict[str, Sound]:
    """Every part at its level, through its own equaliser; "reverb" is what all of them send into one room."""
    response = room.impulse_response(rng, float(np.exp(rng.uniform(np.log(0.25), np.log(2.2)))))
    wetness = float(rng.choice([0.0, rng.uniform(0.0, 0.5)], p=[0.2, 0.8]))
    stems: dict[str, Sound] = {}
    sent = np.zeros(next(iter(dry.values())).size, np.float32) if dry else np.zeros(0, np.float32)
    for part in PARTS:
        mean, deviation = BALANCE[part]
        gain = 10 ** ((mean + deviation * float(np.clip(rng.normal(), -2, 2))) / 20)
        wet = wetness * (0.1 if part == "bass" else float(rng.uniform(0.3, 1.0)))
        bottom = 20.0 if part in ("drums", "bass") else float(rng.uniform(60, 160))
        if part not in dry:
            continue
        sound = room.equalise(rng, dry[part], 0.4, 2.0, bottom)
        if part == "voice":
            sound = room.compress(sound, -24.0, float(rng.uniform(1.5, 4.0)), 0.005, 0.1)
        stems[part] = sound * np.float32(gain * 0.1 / max(level(sound), 1e-9))
        sent += np.float32(wet) * stems[part]
    if wetness and stems:
        stems["reverb"] = convolve(sent, response)
    return stems


def _audience(rng: np.random.Generator, song: Song, stems: dict[str, Sound], end: float) -> Sound:
    """Applause from the end of the song on, a murmur or a cheer below the music now and then."""
    samples = count(song.duration)
    music = level(sum(stems.values(), np.zeros(samples, np.float32)))
    sound = np.zeros(samples, np.float32)
    start = count(end - float(rng.uniform(0.0, 1.0)))
    clapping, _ = audience.crowd(
        song.duration - start / RATE + 2.0, song.seed, ("applause", "cheering", "whistling")[: int(rng.integers(1, 4))]
    )
    gain = music * 10 ** (rng.uniform(-12, 3) / 20) / 0.1
    sound[start:] = clapping[: samples - start] * np.float32(gain)
    if rng.random() < 0.5:
        below, _ = audience.crowd(song.duration, song.seed + 1)
        sound += below[:samples] * np.float32(music * 10 ** (rng.uniform(-30, -10) / 20) / 0.1)
    return sound


def _mastered(rng: np.random.Generator, mix: Sound) -> Sound:
    """A master bus: equaliser, compressor, tape, limiter, at a loudness between a quiet desk feed and a loud record."""
    mix = room.equalise(rng, mix, 0.4, 1.5)
    loud = level(mix)
    mix = mix * np.float32(0.1 / max(loud, 1e-9))
    mix = room.compress(
        mix, -20 - float(rng.uniform(0, 6)), float(rng.uniform(1.2, 4.0)), float(rng.uniform(0.005, 0.04))
    )
    mix = mix * np.float32(10 ** (rng.uniform(-6, 12) / 20))
    mix = room.soft_clip(mix, float(rng.uniform(0.0, 1.0)))
    if rng.random() < 0.3:
        mix = room.lossy(mix, float(rng.uniform(11000, 19000)))
    return room.limit(mix)


def _through_a_microphone(rng: np.random.Generator, mix: Sound) -> tuple[Sound, float]:
    sound = room.in_a_room(rng, mix)
    loud = max(level(sound), 1e-6)
    sound = sound + room.fan(rng, sound.size) * np.float32(loud * 10 ** (rng.uniform(-55, -25) / 20))
    hum_db = -np.inf
    if rng.random() < 0.3:
        gain = loud * 10 ** (rng.uniform(-40, -15) / 20)
        hum_db = float(20 * np.log10(gain))
        sound = sound + room.hum(rng, sound.size, float(rng.choice([50.0, 60.0]))) * np.float32(gain)
    over = float(rng.uniform(3, 12)) if rng.random() < 0.15 else 0.0
    peak = float(np.abs(sound).max(initial=1e-6))
    if over:
        return room.hard_clip(sound / np.float32(peak), over), hum_db + over - 20 * float(np.log10(peak))
    quieter = float(rng.uniform(-30, 0))
    return sound * np.float32(10 ** (quieter / 20) * 0.97 / max(peak, 0.97)), hum_db + quieter - 20 * float(
        np.log10(max(peak, 0.97) / 0.97)
    )
