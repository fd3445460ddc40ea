from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.audio.hops import HOP_S, spectra
from tests.audio.sounds import band, noise, silence, tone
from tools.band.crowd import crowd
from visuals.audio.filters import LowStream
from visuals.audio.room import Audience, Clip, Hum, Room
from visuals.types import SAMPLE_RATE_HZ


def hum(samples: np.ndarray) -> np.ndarray:
    low, watch = LowStream(), Hum()
    return np.array([watch.feed(low.feed(hop)) for hop, _ in spectra(samples)])


def audience(samples: np.ndarray) -> np.ndarray:
    watch = Audience()
    return np.array([watch.feed(np.square(magnitudes), not hop.any(), HOP_S) for hop, magnitudes in spectra(samples)])


def organ(hz: float, seconds: float, harmonics: int = 5, level: float = 0.003) -> np.ndarray:
    return sum((tone(hz * k, seconds, level / k) for k in range(1, harmonics + 1)), silence(seconds))


# ---- clip


def test_clip_is_told_at_once_and_forgotten_in_a_second() -> None:
    clip = Clip()
    hot = np.clip(1.4 * tone(500.0, 0.1, 1.0), -1.0, 1.0).astype(np.float32)[:256, None]
    assert clip.feed(hot, HOP_S) == 1.0
    fall = [clip.feed(0.5 * hot, HOP_S) for _ in range(int(1.1 / HOP_S))]
    assert fall[int(0.5 / HOP_S)] == pytest.approx(0.5, abs=0.02)
    assert fall[-1] == 0.0


@pytest.mark.parametrize(
    "sound",
    [
        np.full((256, 2), np.nan, np.float32),
        np.tile(np.array([[1.0], [0.5]], np.float32), (128, 2)),
        np.array([[1.0, -1.0], [0.0, 0.0]], np.float32),
        np.zeros((0, 2), np.float32),
        np.zeros(256, np.float32),
    ],
)
def test_single_samples_at_full_scale_are_no_clipping(sound: np.ndarray) -> None:
    assert Clip().feed(sound, HOP_S) == 0.0


def test_samples_beyond_full_scale_clip() -> None:
    assert Clip().feed(np.full((256, 1), -3.0, np.float32), HOP_S) == 1.0


# ---- hum


@pytest.mark.parametrize("mains_hz", [49.9, 50.0, 50.1, 60.0])
def test_mains_hum_is_found_within_five_seconds(mains_hz: float) -> None:
    assert hum(organ(mains_hz, 5.0) + noise(5.0, 1e-3))[-1] > 0.7


@pytest.mark.parametrize(
    "sound",
    [
        organ(49.0, 8.0, level=0.3),  # G1
        organ(61.74, 8.0, level=0.3),  # B1
        organ(98.0, 8.0, level=0.3),
        tone(100.0, 8.0),
        band(8.0, 120.0)[0],
        band(8.0, 150.0)[0],
        noise(8.0),
        silence(8.0),
    ],
    ids=["G1", "B1", "G2", "100 Hz", "band 120", "band 150", "noise", "silence"],
)
def test_notes_strokes_and_noise_are_no_hum(sound: np.ndarray) -> None:
    assert hum(sound).max() < 0.1


def test_hum_at_the_octave_below_is_not_taken_for_a_gliding_bass() -> None:
    t = np.arange(8 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    glide = 0.3 * np.sin(2 * np.pi * (45.0 * t + 0.7 * t**2))
    assert hum(glide).max() < 0.1


# ---- the audience


@pytest.mark.parametrize("seed", range(3))
def test_applause_and_cheering_are_an_audience(seed: int) -> None:
    sound, present = crowd(6.0, 900 + seed, kinds=("applause", "cheering"))
    heard = audience(sound)
    there = present[: len(heard)] > 0.5
    there[: int(2.0 / HOP_S)] = False
    assert np.mean(heard[there] > 0.5) > 0.85


def chord(seconds: float) -> np.ndarray:
    return sum((organ(hz, seconds, 8, 0.1) for hz in (110.0, 220.0, 277.2, 329.6)), silence(seconds))


@pytest.mark.parametrize(
    "make", [lambda: band(8.0)[0], lambda: band(8.0)[0] + chord(8.0), lambda: chord(8.0), lambda: tone(440.0, 8.0)]
)
def test_music_is_no_audience(make: Callable[[], np.ndarray]) -> None:
    assert np.mean(audience(make())[int(1.0 / HOP_S) :] > 0.5) < 0.05


def test_level_does_not_matter_and_silence_rests() -> None:
    sound, _ = crowd(4.0, 901, kinds=("applause",), near=0.5)
    assert audience(0.01 * sound) == pytest.approx(audience(sound), abs=0.02)
    assert audience(np.concatenate([sound, silence(3.0)]))[-1] < 0.01


def test_an_audience_is_told_soon_after_the_music_ends() -> None:
    sound, _ = crowd(5.0, 902, kinds=("applause", "cheering"), near=0.4)
    heard = audience(np.concatenate([2.0 * (band(6.0)[0] + chord(6.0)), sound[SAMPLE_RATE_HZ:]]))
    assert heard[int(5.8 / HOP_S)] < 0.2
    assert np.mean(heard[int(9.0 / HOP_S) :] > 0.5) > 0.9


def test_all_three_come_together_and_nothing_is_ever_not_a_number() -> None:
    room = Room()
    for level in (0.0, 1e30, 1e-38, 1.0):
        power = np.full(513, level, np.float32)
        for _ in range(60):
            told = room.hear(np.zeros((256, 2), np.float32), power, np.ones(8, np.float32), False, HOP_S)
            assert set(told) == {"clip", "hum", "crowd"}
            assert all(0.0 <= value <= 1.0 for value in told.values())
