"""Monitors, displays, window processes and players that go: the picture comes back to its place by itself."""

from __future__ import annotations

import multiprocessing
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from tests.wall.screens import plug, screenshot, shows, two_monitors, unplug, xrandr, xvfb
from visuals.clock import RealClock, monotonic, sleep
from visuals.errors import DeviceError
from visuals.telemetry import Log, Meter
from visuals.types import Flag, Frame, Pixels
from visuals.wall.outlet import Outlet
from visuals.wall.outputs.display.monitors import list_monitors
from visuals.wall.outputs.display.nouns import LINGER_S
from visuals.wall.outputs.settings import WindowSettings
from visuals.wall.outputs.window import Window

pytestmark = [pytest.mark.x11, pytest.mark.expects_warnings]

LEFT, RIGHT = np.s_[0:600, 0:800], np.s_[0:480, 800:1440]


@contextmanager
def shown_on(display: str) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DISPLAY", display)
        patch.setenv("LIBGL_ALWAYS_SOFTWARE", "1")
        patch.delenv("WAYLAND_DISPLAY", raising=False)
        yield display


@pytest.fixture(scope="module")
def monitors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with two_monitors(tmp_path_factory.mktemp("x")) as display, shown_on(display):
        yield display


def picture(width: int, height: int, seed: int = 0) -> Pixels:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 4), dtype=np.uint8)
    pixels[..., 3] = 255
    return pixels


def windows(display: str) -> int:
    """How many windows of ours are mapped."""
    numbers = re.findall(r"(0x[0-9a-f]+) \"visuals: ", xwininfo(display, "-root", "-tree"))
    return sum("IsViewable" in xwininfo(display, "-id", number) for number in numbers)


def xwininfo(display: str, *arguments: str) -> str:
    if shutil.which("xwininfo") is None:
        pytest.skip("needs xwininfo: apt-get install -y x11-utils")
    return subprocess.run(["xwininfo", "-display", display, *arguments], capture_output=True, text=True).stdout


def window_process() -> int:
    """The oldest of ours: a younger one stands by."""
    return min(p.pid for p in multiprocessing.active_children() if p.name == "windows" and p.pid is not None)


def test_monitors_are_listed_as_rig_files_name_them(monitors: str) -> None:
    assert [line.split(" (")[0] for line in list_monitors()] == ["DUMMY0", "DUMMY1"]
    assert "DUMMY1 (640 x 480 at 800,0, 60 Hz)" in list_monitors()


def test_the_screen_is_not_blanked_while_a_window_is_open(monitors: str) -> None:
    def blanks_after() -> str:
        asked = subprocess.run(["xset", "-display", monitors, "q"], capture_output=True, text=True, check=True).stdout
        return re.findall(r"timeout: +(\d+)", asked)[0]

    assert blanks_after() == "600"
    with Window((8, 8), WindowSettings(), "main"):
        assert blanks_after() == "0"
    assert blanks_after() == "600"


def test_a_window_returns_with_its_monitor(monitors: str) -> None:
    pixels = picture(640, 480)
    with Window((640, 480), WindowSettings(monitor="DUMMY1"), "main") as window:
        window.send(Frame(0, 0.0, pixels))
        assert shows(monitors, RIGHT, pixels)
        unplug(monitors)
        try:
            # It must not fall onto another monitor.
            assert shows(monitors, LEFT, np.zeros((600, 800, 3), np.uint8))
            assert windows(monitors) == 0
        finally:
            plug(monitors)
        assert shows(monitors, RIGHT, pixels)
        later = picture(640, 480, 1)
        window.send(Frame(1, 0.1, later))
        assert shows(monitors, RIGHT, later)


def test_a_window_follows_its_monitor_and_its_mode(monitors: str) -> None:
    pixels = picture(320, 240)
    with Window((320, 240), WindowSettings(monitor="DUMMY1"), "main") as window:
        window.send(Frame(0, 0.0, pixels))
        assert shows(monitors, RIGHT, pixels.repeat(2, 0).repeat(2, 1))
        xrandr(monitors, "--output", "DUMMY1", "--pos", "800x120")
        try:
            assert shows(monitors, np.s_[120:600, 800:1440], pixels.repeat(2, 0).repeat(2, 1))
        finally:
            plug(monitors)
        assert shows(monitors, RIGHT, pixels.repeat(2, 0).repeat(2, 1))


