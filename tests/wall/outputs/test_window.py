from __future__ import annotations

import shutil
import subprocess

import numpy as np
import pytest

from tests.wall.screens import screenshot, shows
from visuals.clock import monotonic, sleep
from visuals.errors import DeviceError
from visuals.shm import Layout
from visuals.types import Frame, Pixels
from visuals.wall.outputs.display.drawing import placed
from visuals.wall.outputs.display.monitors import Monitor, around, find, written_names
from visuals.wall.outputs.display.nouns import Part
from visuals.wall.outputs.display.pane import enlarged
from visuals.wall.outputs.settings import WindowSettings
from visuals.wall.outputs.window import Window

pytestmark = pytest.mark.x11


def picture(width: int, height: int, seed: int = 0) -> Pixels:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 4), dtype=np.uint8)
    pixels[..., 3] = 255
    return pixels


def test_every_pixel_reaches_the_screen(display: str) -> None:
    settings = WindowSettings(scale="pixel", size=(128, 64), position=(40, 30))
    with Window((128, 64), settings, "main") as window:
        for seed in range(3):
            pixels = picture(128, 64, seed)
            window.send(Frame(seed, seed / 60, pixels))
            assert shows(display, np.s_[30:94, 40:168], pixels)


def test_a_wall_is_enlarged_whole_and_keeps_its_shape(display: str) -> None:
    pixels = picture(20, 10)
    expected = np.zeros((200, 200, 3), np.uint8)
    expected[50:150] = pixels.repeat(10, 0).repeat(10, 1)[..., :3]
    with Window((20, 10), WindowSettings(size=(200, 200), position=(10, 20)), "main") as window:
        window.send(Frame(0, 0.0, pixels))
        assert shows(display, np.s_[20:220, 10:210], expected)


def test_full_screen_on_a_monitor_by_name(display: str) -> None:
    pixels = picture(400, 300)
    with Window((400, 300), WindowSettings(monitor="screen"), "main") as window:
        window.send(Frame(0, 0.0, pixels))
        assert shows(display, np.s_[:, :], pixels.repeat(2, 0).repeat(2, 1))


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
        assert shows(display, np.s_[0:64, 0:64], left)
        assert shows(display, np.s_[200:264, 300:364], right)


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
        assert shows(display, np.s_[0:256, 0:512], pixels)
    assert np.median(took) < 0.001


RING = Layout("", (1,), "u1")


def test_a_plain_window_is_enlarged_to_be_seen_and_never_beyond_its_monitor() -> None:
    there = [Monitor("DP-1", (0, 0, 1920, 1080), 60, None)]
    sizes = {(64, 32): (1024, 512), (1920, 16): (1920, 16), (192, 36): (1920, 360), (4000, 20): (4000, 20)}
    for size, window in sizes.items():
        assert enlarged(Part("ribbon", size, WindowSettings(), RING), there) == window
    assert enlarged(Part("ribbon", (64, 32), WindowSettings(scale="pixel"), RING), there) == (64, 32)


@pytest.mark.skipif(shutil.which("xdotool") is None, reason="needs xdotool: apt-get install -y xdotool")
def test_keys_are_told_by_name_and_escape_leaves_full_screen(display: str) -> None:
    with Window((64, 32), WindowSettings(monitor="screen"), "main") as window:
        window.send(Frame(0, 0.0, picture(64, 32)))
        found = xdotool("search", "--sync", "--name", "visuals: main").split()[0]
        xdotool("windowfocus", "--sync", found)
        xdotool("key", "b", "space", "1", "F5", "Escape")
        keys: list[str] = []
        deadline = monotonic() + 10.0
        while len(keys) < 5 and monotonic() < deadline:
            keys += window.keys()
            sleep(0.02)
        assert keys == ["b", "space", "1", "f5", "escape"]
        assert "768x384" in xdotool("getwindowgeometry", found)


def xdotool(*arguments: str) -> str:
    return subprocess.run(["xdotool", *arguments], capture_output=True, check=True, text=True, timeout=20).stdout


def test_a_closed_window_leaves_the_screen(display: str) -> None:
    with Window((64, 64), WindowSettings(scale="pixel", position=(0, 0)), "main") as window:
        pixels = picture(64, 64)
        window.send(Frame(0, 0.0, pixels))
        assert shows(display, np.s_[0:64, 0:64], pixels)
    assert not screenshot(display)[0:64, 0:64].any()


def test_monitors_of_one_name_are_told_apart_by_their_place() -> None:
    there = [Monitor("PA", (0, 0, 800, 600), 60, None), Monitor("PA", (800, 0, 640, 480), 60, None)]
    there.append(Monitor("DP-2", (0, 600, 640, 480), 60, None))
    assert written_names(there) == ["PA@0,0", "PA@800,0", "DP-2"]
    assert [find(name, there) for name in written_names(there)] == there
    assert find("DP-9", there) is None


def test_what_lies_around_monitors() -> None:
    assert around([(0, 0, 800, 600), (800, -100, 640, 480)]) == (0, -100, 1440, 700)


def test_places_in_a_window() -> None:
    assert placed((512, 256), (1920, 1080), "fit") == (0, 60, 1920, 960)
    assert placed((512, 256), (1920, 1080), "stretch") == (0, 0, 1920, 1080)
    assert placed((512, 256), (1920, 1080), "pixel") == (0, 824, 512, 256)
