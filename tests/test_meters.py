"""Meters: every signal is drawn, what happens flashes, and nothing is wider than the terminal."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.audio.pulse import write_wav
from visuals.clock import monotonic
from visuals.glossary import pick, rows
from visuals.meters import Meters
from visuals.types import Event, Features
from visuals.vocabulary import EVENTS, SIGNALS

VISUALS = str(Path(sys.executable).with_name("visuals"))


def heard(time: float, *events: str, **signals: float) -> Features:
    values = {name: term.rest for name, term in SIGNALS.items()} | signals
    return Features(time, values, tuple(Event(time, e) for e in events), np.zeros(256), np.zeros(512))


@pytest.mark.parametrize(("width", "height"), [(80, 24), (200, 60), (40, 12)])
def test_every_signal_and_event_is_on_a_page_that_fits(width: int, height: int) -> None:
    meters = Meters(rows(), width, height)
    pages: set[str] = set()
    while (page := meters.draw(0.0).plain) not in pages:
        pages.add(page)
        meters.turn(1)
    lines = [line for page in pages for line in page.splitlines()]
    assert max(map(len, lines)) <= width
    assert all(len(page.splitlines()) <= height for page in pages)
    words = {word for line in lines for word in line.split()}
    assert {name[:16] for name in (*SIGNALS, *EVENTS)} <= words


def test_a_bar_is_as_long_as_its_value() -> None:
    meters = Meters(pick(rows(), "bass"))
    for value, cells in ((0.0, ""), (0.5, "████"), (0.5625, "████▌"), (1.0, "████████"), (7.0, "████████")):
        meters.hear(heard(1.0, bass=value))
        assert meters.draw(1.0).plain.splitlines()[1].split()[1:] == cells.split()


def test_what_has_no_ends_is_a_number_with_its_unit() -> None:
    meters = Meters(pick(rows(), "*.count"))
    meters.hear(heard(1.0, **{"kick.count": 1234.0}))
    assert "kick.count        1234" in meters.draw(1.0).plain
    meters = Meters(pick(rows(), "pitch"))
    meters.hear(heard(1.0, pitch=440.04))
    assert "440.0 Hz" in meters.draw(1.0).plain


def test_an_event_flashes_and_fades() -> None:
    meters = Meters(rows())
    meters.hear(heard(1.0, "kick"))
    styles = [[str(span.style) for span in meters.draw(now).spans][1] for now in (1.0, 1.5, 3.0)]
    assert styles == ["bold black on yellow", "yellow", "dim"]


class Shown:
    """`visuals signals` in a terminal of its own."""

    def __init__(self, audio: str) -> None:
        self._controller, terminal = pty.openpty()
        self.process = subprocess.Popen([VISUALS, "signals", "--audio", audio], stdin=terminal, stdout=terminal)
        os.close(terminal)
        self.seen = ""

    def until(self, text: str, limit_s: float = 30.0) -> None:
        """Read until `text` stood there or the process has ended."""
        end = monotonic() + limit_s
        try:
            while text not in self.seen:
                assert monotonic() < end, f"no {text!r} in {self.seen!r}"
                self.seen += os.read(self._controller, 65536).decode(errors="ignore")
        except OSError:
            os.close(self._controller)


def test_the_command_shows_a_file_and_ends_with_it(tmp_path: Path) -> None:
    time = np.arange(48_000) / 48_000
    path = write_wav(tmp_path / "tone.wav", np.sin(2 * np.pi * 440 * time).astype(np.float32) * 0.3)
    shown = Shown(str(path))
    shown.until("never")
    assert shown.process.wait(10) == 0
    assert "loudness" in shown.seen
    assert "█" in shown.seen


def test_ctrl_c_ends_it() -> None:
    shown = Shown("none")
    shown.until("loudness")
    shown.process.send_signal(signal.SIGINT)
    shown.until("never")
    assert shown.process.wait(10) == 0
    assert "Traceback" not in shown.seen
