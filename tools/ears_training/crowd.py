"""Teach `visuals.audio.room` what an audience sounds like, from sounds of our own: a synthesised crowd against a
synthesised band, speech, noises and one person clapping, each as worn by rooms, microphones and codecs as sounds get.

Prints the table for `visuals/audio/room.py`. No recording is used. Knows nothing of how the weights are used there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tools.band import crowd, room, voice
from tools.band.compose import compose
from tools.band.mix import record
from tools.band.sound import RATE, Sound, filtered, high_pass, low_pass, noise, rms, tilt
from visuals.audio.room import FEATURES, Audience
from visuals.audio.spectrum import Spectrum
from visuals.types import HOP

Float64s = npt.NDArray[np.float64]

log = logging.getLogger(__name__)

SECONDS = 10.0
WARM_S = 1.5
CLIPS = {
    "crowd": 110,
    "song": 68,
    "solo": 30,
    "tone": 30,
    "drums": 14,
    "speech": 28,
    "clapper": 14,
    "noise": 40,
    "riser": 30,
}
WEARS = 3
WEIGHTS = {
    "crowd": 1.0,
    "song": 1.0,
    "solo": 0.4,
    "tone": 0.2,
    "drums": 0.3,
    "speech": 0.25,
    "clapper": 0.1,
    "noise": 0.2,
    "riser": 0.2,
}
"""How much each kind counts in the fit: one person clapping is near to an audience and matters least."""
RIDGE, STEPS = 3e-3, 30
HELD_OUT = 5  # every fifth clip is for the proof


def _song(rng: np.random.Generator, seed: int) -> Sound:
    return record(compose(seed, seconds=SECONDS), in_room=bool(rng.random() < 0.3)).sound


def _drums(rng: np.random.Generator, seed: int) -> Sound:
    recording = record(compose(seed, seconds=SECONDS))
    return recording.stems.get("drums", recording.sound)


def _solo(rng: np.random.Generator, seed: int) -> Sound:
    """One player of a band alone, from where there is something to hear."""
    stems = record(compose(seed, seconds=SECONDS)).stems
    loud = [sound for part, sound in stems.items() if part != "drums" and rms(sound) > 0.01]
    return loud[int(rng.integers(len(loud)))] if loud else _tone(rng, seed)


def _tone(rng: np.random.Generator, seed: int) -> Sound:
    """One to three held tones with harmonics, which may sway."""
    t = np.arange(int(SECONDS * RATE)) / RATE
    sound = np.zeros(len(t))
    for _ in range(int(rng.integers(1, 4))):
        hz, steep = float(np.exp(rng.uniform(np.log(60.0), np.log(2000.0)))), float(rng.uniform(0.5, 3.0))
        sway = rng.choice([0.0, 0.005]) * np.sin(2 * np.pi * rng.uniform(4.0, 7.0) * t) / 5.0
        for harmonic in range(1, 1 + int(rng.choice([1, 1, 2, 4, 8, 12]))):
            sound += np.sin(2 * np.pi * hz * harmonic * (t + sway)) / harmonic**steep
    return sound.astype(np.float32)


def _speech(rng: np.random.Generator, seed: int) -> Sound:
    return voice.babble(SECONDS, seed, float(rng.uniform(0.0, 0.8)))[0]


def _clapper(rng: np.random.Generator, seed: int) -> Sound:
    return crowd.clapper(rng, SECONDS, float(rng.uniform()))


def _noise(rng: np.random.Generator, seed: int) -> Sound:
    """A line at rest: fans, hiss of any colour, hum."""
    samples = int(SECONDS * RATE)
    return (room.pink, room.fan, _hiss, room.hum)[seed % 4](rng, samples)


def _hiss(rng: np.random.Generator, samples: int) -> Sound:
    slope = float(rng.uniform(-6.0, 9.0))
    return noise(rng, samples, lambda hz: tilt(np.maximum(hz, 60.0), slope))


def _riser(rng: np.random.Generator, seed: int) -> Sound:
    """Noise that swells before a drop, again and again."""
    t = np.arange(int(SECONDS * RATE)) / RATE
    length, rise_db = float(rng.uniform(3.0, 10.0)), float(rng.uniform(10.0, 35.0))
    return np.asarray(_hiss(rng, len(t)) * 10 ** (rise_db * ((t / length) % 1.0 - 1.0) / 20), np.float32)


MAKERS: dict[str, Callable[[np.random.Generator, int], Sound]] = {
    "crowd": lambda rng, seed: crowd.crowd(SECONDS, seed)[0],
    "song": _song,
    "solo": _solo,
    "tone": _tone,
    "drums": _drums,
    "speech": _speech,
    "clapper": _clapper,
    "noise": _noise,
    "riser": _riser,
}


def worn(rng: np.random.Generator, sound: Sound) -> Sound:
    """The sound as it may arrive, at any level; one in six as it was made."""
    if rng.random() > 1 / 6:
        sound = _worn(rng, sound)
    level = 10 ** (rng.uniform(-45, -10) / 20)
    return np.asarray(np.clip(sound * np.float32(level / max(rms(sound), 1e-9)), -1, 1), np.float32)


def _worn(rng: np.random.Generator, sound: Sound) -> Sound:
    """Equalised, in a room, dull, thin, noisy, clipped."""
    sound = room.equalise(rng, sound, 1.0, 3.0)
    if rng.random() < 0.3:
        sound = room.in_a_room(rng, sound)
    if rng.random() < 0.5:
        top = float(np.exp(rng.uniform(np.log(3500.0), np.log(16000.0))))
        sound = filtered(sound, lambda hz: low_pass(hz, top, 4))
    if rng.random() < 0.4:
        bottom = float(np.exp(rng.uniform(np.log(60.0), np.log(350.0))))
        sound = filtered(sound, lambda hz: high_pass(hz, bottom, 2))
    if rng.random() < 0.5:
        sound = sound + room.fan(rng, sound.size) * np.float32(rms(sound) * 10 ** (rng.uniform(-55, -25) / 20))
    if rng.random() < 0.1:
        sound = room.hard_clip(sound / np.float32(max(np.abs(sound).max(), 1e-6)), float(rng.uniform(0, 12)))
    return sound


def measure(sound: Sound) -> Float64s:
    """Rows of FEATURES, eight a second, after the first moments."""
    spectrum, audience = Spectrum(), Audience()
    rows = []
    for i in range(sound.size // HOP):
        fresh = audience.listen(np.square(spectrum.feed(sound[i * HOP : (i + 1) * HOP])), HOP / RATE)
        if fresh and i * HOP > WARM_S * RATE:
            rows.append(audience.features.copy())
    return np.array(rows)


def sounds(folder: Path, kind: str, seeds: range) -> Iterator[Sound]:
    """Clips of one kind, kept in `folder` as 16 bit."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        path = folder / f"{kind}-{seed:05d}.npy"
        if not path.exists():
            sound = MAKERS[kind](np.random.default_rng([seed, 41]), 70000 + seed)
            np.save(path, np.round(32767 * sound / max(float(np.abs(sound).max()), 1e-6)).astype(np.int16))
            log.info("%s", path.name)
        yield np.load(path).astype(np.float32) / np.float32(32767)


