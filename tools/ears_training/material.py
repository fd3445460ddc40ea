"""What the ears learn from: songs of the synthesised band, mixed in many ways, as levels and truth.

One file per song: three mixes of its stems, each the band levels the networks hear and the shares of
drums, instruments and voice; and once the times of every hit, note and beat. No recording is used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tools.band import compose, crowd, drumkit, room, sampled, voice
from tools.band import song as nouns
from tools.ears_training.plain import plain
from visuals.audio import net
from visuals.audio.spectrum import SHAPE
from visuals.types import HOP, SAMPLE_RATE_HZ, Float32s

Float64s = npt.NDArray[np.float64]
Stems = Mapping[str, Float32s]

MIXES = 3
SECONDS = 40.0
PLAIN = 0.12
NO_MUSIC = 0.06
"""Shares of metronomes and the like, and of speech, applause and noise."""
TARGET = 0.1  # -20 dBFS, where the input gain puts every sound
CLASSES = (*nouns.CLASSES, "other", "note", "stick")
MICROPHONES = ({"kick"}, {"snare", "stick"}, {"hat"}, {"cymbal"}, {"tom", "other"})
_STICK = 37  # on the rim: some call it a snare, some do not


def make(folder: Path, seeds: range) -> None:
    """Write what is missing of the songs of `seeds` into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    fonts = sampled.soundfonts()
    for seed in seeds:
        path = folder / f"{seed:06d}.npz"
        if not path.exists():
            part = path.with_suffix(".part.npz")
            np.savez(part, **material(seed, fonts))  # type: ignore[arg-type]
            part.rename(path)


def material(seed: int, fonts: Sequence[Path]) -> dict[str, npt.NDArray[np.generic]]:
    rng = np.random.default_rng([seed, 7])
    song = compose.compose(seed, seconds=SECONDS)
    kind = rng.random()
    if kind < PLAIN:
        song, clicks = plain(song, rng)
        stems, mics = {"drums": clicks}, [clicks]
    elif kind < PLAIN + NO_MUSIC:
        song = replace(song, notes=(), beats=np.zeros((0, 2)))
        stems = {"voice": voice.babble(SECONDS, seed)[0]} if rng.random() < 0.5 else {"pad": _noises(seed, rng)}
        mics = []
    else:
        stems, mics = played(song, fonts, rng)
    mixes = [mixed({**stems, **_kit(mics, rng)}, rng) for _ in range(MIXES)]
    fast, long = zip(*(levels(mix.sound) for mix in mixes), strict=True)
    return {
        "fast": np.array(fast, np.float16),
        "long": np.array(long, np.float16),
        "shares": np.array([mix.shares for mix in mixes], np.float16),
        "present": np.array([mix.present for mix in mixes]),
        "strokes": strokes(song),
        "beats": np.asarray(song.beats, np.float64),
    }


def _noises(seed: int, rng: np.random.Generator) -> Float32s:
    """What a microphone hears between the songs."""
    count = int(SECONDS * SAMPLE_RATE_HZ)
    chosen = rng.random(4) < 0.5
    chosen[int(rng.integers(4))] = True
    makers: tuple[Callable[[], Float32s], ...] = (
        lambda: crowd.crowd(SECONDS, seed)[0],
        lambda: room.pink(rng, count),
        lambda: room.fan(rng, count),
        lambda: room.hum(rng, count, float(rng.choice([50.0, 60.0]))),
    )
    sounds = [
        _at_level(make()) * _decibels(rng.uniform(-20.0, 0.0))
        for make, take in zip(makers, chosen, strict=True)
        if take
    ]
    return np.asarray(np.sum(sounds, axis=0), np.float32)


def played(
    song: nouns.Song, fonts: Sequence[Path], rng: np.random.Generator
) -> tuple[dict[str, Float32s], list[Float32s]]:
    """The parts on sampled instruments, or a made-up singer in most songs; and the drums, a microphone each.

    The drums are sampled in half of the songs and made up in the others.
    """
    rendering = sampled.choose(song.seed, fonts)
    notes = [note for note in song.notes if note.part == "drums"]
    others = replace(song, notes=tuple(note for note in song.notes if note.part != "drums"))
    stems = {str(part): sound for part, sound in sampled.render(others, rendering).items()}
    if "voice" in stems and rng.random() < 0.6:
        sung = [note for note in song.notes if note.part == "voice"]
        stems["voice"] = _sung(sung, song.duration, song.seed)[: len(stems["voice"])]
    sample = rng.random() < 0.5
    mics = []
    for kinds in MICROPHONES:
        near = [note for note in notes if CLASSES[_class(note)] in kinds]
        if near and sample:
            mics.append(sampled.render(replace(song, notes=tuple(near)), rendering)["drums"])
        elif near:
            mics.append(drumkit.drums(near, song.duration, song.seed))
    length = int(song.duration * SAMPLE_RATE_HZ)
    return {part: _exactly(sound, length) for part, sound in stems.items()}, [_exactly(m, length) for m in mics]


