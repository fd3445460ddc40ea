from __future__ import annotations

import numpy as np
import pytest

from visuals.audio.night import Night

Weights = dict[str, np.ndarray]


def night(*parts: tuple[float, float, float], dt: float = 1.0, seed: int = 0) -> Weights:
    """(minutes, LUFS, onsets a second) one after another, in songs of 3 to 6 minutes that differ by 2 dB.

    Below -90 LUFS there is silence.
    """
    rng = np.random.default_rng(seed)
    watch, heard = Night(), []
    for minutes, level_db, density in parts:
        song_db, left = 0.0, 0.0
        for _ in range(int(minutes * 60 / dt)):
            left -= dt
            if left <= 0.0:
                song_db, left = rng.normal(0.0, 2.0), rng.uniform(180.0, 360.0)
            onsets = int(rng.poisson(density * dt))
            heard.append(watch.hear(level_db + song_db + rng.normal(0.0, 3.0), onsets, level_db < -90.0, dt))
    return {name.removeprefix("night."): np.array([h[name] for h in heard]) for name in heard[0]}


def at(weights: Weights, minute: float) -> str:
    here = {name: float(values[min(len(values) - 1, int(minute * 60))]) for name, values in weights.items()}
    return max(here, key=lambda name: here[name])


def test_weights_add_up_to_one_and_begin_as_arrival() -> None:
    weights = night((60.0, -14.0, 6.0))
    assert weights["arrival"][0] == pytest.approx(1.0, abs=1e-3)
    assert sum(weights.values()) == pytest.approx(1.0)
    assert all(values.min() >= 0.0 for values in weights.values())


@pytest.mark.parametrize("seed", range(3))
def test_an_hours_show_arrives_peaks_and_winds_down(seed: int) -> None:
    weights = night((15.0, -22.0, 4.0), (30.0, -13.0, 8.0), (15.0, -24.0, 3.0), seed=seed)
    assert [at(weights, minute) for minute in (1, 10, 30, 44, 59)] == ["arrival", "arrival", "peak", "peak", "late"]


@pytest.mark.parametrize("seed", range(3))
def test_a_night_of_eight_hours(seed: int) -> None:
    parts = ((90.0, -24.0, 4.0), (60.0, -19.0, 6.0), (210.0, -13.0, 9.0), (60.0, -19.0, 6.0), (60.0, -23.0, 4.0))
    weights = night(*parts, seed=seed)
    assert [at(weights, minute) for minute in (5, 15, 200, 340, 470)] == ["arrival", "arrival", "peak", "peak", "late"]
    assert weights["peak"][170 * 60 : 350 * 60].mean() > 0.7


def test_one_level_glides_from_arrival_to_peak_and_has_no_late() -> None:
    weights = night((90.0, -14.0, 6.0))
    assert at(weights, 10) == "arrival"
    assert at(weights, 80) == "peak"
    assert weights["late"].max() < 0.3


def test_changes_are_slow() -> None:
    weights = night((30.0, -24.0, 4.0), (30.0, -12.0, 9.0))
    for values in weights.values():
        assert np.abs(values[60:] - values[:-60]).max() < 0.4


def test_pauses_do_not_count_and_silence_rests() -> None:
    playing = ((20.0, -22.0, 4.0), (40.0, -13.0, 8.0))
    weights = night(*playing, (30.0, -100.0, 0.0))
    assert at(weights, 89) == at(weights, 59) == "peak"


def test_hops_and_seconds_give_the_same() -> None:
    watch, other = Night(), Night()
    for second in range(300):
        level = -14.0 - 10.0 * (second < 100)
        slow = watch.hear(level, 4, False, 1.0)
        for _ in range(4):
            quick = other.hear(level, 1, False, 0.25)
    assert quick == pytest.approx(slow, abs=1e-6)
