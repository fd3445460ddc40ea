from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from visuals.render.dream import STALE, Dream, drift
from visuals.render.gpu import Gpu, Target
from visuals.render.isf.program import Onto
from visuals.types import Frame

CANVAS = (64, 32)


def flat(index: int, level: int) -> Frame:
    return Frame(index, 0.0, np.full((8, 16, 4), level, np.uint8))


@pytest.fixture
def target(gpu: Gpu) -> Iterator[Target]:
    target = gpu.target(CANVAS)
    yield target
    target.release()


@pytest.fixture
def dream(gpu: Gpu) -> Iterator[Dream]:
    dream = Dream(gpu, CANVAS)
    yield dream
    dream.release()


def shown(dream: Dream, target: Target, frame: Frame | None, now: float) -> np.ndarray:
    target.clear(a=1.0)
    dream.take(frame, now)
    dream.prepare(now)
    dream.lay(Onto(target, "over"))
    return target.read()[::-1, :, :3].astype(int)


def test_nothing_before_the_first_dream(dream: Dream, target: Target) -> None:
    assert not shown(dream, target, None, 0.0).any()
    dream.warm_up(Onto(target))
    assert not shown(dream, target, None, 0.0).any()


def test_the_first_dream_shows_at_once(dream: Dream, target: Target) -> None:
    assert np.abs(shown(dream, target, flat(0, 200), 5.0) - 200).max() <= 1


def test_dreams_at_20_hz_move_at_60(dream: Dream, target: Target) -> None:
    levels = []
    for n in range(60):
        level = 40 + 10 * (n // 3)
        levels.append(int(shown(dream, target, flat(n // 3, level), n / 60)[0, 0, 0]))
    steps = np.diff(levels[30:])
    assert steps.min() >= 2
    assert steps.max() <= 5


def test_an_early_dream_does_not_jump(dream: Dream, target: Target) -> None:
    """Dreams at 10 Hz, then one after 50 ms: it starts from what is shown, half way to the one before."""
    for n in range(60):
        shown(dream, target, flat(n // 6, 0), n / 60)
    rise = [int(shown(dream, target, flat(10, 240), (60 + n) / 60)[0, 0, 0]) for n in range(3)]
    early = int(shown(dream, target, flat(11, 0), 63 / 60)[0, 0, 0])
    assert rise == pytest.approx([40, 80, 120], abs=12)
    assert 60 < early < rise[-1]


def test_the_same_dream_is_taken_once(dream: Dream, target: Target) -> None:
    shown(dream, target, flat(0, 100), 0.0)
    assert np.abs(shown(dream, target, flat(0, 7), 0.1) - 100).max() <= 1


def test_row_0_is_on_top_and_edges_stay_sharp(dream: Dream, target: Target) -> None:
    pixels = np.zeros((8, 16, 4), np.uint8)
    pixels[:4, :, 0] = pixels[:, :8, 1] = 255
    picture = shown(dream, target, Frame(0, 0.0, pixels), 0.0)
    assert (picture[:10, :, 0] > 245).all()
    assert (picture[-10:, :, 0] < 10).all()
    assert (picture[:, :26, 1] > 245).all()
    assert (picture[:, -26:, 1] < 10).all()
    assert not picture[..., 2].any()


def test_a_dream_of_the_canvas_size_is_itself(dream: Dream, target: Target) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (32, 64, 4), np.uint8)
    assert np.abs(shown(dream, target, Frame(0, 0.0, pixels), 0.0) - pixels[..., :3]).max() <= 1


def test_an_old_dream_keeps_moving(dream: Dream, target: Target) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (8, 16, 4), np.uint8)
    shown(dream, target, Frame(0, 0.0, pixels), 0.0)
    still = shown(dream, target, None, STALE * 0.9)
    later = [shown(dream, target, None, t) for t in (5.0, 6.0, 600.0, 601.0)]
    assert np.abs(shown(dream, target, None, 5.0) - still).mean() > 2
    assert np.abs(later[1] - later[0]).mean() > 1
    assert np.abs(later[3] - later[2]).mean() > 1


def test_the_drift_begins_gently_and_is_bounded() -> None:
    assert drift(-1.0) == drift(0.0) == (1.0, 0.0, 0.0, 0.0)
    assert np.abs(np.subtract(drift(1 / 60), drift(0.0))).max() < 1e-3
    all_night = np.array([drift(t) for t in np.linspace(0.0, 36_000.0, 20_000)])
    assert all_night[:, 0].min() > 0.6
    assert np.abs(all_night[:, 1:]).max() < 0.25
