"""One X server for every test that opens plain windows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.wall.screens import xvfb


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch, xvfb() as number:
        patch.setenv("DISPLAY", number)
        patch.delenv("WAYLAND_DISPLAY", raising=False)
        patch.setenv("LIBGL_ALWAYS_SOFTWARE", "1")
        yield number
