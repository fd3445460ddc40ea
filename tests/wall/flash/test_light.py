"""Light and fields of view, against figures that can be computed by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.wall.flash.adversary import flat
from visuals.types import FlashLimit, Light, Wall
from visuals.wall.flash.field import FIELD_SR, SHARE, venue
from visuals.wall.flash.light import Eye, chromaticity, table

WALL = Wall("main", (0, 0, 40, 30), (40, 30), ("null", {}))


def test_white_is_the_reference_and_the_thresholds_fall_between_the_right_bytes() -> None:
    light = table(Light(), FlashLimit())
    assert light[255] == pytest.approx(1.0)
    assert light[109] - light[64] >= 0.1 > light[108] - light[64]


@pytest.mark.parametrize(
    ("light", "limit", "white"),
    [
        (Light(nits=1500.0), FlashLimit(), 7.5),
        (Light(nits=100.0), FlashLimit(), 1.0),
        (Light(nits=100.0), FlashLimit(reference=48.0), 100.0 / 48.0),
    ],
)
def test_a_bright_wall_is_held_against_the_white_of_the_house(light: Light, limit: FlashLimit, white: float) -> None:
    assert table(light, limit)[255] == pytest.approx(white)


def test_bare_leds_make_the_light_of_the_picture_that_their_drive_comes_from() -> None:
    drives = np.rint(255 * (np.arange(256) / 255) ** 2.2).astype(np.uint8)
    np.testing.assert_allclose(
        table(Light(gamma=2.2), FlashLimit())[drives], table(Light(), FlashLimit()), atol=0.006, rtol=0.02
    )


def test_primaries_have_their_chromaticities() -> None:
    """BT.709, as CIE 1976 u'v'; and black, which has none, is taken for white."""
    u, v = chromaticity(np.array([[1, 0, 0, 1, 0], [0, 1, 0, 1, 0], [0, 0, 1, 1, 0]], np.float32))
    np.testing.assert_allclose(u, [0.4507, 0.1250, 0.1754, 0.1978, 0.1978], atol=2e-4)
    np.testing.assert_allclose(v, [0.5229, 0.5625, 0.1579, 0.4683, 0.4683], atol=2e-4)


def test_saturated_red_begins_at_eight_tenths() -> None:
    eye = Eye([WALL], FlashLimit())
    reds = [bool(eye.look([flat(c, (40, 30))]).red.all()) for c in ((101, 34, 34), (100, 34, 34), (20, 0, 0))]
    assert reds == [True, False, False]


def test_samples_are_true_pixels_one_of_each_cell() -> None:
    size = (96, 60)
    eye = Eye([replace(WALL, size=size)], FlashLimit(), samples=96 * 60 // 9)
    grid = eye.grids[0]
    assert grid.stride == 3
    assert sorted(zip(grid.x // 3, grid.y // 3, strict=True)) == [(x, y) for x in range(32) for y in range(20)]
    picture = np.random.default_rng(1).integers(0, 256, (60, 96, 4), dtype=np.uint8)
    eye.look([picture])
    np.testing.assert_array_equal(eye.words.view(np.uint8).reshape(-1, 4), picture[grid.y, grid.x])


@pytest.mark.parametrize(("wide", "is_hot"), [(0.22, False), (0.28, True)])
def test_a_quarter_of_a_field_is_enough(wide: float, is_hot: bool) -> None:
    """A wall of 20 x 12 m, seen from 30 m: a square in its middle, so large as `wide` of 10 degrees' field."""
    size = (400, 240)
    wall = replace(WALL, size=size, stage=(0.0, 0.0, 20_000.0, 12_000.0))
    eye, limit = Eye([wall], FlashLimit()), FlashLimit(distance=30.0)
    fields = venue(eye, [wall], limit)
    side_px = np.sqrt(wide * FIELD_SR) * 30.0 / 20.0 * 400
    mask = (abs(eye.grids[0].x - 199.5) < side_px / 2) & (abs(eye.grids[0].y - 119.5) < side_px / 2)
    hot = fields.hot(mask)
    assert (hot is not None) == is_hot
    if hot is not None:
        assert hot[mask].all()
        assert not hot.all()


def test_the_same_square_is_smaller_from_the_side() -> None:
    """What fills a field in front fills less of one 50 degrees off."""
    size = (800, 100)
    wall = replace(WALL, size=size, stage=(0.0, 0.0, 40_000.0, 5_000.0))
    eye = Eye([wall], FlashLimit())
    fields = venue(eye, [wall], FlashLimit(distance=15.0))
    x = eye.grids[0].x
    assert fields.hot((x >= 392) & (x < 408)) is not None
    assert fields.hot(x < 16) is None


def test_walls_that_stand_nowhere_are_screens_of_their_own() -> None:
    walls = [replace(WALL, name=str(i)) for i in range(12)]
    eye = Eye(walls, FlashLimit())
    fields = venue(eye, walls, FlashLimit())
    mask = np.zeros(eye.count, bool)
    for part in eye.slices:
        mask[part.start : part.start + int(0.2 * 1200)] = True
    assert fields.hot(mask) is None
    mask[eye.slices[7].start : eye.slices[7].start + int(SHARE * 1200)] = True
    hot = fields.hot(mask)
    assert hot is not None
    assert [bool(hot[part].any()) for part in eye.slices] == [i == 7 for i in range(12)]
