from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visuals.control.tempo.line import Line


@given(st.floats(-100.0, 100.0), st.floats(-50.0, 50.0), st.floats(0.001, 1.0), st.floats(0.5, 1.0))
def test_readings_on_a_line_give_that_line(start: float, slope: float, step: float, kept: float) -> None:
    line = Line(0.0, start, 0.0)
    for n in range(1, 200):
        line.add(n * step, start + slope * n * step, kept)
    assert line.slope == pytest.approx(slope, abs=1e-6)
    assert line.at(200 * step) == pytest.approx(start + slope * 200 * step, abs=1e-6)


def test_it_is_the_least_squares_of_all_readings_where_none_is_forgotten() -> None:
    line = Line(0.0, 1.0, 0.0)
    line.add(1.0, 2.0, 1.0)
    line.add(2.0, 6.0, 1.0)
    assert line.slope == pytest.approx(2.5)
    assert line.at(0.0) == pytest.approx(0.5)


def test_the_end_of_a_long_noisy_line_is_as_sure_as_theory_says() -> None:
    """Brown's double smoothing: variance at the newest reading 1.25 / memory of the readings' own."""
    chance, memory, off = random.Random(2), 20, []
    line, kept = Line(0.0, 0.0, 1.0), 1.0 - 1.0 / memory
    for n in range(1, 20_000):
        line.add(n, n + chance.gauss(0.0, 1.0), kept)
        off.append(line.at(n) - n)
    variance = sum(x * x for x in off[200:]) / len(off[200:])
    assert variance == pytest.approx(1.25 / memory, rel=0.1)


def test_readings_at_one_moment_leave_the_slope() -> None:
    line = Line(1.0, 0.0, 3.0)
    for n in range(100):
        line.add(1.0, n % 2, 0.9)
    assert line.slope == 3.0
    assert line.at(1.0) == pytest.approx(0.5, abs=0.05)


def test_bounded_shifted_and_copied() -> None:
    line = Line(0.0, 0.0, 1.0)
    line.add(1.0, 5.0, 0.5)
    twin = line.copy()
    line.bound(0.0, 2.0)
    line.shift(10.0)
    assert (line.slope, twin.slope) == (2.0, 5.0)
    assert twin.at(1.0) == pytest.approx(5.0)
    assert line.at(1.0) == pytest.approx(14.0)
