"""One context for all tests of the room, as in the engine; shaders written by the tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.render.stage import write_shaders
from visuals.render.gpu import Gpu

Write = Callable[..., Path]


@pytest.fixture(scope="session")
def gpu() -> Iterator[Gpu]:
    with Gpu() as gpu:
        yield gpu


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a shader from its header and the body of its main."""

    def _write(header: str, main: str, name: str = "fixture.fs") -> Path:
        path = tmp_path / name
        path.write_text(f"/*{header}*/\nvoid main() {{\n{main}\n}}\n")
        return path

    return _write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The shaders of `stage`."""
    return write_shaders(tmp_path)
