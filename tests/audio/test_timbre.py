from __future__ import annotations

import numpy as np
import pytest

from tests.audio.hops import HOP_S, spectra
from tests.audio.sounds import at, band, click, noise, silence, tone
from visuals.audio.bands import Bands
from visuals.audio.timbre import Timbre


def hear(samples: np.ndarray) -> dict[str, np.ndarray]:
    bands, timbre = Bands(), Timbre()
    heard = []
    for hop, magnitudes in spectra(samples):
        power = np.square(magnitudes)
        fine = bands.measure(hop, power).fine
        heard.append(timbre.hear(magnitudes, power, fine, not hop.any(), HOP_S))
    return {name: np.array([h[name] for h in heard]) for name in heard[0]}


def steady(samples: np.ndarray) -> dict[str, float]:
    return {name: float(np.median(values[-80:])) for name, values in hear(samples).items()}


@pytest.mark.parametrize(("hz", "place"), [(300.0, 0.165), (1225.0, 0.5), (5000.0, 0.835)])
def test_brightness_is_the_centroid_in_octaves(hz: float, place: float) -> None:
    assert steady(tone(hz, 1.0))["brightness"] == pytest.approx(place, abs=0.04)


def test_noise_is_noisy_and_a_tone_is_not() -> None:
    hiss, hum = steady(noise(1.0)), steady(tone(500.0, 1.0))
    assert hiss["noisiness"] > 0.9
    assert hum["noisiness"] < 0.05


def test_rolloff_is_where_85_percent_of_the_power_lies_below() -> None:
    place = np.log2(5000.0 / 150.0) / np.log2(16000.0 / 150.0)
    assert steady(tone(5000.0, 1.0))["rolloff"] == pytest.approx(place, abs=0.03)
    white = 140.0 + 0.85 * (20000.0 - 140.0)
    assert steady(noise(1.0))["rolloff"] == pytest.approx(
        min(1.0, np.log2(white / 150.0) / np.log2(16000.0 / 150.0)), abs=0.03
    )


def test_drums_are_restless_and_struck_and_a_chord_is_neither() -> None:
    chord = sum(tone(hz, 4.0, 0.1) for hz in (220.0, 277.2, 329.6))
    drums, held = hear(band(4.0)[0]), hear(chord)
    late = slice(200, None)
    for name in ("flux", "percussive"):
        assert drums[name][late].mean() > held[name][late].mean() + 0.15, name
    assert held["percussive"][late].max() < 0.05
    assert held["flux"][late].max() < 0.2


def test_an_attack_shows_within_two_hops() -> None:
    base = tone(220.0, 2.0, 0.05)
    heard = hear(base + at([1.0], click(), 2.0))
    start = int(1.0 / HOP_S)
    assert heard["percussive"][start - 5] < 0.1
    assert heard["percussive"][start : start + 3].max() > 0.3


def test_colour_does_not_depend_on_level_and_rests_in_silence() -> None:
    sound, _ = band(3.0)
    loud, quiet = hear(sound), hear(0.01 * sound)
    for name in loud:
        assert quiet[name][100:].mean() == pytest.approx(loud[name][100:].mean(), abs=0.03), name
    ended = hear(np.concatenate([sound, silence(1.0)]))
    assert all(values[-1] < 0.01 for values in ended.values())
