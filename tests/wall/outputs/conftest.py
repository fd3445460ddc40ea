"""One X server for every test that opens plain windows. A LED node."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests.wall.outputs.nodes import node_on
from tests.wall.screens import xvfb


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch, xvfb() as number:
        patch.setenv("DISPLAY", number)
        patch.delenv("WAYLAND_DISPLAY", raising=False)
        patch.setenv("LIBGL_ALWAYS_SOFTWARE", "1")
        yield number


@pytest.fixture
def node() -> Iterator[socket.socket]:
    """A receiver on a free port of the loopback."""
    with node_on("127.0.0.1") as receiver:
        yield receiver
