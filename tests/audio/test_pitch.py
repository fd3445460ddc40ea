from __future__ import annotations

import numpy as np
import pytest

from tests.audio.sounds import RATE, noise, silence, tone
from visuals.audio.pitch import Pitch
from visuals.types import HOP, Event
from visuals.vocabulary import SIGNALS

Heard = list[tuple[float, dict[str, float], list[Event]]]


def hear(sound: np.ndarray, pitch: Pitch | None = None, silent: bool = False) -> Heard:
    """What is heard hop by hop, with the time of the hop's end."""
    pitch = pitch or Pitch()
    hops = np.asarray(sound, np.float32)[: len(sound) // HOP * HOP].reshape(-1, HOP)
    times = (np.arange(len(hops)) + 1) * HOP / RATE
    return [(t, *pitch.hear(hop, silent, t)) for t, hop in zip(times.tolist(), hops, strict=True)]


def sung(hz: np.ndarray, level: float = 0.3, partials: int = 12) -> np.ndarray:
    """A voice-like sound of harmonics falling by 6 dB an octave, at `hz` per sample."""
    phase = 2 * np.pi * np.cumsum(hz) / RATE
    sound = sum(np.sin(k * phase) / k * (k * hz < 8000) for k in range(1, partials + 1))
    return level * np.asarray(sound)


def held(hz: float, seconds: float, **how: float) -> np.ndarray:
    return sung(np.full(int(seconds * RATE), hz), **how)  # type: ignore[arg-type]


def track(heard: Heard, name: str, since: float = 0.0, until: float = 1e9) -> np.ndarray:
    return np.array([signals[name] for t, signals, _ in heard if since <= t < until])


def events(heard: Heard) -> list[Event]:
    return [event for _, _, found in heard for event in found]


def cents(hz: np.ndarray, truth: np.ndarray | float) -> np.ndarray:
    return np.asarray(1200 * np.log2(np.maximum(hz, 1.0) / truth))


@pytest.mark.parametrize("hz", [41.2, 82.4, 110.0, 220.0, 440.0, 880.0, 1600.0])
def test_a_held_note_has_its_pitch_within_a_tenth_of_a_semitone(hz: float) -> None:
    heard = hear(held(hz, 1.0))
    assert np.abs(cents(track(heard, "pitch", 0.15), hz)).max() < 10.0
    assert track(heard, "note", 0.15) == pytest.approx(round(69 + 12 * np.log2(hz / 440)))
    assert np.abs(track(heard, "pitch.glide", 0.3)).max() < 2.0


@pytest.mark.parametrize("hz", [55.0, 196.0, 700.0])
def test_a_pure_tone_has_its_pitch(hz: float) -> None:
    heard = hear(tone(hz, 1.0))
    assert np.abs(cents(track(heard, "pitch", 0.2), hz)).max() < 15.0


def test_a_note_is_known_soon_after_it_begins() -> None:
    heard = hear(np.concatenate([silence(0.5), held(220.0, 0.5), held(330.0, 0.5)]))
    for start, hz in ((0.5, 220.0), (1.0, 330.0)):
        right = [t for t, s, _ in heard if t > start and abs(cents(np.array([s["pitch"]]), hz)[0]) < 50]
        assert right[0] - start < 0.03, hz


def test_a_glide_is_followed_without_delay_and_its_speed_told() -> None:
    t = np.arange(int(1.5 * RATE)) / RATE
    hz = 220.0 * 2 ** (t * 12.0 / 12.0)  # an octave a second
    heard = hear(sung(hz))
    ends = np.array([end for end, _, _ in heard])
    error = cents(track(heard, "pitch"), 220.0 * 2**ends)
    assert np.abs(error[40:]).max() < 15.0
    assert np.median(track(heard, "pitch.glide", 0.3)) == pytest.approx(12.0, abs=2.0)


def test_a_vibrato_stays_one_note() -> None:
    t = np.arange(2 * RATE) / RATE
    heard = hear(sung(330.0 * 2 ** (0.7 * np.sin(2 * np.pi * 5.5 * t) / 12)))
    assert [e.name for e in events(heard)] == ["note.on"]
    assert track(heard, "pitch").max() > 330.0 * 2 ** (0.5 / 12)


def test_a_melody_becomes_its_notes_and_every_note_ends() -> None:
    tune = [60, 62, 64, 65, 67, 67, 60]
    pieces = [np.concatenate([held(440 * 2 ** ((n - 69) / 12), 0.25), silence(0.05)]) for n in tune]
    heard = hear(np.concatenate([*pieces, silence(0.5)]))
    names = [e.name for e in events(heard)]
    assert names == ["note.on", "note.off"] * len(tune)
    notes = [s["note"] for _, s, found in heard if any(e.name == "note.on" for e in found)]
    assert notes == tune
    assert heard[-1][1]["note.class"] == 0.0
    ons = [e.time for e in events(heard) if e.name == "note.on"]
    assert np.max(np.array(ons) - np.arange(len(tune)) * 0.3) < 0.045


def test_a_legato_step_ends_one_note_as_the_next_begins() -> None:
    heard = hear(np.concatenate([held(220.0, 0.4), held(246.9, 0.4)]))
    assert [e.name for e in events(heard)] == ["note.on", "note.off", "note.on"]


def test_noise_and_clicks_are_no_voice() -> None:
    clicks = silence(2.0)
    clicks[:: RATE // 7] = 0.9
    for sound in (noise(2.0), clicks, np.full(RATE, 0.4)):
        heard = hear(sound)
        assert np.mean(track(heard, "pitch.confidence", 0.2) > 0.5) < 0.05
        assert track(heard, "pitch", 0.2).max() == 0.0 or np.mean(track(heard, "pitch") > 0) < 0.05


def test_silence_ends_the_voice_at_once() -> None:
    pitch = Pitch()
    hear(held(220.0, 0.5), pitch)
    heard = hear(silence(0.2), pitch, silent=True)
    assert track(heard, "pitch.confidence").max() == track(heard, "pitch").max() == 0.0
    assert [e.name for e in events(heard)] == ["note.off"]
    assert heard[-1][1]["note"] == 57.0


def test_pitch_is_there_exactly_where_confidence_says_so() -> None:
    heard = hear(np.concatenate([held(150.0, 0.3), noise(0.3), held(500.0, 0.3), silence(0.3)]))
    assert np.array_equal(track(heard, "pitch") > 0.0, track(heard, "pitch.confidence") > 0.5)


def rough() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(3)
    return {
        "zeros": silence(1.0),
        "dc": np.ones(RATE),
        "square": np.sign(tone(100.0, 1.0)),
        "denormal": np.full(RATE, 1e-40),
        "white": rng.uniform(-1, 1, RATE),
        "whistle": tone(3000.0, 1.0),
        "above": tone(9000.0, 1.0),
        "below": tone(20.0, 1.0),
        "impulse": np.concatenate([[1.0], silence(1.0)]),
        "gated": held(200.0, 1.0) * (np.arange(RATE) % 4800 < 2400),
    }


@pytest.mark.parametrize("kind", rough())
def test_any_sound_stays_within_the_vocabulary(kind: str) -> None:
    pitch = Pitch()
    heard = hear(np.concatenate([rough()[kind], held(220.0, 0.5)]), pitch)
    for _, signals, found in heard:
        for name, value in signals.items():
            term = SIGNALS[name]
            assert np.isfinite(value), name
            assert term.low is None or value >= term.low, name
            assert term.high is None or value <= term.high, name
        assert all(0.0 <= event.value <= 1.0 for event in found)
    assert track(heard[:180], "pitch").max() <= 2000.0
    assert heard[-1][1]["pitch"] == pytest.approx(220.0, rel=0.01)
    ends = events(hear(silence(0.2), pitch, silent=True))
    names = [e.name for e in [*events(heard), *ends]]
    assert names == ["note.on", "note.off"] * (len(names) // 2)


@pytest.mark.parametrize("kind", ["whistle", "above", "below"])
def test_what_lies_outside_the_range_is_not_heard_as_another_octave(kind: str) -> None:
    assert np.mean(track(hear(rough()[kind]), "pitch", 0.2) > 0.0) < 0.1
