"""Who leads the tempo and where timecode stands is written down when it changes, and stands in the status line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from tests.test_following import Port, following, load, mtc, timed
from tests.test_following import ticks as clock_ticks
from visuals.audio.analysis import Analyser
from visuals.bookmark import Bookmark
from visuals.clock import SteppedClock
from visuals.conductors import LINES_AT_ONCE, LINES_HZ, Conductors
from visuals.control.timecode.mtc import full_message
from visuals.examining import Examiner
from visuals.following import Following
from visuals.keeping import Keeper
from visuals.perform import Performance
from visuals.pressing import Presses
from visuals.saving import SaveWatch
from visuals.session import Accepted, plan, resolve
from visuals.shm import Latest
from visuals.supervisor import Supervisor
from visuals.telemetry import Log
from visuals.timecode import RATES, Timecode
from visuals.types import HOP, SAMPLE_RATE_HZ, Block, Conductor, Features
from visuals.wire import Lines, lines_layout, pack_features

FPS = 60
HOP_S = HOP / SAMPLE_RATE_HZ
SILENCE = np.zeros((HOP, 2), np.float32)
FLASH = Path(__file__).parent / "drills" / "flash" / "show.yaml"


class Told:
    """A show's conductors, and the lines that they wrote."""

    def __init__(self, ring: Latest) -> None:
        self.clock = SteppedClock()
        self._lines = Lines(ring)
        self.conductors = Conductors(Log(self.clock, self._lines))
        self.lines: list[dict[str, Any]] = []

    def step(self, features: Features | None, chased: Following, now: float) -> None:
        self.clock.time = now
        self.conductors.step(features, chased.place, now)
        self.lines += self._lines.drain()


@pytest.fixture
def told() -> Iterator[Told]:
    ring = Latest(lines_layout(""), create=True)
    yield Told(ring)
    ring.close()
    ring.unlink()


def play(told: Told, chased: Following, port: Port, end: float, start: float = 0.0) -> None:
    for n in range(round(start * FPS), round(end * FPS)):
        port.now = n / FPS
        chased.step(port.now)
        told.step(None, chased, port.now)


def listen(told: Told, port: Port, end: float, *follow: Conductor) -> Mapping[str, float]:
    """The ears, led by what came to the port; the signals at the end."""
    chased = following(port, *follow)
    ears, hop, features = Analyser(chased._show.listening), 0, None
    for n in range(round(end * FPS)):
        now = port.now = n / FPS
        for word in chased.step(now).tempo:
            ears.take(word)
        while (hop + 1) * HOP_S <= now:
            features, hop = ears.hear(Block(hop * HOP_S, SILENCE)), hop + 1
        told.step(features, chased, now)
    assert features is not None
    return features.signals


@pytest.mark.parametrize("follow", [("clock",), ("clock", "audio")])
def test_a_clock_that_leads_and_dies_is_told(told: Told, follow: tuple[Conductor, ...]) -> None:
    signals = listen(told, Port(clock_ticks(140.0, 0.5, 3.0)), 5.0, *follow)
    assert signals["bpm"] == pytest.approx(140.0, abs=0.5)
    assert [(line["type"], line["from"], line["to"]) for line in told.lines] == [
        ("tempo", "held", "clock"),
        ("tempo", "clock", "held"),
    ]
    assert 0.5 < told.lines[0]["t"] < 1.5
    assert 3.0 < told.lines[1]["t"] < 4.9


def test_a_tape_that_starts_is_lost_stops_and_jumps_is_told(told: Told, tmp_path: Path) -> None:
    located = timed([(5.0, full_message(Timecode.parse("03:00:00:00", RATES["25"])))])
    port = Port([*mtc("01:02:03:00", 200, 0.5), *located, *mtc("03:00:00:00", 100, 6.0), *mtc("20:00:00:00", 200, 7.0)])
    chased = Following(load(tmp_path), midi=port.timing)
    play(told, chased, port, 1.5)
    assert told.conductors.timecode in ("01:02:03:24", "01:02:04:00")
    play(told, chased, port, 4.9, 1.5)
    assert told.conductors.timecode == ""
    play(told, chased, port, 8.0, 4.9)
    assert told.conductors.timecode.startswith("20:00:0")
    assert {line["type"] for line in told.lines} == {"timecode"}
    assert [(line["what"], line["timecode"][:8], line["rate"]) for line in told.lines] == [
        ("start", "01:02:03", "25"),
        ("lost", "01:02:05", "25"),
        ("stop", "01:02:05", "25"),
        ("jump", "03:00:00", "25"),
        ("start", "03:00:00", "25"),
        ("jump", "20:00:00", "25"),
    ]


def test_a_show_without_timecode_tells_none(told: Told, tmp_path: Path) -> None:
    port = Port(mtc("01:02:03:00", 200, 0.5))
    play(told, Following(replace(load(tmp_path), chasing=None), midi=port.timing), port, 2.0)
    assert told.lines == []
    assert told.conductors.timecode == ""


def test_whatever_flaps_floods_no_log(told: Told, tmp_path: Path) -> None:
    """Half a minute of a tape that is elsewhere ten times a second, and of a clock that comes and goes as often."""
    places = [Timecode(n % 24, 0, 0, 0, RATES["25"]) for n in range(300)]
    port = Port(timed((n / 10, full_message(place)) for n, place in enumerate(places)))
    chased = Following(load(tmp_path), midi=port.timing)
    heard = Analyser().hear(Block(0.0, SILENCE))
    for n in range(30 * FPS):
        now = port.now = n / FPS
        chased.step(now)
        signals = {**heard.signals, "tempo.source": 3.0 if n // 6 % 2 else 1.0}
        told.step(replace(heard, signals=signals), chased, now)
    for kind in ("tempo", "timecode"):
        count = sum(line["type"] == kind for line in told.lines)
        assert LINES_AT_ONCE <= count <= LINES_AT_ONCE + 30 * LINES_HZ + 1
    play(told, chased, port, 40.0, 30.0)
    assert told.lines[-1]["timecode"] == str(places[-1])


@pytest.mark.parametrize(
    ("source", "timecode", "shown"),
    [
        (1.0, "", "128.0 BPM  ····"),
        (3.0, "", "128.0 BPM clock  ····"),
        (4.0, "01:02:03:04", "128.0 BPM link  TC 01:02:03:04  ····"),
        (2.0, "", "128.0 BPM tap  ····"),
        (0.0, "01:02:03;04", "128.0 BPM held  TC 01:02:03;04  ····"),
    ],
)
def test_the_status_line_says_who_leads_and_where_the_tape_is(source: float, timecode: str, shown: str) -> None:
    session = resolve(FLASH, rig="null", audio="none")
    accepted, keeper = Accepted(session.show), Keeper()
    with ExitStack() as stack:
        stack.enter_context(keeper)
        supervisor = stack.enter_context(Supervisor((), plan(session, accepted)[1]))
        examiner = Examiner(session, accepted, SaveWatch(session.files), keeper, 0.0)
        presses, bookmark = Presses("visuals-test"), Bookmark(session.path)
        performance = Performance(session, accepted, supervisor, examiner, keeper, presses, bookmark, Console())
        assert "BPM  ····" in performance.status()
        heard = Analyser().hear(Block(0.0, SILENCE))
        signals = {**heard.signals, "bpm": 128.0, "tempo.source": source}
        supervisor.rings["features"].write(pack_features(replace(heard, signals=signals)), time=0.1)
        supervisor.stats["engine"] = {"fps": 60.0, "scene": "light", "timecode": timecode}
        assert shown in performance.status()
