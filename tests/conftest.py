"""Every warning a test did not expect fails it; helpers for the servers that tests start."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from hypothesis import settings

# A property is no benchmark: on a busy machine an example may take as long as it likes.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


@pytest.fixture(autouse=True)
def no_unexpected_warnings(caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if request.node.get_closest_marker("expects_warnings"):
        return
    for phase in ("setup", "call"):
        loud = [r.getMessage() for r in caplog.get_records(phase) if r.levelno >= logging.WARNING]
        assert not loud, f"logged: {loud}"


SERVERS = ("olad", "jack", "pulse", "x11")
"""Each has one port, name or display that two tests at once would fight for."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one server run one after another, in one of the workers."""
    for item in items:
        for name in SERVERS:
            if item.get_closest_marker(name):
                item.add_marker(pytest.mark.xdist_group(name))
