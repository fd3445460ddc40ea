"""What a window says where there is no display; in a process of its own, since glfw starts once."""

from __future__ import annotations

import os
import subprocess
import sys

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
