from __future__ import annotations

from pathlib import Path

import pytest

from tests.control.jack import jack_server
from visuals.control.midi import jack


@pytest.mark.jack
def test_a_server_is_known_by_its_start(tmp_path: Path) -> None:
    with jack_server(tmp_path) as server:
        first = jack.server_identity()
        server.kill()
        assert jack.server_identity() is None
        server.start()
        assert jack.server_identity() not in {first, None}
    assert jack.server_identity() is None


def test_no_server_and_no_client_by_that_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "no such server")
    assert jack.server_identity() is None
    assert jack.client_identity("nobody:out") == 0
