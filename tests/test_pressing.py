"""Words from outside reach the session that plays, and only words it knows."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from visuals import pressing
from visuals.errors import VisualsError
from visuals.pressing import Presses, press
from visuals.shm import PREFIX
from visuals.types import Flag


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of its own: a word reaches every show on the machine, those of other tests too."""
    monkeypatch.setattr(pressing, "FOLDER", tmp_path)


def test_what_is_pressed_arrives_in_order() -> None:
    with Presses(f"{PREFIX}{os.getpid()}-test") as presses:
        assert presses.drain() == []
        press("loop")
        press("loop", on=False)
        press("go")
        assert presses.drain() == [("loop", True), ("loop", False), ("go", True)]
        assert presses.drain() == []


def test_nonsense_and_floods_are_bounded() -> None:
    with Presses(f"{PREFIX}{os.getpid()}-test") as presses:
        path = next(pressing.FOLDER.glob(f"{PREFIX}{os.getpid()}-test*"))
        assert path.stat().st_mode & 0o077 == 0
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            for text in (b"rm -rf", b"\xff\xfe", b"", b"loop" * 100, b"live on"):
                sender.sendto(text, str(path))
        assert presses.drain() == [("live", True)]


def test_without_a_show_it_says_so() -> None:
    with pytest.raises(VisualsError, match="no show"):
        press("loop")


def test_flags_fit_a_byte() -> None:
    assert sum(Flag) < 256
