from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from visuals.audio.beat.clock import BeatClock, Position

COMMANDS = st.lists(
    st.tuples(
        st.floats(0.02, 1.5),
        st.floats(30.0, 300.0),
        st.floats(0.0, 0.999),
        st.sampled_from(["follow", "follow", "follow", "tap", "shift", "double", "halve", "align", "section", "coast"]),
    ),
    max_size=30,
)


def perform(commands: list[tuple[float, float, float, str]], step: float) -> list[Position]:
    clock, positions, now = BeatClock(), [], 0.0
    positions.append(clock.advance(0.0))
    for gap, bpm, phase, kind in [*commands, (2.0, 120.0, 0.0, "coast")]:
        end = now + gap
        positions += [clock.advance(float(t)) for t in np.arange(now, end, step)] + [clock.advance(end)]
        now = end
        if kind == "follow":
            clock.follow(now, bpm, phase, 0.8)
        elif kind == "tap":
            clock.tap(now)
        elif kind == "shift":
            clock.shift(now, 0.1 * (phase - 0.5))
        elif kind in ("double", "halve"):
            clock.scale(now, 2.0 if kind == "double" else 0.5)
        elif kind == "align":
            clock.align(clock.beat_near(now)[0] - int(4 * phase), 3 if phase < 0.5 else 4, 0.9)
        elif kind == "section":
            clock.section(now - 4.0 * phase)
        else:
            clock.coast()
    return positions


@settings(max_examples=60)
@example([(0.99609375, 30.0, 0.0, "align"), (1.5, 30.0, 0.0, "section")])  # a hair before the bar line
@given(COMMANDS)
def test_phases_never_step_back(commands: list[tuple[float, float, float, str]]) -> None:
    for before, after in pairwise(perform(commands, 1 / 240)):
        for name in ("beat_phase", "bar_phase", "phrase_phase"):
            step = (getattr(after, name) - getattr(before, name)) % 1.0
            assert step < 0.5 or step > 1.0 - 1e-9, name
            assert 0.0 <= getattr(after, name) < 1.0
        assert 0.0 <= after.confidence <= 1.0
        assert after.next >= 0.0


@settings(max_examples=60)
@given(COMMANDS)
def test_any_step_size_gives_the_same(commands: list[tuple[float, float, float, str]]) -> None:
    coarse, fine = perform(commands, 1 / 30), perform(commands, 1 / 120)
    for name in ("bpm", "confidence", "beat_phase", "bar_phase", "phrase_phase", "bar_beat", "beats_per_bar"):
        one, other = getattr(coarse[-1], name), getattr(fine[-1], name)
        turn = (one - other + 0.5) % 1.0 - 0.5 if "phase" in name else one - other
        assert turn == pytest.approx(0.0, abs=1e-6), name
    for name in ("beats", "downbeats", "phrases"):
        times = [[t for p in run for t in getattr(p, name)] for run in (coarse, fine)]
        assert times[0] == pytest.approx(times[1], abs=1e-6), name


def test_an_error_is_pulled_in_within_about_a_beat() -> None:
    clock = BeatClock()
    clock.advance(0.0)
    clock.follow(0.0, 120.0, 0.4, 1.0)
    assert abs(clock.advance(0.5).beat_phase - 0.4) < 0.4 * 0.2
    assert clock.advance(1.5).beat_phase == pytest.approx(0.4, abs=0.01)


def test_the_next_beat_comes_when_it_was_said_to_come() -> None:
    clock = BeatClock()
    clock.advance(0.0)
    clock.follow(0.0, 97.0, 0.7, 1.0)
    said = 0.1 + clock.advance(0.1).next
    assert clock.advance(2.0).beats[0] == pytest.approx(said, abs=1e-6)


def test_a_late_downbeat_moves_the_end_of_the_bar_only_once() -> None:
    clock = BeatClock()
    clock.advance(0.0)
    clock.follow(0.0, 120.0, 0.0, 1.0)
    clock.advance(0.6)
    before = clock.advance(0.61).bar_phase
    clock.align(3, 4, 0.9)
    assert clock.advance(0.61).bar_phase == pytest.approx(before, abs=1e-9)
    clock.align(2, 4, 0.9)
    downs = [t for p in (clock.advance(t) for t in np.arange(0.62, 6.0, 0.01)) for t in p.downbeats]
    assert downs[:2] == pytest.approx([1.5, 3.5], abs=1e-6)


def test_halving_keeps_the_bar_line() -> None:
    clock = BeatClock()
    clock.advance(0.0)
    clock.follow(0.0, 160.0, 0.0, 1.0)
    clock.advance(0.5)
    clock.scale(0.5, factor=0.5)
    downs = [t for p in (clock.advance(t) for t in np.arange(0.5, 6.0, 0.01)) for t in p.downbeats]
    assert downs[0] == pytest.approx(1.5, abs=0.05)
    assert clock.bpm == 80.0


@pytest.mark.parametrize("moment", [10.02, 10.13, 10.25, 10.37, 10.48])
def test_resync_makes_this_beat_one(moment: float) -> None:
    clock = BeatClock()
    clock.advance(0.0)
    clock.follow(0.0, 120.0, 0.0, 1.0)
    clock.advance(moment)
    clock.resync(moment)
    positions = [clock.advance(float(t)) for t in np.arange(moment, moment + 5.5, 0.005)]
    downs = [t for p in positions for t in p.downbeats]
    assert downs[0] == pytest.approx(moment, abs=0.3)
    assert downs[-1] == pytest.approx(moment + 4.0, abs=0.02)
    assert clock.advance(moment + 6.0).phrase_phase == pytest.approx(12 / 32, abs=0.01)
