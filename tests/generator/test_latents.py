from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visuals.generator import latents
from visuals.generator.latents import FASTEST, RATES, SETTING_OUT, Grain, Walk, mirror, places, spread

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


def autocorrelation(noise: np.ndarray, right: int, up: int) -> float:
    """Mean product of each number with its neighbour, over all pictures and channels."""
    rows, columns = noise.shape[-2:]
    return float((noise[..., up:, right:] * noise[..., : rows - up, : columns - right]).mean())


def test_the_grain_is_white_wherever_the_walk_stands() -> None:
    grains = []
    for seed in range(12):
        grain = Grain(seed, SIZE)
        for _ in range(5):
            grain.step(1.0, 4.0)
        grains.append(grain.noise())
    noise = np.stack(grains)
    assert noise.shape == (12, 8, 32, 64)
    assert noise.dtype == np.float32
    assert abs(noise.mean()) < 0.01
    assert abs(noise.std() - 1.0) < 0.01
    for right, up in ((1, 0), (0, 1), (1, 1), (2, 0), (0, 2), (5, 3)):
        assert abs(autocorrelation(noise, right, up)) < 0.01


@pytest.mark.parametrize("symmetry", [0.3, 0.7, 1.0])
def test_a_mirrored_grain_keeps_its_variance(symmetry: float) -> None:
    noise = np.stack([mirror(Grain(seed, SIZE).noise(), symmetry) for seed in range(8)])
    assert abs(noise.std() - 1.0) < 0.02
    if symmetry == 1.0:
        np.testing.assert_allclose(noise, noise[..., ::-1, ::-1], atol=1e-5)


def test_a_smaller_picture_begins_with_the_low_frequencies_of_the_larger_one() -> None:
    large, small = Grain(3, SIZE), Grain(3, (SIZE[0] // 2, SIZE[1] // 2))
    for grain in (large, small):
        grain.step(2.0, 1.0)
    # Ideal low-pass, then every second place between: the cosine transform's own halving.
    up, across = (latents.cosines(n) for n in (SIZE[1], SIZE[0]))
    frequencies = (up.T @ large.noise() @ across)[:, : SIZE[1] // 2, : SIZE[0] // 2]
    halved = latents.cosines(SIZE[1] // 2) @ frequencies @ latents.cosines(SIZE[0] // 2).T
    np.testing.assert_allclose(small.noise(), halved, atol=1e-4)
    # Which the eye sees too: the mean of four neighbours is much like the one place.
    blocks = large.noise().reshape(8, SIZE[1] // 2, 2, SIZE[0] // 2, 2).mean(axis=(2, 4))
    assert np.corrcoef(blocks.ravel(), small.noise().ravel())[0, 1] > 0.7


def test_grain_and_field_have_nothing_in_common() -> None:
    pairs = [(Walk(s).lattice()[0], Grain(s, (32, 16)).noise()[:4]) for s in range(24)]
    field, grain = (np.stack(part).ravel() for part in zip(*pairs, strict=True))
    assert abs(np.corrcoef(field, grain)[0, 1]) < 0.02


WALKS = [lambda seed: Walk(seed), lambda seed: Grain(seed, (8, 4))]


@pytest.mark.parametrize("make", WALKS)
def test_a_walk_that_sets_out_glides_to_the_next_seed_of_the_series(make: type[Walk]) -> None:
    walk, other = make(5), make(5)
    walk.step(1.3, 2.0)
    before = walk._here()
    walk.set_out()
    np.testing.assert_allclose(walk._here(), before, atol=1e-6)
    other.set_out()
    for part in (walk, other):
        for _ in range(30):
            part.step(1 / 30, 0.0)
    # The speed runs down to 0 over the first step; for the rest both stand where number 1 of the series is.
    walk.distance = other.distance
    assert (walk._here() == other._here()).all()
    assert np.abs(other._here() - make(5)._here()).mean() > 0.5
    assert np.abs(other._here() - make(6)._here()).mean() > 0.5


def test_the_way_to_another_seed_is_as_gaussian_as_the_walks() -> None:
    walk = Walk(8)
    for n in range(60):
        if n in (0, 20):
            walk.set_out()
        walk.step(1 / 30, 1.0)
        assert abs(walk.lattice().std() - 1.0) < 0.06


MOMENTS = st.tuples(st.floats(-1e6, 1e6), st.floats(0.0, 1.0), st.floats(0.0, 0.25), st.booleans())


@pytest.mark.parametrize("make", WALKS)
@settings(max_examples=60)
@given(history=st.lists(MOMENTS, max_size=20))
def test_no_number_of_a_walk_turns_faster_than_the_bound(
    make: type[Walk], history: list[tuple[float, float, float, bool]]
) -> None:
    walk = make(2)
    for speed, jump, dt, leave in history:
        before, distance = walk._here(), walk.distance
        if leave:
            walk.set_out()
            distance = 0.0
        walk.step(dt, speed, jump)
        assert abs(walk.distance - distance) <= FASTEST * dt + 1e-9
        left = 0.0 if walk._left is None else walk._left
        radius = np.sqrt(walk._start**2 + walk._aim**2 + left**2)
        moved = np.abs(walk._here() - before)
        assert (moved <= (RATES[1] * FASTEST + SETTING_OUT) * dt * radius + 1e-5).all()


@settings(max_examples=60)
@given(st.lists(st.floats(0.0, 4.0), min_size=2, max_size=8), st.integers(0, 3))
def test_leaping_speeds_lead_to_the_same_place_at_15_and_at_60_steps(speeds: list[float], late: int) -> None:
    ends = []
    for rate in (15, 60):
        walk = Walk(1)
        for n in range(rate * 3 + 1):
            walk.step(1 / rate if n else 0.0, speeds[max(60 * n // rate - late, 0) // 20 % len(speeds)])
        ends.append(walk.distance)
    leaps = sum(abs(b - a) for a, b in itertools.pairwise([speeds[k % len(speeds)] for k in range(10)]))
    assert abs(ends[0] - ends[1]) <= 0.5 / 15 * leaps + 1e-6
