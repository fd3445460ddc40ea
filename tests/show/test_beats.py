"""Counting beats: each once, at its time, whatever happens to the phases meanwhile."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visuals.show.beats import MOST_BEATS, BeatCounter, Metre


def metre(place: float, bpm: float = 120.0, beats: int = 4, first: int = 0) -> Metre:
    """The phases at `place` beats, bars counted from beat `first`."""
    bar, phrase = (place - first) / beats % 1.0, (place - first) / (8 * beats) % 1.0
    return Metre(place % 1.0, bar, phrase, bpm, beats, int(np.floor(place - first)) % beats)


def count(places: list[float], times: list[float], bpm: float = 120.0, beats: int = 4) -> list[tuple[str, float]]:
    counter = BeatCounter()
    return [
        (event.name, event.time)
        for place, time in zip(places, times, strict=True)
        for event in counter.step(metre(place, bpm, beats), time)
    ]


@settings(max_examples=40)
@given(st.floats(40.0, 240.0), st.integers(2, 7), st.sampled_from([15, 30, 60, 144]), st.floats(0.0, 1.0))
def test_every_beat_comes_once_at_any_rate(bpm: float, beats: int, fps: int, start: float) -> None:
    times = [n / fps for n in range(20 * fps)]
    places = [start + t * bpm / 60.0 for t in times]
    told = count(places, times, bpm, beats)
    due = np.arange(np.floor(start) + 1, np.floor(places[-1]) + 1)
    assert [t for name, t in told if name == "beat"] == pytest.approx((due - start) * 60.0 / bpm, abs=1e-6)
    assert len([n for n, _ in told if n == "downbeat"]) == sum(d % beats == 0 for d in due)
    assert len([n for n, _ in told if n == "phrase"]) == sum(d % (8 * beats) == 0 for d in due)


@settings(max_examples=20)
@given(st.integers(0, 1000))
def test_corrections_neither_repeat_nor_lose_a_beat(seed: int) -> None:
    """Hops whose phase is off by up to 0.1 beat, back and forth across the beats."""
    random = np.random.default_rng(seed)
    times = [n / 60 for n in range(1200)]
    places = [0.5 + 2.0 * t + random.uniform(-0.1, 0.1) for t in times]
    told = count(places, times)
    beats = [t for name, t in told if name == "beat"]
    assert len(beats) == 40
    assert np.diff(beats).min() > 0.25
    assert len([n for n, _ in told if n == "downbeat"]) == 10


def test_a_beat_that_is_pulled_back_is_not_told_again() -> None:
    told = count([0.9, 1.02, 0.97, 1.01, 1.5, 2.01], [0.0, 0.06, 0.075, 0.1, 0.35, 0.6])
    assert [name for name, _ in told] == ["beat", "beat"]


def test_a_long_step_makes_up_for_the_beats_within_it() -> None:
    told = count([3.5, 6.5], [10.0, 11.5])
    assert told == [("beat", 10.25), ("downbeat", 10.25), ("beat", 10.75), ("beat", 11.25)]


def test_an_hour_of_pause_brings_no_flood() -> None:
    told = count([0.5, 7200.5], [0.0, 3600.0])
    assert len([name for name, _ in told if name == "beat"]) == MOST_BEATS


def test_a_beat_that_is_renamed_one_in_its_first_half_is_a_downbeat_still_and_once() -> None:
    counter = BeatCounter()
    counter.step(metre(1.9), 0.0)
    assert [e.name for e in counter.step(metre(2.1), 0.1)] == ["beat"]
    assert [e.name for e in counter.step(metre(2.2, first=2), 0.15)] == ["downbeat", "phrase"]
    assert counter.step(metre(2.3, first=2), 0.2) == ()
    assert [e.name for e in counter.step(metre(3.0, first=2), 0.55)] == ["beat"]


def test_a_beat_that_is_renamed_too_late_stays_what_it_was() -> None:
    counter = BeatCounter()
    counter.step(metre(1.9), 0.0)
    counter.step(metre(2.1), 0.1)
    assert counter.step(metre(2.7, first=2), 0.4) == ()
