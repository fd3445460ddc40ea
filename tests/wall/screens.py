"""Real X servers in memory, for tests that open windows."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from visuals.clock import monotonic, sleep

MISSING = "needs Xvfb: apt-get install -y xvfb"
DUMMY_DRIVER = Path("/usr/lib/xorg/modules/drivers/dummy_drv.so")
NO_DUMMY = "needs the dummy X driver: apt-get install -y xserver-xorg-core xserver-xorg-video-dummy x11-xserver-utils"

DUMMY = "needs the dummy X driver: apt-get install -y xserver-xorg-core xserver-xorg-video-dummy x11-xserver-utils"

MODES = {
    (640, 480): "25.175 640 656 752 800 480 490 492 525",
    (800, 600): "40.0 800 840 968 1056 600 601 605 628",
}
"""VESA DMT timings at 60 Hz: pixel clock in MHz, then horizontal and vertical."""

VGA = "vga 25.175 640 656 752 800 480 490 492 525"
"""VESA DMT 640 x 480 at 60 Hz: name, pixel clock in MHz, horizontal and vertical timing."""

DUMMY = """
Section "ServerFlags"
  Option "AutoAddDevices" "false"
  Option "DontVTSwitch" "true"
EndSection
Section "Monitor"
  Identifier "m"
  HorizSync 5-200
  VertRefresh 5-100
EndSection
Section "Device"
  Identifier "d"
  Driver "dummy"
  VideoRam 256000
  Option "Monitor-DUMMY0" "m"
  Option "Monitor-DUMMY1" "m"
EndSection
Section "Screen"
  Identifier "s"
  Device "d"
  DefaultDepth 24
  SubSection "Display"
    Depth 24
    Virtual 2048 1024
  EndSubSection
EndSection
"""


@contextmanager
def xvfb(size: tuple[int, int] = (800, 600), number: str = "") -> Iterator[str]:
    """Run Xvfb and give its display, `:N`. The server chooses the number itself, unless it is given."""
    if shutil.which("Xvfb") is None:
        pytest.skip(MISSING)
    with _server(["Xvfb", "-screen", "0", f"{size[0]}x{size[1]}x24"], number) as display:
        yield display


@contextmanager
def two_monitors(folder: Path) -> Iterator[str]:
    """Run Xorg's dummy driver: DUMMY0, 800 x 600 at 0,0 and DUMMY1, 640 x 480 at 800,0."""
    if not DUMMY_DRIVER.is_file() or shutil.which("xrandr") is None:
        pytest.skip(NO_DUMMY)
    (folder / "dummy.conf").write_text(DUMMY)
    command = ["Xorg", "-config", str(folder / "dummy.conf"), "-noreset", "-novtswitch", "-sharevts"]
    with _server([*command, "-logfile", str(folder / "xorg.log")]) as display:
        xrandr(display, "--output", "DUMMY0", "--mode", "800x600", "--pos", "0x0", "--primary")
        # An output of the driver is connected once it has a mode of its own.
        xrandr(display, "--newmode", *VGA.split())
        xrandr(display, "--addmode", "DUMMY1", VGA.split()[0])
        plug(display)
        xrandr(display, "--query")  # it asks the driver, which then tells that the output is connected
        yield display


def plug(display: str) -> None:
    xrandr(display, "--output", "DUMMY1", "--mode", VGA.split()[0], "--pos", "800x0")


def unplug(display: str) -> None:
    xrandr(display, "--output", "DUMMY1", "--off")


def xrandr(display: str, *arguments: str) -> str:
    command = ["xrandr", "-d", display, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=20).stdout


def screenshot(display: str) -> np.ndarray[Any, Any]:
    """What is on the whole screen, [height, width, 3]."""
    if shutil.which("import") is None:
        pytest.skip("needs import: apt-get install -y imagemagick")
    command = ["import", "-display", display, "-window", "root", "png:-"]
    png = subprocess.run(command, capture_output=True, check=True, timeout=20).stdout
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def shows(display: str, place: tuple[slice, slice], expected: np.ndarray[Any, Any], seconds: float = 10.0) -> bool:
    """Whether that part of the screen comes to hold `expected`, [height, width, 3 or 4]."""
    deadline = monotonic() + seconds
    while monotonic() < deadline:
        if np.array_equal(screenshot(display)[place], expected[..., :3]):
            return True
        sleep(0.05)
    return False


@contextmanager
def _server(command: Sequence[str], number: str = "") -> Iterator[str]:
    read, write = os.pipe()
    name = [number] if number else []
    process = subprocess.Popen(
        [command[0], *name, "-displayfd", str(write), *command[1:], "-nolisten", "tcp"],
        pass_fds=(write,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        with os.fdopen(read) as told:
            found = told.readline().strip()
        assert found, f"{command[0]} ended by itself"
        yield f":{found}"
    finally:
        process.terminate()
        process.wait(5.0)