def test_walls_of_one_span_share_a_window_1_to_1(monitors: str) -> None:
    left, right, across = picture(300, 200), picture(640, 480, 1), picture(100, 50, 2)
    first = WindowSettings(span="stage", monitor="DUMMY0", position=(10, 20))
    second = WindowSettings(span="stage", monitor="DUMMY1")
    third = WindowSettings(span="stage", monitor="DUMMY0", position=(700, 550))
    with (
        Window((300, 200), first, "left") as a,
        Window((640, 480), second, "right") as b,
        Window((100, 50), third, "across") as c,
    ):
        a.send(Frame(0, 0.0, left))
        b.send(Frame(0, 0.0, right))
        c.send(Frame(0, 0.0, across))
        expected = np.zeros((600, 1440, 3), np.uint8)
        expected[20:220, 10:310] = left[..., :3]
        expected[0:480, 800:1440] = right[..., :3]
        expected[550:600, 700:800] = across[..., :3]
        assert shows(monitors, np.s_[:, :], expected)
        assert windows(monitors) == 1
        unplug(monitors)
        plug(monitors)
        assert shows(monitors, np.s_[:, :], expected)
    assert shows(monitors, np.s_[:, :], np.zeros((600, 1440, 3), np.uint8))


def test_a_span_without_monitors_is_the_whole_desktop(monitors: str) -> None:
    wide = picture(1440, 480)
    with Window((1440, 480), WindowSettings(span="all"), "main") as window:
        window.send(Frame(0, 0.0, wide))
        assert shows(monitors, np.s_[0:480, :], wide)


@pytest.mark.parametrize("fault", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
def test_a_window_process_that_falls_or_hangs_is_replaced(monitors: str, fault: signal.Signals) -> None:
    pixels = picture(640, 480)
    with Window((640, 480), WindowSettings(monitor="DUMMY1"), "main") as window:
        window.send(Frame(0, 0.0, pixels))
        assert shows(monitors, RIGHT, pixels)
        sleep(3.0)  # only what lived for a while is replaced at once
        before = window_process()
        os.kill(before, fault)
        took = []
        later = picture(640, 480, 1)
        for n in range(50):
            start = monotonic()
            window.send(Frame(n, n / 60, later))
            took.append(monotonic() - start)
            sleep(0.01)
        assert shows(monitors, RIGHT, later, 20.0)
        assert window_process() != before
        assert windows(monitors) == 1
        assert np.median(took) < 0.002


def test_an_x_server_that_returns_has_its_windows_again() -> None:
    def opener() -> Window:
        return Window((64, 32), WindowSettings(scale="pixel", position=(0, 0)), "main")

    pixels = picture(64, 32)
    clock = RealClock()
    with xvfb() as display, shown_on(display):
        outlet = Outlet("main", opener, Meter(clock, Log(clock), "player"), clock.now())
        assert _sent_until_shown(outlet, clock, display, pixels)
    deadline = clock.now() + 10.0
    while outlet.is_open and clock.now() < deadline:
        outlet.send(pixels, 0, clock.now(), Flag.NONE)
        sleep(0.02)
    assert not outlet.is_open
    with xvfb(number=display), shown_on(display):
        assert _sent_until_shown(outlet, clock, display, pixels)
        outlet.close()


def _sent_until_shown(outlet: Outlet, clock: RealClock, display: str, pixels: Pixels) -> bool:
    deadline = clock.now() + 20.0
    while clock.now() < deadline:
        outlet.send(pixels, 0, clock.now(), Flag.NONE)
        if shows(display, np.s_[0:32, 0:64], pixels, 0.02):
            return True
    return False


def play(seed: int) -> None:
    """A player of one wall, for ever; its picture changes at the second frame."""
    with Window((640, 480), WindowSettings(monitor="DUMMY1"), "main") as window:
        for n in range(100_000):
            window.send(Frame(n, n / 60, picture(640, 480, seed)))
            sleep(1 / 60)


@contextmanager
def player(seed: int) -> Iterator[multiprocessing.process.BaseProcess]:
    process = multiprocessing.get_context("spawn").Process(target=play, args=(seed,))
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


def test_windows_outlive_a_player_until_the_next_one_takes_them(monitors: str) -> None:
    first, second = picture(640, 480, 1), picture(640, 480, 2)
    with player(1):
        assert shows(monitors, RIGHT, first, 20.0)
    sleep(0.3)
    assert np.array_equal(screenshot(monitors)[RIGHT], first[..., :3])
    with player(2):
        deadline = monotonic() + 20.0
        seen: list[bool] = []
        while monotonic() < deadline and not (seen and seen[-1]):
            shot = screenshot(monitors)[RIGHT]
            assert np.array_equal(shot, first[..., :3]) or np.array_equal(shot, second[..., :3])
            seen.append(np.array_equal(shot, second[..., :3]))
        assert seen[-1]
        assert windows(monitors) == 1
    ended = monotonic()
    assert shows(monitors, RIGHT, np.zeros((480, 640, 3), np.uint8), LINGER_S + 5.0)
    assert monotonic() - ended > LINGER_S - 1.0


def test_a_monitor_that_is_not_there_is_said(monitors: str) -> None:
    with pytest.raises(DeviceError, match="no monitor `DP-9`; there are: `DUMMY0`, `DUMMY1`"):
        Window((8, 8), WindowSettings(monitor="DP-9"), "main").__enter__()
