from __future__ import annotations

import numpy as np
import pytest

from tests.audio.hops import HOP_S, spectra
from tests.audio.sounds import band, noise, silence, tone
from visuals.audio.bands import Bands, Powers
from visuals.audio.levels import InputGain
from visuals.vocabulary import BANDS_HZ


def hear(samples: np.ndarray, bands: Bands | None = None) -> tuple[dict[str, np.ndarray], list[Powers]]:
    bands, gain = bands or Bands(), InputGain()
    heard, powers = [], []
    for hop, magnitudes in spectra(samples):
        power = float(np.square(hop).mean())
        powers.append(bands.measure(hop, np.square(magnitudes)))
        heard.append(bands.hear(gain.feed(power, HOP_S, power == 0.0), power == 0.0, HOP_S))
    return {name: np.array([h[name] for h in heard]) for name in heard[0]}, powers


@pytest.mark.parametrize(
    ("hz", "name"),
    [(35.0, "sub"), (45.0, "sub"), (100.0, "bass"), (350.0, "lowmid"), (1200.0, "mid"), (4500.0, "high")],
)
def test_a_tone_is_in_its_own_band(hz: float, name: str) -> None:
    _, powers = hear(tone(hz, 0.5, 0.5))
    read = {band: getattr(powers[-1], band) for band in BANDS_HZ}
    assert read[name] == pytest.approx(0.125, rel=0.25)
    others = set(BANDS_HZ) - {name} - ({"bass"} if name == "sub" else set())
    assert all(read[other] < 0.02 for other in others), read


def test_sub_is_told_from_bass() -> None:
    _, powers = hear(tone(110.0, 0.5, 0.5))
    assert powers[-1].sub < 0.03 * powers[-1].bass


def test_fine_bands_share_out_the_whole() -> None:
    _, powers = hear(noise(0.5))
    whole = np.mean([p.whole for p in powers[20:]])
    assert whole == pytest.approx(0.2**2 / 3.0, rel=0.1)
    assert np.mean([p.fine.sum() for p in powers[20:]]) == pytest.approx(whole * (20000.0 - 140.0) / 24000.0, rel=0.03)
    assert powers[-1].fine.shape == (30,)


def test_levels_rise_at_once_and_fall_slowly_without_ripple() -> None:
    sound = np.concatenate([tone(45.0, 1.0), silence(1.0)])
    bands = Bands()
    heard, _ = hear(np.concatenate([silence(0.2), sound]), bands)
    for name in ("sub", "bass"):
        level = heard[name]
        start, end = int(0.2 / HOP_S), int(1.2 / HOP_S)
        steady = level[start + 60 : end]
        assert np.abs(np.diff(steady)).max() < 0.01, name
        assert np.argmax(level > 0.6 * steady.mean()) - start < 0.04 / HOP_S, name
        assert 0.05 < HOP_S * np.argmax(level[end:] < 0.3 * steady.mean()) < 0.4, name


def test_presence_is_slow_and_time_is_the_integral() -> None:
    sound, _ = band(10.0)
    heard, _ = hear(sound)
    for name in BANDS_HZ:
        assert heard[f"{name}.time"] == pytest.approx(HOP_S * np.cumsum(heard[name]), abs=1e-6)
        quick, slow = np.abs(np.diff(heard[name])), np.abs(np.diff(heard[f"{name}.presence"]))
        assert slow.max() < 0.01 < quick.max()
        late = slice(int(6.0 / HOP_S), None)
        assert heard[f"{name}.presence"][late].mean() == pytest.approx(heard[name][late].mean(), abs=0.05)


def test_music_uses_most_of_every_range() -> None:
    sound, _ = band(20.0)
    heard, _ = hear(sound)
    for name in ("loudness", "level", *BANDS_HZ):
        late = heard[name][int(8.0 / HOP_S) :]
        assert np.percentile(late, 99) > 0.7, name
        assert np.percentile(late, 5) < 0.4, name


@pytest.mark.parametrize(("down_db", "near"), [(40.0, 0.03), (60.0, 0.08)])
def test_a_quiet_input_has_the_same_levels(down_db: float, near: float) -> None:
    sound, _ = band(20.0)
    loud, _ = hear(sound)
    quiet, _ = hear(sound * 10.0 ** (-down_db / 20.0))
    late = slice(int(10.0 / HOP_S), None)
    for name in ("loudness", "level", *BANDS_HZ):
        assert quiet[name][late].mean() == pytest.approx(loud[name][late].mean(), abs=near), name


def test_silence_brings_levels_to_rest() -> None:
    sound, _ = band(5.0)
    heard, _ = hear(np.concatenate([sound, silence(1.0)]))
    assert all(heard[name][-1] < 0.02 for name in ("loudness", "level", *BANDS_HZ))
