from __future__ import annotations

import numpy as np
import pytest

from tests.audio.hops import HOP_S
from tests.audio.sounds import band, noise, silence, tone
from visuals.audio.levels import Followers, Gate, InputGain, Ranges, clean, decibels
from visuals.types import HOP


def powers(samples: np.ndarray) -> list[float]:
    hops = samples[: len(samples) // HOP * HOP].reshape(-1, HOP)
    return [float(p) for p in np.square(hops).mean(axis=1)]


def gains_db(samples: np.ndarray, gain: InputGain | None = None) -> np.ndarray:
    gain, gate = gain or InputGain(), Gate()
    read = []
    for power in powers(samples):
        gain.feed(power, HOP_S, frozen=gate.feed(decibels(power), HOP_S))
        read.append(gain.gain_db)
    return np.array(read)


def silences(samples: np.ndarray, gate: Gate | None = None) -> np.ndarray:
    gate = gate or Gate()
    return np.array([gate.feed(decibels(power), HOP_S) for power in powers(samples)])


def at_db(samples: np.ndarray, level_db: float) -> np.ndarray:
    return samples * 10.0 ** (level_db / 20.0) / np.sqrt(np.square(samples).mean())


def after(seconds: float) -> slice:
    return slice(int(seconds / HOP_S), None)


@pytest.mark.parametrize("down_db", [0.0, 20.0, 40.0])
def test_gain_brings_any_input_to_the_same_level(down_db: float) -> None:
    sound, _ = band(20.0)
    expected = gains_db(sound)[-1] + down_db
    assert gains_db(sound * 10.0 ** (-down_db / 20.0))[-1] == pytest.approx(min(46.0, expected), abs=1.0)


def test_gain_never_exceeds_46_db_and_rests_in_silence() -> None:
    sound, _ = band(10.0)
    read = gains_db(np.concatenate([1e-3 * sound, silence(30.0)]))
    assert read.max() <= 46.0
    assert np.ptp(read[after(10.5)]) == 0.0


@pytest.mark.parametrize("seconds", [0.3, 1.0, 3.0])
def test_gain_recovers_within_three_seconds_of_a_full_scale_burst(seconds: float) -> None:
    sound, _ = band(20.0)
    quiet = 0.02 * sound
    burst = np.sign(tone(100.0, seconds))
    read = gains_db(np.concatenate([quiet, burst, quiet]))
    usual = read[int(20.0 / HOP_S) - 1]
    assert read[after(20.0)].min() < usual - 15.0
    assert read[int((23.0 + seconds) / HOP_S)] == pytest.approx(usual, abs=3.0)


def test_a_breakdown_is_not_pumped_up_and_a_new_level_stays() -> None:
    sound, _ = band(20.0)
    read = gains_db(np.concatenate([sound, 0.1 * sound[: len(sound) // 5]]))
    loud, later = read[int(20.0 / HOP_S) - 1], read[-1]
    assert later - loud < 12.0
    read = gains_db(np.concatenate([0.03 * sound, sound]))
    assert np.ptp(read[after(25.0)]) < 3.0, "no pumping between the strokes of a band that came in 30 dB louder"


def test_gain_starts_where_the_venue_was_measured() -> None:
    sound, _ = band(5.0)
    settled = gains_db(0.05 * band(40.0)[0])[-1]
    read = gains_db(0.05 * sound, InputGain(gain_db=settled))
    assert read == pytest.approx(settled, abs=3.0)


def test_gate_opens_at_once_and_closes_after_a_while() -> None:
    read = silences(np.concatenate([silence(1.0), tone(440.0, 1.0, 0.01), silence(1.0)]))
    assert read[: int(1.0 / HOP_S)].all()
    assert not read[int(1.0 / HOP_S) + 1 : int(2.0 / HOP_S)].any()
    closed = 2.0 + HOP_S * np.argmax(read[after(2.0)])
    assert closed == pytest.approx(2.3, abs=0.02)


def test_music_60_db_too_quiet_is_not_silence() -> None:
    sound, _ = band(10.0)
    assert silences(at_db(sound, -74.0))[after(1.0)].mean() < 0.1


def test_steady_noise_of_a_line_is_learnt_as_silence() -> None:
    sound, _ = band(6.0)
    hiss = at_db(noise(6.0), -70.0)
    read = silences(np.concatenate([hiss, at_db(sound, -30.0) + hiss, hiss]))
    assert read[int(4.0 / HOP_S) : int(6.0 / HOP_S)].all()
    assert read[int(6.6 / HOP_S) : int(12.0 / HOP_S)].mean() < 0.2
    assert read[after(12.5)].all()


def test_a_measured_noise_floor_is_silence_from_the_start() -> None:
    hiss = at_db(noise(2.0), -50.0)
    assert not silences(hiss).any()
    assert silences(hiss, Gate(noise_db=-50.0)).all()
    assert not silences(at_db(noise(1.0), -38.0), Gate(noise_db=-50.0)).any()


def test_ranges_follow_what_sounded_and_silence_is_zero() -> None:
    rng = np.random.default_rng(0)
    ranges = Ranges([-20.0, -20.0])
    for _ in range(int(40.0 / HOP_S)):
        shares = ranges.feed(rng.uniform([-60.0, -30.0], [-40.0, -24.0]), HOP_S, frozen=False)
    assert ranges.feed(np.array([-40.0, -24.0]), HOP_S, frozen=True) == pytest.approx([1.0, 1.0], abs=0.15)
    middle = ranges.feed(np.array([-50.0, -27.0]), HOP_S, frozen=True)
    assert middle[0] == pytest.approx(0.45, abs=0.1)
    assert middle[1] > 0.6, "steady sound is spread over 14 dB at least"
    assert ranges.feed(np.array([-100.0, -100.0]), HOP_S, frozen=True).max() == 0.0
    assert shares.shape == (2,)


@pytest.mark.parametrize("dt", [0.001, 0.016])
def test_followers_are_the_same_at_any_step(dt: float) -> None:
    followers = Followers(attack=[0.01, 0.1], release=[0.1, 0.1])
    for _ in range(round(0.048 / dt)):
        up = followers.feed(np.ones(2), dt)
    assert up == pytest.approx(1.0 - np.exp([-4.8, -0.48]), abs=1e-9)
    for _ in range(round(0.048 / dt)):
        down = followers.feed(np.zeros(2), dt)
    assert down == pytest.approx(up * np.exp(-0.48), abs=1e-9)


def test_clean_makes_any_sound_fit() -> None:
    wild = np.array([[np.nan, 3.0, 1.0], [-np.inf, 0.5, 1.0]])
    assert clean(wild).tolist() == [[0.0, 1.0], [0.0, 0.5]]
    assert clean(np.array([0.25, -2.0])).tolist() == [[0.25, 0.25], [-1.0, -1.0]]
