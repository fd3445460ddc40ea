from __future__ import annotations

import io
import shutil
import subprocess
from typing import Any

import numpy as np
import pytest
from PIL import Image

from visuals.clock import monotonic, sleep
from visuals.errors import DeviceError
from visuals.types import Frame, Pixels
from visuals.wall.outputs.settings import WindowSettings
from visuals.wall.outputs.window import Window, monitors, placed

pytestmark = pytest.mark.x11


def picture(width: int, height: int, seed: int = 0) -> Pixels:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 4), dtype=np.uint8)
    pixels[..., 3] = 255
    return pixels


def screenshot(display: str) -> np.ndarray[Any, Any]:
    if shutil.which("import") is None:
        pytest.skip("needs import: apt-get install -y imagemagick")
    command = ["import", "-display", display, "-window", "root", "png:-"]
    png = subprocess.run(command, capture_output=True, check=True, timeout=20).stdout
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def shows(display: str, place: tuple[slice, slice], expected: np.ndarray[Any, Any], seconds: float = 5.0) -> bool:
    """Whether that part of the screen comes to hold `expected`."""
    deadline = monotonic() + seconds
    while monotonic() < deadline:
        if np.array_equal(screenshot(display)[place], expected):
            return True
        sleep(0.05)
    return False


def test_every_pixel_reaches_the_screen(display: str) -> None:
    settings = WindowSettings(scale="pixel", size=(128, 64), position=(40, 30))
    with Window((128, 64), settings, "main") as window:
        for seed in range(3):
            pixels = picture(128, 64, seed)
            window.send(Frame(seed, seed / 60, pixels))
            assert shows(display, np.s_[30:94, 40:168], pixels[..., :3])


def test_a_wall_is_enlarged_whole_and_keeps_its_shape(display: str) -> None:
    pixels = picture(20, 10)
    with Window((20, 10), WindowSettings(size=(200, 200)), "main") as window:
        window.send(Frame(0, 0.0, pixels))
        deadline = monotonic() + 5.0
        while not window.framebuffer[..., :3].any() and monotonic() < deadline:
            sleep(0.02)
        seen = window.framebuffer
    np.testing.assert_array_equal(seen[50:150, :, :3], pixels.repeat(10, 0).repeat(10, 1)[..., :3])
    assert not seen[:50, :, :3].any()
    assert not seen[150:, :, :3].any()


def test_full_screen_on_a_monitor_by_name(display: str) -> None:
    pixels = picture(400, 300)
    name = monitors()[0]
    with Window((400, 300), WindowSettings(monitor=name), "main") as window:
        for n in range(10):  # the server grants the size some frames later
            window.send(Frame(n, n / 60, pixels))
            sleep(0.02)
        assert shows(display, np.s_[:, :], pixels.repeat(2, 0).repeat(2, 1)[..., :3])


def test_a_monitor_that_is_not_there_is_said_with_those_there_are(display: str) -> None:
    window = Window((8, 8), WindowSettings(monitor="DP-9"), "main")
    with pytest.raises(DeviceError, match="no monitor `DP-9`; there are: `screen`"):
        window.__enter__()


def test_two_windows_show_two_pictures(display: str) -> None:
    left, right = picture(64, 64, 1), picture(64, 64, 2)
    at_left = WindowSettings(scale="pixel", size=(64, 64), position=(0, 0))
    at_right = WindowSettings(scale="pixel", size=(64, 64), position=(300, 200))
    with Window((64, 64), at_left, "left") as a, Window((64, 64), at_right, "right") as b:
        a.send(Frame(0, 0.0, left))
        b.send(Frame(0, 0.0, right))
        assert shows(display, np.s_[0:64, 0:64], left[..., :3])
        assert shows(display, np.s_[200:264, 300:364], right[..., :3])


def test_send_returns_within_a_millisecond_and_the_newest_wins(display: str) -> None:
    settings = WindowSettings(scale="pixel", size=(512, 256), position=(0, 0))
    with Window((512, 256), settings, "main") as window:
        took = []
        for seed in range(120):
            pixels = np.full((256, 512, 4), seed, np.uint8)
            start = monotonic()
            window.send(Frame(seed, seed / 60, pixels))
            took.append(monotonic() - start)
            sleep(0.004)
        assert shows(display, np.s_[0:256, 0:512], pixels[..., :3])
    assert np.median(took) < 0.001


@pytest.mark.skipif(shutil.which("xdotool") is None, reason="needs xdotool: apt-get install -y xdotool")
def test_keys_are_told_by_name_and_escape_leaves_full_screen(display: str) -> None:
    with Window((64, 32), WindowSettings(monitor=monitors()[0]), "main") as window:
        window.send(Frame(0, 0.0, picture(64, 32)))
        found = subprocess.run(
            ["xdotool", "search", "--sync", "--name", "visuals: main"], capture_output=True, timeout=10
        )
        subprocess.run(["xdotool", "windowfocus", found.stdout.split()[0]], timeout=10, check=True)
        sleep(0.2)
        subprocess.run(["xdotool", "key", "b", "space", "1", "F5", "Escape"], timeout=10, check=True)
        keys: list[str] = []
        deadline = monotonic() + 5.0
        while len(keys) < 5 and monotonic() < deadline:
            keys += window.keys()
            sleep(0.02)
        assert keys == ["b", "space", "1", "f5", "escape"]
        assert window.framebuffer.shape[:2] == (512, 1024)


def test_places_in_a_window() -> None:
    assert placed((512, 256), (1920, 1080), "fit") == (0, 60, 1920, 960)
    assert placed((512, 256), (1920, 1080), "stretch") == (0, 0, 1920, 1080)
    assert placed((512, 256), (1920, 1080), "pixel") == (0, 824, 512, 256)
