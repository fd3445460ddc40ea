from __future__ import annotations

import numpy as np
import pytest

from tests.audio.hops import stereo
from tests.audio.sounds import noise, silence, tone
from visuals.audio.loudness import Loudness, k_curve


def meter(left: np.ndarray, right: np.ndarray | None = None) -> dict[str, np.ndarray]:
    loudness = Loudness()
    heard = [loudness.hear(hop) for hop in stereo(left, right)]
    return {name: np.array([h[name] for h in heard]) for name in heard[0]}


def dbfs(level_db: float, seconds: float, hz: float = 1000.0) -> np.ndarray:
    return tone(hz, seconds, 10.0 ** (level_db / 20.0))


def test_full_scale_sine_in_one_channel_reads_minus_3_01() -> None:
    """BS.1770-5, annex 1: 0 dBFS, 997 Hz, left, centre or right: -3.01 LKFS."""
    read = meter(tone(997.0, 2.0, 1.0), silence(2.0))["loudness.db"]
    assert read[-1] == pytest.approx(-3.01, abs=0.02)


@pytest.mark.parametrize("level_db", [-23.0, -33.0])
def test_stereo_sine(level_db: float) -> None:
    """EBU Tech 3341, cases 1 and 2."""
    assert meter(dbfs(level_db, 2.0))["loudness.db"][100:] == pytest.approx(level_db, abs=0.1)


def test_momentary_loudness_is_that_of_400_ms() -> None:
    """EBU Tech 3341, case 12: 0.18 s at -20 and 0.22 s at -30 dBFS, over and over, read -23.0 ± 0.1."""
    sound = np.tile(np.concatenate([dbfs(-20.0, 0.18), dbfs(-30.0, 0.22)]), 5)
    assert meter(sound)["loudness.db"][80:] == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize("late_ms", range(0, 20, 3))
def test_a_tone_of_400_ms_is_seen_whole(late_ms: int) -> None:
    """EBU Tech 3341, cases 13 and 14: wherever it begins, its largest momentary loudness is -23.0 ± 0.1."""
    sound = np.concatenate([silence(0.1 + 0.001 * late_ms), dbfs(-23.0, 0.4), silence(0.5)])
    assert meter(sound)["loudness.db"].max() == pytest.approx(-23.0, abs=0.1)


def test_the_weighting_is_the_standards() -> None:
    """Lows cut, highs lifted by 4 dB: figure 4 of annex 1."""
    gains = 10.0 * np.log10(k_curve(np.array([38.0, 100.0, 997.0, 10000.0])))
    assert gains == pytest.approx([-6.0, -1.1, 0.69, 4.0], abs=0.15)
    for hz, gain_db in ((100.0, gains[1]), (10000.0, gains[3])):
        assert meter(dbfs(-20.0, 1.0, hz))["loudness.db"][-1] == pytest.approx(-20.691 + gain_db, abs=0.05)


def test_channels_add_whatever_their_phase() -> None:
    sound = dbfs(-23.0, 1.0)
    assert meter(sound, -sound)["loudness.db"][-1] == pytest.approx(-23.0, abs=0.1)


def test_mean_square_peak_and_crest() -> None:
    sine = meter(tone(1000.0, 1.0, 0.5))
    assert sine["rms"][-1] == pytest.approx(0.5 / np.sqrt(2.0), rel=0.01)
    assert sine["peak"][-1] == pytest.approx(0.5, rel=0.01)
    assert sine["crest"][-1] == pytest.approx(3.01 / 24.0, abs=0.005)
    spikes = np.zeros(48000)
    spikes[::4800] = 1.0
    assert meter(spikes)["crest"][-1] > 0.95
    assert meter(np.sign(tone(1000.0, 1.0)))["crest"][-1] < 0.02


def test_silence_rests_and_a_burst_is_forgotten() -> None:
    read = meter(np.concatenate([silence(0.5), noise(0.5, 1.0), silence(0.5)]))
    assert read["loudness.db"][50] == read["loudness.db"][-1] == -100.0
    assert read["rms"][-1] == read["peak"][-1] == read["crest"][-1] == 0.0
