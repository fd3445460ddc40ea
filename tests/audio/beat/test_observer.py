from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visuals.audio.beat import BeatClock, Position, Tempo


def told(clock: BeatClock, bpm: float, first: float, until: float, confidence: float = 1.0) -> BeatClock:
    """Feed a steady tracker's beats."""
    for beat in np.arange(first, until, 60.0 / bpm):
        clock.advance(float(beat))
        clock.observe(Tempo(float(beat), bpm, confidence, float(beat)))
    return clock


def walk(clock: BeatClock, start: float, end: float, step: float) -> list[Position]:
    return [clock.advance(float(t)) for t in np.arange(start, end, step)]


def test_nothing_is_known_before_the_first_beats() -> None:
    positions = walk(BeatClock(), 0.0, 5.0, 0.01)
    assert not any(p.beats or p.downbeats for p in positions)
    assert positions[-1].confidence == 0.0


def test_beats_fall_on_the_tracked_beats() -> None:
    clock = told(BeatClock(), 128.0, 0.7, 10.0)
    positions = walk(clock, 10.0, 20.0, 1 / 60)
    times = np.array([t for p in positions for t in p.beats])
    off = (times - 0.7 + 30 / 128) % (60 / 128) - 30 / 128
    assert len(times) in (21, 22)
    assert np.abs(off).max() < 0.002
    downs = [t for p in positions for t in p.downbeats]
    assert np.allclose(np.diff(downs), 4 * 60 / 128, atol=0.005)


def test_tempo_is_held_when_nobody_speaks() -> None:
    clock = told(BeatClock(), 100.0, 0.0, 8.0)
    sure = clock.advance(8.0).confidence
    later = clock.advance(28.0)
    assert later.bpm == pytest.approx(100.0)
    assert later.confidence < 0.2 * sure
    assert len(later.beats) > 0


def test_a_new_tempo_must_last_before_it_is_believed() -> None:
    clock = told(BeatClock(), 120.0, 0.0, 8.0)
    assert told(clock, 97.0, 8.0, 9.5).bpm == pytest.approx(120.0)
    assert told(clock, 97.0, 9.8, 14.0).bpm == pytest.approx(97.0, rel=0.01)


def test_an_octave_must_last_longer() -> None:
    clock = told(BeatClock(), 120.0, 0.0, 8.0)
    assert told(clock, 60.0, 8.0, 14.0).bpm == pytest.approx(120.0)
    assert told(clock, 60.0, 14.0, 20.0).bpm == pytest.approx(60.0)


def test_taps_set_tempo_and_phase_and_bind_the_tracker() -> None:
    clock = BeatClock()
    for i in range(5):
        clock.tap(2.0 + 0.5 * i)
    assert clock.bpm == pytest.approx(120.0)
    phase = clock.advance(4.0 + 1.5).beat_phase
    assert min(phase, 1.0 - phase) < 0.1
    assert told(clock, 60.0, 5.5, 30.0).bpm == pytest.approx(120.0)


def test_one_tap_alone_changes_nothing() -> None:
    clock = BeatClock()
    clock.tap(1.0)
    clock.tap(9.0)
    assert clock.bpm == 120.0
    assert not clock.locked


@pytest.mark.parametrize("moment", [10.02, 10.13, 10.25, 10.37, 10.48])
def test_resync_makes_this_beat_one(moment: float) -> None:
    clock = told(BeatClock(), 120.0, 0.0, 10.0)
    walk(clock, 10.0, moment, 0.005)
    clock.resync(moment)
    positions = walk(clock, moment, moment + 5.5, 0.005)
    downs = [t for p in positions for t in p.downbeats]
    assert downs[0] == pytest.approx(moment, abs=0.3)
    # The pull is over after a few beats: bars then begin whole bars after the moment.
    assert downs[-1] == pytest.approx(moment + 4.0, abs=0.02)
    last = clock.advance(moment + 6.0)
    assert last.phrase_phase == pytest.approx(12 / 32, abs=0.01)


def test_absurd_observations_are_left_out() -> None:
    clock = told(BeatClock(), 120.0, 0.0, 8.0)
    for bad in (float("nan"), float("inf")):
        clock.observe(Tempo(8.0, bad, 1.0, 8.0))
        clock.observe(Tempo(8.0, 120.0, 1.0, bad))
    for bpm in (0.0, -5.0, 1e9):
        clock.observe(Tempo(8.1, bpm, 1.0, 8.1))
    assert clock.advance(9.0).bpm == pytest.approx(120.0)


OBSERVATIONS = st.lists(
    st.tuples(
        st.floats(0.02, 1.5),
        st.floats(30.0, 300.0),
        st.floats(-0.1, 0.1),
        st.sampled_from(["beat", "beat", "beat", "tap", "resync"]),
    ),
    max_size=30,
)


def perform(observations: list[tuple[float, float, float, str]], step: float) -> tuple[BeatClock, list[Position]]:
    clock, positions, now = BeatClock(), [], 0.0
    for gap, bpm, early, kind in observations:
        end = now + gap
        positions += [clock.advance(t) for t in np.arange(now, end, step)] + [clock.advance(end)]
        now = end
        if kind == "beat":
            clock.observe(Tempo(now, bpm, 0.8, now + early))
        elif kind == "tap":
            clock.tap(now)
        else:
            clock.resync(now)
    positions += [clock.advance(t) for t in np.arange(now, now + 2.0, step)] + [clock.advance(now + 2.0)]
    return clock, positions


@settings(max_examples=60, deadline=None)
@given(OBSERVATIONS)
def test_any_step_size_gives_the_same(observations: list[tuple[float, float, float, str]]) -> None:
    coarse, fine = perform(observations, 1 / 30), perform(observations, 1 / 120)
    a, b = coarse[1][-1], fine[1][-1]
    assert a.bpm == pytest.approx(b.bpm, rel=1e-9)
    assert a.confidence == pytest.approx(b.confidence, abs=1e-9)
    turn = (a.phrase_phase - b.phrase_phase + 0.5) % 1.0 - 0.5
    assert turn == pytest.approx(0.0, abs=1e-6)
    beats = [[t for p in run[1] for t in p.beats] for run in (coarse, fine)]
    assert beats[0] == pytest.approx(beats[1], abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(OBSERVATIONS)
def test_phases_never_step_back(observations: list[tuple[float, float, float, str]]) -> None:
    _, positions = perform([o for o in observations if o[3] != "resync"], 1 / 120)
    for before, after in pairwise(positions):
        for name in ("beat_phase", "bar_phase", "phrase_phase"):
            step = (getattr(after, name) - getattr(before, name)) % 1.0
            assert step < 0.5 or step > 1.0 - 1e-9, name
            assert 0.0 <= getattr(after, name) < 1.0
