"""Test patterns are what they say, LED by LED, on a wall as it hangs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from visuals.cli import app
from visuals.clock import RealClock
from visuals.errors import VisualsError
from visuals.types import Cabinet, FlashLimit, Light, Pixels, Rig, Wall
from visuals.wall.flash.guard import Guard
from visuals.wall.layout import load_rig
from visuals.wall.patterns import PATTERNS, Patterns, play_pattern
from visuals.wall.patterns.drawing import IDENTIFY_HZ, PULSE_HZ
from visuals.wall.patterns.lettering import bitmap, width
from visuals.wall.patterns.playing import chosen

RIGS = Path(__file__).parents[2] / "shows" / "rigs"
PLAIN = Wall("main", (0, 0, 512, 256), (64, 32), ("null", {}))


def raster(name: str, wall: Wall = PLAIN, now: float = 0.0) -> Pixels:
    source = Patterns(name, [wall])
    source.rasters(0.0)
    return source.rasters(now)[0]


@pytest.mark.parametrize("name", PATTERNS)
@pytest.mark.parametrize("rig", ["club", "festival", "ceiling"])
def test_each_pattern_lights_each_wall_of_each_rig(name: str, rig: str) -> None:
    walls = load_rig(RIGS / f"{rig}.yaml").walls
    source = Patterns(name, walls)
    for now in (0.0, 0.9, 0.95):  # a delayed wall is behind
        source.rasters(now)
    for wall, pixels in zip(walls, source.rasters(1.0), strict=True):
        assert pixels.shape == (wall.size[1], wall.size[0], 4)
        assert (pixels[..., 3] == 255).all()
        assert pixels[..., :3].any() == (name != "black")
        for cabinet in wall.cabinets:
            x, y, w, h = cabinet.raster
            assert cabinet.enabled or not pixels[y : y + h, x : x + w, :3].any()


def test_a_checkerboard_and_stripes_are_single_leds() -> None:
    board = raster("checkerboard")[..., 0]
    assert ((board == 255) == (np.add.outer(np.arange(32), np.arange(64)) % 2 == 0)).all()
    lines = raster("stripes")[..., 1]
    assert (lines[:, 0:32:2] == 255).all()
    assert not lines[:, 1:32:2].any()
    assert (lines[::2, 32:] == 255).all()
    assert not lines[1::2, 32:].any()


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_arrows_point_up_as_the_audience_sees_them(turn: int) -> None:
    """The raster of a turned cabinet, hung as it is, shows what an upright one shows."""
    upright = Cabinet("A1", (0, 0, 32, 32), (0.0, 0.0, 320.0, 320.0))
    wall = replace(PLAIN, size=(32, 32), cabinets=(upright,))
    hung = replace(wall, cabinets=(replace(upright, turn=turn),))
    np.testing.assert_array_equal(np.rot90(raster("grid", hung), -(turn // 90)), raster("grid", wall))
    green = (raster("grid", wall)[..., :3] == (0, 255, 0)).all(axis=2)
    rows = np.flatnonzero(green.any(axis=1))
    assert green[rows[0]].sum() == 1
    assert green[rows[3]].sum() > 1


def test_bars_are_75_and_100_per_cent() -> None:
    bars = raster("bars")
    assert bars[0, 4].tolist() == [191, 191, 191, 255]
    assert bars[31, 12].tolist() == [255, 255, 0, 255]
    assert bars[31, 60].tolist() == [0, 0, 0, 255]


def test_ramps_hold_every_step() -> None:
    wide = replace(PLAIN, size=(256, 60))
    ramps = raster("ramps", wide)
    assert ramps[0, :, 0].tolist() == list(range(256))
    assert len(np.unique(ramps[45, :, 0])) == 11
    assert np.unique(ramps[59, :, 0]).tolist() == list(range(17))


def test_a_pattern_goes_through_the_walls_calibration() -> None:
    dimmed = replace(PLAIN, light=Light(2.2, 0.5))
    assert (raster("white", dimmed)[..., :3] == 128).all()
    limited = replace(PLAIN, light=Light(2.2, watts=100.0, limit_watts=25.0))
    assert (raster("white", limited)[..., :3] == 64).all()


def test_a_sweep_lights_every_led_once() -> None:
    small = replace(PLAIN, size=(7, 5))
    source = Patterns("sweep", [small])
    seen = sum((source.rasters(n / 60)[0][..., 0] // 255).astype(int) for n in range(35))
    assert (seen == 1).all()


def test_lines_cross_all_walls_together() -> None:
    walls = [PLAIN, replace(PLAIN, size=(128, 16))]
    source = Patterns("lines", walls)
    source.rasters(0.0)
    for n in range(1, 240):
        first, second = (pixels[0, :, :3].min(axis=1) for pixels in source.rasters(n / 60))
        at = [int(np.flatnonzero(row == 255)[0]) for row in (first, second)]
        assert abs(at[0] / 64 - at[1] / 128) <= 1 / 64


@pytest.mark.parametrize(("name", "rate"), [("identify", IDENTIFY_HZ), ("pulse", PULSE_HZ)])
def test_what_blinks_stays_under_three_a_second(name: str, rate: float) -> None:
    """Opposed changes of more than a tenth of the light, counted on the mean of the wall over five seconds."""
    source = Patterns(name, [PLAIN])
    light = [float(((source.rasters(n / 60)[0][..., :3] / 255.0) ** 2.2).mean()) for n in range(300)]
    steps = np.diff(light)
    rising = steps[steps != 0] > 0
    turns = int((rising[1:] != rising[:-1]).sum())
    assert turns <= 2 * rate * 5 + 1
    assert rate < 3.0


@pytest.mark.parametrize("name", PATTERNS)
def test_the_flash_guard_has_nothing_to_soften(name: str) -> None:
    wall = replace(PLAIN, stage=(0.0, 0.0, 4000.0, 2000.0), light=Light(nits=1500.0))
    source, guard = Patterns(name, [wall]), Guard([wall], FlashLimit())
    for n in range(150):
        (raster,) = source.rasters(n / 60)
        assert guard.step([raster], n / 60)[0] is raster


def test_letters_are_told_apart() -> None:
    known = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:-_/"
    shapes = {bitmap(letter).tobytes() for letter in known}
    assert len(shapes) >= len(known) - 2  # O and 0, S and 5 may be one
    assert bitmap("A1", 2).shape == (10, width("A1", 2)) == (10, 14)


def test_a_wall_is_chosen_by_name() -> None:
    rig = load_rig(RIGS / "festival.yaml")
    assert [wall.name for wall in chosen(rig, "ribbon")] == ["ribbon"]
    with pytest.raises(VisualsError, match=r"no wall `ribon` in Summer Field.*nearest is `ribbon`"):
        chosen(rig, "ribon")


def test_a_pattern_leaves_through_the_walls_outputs(tmp_path: Path) -> None:
    file = tmp_path / "bars.mp4"
    wall = replace(PLAIN, size=(64, 32), output=("record", {"file": str(file)}))
    play_pattern("bars", Rig("test", (wall,)), [wall], 1.5, RealClock())
    with av.open(str(file)) as container:
        pictures = [picture.to_ndarray(format="rgb24") for picture in container.decode(video=0)]
    assert len(pictures) > 20
    assert np.abs(pictures[-1][28, 12].astype(int) - (255, 255, 0)).max() < 40


def test_the_command_lists_writes_and_says_what_is_wrong(tmp_path: Path) -> None:
    run = CliRunner()
    assert "checkerboard" in run.invoke(app, ["wall", "pattern"]).output
    out = tmp_path / "grid.png"
    made = run.invoke(app, ["wall", "pattern", "grid", "--rig", str(RIGS / "club.yaml"), "--out", str(out)])
    assert made.exit_code == 0
    with Image.open(out) as page:
        assert page.size == (512 + 8 + 17, 256)
    wrong = run.invoke(app, ["wall", "pattern", "gird", "--rig", str(RIGS / "club.yaml")])
    assert "nearest is `grid`" in str(wrong.exception)
    assert run.invoke(app, ["wall", "pattern", "grid", "--out", str(tmp_path / "grid.txt")]).exit_code == 2
    assert "--rig is missing" in str(run.invoke(app, ["wall", "pattern", "grid"]).exception)
