"""What happens to a sound on its way to the ears of a listener: rooms, equalisers, compressors, codecs, hum, noise.

Every function takes the sound or its length and what it needs, draws from the generator it is given, and returns a new
sound of the same length. Knows nothing of music.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from .sound import (
    RATE,
    Curve,
    Sound,
    band,
    convolve,
    decay,
    filtered,
    high_pass,
    low_pass,
    noise,
    peak,
    rms,
    tilt,
    times,
)

BLOCK = 64
"""Samples for which a compressor or limiter holds one gain before it is interpolated, 1.3 ms."""


def impulse_response(rng: np.random.Generator, rt60: float) -> Sound:
    """A room that falls by 60 dB in `rt60` s (0.1..3 s), highs first: reflections, then noise. Energy 1."""
    before, dullness = float(rng.uniform(0.003, 0.012) + 0.01 * rt60), float(rng.uniform(0.25, 0.8))
    time = times(rt60 * 0.85 + before)
    tail = np.zeros(time.size, np.float32)
    spectrum = (((60.0, 400.0), rng.uniform(0.9, 1.4)), ((400.0, 3000.0), 1.0), ((3000.0, 12000.0), dullness))
    for (low, high), share in spectrum:
        part = noise(rng, time.size, partial(band, low=low, high=high, order=1))
        tail += part * decay(time, rt60 * share).astype(np.float32)
    tail *= 1 - np.exp(-time / np.float32(before))
    number = int(rng.integers(6, 24))
    arrivals = before * (1 + rng.gamma(1.5, 1.2, number))
    early = np.zeros(time.size, np.float32)
    places = np.minimum((arrivals * RATE).astype(int), time.size - 1)
    np.add.at(early, places, (rng.choice((-1, 1), number) * (before / arrivals) ** 1.2).astype(np.float32))
    early = filtered(early, lambda hz: low_pass(hz, 7000.0, 1))
    share = float(rng.uniform(0.2, 0.7))
    response = np.sqrt(share) * early / max(rms(early), 1e-9) + np.sqrt(1 - share) * tail / max(rms(tail), 1e-9)
    return np.asarray(response / np.sqrt(np.sum(response**2)), np.float32)


def reverberate(sound: Sound, response: Sound, wet: float) -> Sound:
    """The sound with so much of its room, 0 dry, 1 nothing but room."""
    return np.asarray(np.float32(1 - wet) * sound + np.float32(wet) * convolve(sound, response), np.float32)


def in_a_room(rng: np.random.Generator, sound: Sound, rt60: tuple[float, float] = (0.2, 2.5)) -> Sound:
    """The sound in a room drawn at random, near or far from its source."""
    time = float(np.exp(rng.uniform(np.log(rt60[0]), np.log(rt60[1]))))
    return reverberate(sound, impulse_response(rng, time), float(rng.uniform(0.15, 0.8)))


def equalise(
    rng: np.random.Generator, sound: Sound, slope_db: float = 1.0, bells_db: float = 3.0, bottom: float = 20.0
) -> Sound:
    """The sound through a random equaliser: a slope and four bells (standard deviations, dB per octave and dB), and
    nothing below `bottom` Hz."""
    slope = float(rng.normal(0.0, slope_db))
    bells = [
        (float(2 ** rng.uniform(6, 13.5)), float(rng.uniform(0.4, 1.5)), float(rng.normal(0, bells_db)))
        for _ in range(4)
    ]

    def response(hz: Curve) -> Curve:
        gain = tilt(hz, slope) * high_pass(hz, bottom, 1)
        for centre, octaves, db in bells:
            gain = gain * peak(hz, centre, octaves, db)
        return gain

    return filtered(sound, response)


def _blocks(sound: Sound) -> Sound:
    """The sound's magnitude in rows of BLOCK samples, the last filled with zeros."""
    rows = -(-sound.size // BLOCK)
    padded = np.zeros(rows * BLOCK, np.float32)
    padded[: sound.size] = np.abs(sound)
    return padded.reshape(rows, BLOCK)


def _apply(sound: Sound, gains: Curve) -> Sound:
    """The sound times one gain a block, gliding from each to the next."""
    steps = np.linspace(0.0, 1.0, BLOCK, endpoint=False, dtype=np.float32)
    start = gains.astype(np.float32)
    end = np.append(start[1:], start[-1:])
    glide = start[:, None] + (end - start)[:, None] * steps
    return np.asarray(sound * glide.ravel()[: sound.size], np.float32)


def _follow(values: list[float], up: float, down: float) -> list[float]:
    """A follower with two speeds: `up` and `down` are the shares of the way made in one block."""
    state, followed = values[0], []
    for value in values:
        state += (value - state) * (up if value > state else down)
        followed.append(state)
    return followed


def _share(seconds: float) -> float:
    return float(1 - np.exp(-BLOCK / RATE / max(seconds, 1e-4)))


def compress(sound: Sound, threshold_db: float, ratio: float, attack: float = 0.01, release: float = 0.15) -> Sound:
    """A compressor as on a master bus: `threshold_db` above which (RMS, dBFS) the level rises by 1 / `ratio`; s."""
    if not sound.size:
        return sound
    level = 10 * np.log10(np.mean(_blocks(sound) ** 2, axis=1) + 1e-10)
    over = np.maximum(level - threshold_db, 0.0) * (1 - 1 / ratio)
    reduction = np.array(_follow(over.tolist(), _share(attack), _share(release)))
    return _apply(sound, 10 ** (-reduction / 20))


def limit(sound: Sound, ceiling: float = 0.97, release: float = 0.08) -> Sound:
    """A look-ahead limiter: no sample beyond `ceiling`."""
    if not sound.size:
        return sound
    over = np.maximum(_blocks(sound).max(axis=1) / ceiling, 1.0)
    # the blocks around a peak are as quiet as the peak needs, since gains glide from one block to the next
    around = np.maximum.reduce([over, np.append(over[1:], 1.0), np.append(1.0, over[:-1])])
    held = np.array(_follow(around.tolist(), 1.0, _share(release)))
    return np.clip(_apply(sound, 1.0 / held), -ceiling, ceiling)


def soft_clip(sound: Sound, drive: float) -> Sound:
    """Tape or a hot desk: 0 leaves the sound as it is, 3 is audible dirt. Full scale stays full scale."""
    if drive <= 0:
        return sound
    return np.asarray(np.tanh(sound * np.float32(drive)) / np.float32(np.tanh(drive)), np.float32)


def hard_clip(sound: Sound, over_db: float) -> Sound:
    """An input turned up too far: everything beyond full scale is flat."""
    return np.asarray(np.clip(sound * np.float32(10 ** (over_db / 20)), -1.0, 1.0))


def lossy(sound: Sound, cutoff: float) -> Sound:
    """A cheap codec: nothing above `cutoff` Hz (11 to 19 kHz), steep, with a little echo before the attacks."""
    ramp = np.fft.rfftfreq(4096, 1 / RATE)
    gain = np.clip((cutoff + 500 - ramp) / 1000, 0.0, 1.0)
    kernel = np.roll(np.fft.irfft(gain, 4096), 256)[:512] * np.hanning(512)
    delayed = convolve(np.concatenate([sound, np.zeros(256, np.float32)]), kernel.astype(np.float32))
    return delayed[256:]


def hum(rng: np.random.Generator, samples: int, mains_hz: float = 50.0) -> Sound:
    """Mains hum, RMS 1: the harmonics of 50 or 60 Hz, a few strong, slowly swaying."""
    time = times(1 / mains_hz).astype(np.float64)
    cycle = np.zeros(time.size)
    slope = rng.uniform(0.5, 1.5)
    for n in range(1, 16):
        cycle += n**-slope * rng.lognormal(0.0, 0.8) * np.sin(2 * np.pi * (n * mains_hz * time + rng.uniform()))
    sway = 1 + 0.1 * np.sin(2 * np.pi * rng.uniform(0.05, 0.5) * times(samples / RATE))
    sound = np.resize(cycle, samples).astype(np.float32) * sway
    return np.asarray(sound / np.float32(max(rms(sound), 1e-9)), np.float32)


def pink(rng: np.random.Generator, samples: int) -> Sound:
    """Pink noise from 20 Hz, RMS 1."""
    return noise(rng, samples, lambda hz: np.maximum(hz, 20.0) ** -0.5)


def fan(rng: np.random.Generator, samples: int) -> Sound:
    """Air conditioning and the like, RMS 1: steeper than pink, with a wide bump."""
    bump, slope = float(2 ** rng.uniform(6.5, 9.5)), float(rng.uniform(-7, -3))
    return noise(rng, samples, lambda hz: tilt(np.maximum(hz, 40.0), slope) * peak(hz, bump, 0.7, 8.0))


def gain_to(sound: Sound, level_db: float) -> Sound:
    """The sound with an RMS of `level_db` dBFS."""
    return np.asarray(sound * np.float32(10 ** (level_db / 20) / max(rms(sound), 1e-9)), np.float32)
