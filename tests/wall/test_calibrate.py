"""The laws of a wall's light, in closed form."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visuals.types import Cabinet, Light, Pixels
from visuals.wall.calibrate import Calibrator, drives, light_of
from visuals.wall.dither import Dither
from visuals.wall.power import Limiter
from visuals.wall.white import black_body, daylight, gains

ALL = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 4, 2)
"""One row with every value."""


def calibrated(light: Light, pixels: Pixels = ALL) -> Pixels:
    return Calibrator(light, (pixels.shape[1], pixels.shape[0]))(pixels, 0.0)


def seen(drive: Any, gamma: float) -> Any:
    """The light of a wall that makes it of `drive` 0..255."""
    return (drive / 255.0) ** (2.2 / gamma)


def test_gamma_and_brightness_are_the_drive_of_a_led() -> None:
    expected = 255.0 * 0.7 * (ALL[..., :3] / 255.0) ** 2.2
    assert np.abs(calibrated(Light(2.2, 0.7))[..., :3] - expected).max() <= 0.5


@pytest.mark.parametrize("gamma", [1.0, 2.2, 2.8])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.8])
def test_brightness_is_a_share_of_light_on_every_wall(gamma: float, share: float) -> None:
    full, dimmed = drives(Light(gamma))[:, 0], drives(Light(gamma, share))[:, 0]
    np.testing.assert_allclose(seen(dimmed, gamma), share * seen(full, gamma), atol=1e-6)


def test_nothing_to_do_changes_nothing() -> None:
    assert not Calibrator(Light(), (8, 8)).changes
    assert not Calibrator(Light(dither=True), (8, 8)).changes
    assert Calibrator(Light(brightness=0.9), (8, 8)).changes


@pytest.mark.parametrize("light", [Light(), Light(2.2), Light(gain=(1.0, 0.9, 0.8)), Light(2.2, dither=True)])
def test_black_stays_black_and_alpha_opaque(light: Light) -> None:
    made = calibrated(replace(light, lift=0.05), np.zeros((4, 8, 4), np.uint8))
    assert not made[..., :3].any()
    assert (made[..., 3] == 255).all()


def test_white_stays_white_where_nothing_dims_it() -> None:
    for light in (Light(2.2), Light(2.2, lift=0.05), Light(2.8, dither=True)):
        assert (calibrated(light, np.full((4, 8, 4), 255, np.uint8)) == 255).all()


def test_gains_are_shares_of_light_of_each_colour() -> None:
    light = Light(2.2, gain=(1.0, 0.5, 0.25))
    assert calibrated(light)[0, 255].tolist() == [255, 128, 64, 255]


def test_lift_is_the_least_light_of_what_is_not_black() -> None:
    shares = light_of(Light(2.2, 0.8, lift=0.02))[:, 0]
    assert shares[0] == 0.0
    assert shares[1] == pytest.approx(0.02, abs=1e-4)
    assert shares[255] == pytest.approx(0.8)
    assert (np.diff(shares) > 0.0).all()


# ---- white point --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kelvin", "xy"),
    # CIE 15:2004, table T.3: the daylights.
    [(5000, (0.34567, 0.35850)), (5500, (0.33242, 0.34743)), (6500, (0.31271, 0.32902)), (7500, (0.29902, 0.31485))],
)
def test_daylights_are_the_standards(kelvin: float, xy: tuple[float, float]) -> None:
    assert daylight(kelvin) == pytest.approx(xy, abs=2e-4)


def test_a_lamp_is_a_black_body() -> None:
    assert black_body(2856.0) == pytest.approx((0.44757, 0.40745), abs=6e-4)  # CIE illuminant A


def test_6500_is_the_pictures_own_white_and_others_lean() -> None:
    assert gains(6500.0) == (1.0, 1.0, 1.0)
    red, green, blue = gains(3200.0)
    assert (red, green > blue) == (1.0, True)
    red, green, blue = gains(9300.0)
    assert (blue, green > red) == (1.0, True)


def test_the_white_point_is_reached_within_the_standards_tolerance() -> None:
    """D50 in linear sRGB, from its chromaticity through the matrix of IEC 61966-2-1."""
    matrix = np.array([[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]])
    light = matrix @ np.array([0.34567 / 0.35850, 1.0, (1.0 - 0.34567 - 0.35850) / 0.35850])
    assert gains(5000.0) == pytest.approx(light / light.max(), abs=2e-3)


def test_colour_moves_without_a_step() -> None:
    swept = np.array([gains(kelvin) for kelvin in range(2000, 12_001, 10)])
    assert np.abs(np.diff(swept, axis=0)).max() < 0.006
    assert (swept.max(axis=1) == 1.0).all()


# ---- power --------------------------------------------------------------------------------------

POWER = Light(2.2, watts=1000.0, limit_watts=250.0, window=0.5)
WHITE = np.full((32, 64, 4), 255, np.uint8)
DARK = np.full((32, 64, 4), 40, np.uint8)


def limiter(light: Light = POWER, size: tuple[int, int] = (64, 32)) -> Limiter:
    return Limiter(light, light_of(light), size)


def test_watts_are_the_mean_light() -> None:
    quarter = WHITE.copy()
    quarter[:, 16:, :3] = 0
    assert limiter().watts(WHITE) == pytest.approx(1000.0)
    assert limiter().watts(quarter) == pytest.approx(250.0, rel=0.01)
    red = WHITE.copy()
    red[..., 1:3] = 0
    assert limiter().watts(red) == pytest.approx(1000.0 / 3.0)


def test_places_without_a_cabinet_draw_nothing_and_hide_nothing() -> None:
    """A wall with a hole and a dead panel, all else white, draws what its cabinets do."""
    cabinets = [Cabinet(str(n), (16 * n, 0, 16, 32), (0, 0, 1, 1), enabled=n != 2) for n in range(3)]
    raster = WHITE.copy()
    raster[:, 32:, :3] = 0
    meter = Limiter(POWER, light_of(POWER), (64, 32), cabinets)
    assert meter.watts(raster) == pytest.approx(1000.0)
    assert meter(raster, 0.0) == pytest.approx(0.25)


def test_no_pattern_hides_from_the_meter() -> None:
    pixels = np.zeros((1080, 1920, 4), np.uint8)
    meter = limiter(size=(1920, 1080))
    for step in (2, 3, 5, 30):
        pixels[:] = 0
        pixels[:, ::step] = 255
        assert meter.watts(pixels) == pytest.approx(1000.0 / step, rel=0.1)


@pytest.mark.parametrize("rate", [30, 60, 120])
def test_an_excess_never_lasts_longer_than_the_window(rate: int) -> None:
    meter = limiter()
    meter(DARK, 0.0)
    excess = 0.0
    draw = np.random.default_rng(3)
    value = 0
    for n in range(1, 20 * rate):
        if n % (rate // 6) == 0:
            value = int(draw.integers(0, 256))
        picture = np.full((8, 8, 4), value, np.uint8)
        watts = limiter(size=(8, 8)).watts(picture) * meter(np.full((32, 64, 4), value, np.uint8), n / rate)
        excess = excess + 1.0 / rate if watts > 250.0 + 1e-6 else 0.0
        assert excess <= POWER.window + 1e-9


def test_the_limit_is_reached_alike_at_30_and_120_pictures_a_second() -> None:
    courses = []
    for rate in (30, 120):
        meter = limiter()
        course = [meter(DARK, 0.0)]
        course += [meter(WHITE if n <= rate else DARK, n / rate) for n in range(1, 3 * rate + 1)]
        courses.append(course[:: rate // 30])
    # One picture apart, since the change is seen with the first picture after it.
    np.testing.assert_allclose(*courses, atol=1.0 / 30 / POWER.window)
    at = {round(n / 30, 3): factor for n, factor in enumerate(courses[1])}
    assert at[0.3] == pytest.approx(1.0 - 0.3 / 0.5, abs=0.02)
    assert at[0.5] == pytest.approx(0.25)
    assert at[1.5] == pytest.approx(1.0 - 0.75 * np.exp(-1.0), abs=0.02)


def test_a_wall_that_starts_bright_starts_dimmed() -> None:
    assert limiter()(WHITE, 7.0) == pytest.approx(0.25)


def test_a_limited_wall_draws_no_more_than_it_may() -> None:
    made = Calibrator(POWER, (64, 32))(WHITE, 0.0)
    assert 0.24 <= seen(made[..., :3].astype(float), 2.2).mean() <= 0.252
    assert (Calibrator(POWER, (64, 32))(DARK, 0.0) == calibrated(Light(2.2), DARK)).all()


# ---- dithering ----------------------------------------------------------------------------------


@given(st.lists(st.floats(0.0, 255.0), min_size=4, max_size=4), st.integers(1, 9), st.integers(1, 9))
def test_the_mean_over_frames_is_the_wanted_drive(wanted: list[float], width: int, height: int) -> None:
    table = np.zeros((256, 4))
    table[:4] = np.array(wanted)[:, None]
    table[:, 3] = 255.0
    dither = Dither((width, height))
    dither.aim(table)
    pixels = (np.arange(width * height * 4).reshape(height, width, 4) % 4).astype(np.uint8)
    frames = np.array([dither(pixels, np.zeros_like(pixels)) for _ in range(16)], float)
    colours = np.s_[..., :3]
    assert np.abs(frames.mean(0)[colours] - table[pixels, 0][colours]).max() <= 1 / 32 + 1e-9
    assert np.ptp(frames, axis=0).max() <= 1.0
    assert (frames[..., 3] == 255.0).all()


def test_a_whole_drive_never_changes() -> None:
    dither = Dither((256, 1))
    dither.aim(np.repeat(np.arange(256.0)[:, None], 4, 1))
    for _ in range(16):
        made = dither(ALL, np.zeros_like(ALL))
        np.testing.assert_array_equal(made[..., :3], ALL[..., :3])


def test_no_area_flickers() -> None:
    made = Calibrator(Light(2.2, dither=True), (64, 32))
    means = {made(DARK, n / 60.0)[..., 0].mean() for n in range(32)}
    assert len(means) == 1
    assert means.pop() == pytest.approx(255.0 * (40 / 255.0) ** 2.2, abs=1 / 32)


def test_a_half_is_the_quickest_there_is() -> None:
    dither = Dither((4, 4))
    dither.aim(np.full((256, 4), 10.5))
    pixel = [int(dither(np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8))[0, 0, 0]) for _ in range(16)]
    assert pixel in ([10, 11] * 8, [11, 10] * 8)
