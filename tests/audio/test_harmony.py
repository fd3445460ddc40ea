from __future__ import annotations

import numpy as np
import pytest

from tests.audio.sounds import RATE, band, noise, silence, tone
from visuals.audio.harmony import Harmony
from visuals.types import HOP, Event
from visuals.vocabulary import NOTES, SIGNALS

Heard = list[tuple[float, dict[str, float], list[Event]]]


def hear(sound: np.ndarray, harmony: Harmony | None = None, silent: bool = False) -> Heard:
    harmony = harmony or Harmony()
    hops = np.asarray(sound, np.float32)[: len(sound) // HOP * HOP].reshape(-1, HOP)
    times = (np.arange(len(hops)) + 1) * HOP / RATE
    return [(t, *harmony.hear(hop, silent, t)) for t, hop in zip(times.tolist(), hops, strict=True)]


def note(number: float, seconds: float, cents: float = 0.0) -> np.ndarray:
    """A plucked note of eight partials."""
    t = np.arange(int(seconds * RATE)) / RATE
    hz = 440.0 * 2 ** ((number - 69 + cents / 100) / 12)
    partials = [np.sin(2 * np.pi * k * hz * t + k) / k * np.exp(-t * k / 2.0) for k in range(1, 9)]
    return 0.12 * np.sum(partials, axis=0) * np.minimum(1.0, t / 0.005)


def chord(root: int, minor: bool, seconds: float = 1.0, cents: float = 0.0) -> np.ndarray:
    """A triad in the octave above middle C with its root two octaves below."""
    third = 3 if minor else 4
    numbers = [36 + root, 60 + root, 60 + (root + third) % 12, 60 + (root + 7) % 12]
    return np.sum([note(n, seconds, cents) for n in numbers], axis=0)


def song(degrees: list[tuple[int, bool]], tonic: int, times: int = 3, cents: float = 0.0) -> np.ndarray:
    bars = [chord((tonic + step) % 12, minor, cents=cents) for step, minor in degrees]
    return np.concatenate(bars * times)


POP = [(0, False), (7, False), (9, True), (5, False)]
MINOR = [(0, True), (5, True), (7, False), (0, True)]


def chroma(heard: Heard, since: float, until: float = 1e9) -> np.ndarray:
    return np.array([[s[f"chroma.{n}"] for n in NOTES] for t, s, _ in heard if since <= t < until]).mean(axis=0)


def changes(heard: Heard) -> list[Event]:
    return [event for _, _, found in heard for event in found]


@pytest.mark.parametrize(("root", "minor"), [(0, False), (6, True), (9, False)])
@pytest.mark.parametrize("cents", [0.0, 35.0, -35.0])
def test_the_notes_of_a_chord_stand_out_in_any_tuning(root: int, minor: bool, cents: float) -> None:
    values = chroma(hear(chord(root, minor, 2.0, cents)), 0.5)
    tones = [root % 12, (root + (3 if minor else 4)) % 12, (root + 7) % 12]
    assert set(np.argsort(values)[-3:]) == set(tones)
    assert values[tones].min() > 0.3 > 0.2 > np.delete(values, tones).max()


def test_drums_over_a_chord_do_not_show() -> None:
    drums = band(4.0)[0]
    pad = np.tile(chord(0, False, 1.0), 4)
    values = chroma(hear(pad + drums), 0.5)
    assert values[[0, 4, 7]].min() > np.delete(values, [0, 4, 7]).max()


def test_noise_has_no_harmony() -> None:
    heard = hear(noise(6.0))
    assert chroma(heard, 0.5).max() < 0.4
    assert len(changes(heard)) <= 2
    assert heard[-1][1]["key.confidence"] < 0.3


@pytest.mark.parametrize("tonic", [0, 3, 6, 10])
@pytest.mark.parametrize(("degrees", "minor"), [(POP, 0.0), (MINOR, 1.0)])
def test_the_key_of_a_song_is_found_and_stays(tonic: int, degrees: list[tuple[int, bool]], minor: float) -> None:
    heard = hear(song(degrees, tonic))
    late = {(s["key"], s["key.minor"]) for t, s, _ in heard if t > 8.0}
    assert late == {(float(tonic), minor)}
    assert heard[-1][1]["key.confidence"] > 0.5


def test_a_modulation_is_followed_once() -> None:
    heard = hear(np.concatenate([song(POP, 0, 2), song(POP, 6, 8)]))
    keys = np.array([s["key"] for t, s, _ in heard if t > 6.0])
    assert keys[0] == 0.0
    assert keys[-1] == 6.0
    assert np.count_nonzero(np.diff(keys)) <= 3


def test_every_change_of_chord_is_one_event_soon() -> None:
    times = [e.time for e in changes(hear(song(POP, 0, 2)))]
    assert len(times) == 8
    assert np.max(np.array(times) - np.arange(8)) < 0.5
    assert np.min(np.array(times) - np.arange(8)) > 0.0


def test_a_held_chord_is_one_event_and_a_far_one_is_stronger() -> None:
    near = changes(hear(np.concatenate([chord(0, False, 2.0), chord(9, True, 2.0)])))
    far = changes(hear(np.concatenate([chord(0, False, 2.0), chord(6, False, 2.0)])))
    assert len(near) == len(far) == 2
    assert far[1].value > near[1].value + 0.2


def test_silence_brings_chroma_to_rest_and_keeps_the_key() -> None:
    harmony = Harmony()
    before = hear(song(POP, 7, 2), harmony)[-1][1]
    rest = hear(silence(1.5), harmony, silent=True)
    assert chroma(rest, 1.2).max() < 0.05
    assert rest[-1][1]["key"] == before["key"] == 7.0
    assert not changes(rest)


@pytest.mark.parametrize(
    "sound",
    [silence(1.0), np.ones(RATE), np.sign(tone(100.0, 1.0)), np.full(RATE, 1e-40), tone(20.0, 1.0), tone(15000.0, 1.0)],
    ids=["zeros", "dc", "square", "denormal", "low", "high"],
)
def test_any_sound_stays_within_the_vocabulary(sound: np.ndarray) -> None:
    harmony = Harmony()
    for _, signals, found in [*hear(sound, harmony), *hear(chord(0, False, 0.5), harmony)]:
        for name, value in signals.items():
            term = SIGNALS[name]
            assert np.isfinite(value), name
            assert term.low is None or value >= term.low, name
            assert term.high is None or value <= term.high, name
        assert all(0.0 <= event.value <= 1.0 for event in found)
