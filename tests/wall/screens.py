"""A real X server in memory, for tests that open windows."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

MISSING = "needs Xvfb: apt-get install -y xvfb"


@contextmanager
def xvfb(size: tuple[int, int] = (800, 600)) -> Iterator[str]:
    """Run Xvfb and give its display, `:N`. The server chooses the number itself."""
    if shutil.which("Xvfb") is None:
        pytest.skip(MISSING)
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{size[0]}x{size[1]}x24", "-nolisten", "tcp"]
    process = subprocess.Popen(command, pass_fds=(write,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        with os.fdopen(read) as told:
            number = told.readline().strip()
        assert number, "Xvfb ended by itself"
        yield f":{number}"
    finally:
        process.terminate()
        process.wait(5.0)
