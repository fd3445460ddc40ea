"""A step at a smaller size looks to its player like one at full size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from visuals.generator import backends, latents
from visuals.generator.backends import Inputs
from visuals.generator.backends.scaled import Scaled, enlarged, shrunk
from visuals.generator.card import read_card
from visuals.generator.ladder import Size
from visuals.types import Float32s, Pixels

FULL, SMALL = (512, 256), (352, 192)


class Echo:
    """Gives back what it was told: clean latents are the noisy ones, the picture shows the first channel."""

    name = "echo"

    def __init__(self, size: Size) -> None:
        self.size = size

    def __call__(self, inputs: Inputs) -> tuple[Float32s, Pixels]:
        assert inputs.noisy.shape[:1:-1] == (self.size[0] // 8, self.size[1] // 8)
        level = np.clip(128.0 + 50.0 * inputs.noisy[0, 0], 0.0, 255.0).astype(np.uint8)
        pixels = np.repeat(np.repeat(level, 8, 0), 8, 1)[..., None].repeat(4, -1)
        pixels[..., 3] = 255
        return inputs.noisy, pixels


@pytest.fixture(scope="module")
def told(model: Path) -> Inputs:
    return backends.example(read_card(model), FULL)


def test_the_player_sees_its_own_size_whatever_the_work_is_done_at(told: Inputs) -> None:
    step = Scaled(Echo, FULL)
    for size in (FULL, SMALL, (256, 128), FULL):
        step.use(size)
        clean, pixels = step(told)
        assert clean.shape == told.noisy.shape
        assert pixels.shape == (256, 512, 4)
        assert (pixels[..., 3] == 255).all()


def test_at_full_size_nothing_is_touched(told: Inputs) -> None:
    clean, pixels = Scaled(Echo, FULL)(told)
    wanted = Echo(FULL)(told)
    assert (clean == wanted[0]).all()
    assert (pixels == wanted[1]).all()


def test_shapes_stay_where_they_are(told: Inputs) -> None:
    small = shrunk(told, (28, 56))
    drawn = latents.spread(latents.Walk(0).lattice(), 0.5, (56, 28))
    assert small.noise.dtype == np.float32
    assert np.linalg.norm(small.noise[0] - drawn) < 0.06 * np.linalg.norm(drawn)
    assert np.abs(small.places[0, :2] - latents.places((56, 28), 0.0)[:2]).max() < 1e-5


def test_grain_keeps_its_strength_and_what_is_the_noise_stays_the_noise(told: Inputs) -> None:
    grain = np.random.default_rng(1).standard_normal(told.noisy.shape).astype(np.float32)
    assert shrunk(told._replace(noisy=grain), (24, 44)).noisy.std() == pytest.approx(1.0, abs=0.05)
    small = shrunk(told, (24, 44))
    assert small.noisy == pytest.approx(small.noise)


@pytest.mark.parametrize("to", [(28, 56), (24, 44), (16, 32)])
def test_a_memory_held_at_a_smaller_size_does_not_drift(told: Inputs, to: tuple[int, int]) -> None:
    step = Scaled(Echo, FULL)
    step.use((8 * to[1], 8 * to[0]))
    first, _ = step(told._replace(noise=0.0 * told.noise))
    again, _ = step(told._replace(noisy=first, noise=0.0 * told.noise))
    assert (first == again).all()


def test_a_picture_is_enlarged_evenly() -> None:
    ramp = np.zeros((128, 256, 4), np.uint8)
    ramp[..., 0], ramp[..., 3] = np.arange(256), 255
    large = enlarged(ramp, FULL)
    assert large.shape == (256, 512, 4)
    assert np.abs(large[..., 0].astype(int) - np.arange(512)[None] // 2).max() <= 1
    assert (large[..., 1:3] == 0).all()


def test_sizes_are_opened_in_the_background_the_smallest_first() -> None:
    opened: list[Size] = []

    def open_at(size: Size) -> Echo:
        opened.append(size)
        return Echo(size)

    step = Scaled(open_at, FULL)
    step.prepare([FULL, SMALL, (256, 128)])
    assert step._thread is not None
    step._thread.join()
    assert not step.preparing
    step.use(SMALL)
    assert opened == [FULL, (256, 128), SMALL]
    step.reload()
    assert opened[-1] == SMALL
    step.close()
