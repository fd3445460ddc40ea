"""The noise of a text model: one white noise, whose shapes and details walk each at its own speed."""

from __future__ import annotations

import math

import numpy as np
import pytest

from visuals.generator.latents import Grain
from visuals.generator.text.noise import SHAPES, Noise
from visuals.types import Controls, Float32s

ACROSS, CHANNELS, STILL = (48, 32), 4, {"walk": 0.0}


def walked(controls: Controls, count: int = 30, hz: float = 30.0, seed: int = 5) -> Float32s:
    noise = Noise(seed, ACROSS, CHANNELS)
    for _ in range(count):
        noise.step(controls, 1.0 / hz)
    return noise.now()


def frequencies(noise: Float32s) -> np.ndarray:
    """The orthonormal DCT-II of both sides, from its definition."""
    for axis in (1, 2):
        count = noise.shape[axis]
        n, k = np.arange(count) + 0.5, np.arange(count)
        table = np.cos(np.pi / count * np.outer(k, n)) * math.sqrt(2.0 / count)
        table[0] *= math.sqrt(0.5)
        noise = np.moveaxis(np.tensordot(table, noise, (1, axis)), 0, axis)
    return noise


@pytest.mark.parametrize(("name", "shapes_walk"), [("walk.low", True), ("walk.high", False)])
def test_each_speed_moves_its_own_frequencies(name: str, shapes_walk: bool) -> None:
    moved = np.abs(frequencies(walked(STILL | {name: 2.0}) - walked(STILL))).max(axis=0)
    low = np.zeros(moved.shape, bool)
    low[: round(SHAPES * ACROSS[1]), : round(SHAPES * ACROSS[0])] = True
    walking, standing = (low, ~low) if shapes_walk else (~low, low)
    assert moved[walking].min() > 0.1
    assert moved[standing].max() < 1e-5


@pytest.mark.parametrize("asked", [{"walk": 1.0}, {"walk": 0.5, "walk.low": 0.5, "walk.high": 0.5}])
def test_equal_speeds_are_one_walk(asked: Controls) -> None:
    grain = Grain(5, ACROSS, CHANNELS)
    for _ in range(30):
        grain.step(1.0 / 30.0, 1.0)
    assert walked(asked) == pytest.approx(grain.noise(), abs=1e-6)


def test_noise_stays_white_wherever_its_parts_are() -> None:
    asked = {"walk": 0.3, "walk.low": 1.0, "walk.high": 3.0, "jump": 0.5}
    seen = np.stack([frequencies(walked(asked, 60, seed=seed)) for seed in range(40)])
    assert seen.mean() == pytest.approx(0.0, abs=0.01)
    assert seen.std() == pytest.approx(1.0, abs=0.01)
    low = seen[..., : round(SHAPES * ACROSS[1]), : round(SHAPES * ACROSS[0])]
    assert low.std() == pytest.approx(1.0, abs=0.05)


def test_the_path_is_the_same_at_any_rate() -> None:
    asked = {"walk.low": 1.0, "walk.high": 2.0}
    assert walked(asked, 15, 15.0) == pytest.approx(walked(asked, 60, 60.0), abs=1e-4)


def test_reseed_leaves_with_both_parts_and_arrives() -> None:
    noise = Noise(5, ACROSS, CHANNELS)
    for n in range(60):
        noise.step(STILL | {"reseed": float(n > 0)}, 1.0 / 30.0)
    seen = np.corrcoef([noise.now().ravel(), walked(STILL).ravel()])[0, 1]
    assert abs(seen) < 0.1


@pytest.mark.parametrize("across", [(2, 2), (8, 8), (96, 48)])
def test_any_size_has_both_parts(across: tuple[int, int]) -> None:
    noise = Noise(1, across, CHANNELS)
    first = noise.now()
    noise.step({"walk": 0.0, "walk.low": 4.0}, 0.25)
    assert first.shape == (CHANNELS, across[1], across[0])
    assert not np.allclose(first, noise.now())