def _exactly(sound: Float32s, length: int) -> Float32s:
    return np.pad(sound[:length], (0, max(0, length - len(sound))))


def _kit(mics: Sequence[Float32s], rng: np.random.Generator) -> dict[str, Float32s]:
    """The drums from their microphones, each at its own level and through its own equaliser."""
    if not mics:
        return {}
    if len(mics) == 1:
        return {"drums": mics[0]}
    return {"drums": np.sum([_equalised(mic, rng) * _decibels(rng.normal(0.0, 4.0)) for mic in mics], axis=0)}


def _sung(notes: Sequence[nouns.Note], duration: float, seed: int) -> Float32s:
    return np.asarray(voice.sing(notes, duration, seed)[0], np.float32)


def strokes(song: nouns.Song) -> Float64s:
    """Everything struck, plucked or sung [n, 4]: time, index of its part, index in `CLASSES`, velocity 0..1."""
    rows = [(note.time, nouns.PARTS.index(note.part), _class(note), note.velocity) for note in song.notes]
    return np.array(sorted(rows), np.float64).reshape(-1, 4)


def _class(note: nouns.Note) -> int:
    if note.part != "drums":
        return CLASSES.index("note")
    if round(note.pitch) == _STICK:
        return CLASSES.index("stick")
    name = next((name for name, keys in nouns.CLASSES.items() if round(note.pitch) in keys), "other")
    return CLASSES.index(name)


# ---- mixing -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mix:
    """A mono sound, the shares [frames, 3] in its slow frames, and which of `song.PARTS` are in it."""

    sound: Float32s
    shares: Float32s
    present: npt.NDArray[np.bool_]


def mixed(stems: Stems, rng: np.random.Generator) -> Mix:
    """One mix at -20 dBFS or thereabouts; every third is of some of the parts only."""
    chosen = [name for name in stems if rng.random() < 0.5] if rng.random() < 0.35 else list(stems)
    levelled = {name: _at_level(stems[name]) * _decibels(rng.normal(0.0, 4.0)) for name in chosen or stems}
    groups = [_sum([s for n, s in levelled.items() if _group(n) == i], stems) for i in range(3)]
    present = np.array([part in levelled for part in nouns.PARTS])
    return Mix(_coloured(groups[0] + groups[1] + groups[2], rng), _shares(groups), present)


def _decibels(db: float) -> np.float32:
    return np.float32(10.0 ** (db / 20.0))


def _group(name: str) -> int:
    return 0 if name == "drums" else 2 if name == "voice" else 1


def _sum(sounds: list[Float32s], stems: Stems) -> Float32s:
    length = len(next(iter(stems.values())))
    return np.sum(sounds, axis=0, dtype=np.float32) if sounds else np.zeros(length, np.float32)


def _at_level(sound: Float32s) -> Float32s:
    loud = np.sqrt(np.mean(np.square(sound[np.abs(sound) > 1e-4]))) if (np.abs(sound) > 1e-4).any() else 1.0
    return np.asarray(sound * (TARGET / max(float(loud), 1e-6)), np.float32)


