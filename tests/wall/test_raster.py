from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from visuals.errors import RigError
from visuals.types import Cabinet, Light, Pixels, Rig, Turn, Wall
from visuals.wall.average import decode, encode
from visuals.wall.layout import fit_problems
from visuals.wall.raster import Mapper

CANVAS = (64, 32)


def wall(rect: tuple[int, int, int, int], size: tuple[int, int], gamma: float = 1.0, brightness: float = 1.0) -> Wall:
    return Wall("main", rect, size, ("null", {}), Light(gamma, brightness))


def canvas(seed: int = 1) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (CANVAS[1], CANVAS[0], 4), dtype=np.uint8)


def area(pixels: Pixels, size: tuple[int, int]) -> np.ndarray:
    """The exact mean light of what each target pixel covers, by repeating pixels to a common grid."""
    height, width = pixels.shape[:2]
    fine = decode(pixels.repeat(size[1], 0).repeat(size[0], 1) / 255.0)
    return 255.0 * encode(fine.reshape(size[1], height, size[0], width, 4).mean((1, 3)))


@pytest.mark.parametrize("size", [(64, 32), (16, 8), (32, 4), (17, 10), (7, 3), (1, 1), (128, 64), (100, 33), (9, 200)])
def test_a_wall_is_the_mean_light_of_its_rectangle(size: tuple[int, int]) -> None:
    for pixels in (canvas(), canvas() // 16):
        mapped = Mapper(wall((0, 0, *CANVAS), size), CANVAS).map(pixels)
        assert mapped.shape == (size[1], size[0], 4)
        assert np.abs(mapped[..., :3] - area(pixels, size)[..., :3]).max() <= 0.6


def test_half_the_light_of_white_is_not_half_its_value() -> None:
    pixels = np.zeros((32, 64, 4), np.uint8)
    pixels[:, ::2] = 255
    mapped = Mapper(wall((0, 0, *CANVAS), (16, 8)), CANVAS).map(pixels)
    assert (mapped[..., :3] == round(255 * (1.055 * 0.5 ** (1 / 2.4) - 0.055))).all()


@pytest.mark.parametrize("value", [0, 1, 2, 5, 40, 128, 254, 255])
def test_what_is_even_stays_as_it_is(value: int) -> None:
    mapped = Mapper(wall((0, 0, *CANVAS), (17, 10)), CANVAS).map(np.full((32, 64, 4), value, np.uint8))
    assert (mapped[..., :3] == value).all()


def test_a_wall_is_cut_from_its_place() -> None:
    pixels = canvas()
    mapped = Mapper(wall((5, 7, 20, 11), (20, 11)), CANVAS).map(pixels)
    np.testing.assert_array_equal(mapped[..., :3], pixels[7:18, 5:25, :3])
    assert (mapped[..., 3] == 255).all()


def test_the_whole_canvas_untouched_is_passed_on_without_a_copy() -> None:
    pixels = canvas()
    assert Mapper(wall((0, 0, *CANVAS), CANVAS), CANVAS).map(pixels) is pixels


def test_a_wall_outside_the_canvas_is_refused() -> None:
    outside = wall((32, 0, 64, 32), (64, 32))
    with pytest.raises(RigError, match="reaches to 96 x 32, expected at most 64 x 32"):
        Mapper(outside, CANVAS)
    assert len(fit_problems(Rig("r", (outside, wall((0, 0, 64, 32), (64, 32)))), CANVAS)) == 1


# ---- cabinets -----------------------------------------------------------------------------------


def cabinet(name: str, raster: tuple[int, int, int, int], at: tuple[int, int], turn: Turn = 0) -> Cabinet:
    """Two mm a pixel; `at` in mm."""
    width, height = raster[2:] if turn in (0, 180) else (raster[3], raster[2])
    return Cabinet(name, raster, (*at, 2.0 * width, 2.0 * height), turn)


def hung(*cabinets: Cabinet, size: tuple[int, int], rect: tuple[int, int, int, int]) -> Wall:
    return replace(wall(rect, size), cabinets=cabinets)


@pytest.mark.parametrize(
    ("turn", "corners"),
    [
        # What the raster's top left, top right, bottom right, bottom left show: corners of the picture, clockwise.
        (0, "abcd"),
        (90, "bcda"),
        (180, "cdab"),
        (270, "dabc"),
    ],
)
def test_a_turned_cabinets_picture_stands_upright(turn: Turn, corners: str) -> None:
    """Hung a quarter clockwise, a cabinet's top is on the right: its first row is the picture's right side."""
    pixels = np.zeros((32, 64, 4), np.uint8)
    width, height = (6, 4) if turn in (0, 180) else (4, 6)
    marks = {"a": (0, 0), "b": (0, width - 1), "c": (height - 1, width - 1), "d": (height - 1, 0)}
    for value, place in enumerate(marks.values(), 1):
        pixels[place] = value
    one = cabinet("A1", (0, 0, 6, 4), (0, 0), turn)
    mapped = Mapper(hung(one, size=(6, 4), rect=(0, 0, width, height)), CANVAS).map(pixels)[..., 0]
    seen = [mapped[0, 0], mapped[0, 5], mapped[3, 5], mapped[3, 0]]
    assert [dict(zip("abcd", range(1, 5), strict=True))[c] for c in corners] == seen


def test_cabinets_lie_in_the_raster_as_their_cables_count_them() -> None:
    pixels = canvas()
    cabinets = (cabinet("A1", (8, 0, 8, 4), (0, 0)), cabinet("A2", (0, 0, 8, 4), (16, 0)))
    mapped = Mapper(hung(*cabinets, size=(16, 4), rect=(10, 5, 16, 4)), CANVAS).map(pixels)
    np.testing.assert_array_equal(mapped[:, 8:, :3], pixels[5:9, 10:18, :3])
    np.testing.assert_array_equal(mapped[:, :8, :3], pixels[5:9, 18:26, :3])


def test_behind_a_gap_the_picture_goes_on_or_is_left_out() -> None:
    pixels = canvas()
    cabinets = (cabinet("A1", (0, 0, 8, 4), (0, 0)), cabinet("A2", (8, 0, 8, 4), (22, 0)))  # 6 mm: 3 pixels
    content = hung(*cabinets, size=(16, 4), rect=(0, 0, 19, 4))
    mapped = Mapper(content, CANVAS).map(pixels)
    np.testing.assert_array_equal(mapped[:, 8:, :3], pixels[:4, 11:19, :3])
    skipped = Mapper(replace(content, gaps="skip", canvas=(0, 0, 16, 4)), CANVAS).map(pixels)
    np.testing.assert_array_equal(skipped[..., :3], pixels[:4, :16, :3])


def test_what_is_no_cabinet_or_is_off_is_dark() -> None:
    off = replace(cabinet("A2", (8, 0, 8, 4), (16, 0)), enabled=False)
    dark = hung(cabinet("A1", (0, 0, 8, 4), (0, 0)), off, size=(20, 6), rect=(0, 0, 16, 4))
    for rect in ((0, 0, 16, 4), (0, 0, 64, 32)):
        mapped = Mapper(replace(dark, canvas=rect), CANVAS).map(np.full((32, 64, 4), 255, np.uint8))
        assert (mapped[:4, :8] == 255).all()
        assert not mapped[:, 8:, :3].any()
        assert not mapped[4:, :, :3].any()
        assert (mapped[..., 3] == 255).all()


def test_a_scaled_picture_is_laid_as_one() -> None:
    pixels = canvas()
    cabinets = (cabinet("A1", (0, 0, 8, 8), (0, 0)), cabinet("A2", (8, 0, 8, 8), (16, 0), 180))
    mapped = Mapper(hung(*cabinets, size=(16, 8), rect=(0, 0, 64, 32)), CANVAS).map(pixels)
    whole = area(pixels, (16, 8))
    assert np.abs(mapped[:, :8, :3] - whole[:, :8, :3]).max() <= 0.6
    assert np.abs(mapped[:, 8:, :3] - whole[::-1, :7:-1, :3]).max() <= 0.6


def test_a_delayed_wall_shows_what_was() -> None:
    late = Mapper(replace(wall((0, 0, *CANVAS), CANVAS), delay=0.05), CANVAS)
    shown = [int(late.map(np.full((32, 64, 4), n, np.uint8), n / 60.0)[0, 0, 0]) for n in range(10)]
    assert shown == [0, 0, 0, 0, 1, 2, 3, 4, 5, 6]
    assert late.map(np.full((32, 64, 4), 99, np.uint8), 13 / 60.0)[0, 0, 0] == 9  # three ticks were lost
