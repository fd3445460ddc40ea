from __future__ import annotations

import numpy as np
import pytest

from visuals.generator import latents
from visuals.generator.latents import Walk, mirror, places, spread

SIZE = (64, 32)


@pytest.mark.parametrize("steps_per_s", [30, 120, 7])
def test_the_walk_ends_at_the_same_place_at_any_rate(steps_per_s: int) -> None:
    walk, whole = Walk(3), Walk(3)
    for _ in range(4 * steps_per_s):
        walk.step(1.0 / steps_per_s, 0.8)
    whole.step(4.0, 0.8)
    np.testing.assert_allclose(walk.lattice(), whole.lattice(), atol=1e-5)


def test_changing_speeds_lead_to_the_same_place_at_30_and_120_steps() -> None:
    ends = []
    for rate in (30, 120):
        walk = Walk(5)
        for n in range(3 * rate + 1):
            t = n / rate
            walk.step(1.0 / rate if n else 0.0, 0.5 + 0.4 * np.sin(2.0 * t), 0.5 * np.exp(-4.0 * t))
        ends.append(walk.distance)
    assert ends[0] == pytest.approx(ends[1], rel=2e-3)


def test_one_seed_gives_one_walk_and_another_seed_another() -> None:
    a, b, c = Walk(1), Walk(1), Walk(2)
    for walk in (a, b, c):
        walk.step(1.0, 0.3, 0.2)
    assert (a.lattice() == b.lattice()).all()
    assert np.abs(a.lattice() - c.lattice()).mean() > 0.5


def test_every_place_of_the_walk_is_standard_normal() -> None:
    walk = Walk(11)
    for _ in range(5):
        walk.step(1.0, 4.0)
        lattice = walk.lattice()
        assert abs(lattice.mean()) < 0.06
        assert abs(lattice.std() - 1.0) < 0.05


def test_a_standing_walk_stands_and_a_jump_moves_it() -> None:
    walk = Walk(4)
    before = walk.lattice()
    walk.step(1.0, 0.0)
    assert (walk.lattice() == before).all()
    walk.step(0.1, 0.0, 1.0)
    assert np.abs(walk.lattice() - before).mean() > 0.05


def test_small_steps_make_small_changes() -> None:
    walk = Walk(9)
    last, jumps = walk.lattice(), []
    for _ in range(60):
        walk.step(1.0 / 30.0, 0.2)
        jumps.append(np.abs(walk.lattice() - last).max())
        last = walk.lattice()
    assert max(jumps) < 0.06


@pytest.mark.parametrize("scale", [0.0, 0.37, 1.0])
@pytest.mark.parametrize(("symmetry", "most"), [(0.0, 1.12), (0.3, 1.4), (1.0, 1.6)])
def test_the_field_keeps_its_variance(scale: float, symmetry: float, most: float) -> None:
    fields = [spread(mirror(Walk(seed).lattice(), symmetry), scale, SIZE) for seed in range(24)]
    assert 0.88 < np.std(fields) < most
    assert fields[0].shape == (8, 32, 64)


def test_full_symmetry_mirrors_the_field_both_ways() -> None:
    field = spread(mirror(Walk(2).lattice(), 1.0), 0.4, SIZE)
    np.testing.assert_allclose(field, field[:, :, ::-1], atol=1e-5)
    np.testing.assert_allclose(field, field[:, ::-1], atol=1e-5)


def test_a_larger_scale_makes_a_smoother_field() -> None:
    lattice = Walk(2).lattice()
    rough, smooth = (np.abs(np.diff(spread(lattice, scale, SIZE), axis=2)).mean() for scale in (0.0, 1.0))
    assert smooth < 0.6 * rough


def test_places_are_upright_and_fold_with_symmetry() -> None:
    free, folded = places(SIZE, 0.0), places(SIZE, 1.0)
    assert free[0, 0, 0] < 0 < free[0, 0, -1]
    assert free[1, -1, 0] < 0 < free[1, 0, 0]
    assert folded[:2].min() >= 0.0


def test_the_field_has_as_many_channels_as_the_model_has_latents() -> None:
    assert latents.OCTAVES * latents.CHANNELS == 8
