"""An audience: applause, cheering, whistles, murmur, chants, one person clapping, and all of it together, near or far.

Applause is a sum of single claps, each person with hands and a pace of their own; voices are those of `voice`, many at
once. It swells and fades. With it comes its presence, the truth for the signal `crowd`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from .room import impulse_response, pink, reverberate
from .sound import (
    HOP,
    RATE,
    Curve,
    Sound,
    band,
    convolve,
    count,
    decay,
    filtered,
    high_pass,
    low_pass,
    noise,
    normalised,
    peak,
    place,
    rms,
    times,
)
from .voice import Singer, Syllable, babble

HANDS = 10
"""So many different pairs of hands are synthesised; every person has one of them, at a distance of their own."""


def swell(rng: np.random.Generator, duration: float, depth_db: float = 12.0) -> Sound:
    """A level that wanders over seconds and mostly comes up quickly and goes slowly: 0..1 for every sample."""
    step = 0.25
    knots = np.arange(0.0, duration + 2 * step, step)
    wander = np.convolve(rng.standard_normal(knots.size + 16), np.hanning(17), mode="valid")[: knots.size]
    level = -depth_db / 2 * (1 + np.tanh(wander / max(float(np.std(wander)), 1e-9)))
    rise, fall = rng.uniform(0.1, 0.25) * duration, rng.uniform(0.2, 0.5) * duration
    shape = np.clip(knots / rise, 0, 1) ** 0.5 * np.clip((duration - knots) / fall, 0, 1) ** 0.7
    curve = np.interp(times(duration), knots, 10 ** (level / 20) * shape)
    return np.asarray(curve / max(float(curve.max(initial=0.0)), 1e-9), np.float32)


def clap(rng: np.random.Generator, distance: float = 0.0) -> Sound:
    """One clap: a burst with the resonance of the hollow between the hands; the farther (0..1), the duller."""
    centre = float(np.exp(rng.uniform(np.log(700), np.log(2800))))
    width, t60 = float(rng.uniform(0.35, 0.9)), float(rng.uniform(0.012, 0.06))
    sharp, top = float(rng.uniform(-3, 12)), 16000.0 * (1 - 0.75 * distance)
    time = times(1.3 * t60 + 0.002)
    burst = noise(rng, time.size, lambda hz: band(hz, 250, top, 1) * peak(hz, centre, width, 10 + sharp))
    return normalised(burst * decay(time, t60).astype(np.float32))


def applause(rng: np.random.Generator, duration: float, near: float) -> Sound:
    """From a dozen people to thousands. `near` 0..1: single claps stand out, or none does."""
    samples = count(duration)
    people = int(np.exp(rng.uniform(np.log(12), np.log(400 if near > 0.5 else 3000))))
    level = swell(rng, duration)
    sound = np.zeros(samples, np.float32)
    for _ in range(HANDS):
        impulses = np.zeros(samples, np.float32)
        group = min(max(1, people // HANDS), 120)  # more people than that are a louder noise, not another one
        pace = np.clip(rng.normal(4.0, 0.7, group), 2.0, 6.5)
        gains = rng.lognormal(0.0, 0.4 + 0.9 * near, group)
        claps = int(duration * 6.5) + 2
        gaps = rng.normal(1.0, 0.09, (group, claps)) / pace[:, None]
        moments = np.cumsum(gaps, axis=1) - rng.uniform(0, 1, (group, 1)) / pace[:, None]
        places = (moments * RATE).astype(int)
        inside = (places >= 0) & (places < samples)
        # as the applause dies people stop, and those who go on clap softer
        joining = np.zeros(places.shape, bool)
        joining[inside] = level[places[inside]] > np.broadcast_to(rng.uniform(0, 0.5, (group, 1)), places.shape)[inside]
        strengths = gains[:, None] * rng.lognormal(0.0, 0.25, places.shape)
        np.add.at(impulses, places[joining], strengths[joining].astype(np.float32))
        sound += convolve(impulses, clap(rng, 1 - near))
    if people > HANDS * 120:
        bed = noise(rng, samples, lambda hz: band(hz, 400, 9000, 1) * peak(hz, 1500, 1.0, 6))
        sound += bed * np.float32(rms(sound) * (people / (HANDS * 120) - 1) ** 0.5)
    return sound * (0.3 + 0.7 * level)


def clapper(rng: np.random.Generator, duration: float, near: float) -> Sound:
    """One person, or a few, clapping along steadily: a rhythm, but no music."""
    sound = np.zeros(count(duration), np.float32)
    pace = float(rng.uniform(1.2, 3.5))
    for _ in range(int(rng.choice([1, 1, 2, 5, 20]))):
        hands = [clap(rng, 0.5 * (1 - near)) for _ in range(3)]
        late, level = float(rng.normal(0, 0.02)), float(rng.lognormal(0, 0.4))
        for beat in np.arange(0.2, duration - 0.1, 1 / pace):
            moment = beat + late + float(rng.normal(0, 0.012))
            place(sound, hands[int(rng.integers(3))], count(max(moment, 0.0)), level * float(rng.lognormal(0, 0.2)))
    return sound


def _shout(rng: np.random.Generator) -> Sound:
    """One shout: a woo that rises, a yeah that falls, a hey."""
    singer = Singer(int(rng.integers(1 << 31)), steady=0.0)
    singer.slope += 3.0  # a shout is pressed, its harmonics are strong
    kind = rng.choice(["woo", "yeah", "hey", "ah"])
    length = float(rng.uniform(0.25, 0.6) if kind == "hey" else rng.uniform(0.5, 1.8))
    pitch = 57 + 9 * (singer.size - 0.92) / 0.38 + float(rng.normal(8 if kind == "woo" else 3, 3))
    glide = float(
        {"woo": rng.uniform(2, 12), "yeah": -rng.uniform(2, 8), "hey": -rng.uniform(0, 4)}.get(kind, rng.normal(0, 3))
    )
    vowels = {"woo": (6, 5), "yeah": (3, 1), "hey": (2, 3)}.get(str(kind), (0, 7))
    start = pitch - (glide if kind == "woo" else 0)
    sound, _ = singer.utter([Syllable(0.02, length, start, glide, 1.0, vowels, "h")], length + 0.2)
    return sound


def _scatter(
    rng: np.random.Generator, sounds: list[Sound], duration: float, number: int, near: float, level: Sound
) -> Sound:
    """Many of these sounds, each at a pitch and distance of its own, where the level lets them."""
    mix = np.zeros(count(duration), np.float32)
    for _ in range(number):
        sound = sounds[int(rng.integers(len(sounds)))]
        start = int(rng.integers(-sound.size // 2, max(mix.size, 1)))
        if rng.random() > level[min(max(start, 0), mix.size - 1)] + 0.05:
            continue
        speed = float(2 ** rng.normal(0, 0.12))
        turned = np.interp(np.arange(0, sound.size - 1, speed), np.arange(sound.size), sound).astype(np.float32)
        place(mix, turned, start, float(rng.lognormal(0.0, 0.4 + 0.8 * near)))
    return mix


def cheering(rng: np.random.Generator, duration: float, near: float) -> Sound:
    """Whooping and roaring. Far away it is noise with the colour of open mouths."""
    level = swell(rng, duration)
    density = float(np.exp(rng.uniform(np.log(1.5), np.log(40))))
    whoops = [_shout(rng) for _ in range(14)]
    voices = _scatter(rng, whoops, duration, int(density * duration), near, level)
    first, second = float(rng.uniform(500, 1000)), float(rng.uniform(1100, 2200))
    roar = noise(
        rng, voices.size, lambda hz: band(hz, 250, 6000, 2) * peak(hz, first, 0.5, 12) * peak(hz, second, 0.5, 8)
    )
    # thousands of voices beat against each other: the roar is never as smooth as noise
    knots = rng.standard_normal(int(12 * duration) + 2)
    beating = np.interp(np.arange(roar.size), np.linspace(0, roar.size, knots.size), knots)
    roar = np.asarray(roar * (1 + 0.3 * beating), np.float32)
    share = np.float32(rng.uniform(0.1, 1.5) * (1.2 - near))
    near_by = voices / np.float32(max(rms(voices), 1e-6)) * (0.4 + 0.6 * level)
    return np.asarray(near_by + share * roar * level, np.float32)


def whistling(rng: np.random.Generator, duration: float, near: float) -> Sound:
    """Whistles on two fingers: nearly sines, which glide up and fall."""
    whistles = []
    for _ in range(6):
        length = float(rng.uniform(0.2, 0.9))
        time = times(length)
        base, bow = float(rng.uniform(1300, 3000)), float(rng.uniform(0.1, 0.6))
        hz = base * 2 ** (bow * np.sin(np.pi * np.clip(time / length * rng.uniform(0.8, 1.6), 0, 1)))
        tone = np.sin(2 * np.pi * np.cumsum(hz) / RATE)
        tone = tone + 0.2 * noise(rng, time.size, partial(band, low=base, high=2 * base))
        whistles.append((tone * np.sin(np.pi * time / length) ** 0.3).astype(np.float32))
    number = max(1, int(rng.uniform(0.2, 2.0) * duration))
    return _scatter(rng, whistles, duration, number, near, np.ones(count(duration), np.float32))


def murmur(rng: np.random.Generator, duration: float, near: float) -> Sound:
    """A room full of people who talk: a few voices understood, the others a babble, glasses now and then."""
    sound = np.zeros(count(duration), np.float32)
    spoken = min(duration, 12.0)
    for _ in range(int(rng.integers(5, 10))):
        speech, _ = babble(spoken, int(rng.integers(1 << 31)), float(rng.uniform(0, 0.8)))
        for _ in range(3):  # each voice thrice, out of step with itself
            turned = np.resize(np.roll(speech, int(rng.integers(speech.size))), sound.size)
            sound += turned * np.float32(rng.lognormal(0.0, 0.3 + 0.8 * near))
    for _ in range(int(rng.poisson(0.15 * duration))):
        hz, time = float(rng.uniform(2500, 7000)), times(0.15)
        ting = np.sin(2 * np.pi * hz * time) * decay(time, float(rng.uniform(0.05, 0.2)))
        place(
            sound, ting.astype(np.float32), int(rng.integers(max(sound.size, 1))), 0.5 * float(rng.lognormal(-1, 0.7))
        )
    return sound


def chant(rng: np.random.Generator, duration: float, near: float) -> Sound:
    """A crowd that sings a few notes together, as in a stadium: never quite in time or tune."""
    pace = float(rng.uniform(1.2, 2.6))
    tune = np.cumsum(rng.choice([-5, -2, 0, 0, 2, 3, 5], int(rng.integers(3, 8))))
    lengths = rng.choice([1, 1, 2], tune.size)
    vowel = int(rng.choice([0, 4, 5, 6]))
    base = float(rng.uniform(50, 58))
    sound = np.zeros(count(duration), np.float32)
    bar = float(lengths.sum() + rng.integers(0, 3)) / pace
    for _ in range(12):
        singer = Singer(int(rng.integers(1 << 31)), steady=0.3)
        octave, offset = 12 * (singer.size > 1.12), float(rng.normal(0, 0.35))
        line, time = [], 0.1 + abs(float(rng.normal(0, 0.05)))
        for step, length in zip(tune, lengths, strict=True):
            pitch = base + octave + offset + float(step) + float(rng.normal(0, 0.3))
            line.append(
                Syllable(time + float(rng.normal(0.05, 0.02)), 0.85 * length / pace, pitch, 0.0, 1.0, (vowel, vowel))
            )
            time += length / pace
        voice, _ = singer.utter(line, bar + 0.3)
        for start in np.arange(0.0, duration, bar):
            for _ in range(3):
                late = float(rng.normal(0.06, 0.04))
                place(sound, voice, count(max(start + late, 0.0)), float(rng.lognormal(0, 0.4 + 0.5 * near)))
    breath = noise(rng, sound.size, lambda hz: band(hz, 300, 5000, 1) * peak(hz, 800, 0.6, 8))
    return sound + breath * np.float32(rms(sound) * rng.uniform(0.2, 0.8))


KINDS: dict[str, Callable[[np.random.Generator, float, float], Sound]] = {
    "applause": applause,
    "cheering": cheering,
    "whistling": whistling,
    "murmur": murmur,
    "chant": chant,
    "clapper": clapper,
}
"""Each makes `duration` s of one kind: generator, s, nearness 0..1."""
MIXTURES: tuple[tuple[tuple[str, ...], float], ...] = (
    (("applause",), 0.25), (("applause", "cheering"), 0.25), (("applause", "cheering", "whistling"), 0.15),
    (("cheering",), 0.1), (("cheering", "whistling"), 0.05), (("murmur",), 0.08), (("murmur", "applause"), 0.04),
    (("chant", "cheering"), 0.05), (("chant",), 0.03),
)  # fmt: skip
"""What is heard together, and how often. `clapper` is not among them: one person clapping is no audience."""


def crowd(
    duration: float, seed: int, kinds: tuple[str, ...] | None = None, near: float | None = None
) -> tuple[Sound, Curve]:
    """An audience: mono with an RMS of 0.1 (peaks may pass 1 when few clap), and its presence 0..1 for every hop.

    `kinds` of KINDS, drawn when left out; `near` 0 (far, dull, reverberant) to 1, drawn when left out.
    """
    rng = np.random.default_rng([seed, 21])
    if kinds is None:
        kinds = MIXTURES[rng.choice(len(MIXTURES), p=[share for _, share in MIXTURES])][0]
    near = float(rng.uniform()) if near is None else near
    sound = np.zeros(count(duration), np.float32)
    for kind in kinds:
        part = KINDS[kind](rng, duration, near)
        sound += part * np.float32(rng.lognormal(0.0, 0.5) / max(rms(part), 1e-6))
    rt60 = float(rng.uniform(0.2, 1.0) if near > 0.5 else rng.uniform(0.5, 3.0))
    sound = reverberate(sound, impulse_response(rng, rt60), (1 - near) * float(rng.uniform(0.6, 1.0)))
    top, bottom = 4000 + 12000 * near * float(rng.uniform(0.5, 1)), float(rng.uniform(80, 300))
    sound = filtered(sound, lambda hz: low_pass(hz, top, 1) * high_pass(hz, bottom, 1))
    sound += pink(rng, sound.size) * np.float32(rms(sound) * 10 ** (rng.uniform(-50, -25) / 20))
    sound = sound * np.float32(0.1 / max(rms(sound), 1e-9))
    return sound, presence(sound)


def presence(sound: Sound) -> Curve:
    """How present a sound is in every hop: 1 within 12 dB of its own RMS over 0.4 s, 0 below -30 dB."""
    hops = -(-sound.size // HOP)
    power = np.zeros(hops * HOP, np.float32)
    power[: sound.size] = sound**2
    width = 75
    smooth = np.convolve(power.reshape(hops, HOP).mean(axis=1), np.ones(width) / width, mode="same")[:hops]
    level = 10 * np.log10(smooth / max(rms(sound) ** 2, 1e-12) + 1e-12)
    return np.clip((level + 30) / 18, 0.0, 1.0).astype(np.float32)
