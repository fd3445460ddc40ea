"""The log keeps whole lines or none; a full disk costs lines and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from visuals.logbook import Logbook

DISK_BYTES = 65_536


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk that is soon full."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(tmp_path)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs root and leave to mount: run as root")
    yield tmp_path
    subprocess.run(["umount", "-l", str(tmp_path)], check=True)


def test_a_full_disk_costs_lines_is_told_once_and_is_over_when_there_is_room(disk: Path) -> None:
    book = Logbook(disk / "log.jsonl")
    (disk / "full").write_bytes(bytes(DISK_BYTES - 8192))
    for n in range(500):
        book.keep({"t": float(n), "type": "event", "text": "x" * 100})
    lost = book.lost
    assert 0 < lost < 500
    assert "No space left on device" in book.trouble()
    assert book.trouble() == ""
    (disk / "full").unlink()
    book.keep({"t": 500.0, "type": "event"})
    book.close()
    lines = [json.loads(line) for line in (disk / "log.jsonl").read_text().splitlines()]
    assert len(lines) == 500 - lost + 2
    assert lines[-2] == {"t": 500.0, "type": "lost", "lines": lost}
    assert book.lost == 0


def test_a_log_that_cannot_be_made_costs_lines_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    book = Logbook(tmp_path / "file" / "log.jsonl")
    book.keep({"t": 0.0, "type": "event"})
    assert book.lost == 1
    assert "log.jsonl" in book.trouble()
    book.close()


def test_it_begins_anew_or_goes_on_after_the_last_line(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "log.jsonl"
    for goes_on, last, lines in ((False, float("-inf"), 1), (True, 3.0, 2), (False, float("-inf"), 1)):
        book = Logbook(path, goes_on)
        assert book.last == last
        book.keep({"t": 3.0, "type": "event"})
        book.close()
        assert len(path.read_text().splitlines()) == lines
