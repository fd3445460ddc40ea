from __future__ import annotations

import numpy as np
import pytest

from visuals.generator.memory import Glide, moved


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
