from __future__ import annotations

import numpy as np
import pytest

from visuals.errors import RigError
from visuals.types import Light, Pixels, Rig, Wall
from visuals.wall.layout import fit_problems
from visuals.wall.raster import Mapper

CANVAS = (64, 32)


def wall(rect: tuple[int, int, int, int], size: tuple[int, int], gamma: float = 1.0, brightness: float = 1.0) -> Wall:
    return Wall("main", rect, size, ("null", {}), Light(gamma, brightness))


def canvas(seed: int = 1) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (CANVAS[1], CANVAS[0], 4), dtype=np.uint8)


def area(pixels: Pixels, size: tuple[int, int]) -> np.ndarray:
    """The exact mean of what each target pixel covers, by repeating pixels to a common grid."""
    height, width = pixels.shape[:2]
    fine = pixels.repeat(size[1], 0).repeat(size[0], 1).astype(float)
    return fine.reshape(size[1], height, size[0], width, 4).mean((1, 3))


@pytest.mark.parametrize("size", [(64, 32), (16, 8), (32, 4), (17, 10), (7, 3), (1, 1), (128, 64), (100, 33)])
def test_a_wall_is_the_area_mean_of_its_rectangle(size: tuple[int, int]) -> None:
    pixels = canvas()
    mapped = Mapper(wall((0, 0, *CANVAS), size), CANVAS).map(pixels)
    assert mapped.shape == (size[1], size[0], 4)
    assert np.abs(mapped[..., :3] - area(pixels, size)[..., :3]).max() <= 0.51


def test_a_wall_is_cut_from_its_place() -> None:
    pixels = canvas()
    mapped = Mapper(wall((5, 7, 20, 11), (20, 11)), CANVAS).map(pixels)
    np.testing.assert_array_equal(mapped[..., :3], pixels[7:18, 5:25, :3])
    assert (mapped[..., 3] == 255).all()


def test_the_whole_canvas_untouched_is_passed_on_without_a_copy() -> None:
    pixels = canvas()
    assert Mapper(wall((0, 0, *CANVAS), CANVAS), CANVAS).map(pixels) is pixels


def test_gamma_and_brightness_are_the_drive_of_a_led() -> None:
    pixels = canvas()
    mapped = Mapper(wall((0, 0, *CANVAS), CANVAS, gamma=2.2, brightness=0.7), CANVAS).map(pixels)
    expected = 255.0 * 0.7 * (pixels[..., :3] / 255.0) ** 2.2
    assert np.abs(mapped[..., :3] - expected).max() <= 0.5


def test_black_stays_black_and_white_white() -> None:
    mapper = Mapper(wall((0, 0, *CANVAS), (17, 10), gamma=2.2), CANVAS)
    assert not mapper.map(np.zeros((32, 64, 4), np.uint8))[..., :3].any()
    assert (mapper.map(np.full((32, 64, 4), 255, np.uint8)) == 255).all()


def test_a_wall_outside_the_canvas_is_refused() -> None:
    outside = wall((32, 0, 64, 32), (64, 32))
    with pytest.raises(RigError, match="reaches to 96 x 32, expected at most 64 x 32"):
        Mapper(outside, CANVAS)
    assert len(fit_problems(Rig("r", (outside, wall((0, 0, 64, 32), (64, 32)))), CANVAS)) == 1
