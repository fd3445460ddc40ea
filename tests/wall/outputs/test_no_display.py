"""What a window does without a display; in processes of their own, since glfw starts once."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.wall.screens import xvfb

SCRIPT = """
from visuals.errors import DeviceError
from visuals.wall.outputs.settings import WindowSettings
from visuals.wall.outputs.window import Window
try:
    with Window((8, 8), WindowSettings(), "main"):
        pass
except DeviceError as error:
    print(error)
"""


def test_no_display_is_said() -> None:
    environment = {k: v for k, v in os.environ.items() if k not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("no display")
    assert done.stderr == ""


DYING = """
import sys
import numpy as np
from visuals.clock import sleep
from visuals.errors import DeviceError
from visuals.types import Frame
from visuals.wall.outputs.settings import WindowSettings
from visuals.wall.outputs.window import Window
window = Window((64, 32), WindowSettings(), "main").__enter__()
print("open", flush=True)
sys.stdin.readline()
try:
    for n in range(500):
        window.send(Frame(n, n / 60, np.zeros((32, 64, 4), np.uint8)))
        sleep(0.01)
except DeviceError as error:
    print(error, flush=True)
window.__exit__(None, None, None)
print("alive", flush=True)
"""


@pytest.mark.x11
def test_the_death_of_the_display_is_not_ours() -> None:
    with xvfb() as display:
        environment = {**os.environ, "DISPLAY": display, "LIBGL_ALWAYS_SOFTWARE": "1"}
        environment.pop("WAYLAND_DISPLAY", None)
        process = subprocess.Popen(
            [sys.executable, "-c", DYING],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
    out, _ = process.communicate("\n", timeout=30)
    assert out.splitlines() == ["the display has gone; its windows return with the next start", "alive"]
    assert process.returncode == 0