def _shares(groups: list[Float32s]) -> Float32s:
    """Share of each group in the power above 100 Hz or so, in every slow frame, smoothed over 100 ms."""
    size = HOP * net.SLOW
    powers = []
    for sound in groups:
        bright = np.diff(sound, prepend=np.float32(0.0)) * 4.0 + 0.3 * sound
        frames = bright[: len(bright) // size * size].reshape(-1, size)
        power = np.mean(np.square(frames), axis=1)
        powers.append(np.convolve(power, np.ones(5) / 5.0, "same"))
    total = np.sum(powers, axis=0)
    return np.where(total > 1e-7, np.array(powers) / np.maximum(total, 1e-7), 0.0).T.astype(np.float32)


def _coloured(sound: Float32s, rng: np.random.Generator) -> Float32s:
    """What happens on the way to the ears: tilt, room, squashing, noise, level."""
    octaves = _octaves(len(sound))
    curve = _curve(octaves, rng)
    if rng.random() < 0.2:  # a coder, a cheap speaker or a small microphone
        curve -= 24.0 * np.maximum(0.0, octaves - np.log2(rng.uniform(6000.0, 15000.0) / 800.0))
    if rng.random() < 0.15:
        curve -= 18.0 * np.maximum(0.0, np.log2(rng.uniform(40.0, 120.0) / 800.0) - octaves)
    spectrum = np.fft.rfft(sound) * 10.0 ** (curve / 20.0)
    if rng.random() < 0.3:
        spectrum *= np.fft.rfft(_room(rng), len(sound))
    sound = np.fft.irfft(spectrum, len(sound)).astype(np.float32)
    sound = _at_level(sound)
    if rng.random() < 0.6:
        sound = _squashed(sound, rng)
    if rng.random() < 0.4:
        drive = rng.uniform(1.0, 6.0)
        sound = (np.tanh(sound * drive) / drive).astype(np.float32)
    sound = _at_level(sound)
    if rng.random() < 0.3:
        sound = sound + _noise(len(sound), rng) * (TARGET * _decibels(rng.uniform(-50.0, -12.0)))
    return (sound * _decibels(rng.normal(0.0, 3.0))).astype(np.float32)


def _octaves(count: int) -> Float64s:
    """How far above 800 Hz each bin of a sound's spectrum lies."""
    octaves: Float64s = np.log2(np.maximum(np.fft.rfftfreq(count, 1.0 / SAMPLE_RATE_HZ), 20.0) / 800.0)
    return octaves


def _curve(octaves: Float64s, rng: np.random.Generator) -> Float64s:
    """An equaliser in dB: a tilt and a wave over the octaves."""
    wave = np.sin(rng.uniform(0.6, 1.4) * octaves + rng.uniform(0.0, 6.3))
    return rng.normal(0.0, 1.5) * octaves + rng.normal(0.0, 2.0) * wave


def _equalised(sound: Float32s, rng: np.random.Generator) -> Float32s:
    curve = 1.3 * _curve(_octaves(len(sound)), rng)
    return np.fft.irfft(np.fft.rfft(sound) * 10.0 ** (curve / 20.0), len(sound)).astype(np.float32)


def _room(rng: np.random.Generator) -> Float32s:
    """A direct sound and a decaying tail, which loses its highs first."""
    decay = 10.0 ** rng.uniform(-0.9, 0.25)
    count = int(min(decay, 1.5) * SAMPLE_RATE_HZ)
    t = np.arange(count) / SAMPLE_RATE_HZ
    tail = rng.normal(0.0, 1.0, count) * np.exp(-6.9 * t / decay)
    tail = np.convolve(tail, np.exp(-np.arange(8) / rng.uniform(0.5, 4.0)), "same")
    tail[: int(rng.uniform(0.001, 0.02) * SAMPLE_RATE_HZ)] = 0.0
    tail *= rng.uniform(0.1, 1.0) / np.sqrt(np.sum(tail**2))
    tail[0] = 1.0
    return tail.astype(np.float32)


def _squashed(sound: Float32s, rng: np.random.Generator) -> Float32s:
    """A bus compressor: the level over a threshold is divided by the ratio, with attack and release."""
    size = 64
    envelope = np.sqrt(np.mean(np.square(sound[: len(sound) // size * size].reshape(-1, size)), axis=1) + 1e-12)
    over = np.maximum(0.0, 20.0 * np.log10(envelope / (TARGET * 10.0 ** (rng.uniform(-6.0, 6.0) / 20.0))))
    wanted = over * (1.0 - 1.0 / rng.uniform(1.5, 10.0))
    up, down = (1.0 - np.exp(-size / SAMPLE_RATE_HZ / t) for t in (rng.uniform(0.001, 0.03), rng.uniform(0.05, 0.4)))
    gain, state = np.empty(len(wanted)), 0.0
    for i, target in enumerate(wanted.tolist()):
        state += (target - state) * (up if target > state else down)
        gain[i] = state
    smooth = np.interp(np.arange(len(sound)), np.arange(len(gain)) * size + size / 2, gain)
    return (sound * 10.0 ** (-smooth / 20.0)).astype(np.float32)


def _noise(count: int, rng: np.random.Generator) -> Float32s:
    """Noise falling by 0 to 6 dB an octave, at full scale RMS."""
    spectrum = np.fft.rfft(rng.normal(0.0, 1.0, count))
    spectrum *= np.maximum(np.arange(len(spectrum)), 20.0) ** -rng.uniform(0.0, 1.0)
    noise = np.fft.irfft(spectrum, count)
    return np.asarray(noise / np.sqrt(np.mean(noise**2)), np.float32)


# ---- levels -------------------------------------------------------------------------------------


def levels(sound: Float32s) -> tuple[Float32s, Float32s]:
    """[n, 40] and [n/4, 64]: what the two networks hear of a mono sound at 48 kHz, n a multiple of 4."""
    hops = len(sound) // (HOP * net.SLOW) * net.SLOW
    fast = _spectra(sound, hops, HOP, SHAPE)
    long = _spectra(sound, hops // net.SLOW, HOP * net.SLOW, net.LONG_SHAPE)
    return net.compress(fast @ net.FAST_BANK.T), net.compress(long @ net.LONG_BANK.T)


def _spectra(sound: Float32s, count: int, hop: int, shape: Float32s) -> Float32s:
    """Powers [count, bins] of the windows that end with each hop."""
    padded = np.concatenate([np.zeros(len(shape) - hop, np.float32), sound])
    windows = np.lib.stride_tricks.sliding_window_view(padded, len(shape))[::hop][:count]
    parts = [np.fft.rfft(part * shape) for part in np.array_split(windows, max(1, count // 1024))]
    return np.asarray(np.square(np.abs(np.concatenate(parts))), np.float32)
