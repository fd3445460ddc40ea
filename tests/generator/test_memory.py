from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visuals.generator.memory import KEPT_AT_30_HZ, Glide, kept, moved

TAU = 0.06
STEPS = st.one_of(st.just(0.0), st.sampled_from([1 / 60, 1 / 30, 1 / 15]), st.floats(0.0, 1e9))


def test_a_glide_is_the_same_at_30_and_120_steps() -> None:
    ends = []
    for rate in (30, 120):
        glide = Glide(0.1)
        glide.step(np.zeros(2, np.float32), 0.0)
        for _ in range(rate // 5):
            end = glide.step(np.ones(2, np.float32), 1.0 / rate)
        ends.append(end)
    np.testing.assert_allclose(ends[0], ends[1], atol=1e-5)


def test_a_glide_neither_pops_nor_overshoots_and_arrives() -> None:
    glide = Glide(0.06)
    glide.step(np.zeros(1, np.float32), 0.0)
    path = [float(glide.step(np.ones(1, np.float32), 1.0 / 60.0)[0]) for _ in range(60)]
    assert path[0] < 0.1
    assert max(path) <= 1.0 + 1e-5
    assert path[14] > 0.89
    assert path[-1] == pytest.approx(1.0, abs=1e-3)


def test_the_first_goal_is_taken_at_once() -> None:
    assert Glide(1.0).step(np.full(3, 0.7, np.float32), 0.0) == pytest.approx(0.7)


@settings(max_examples=100)
@given(st.lists(st.tuples(st.floats(-1.0, 1.0), STEPS), min_size=2, max_size=40))
def test_a_glide_keeps_to_its_bound_and_its_span(history: list[tuple[float, float]]) -> None:
    glide = Glide(TAU)
    path = [float(glide.step(np.array([goal]), dt)[0]) for goal, dt in history]
    for (a, b), (_, dt) in zip(itertools.pairwise(path), history[1:], strict=True):
        assert abs(b - a) <= 2.0 / (math.e * TAU) * dt + 1e-9
        assert abs(b) <= 1.0 + 1e-9


@settings(max_examples=100)
@given(st.lists(st.tuples(st.floats(0.0, 1.0), STEPS), min_size=2, max_size=40))
def test_what_goes_round_keeps_to_its_bound(history: list[tuple[float, float]]) -> None:
    glide = Glide(TAU, round=slice(0, 1))
    path = [float(glide.step(np.array([goal]), dt)[0]) for goal, dt in history]
    for (a, b), (_, dt) in zip(itertools.pairwise(path), history[1:], strict=True):
        assert abs((b - a + 0.5) % 1.0 - 0.5) <= dt / (4.0 * TAU) + 1e-9


@pytest.mark.parametrize("seconds", [1 / 30, 1 / 15, 0.25])
def test_the_worst_square_wave_comes_near_the_bound_of_a_glide(seconds: float) -> None:
    glide = Glide(TAU)
    glide.step(np.zeros(1), 0.0)
    path = [0.0]
    for n in range(600):
        path += [float(glide.step(np.array([float(n * 0.005 % (2 * seconds) < seconds)]), 0.005)[0])]
    fastest = max(np.abs(np.diff(path))) / 0.005
    assert fastest <= 1.0 / (math.e * TAU)
    if seconds == 0.25:
        assert fastest > 0.9 / (math.e * TAU)


def test_hues_take_the_shorter_way_round() -> None:
    glide = Glide(TAU, round=slice(1, 2))
    glide.step(np.array([0.9, 0.9]), 0.0)
    path = np.array([glide.step(np.array([0.1, 0.1]), 1 / 60) for _ in range(60)])
    assert path[10, 0] == pytest.approx(0.5, abs=0.4)
    assert np.abs((path[:, 1] + 0.5) % 1.0 - 0.5).max() <= 0.1 + 1e-6
    assert path[-1] % 1.0 == pytest.approx(0.1, abs=1e-3)


@settings(max_examples=100)
@given(st.lists(st.floats(-1.0, 1.0), min_size=2, max_size=5), st.integers(0, 3))
def test_leaps_lead_along_the_same_path_at_15_and_at_60_steps(goals: list[float], late: int) -> None:
    paths = []
    for rate in (15, 60):
        glide = Glide(TAU)
        wanted = [goals[max(60 * n // rate - late, 0) // 36 % len(goals)] for n in range(rate * 3)]
        paths.append(np.array([glide.step(np.array([goal]), 1.0 / rate)[0] for goal in wanted])[:: rate // 15])
    # One leap's bound; what the leap before it left is forgotten after 36 / 60 s.
    assert np.abs(paths[0] - paths[1]).max() <= 2.0 / (math.e * TAU) * (1 / 15 - 1 / 60) + 0.01


@pytest.mark.parametrize("wanted", [0.1, 0.5, 0.7])
def test_a_memory_keeps_the_same_per_second_at_15_and_at_60_pictures(wanted: float) -> None:
    assert kept(wanted, 1 / 60) ** 60 == pytest.approx(kept(wanted, 1 / 15) ** 15, rel=1e-6)


@settings(max_examples=100)
@given(st.floats(0.0, 1.0), st.floats(0.0, 1e9))
def test_a_memory_never_keeps_more_than_was_taught(wanted: float, dt: float) -> None:
    assert 0.0 <= kept(wanted, dt) <= KEPT_AT_30_HZ


def blob(x: int, y: int) -> np.ndarray:
    latents = np.zeros((1, 32, 64), np.float32)
    latents[0, y - 1 : y + 2, x - 1 : x + 2] = 1.0
    return latents


def centre(latents: np.ndarray) -> tuple[float, float]:
    y, x = np.mgrid[0:32, 0:64]
    return float((latents[0] * x).sum() / latents.sum()), float((latents[0] * y).sum() / latents.sum())


def test_nothing_moves_without_motion() -> None:
    latents = blob(20, 12)
    assert moved(latents, 1.0, 0.0, 0.0, 0.0, 0.0) is latents


def test_shifts_go_right_and_up() -> None:
    x, y = centre(moved(blob(20, 20), 0.5, 0.0, 0.0, 0.25, 0.25))
    assert x == pytest.approx(28.0, abs=0.1)
    assert y == pytest.approx(16.0, abs=0.1)


def test_zoom_pushes_away_from_the_middle() -> None:
    x, _ = centre(moved(blob(40, 16), 1.0, 0.5, 0.0, 0.0, 0.0))
    assert x - 31.5 == pytest.approx((40 - 31.5) * np.exp(0.5), abs=0.5)


def test_rotation_turns_against_the_clock_by_turns_per_second() -> None:
    turned = moved(blob(41, 16), 0.25, 0.0, 1.0, 0.0, 0.0)[0]
    assert turned[6, 31] > 0.4
    assert turned[25, 31] == 0.0


def test_what_comes_in_over_the_edge_is_no_void() -> None:
    ones = np.ones((2, 32, 64), np.float32)
    np.testing.assert_allclose(moved(ones, 1.0, -0.9, 0.13, 0.6, -0.4), 1.0, atol=1e-5)