def material(folder: Path) -> dict[str, list[Float64s]]:
    """By kind, for every clip the features of all its wears."""
    found: dict[str, list[Float64s]] = {}
    for kind, number in CLIPS.items():
        for seed, sound in enumerate(sounds(folder, kind, range(number))):
            rng = np.random.default_rng([seed, 43])
            found.setdefault(kind, []).append(np.concatenate([measure(worn(rng, sound)) for _ in range(WEARS)]))
    return found


def fit(rows: Float64s, truth: Float64s, counts: Float64s) -> tuple[Float64s, Float64s, Float64s]:
    """Middles and sizes of the features, and the weights of a logistic regression: straight, squared, bias.

    Newton's method with a ridge. `rows` [n, features], `truth` 0 or 1, `counts` how much each row counts.
    """
    share = counts / counts.sum()
    middle = share @ rows
    size = np.sqrt(share @ np.square(rows - middle)) + 1e-9
    x = np.clip((rows - middle) / size, -2.5, 2.5)
    columns = np.column_stack([x, x * x, np.ones(len(x))])
    ridge = RIDGE * np.diag([1.0] * (columns.shape[1] - 1) + [0.0])
    weights = np.zeros(columns.shape[1])
    for _ in range(STEPS):
        likely = 1.0 / (1.0 + np.exp(-np.clip(columns @ weights, -30.0, 30.0)))
        slope = columns.T @ (share * (likely - truth)) + ridge @ weights
        bend = (columns * (share * (likely * (1.0 - likely) + 1e-6))[:, None]).T @ columns + ridge
        weights -= np.linalg.solve(bend, slope)
    return middle, size, weights


def predict(rows: Float64s, middle: Float64s, size: Float64s, weights: Float64s) -> Float64s:
    x = np.clip((rows - middle) / size, -2.5, 2.5)
    likely: Float64s = 1.0 / (1.0 + np.exp(-(np.column_stack([x, x * x, np.ones(len(x))]) @ weights)))
    return likely


def gathered(found: dict[str, list[Float64s]], held_out: bool) -> tuple[Float64s, Float64s, Float64s]:
    rows, truth, counts = [], [], []
    for kind, clips in found.items():
        chosen = [clip for i, clip in enumerate(clips) if (i % HELD_OUT == 0) == held_out]
        part = np.concatenate(chosen)
        rows.append(part)
        truth.append(np.full(len(part), float(kind == "crowd")))
        counts.append(np.full(len(part), WEIGHTS[kind] / len(part)))
    return np.concatenate(rows), np.concatenate(truth), np.concatenate(counts)


def proof(found: dict[str, list[Float64s]], model: tuple[Float64s, Float64s, Float64s]) -> str:
    """Recall on held-out crowd where 5 % of the held-out music is taken for one, and what else is."""
    likely = {
        kind: np.concatenate([predict(clip, *model) for i, clip in enumerate(clips) if i % HELD_OUT == 0])
        for kind, clips in found.items()
    }
    line = float(np.percentile(likely["song"], 95))
    recall = float(np.mean(likely["crowd"] > line))
    taken = ", ".join(f"{kind} {np.mean(values > 0.5):.3f}" for kind, values in likely.items())
    return f"recall at 5 % false alarms {recall:.3f} (above {line:.3f}); taken for a crowd at 0.5: {taken}"


def main(folder: Path = Path("out/ears/crowd")) -> None:
    """Make what is missing, fit, and print the table."""
    found = material(folder)
    model = fit(*gathered(found, held_out=False))
    log.info(proof(found, model))
    middle, size, weights = model
    straight, square, bias = weights[: len(middle)], weights[len(middle) : -1], weights[-1]
    for name, *row in zip(FEATURES, middle, size, straight, square, strict=True):
        print(f"    ({', '.join(f'{value:.4g}' for value in row)}),  # {name}")
    print(f"_BIAS = {bias:.4g}")
