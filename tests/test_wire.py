"""What crosses a process comes out as it went in."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visuals.shm import Latest
from visuals.timecode import RATES, Reading, Timecode
from visuals.types import Event, Features, Listening, Tempo
from visuals.vocabulary import EVENTS, SIGNALS
from visuals.wire import (
    LINE_BYTES,
    EventLines,
    Lines,
    Order,
    Orders,
    Readings,
    lines_layout,
    pack_features,
    unpack_features,
)

level = st.floats(0.0, 1.0, width=32)


@pytest.fixture
def ring() -> Iterator[Latest]:
    ring = Latest(lines_layout(""), create=True)
    yield ring
    ring.close()
    ring.unlink()


@given(
    st.floats(0.0, 1e5),
    st.lists(level, min_size=len(SIGNALS), max_size=len(SIGNALS)),
    st.dictionaries(st.sampled_from(sorted(EVENTS)), level),
)
def test_features_survive_the_way(time: float, values: list[float], events: dict[str, float]) -> None:
    happened = tuple(Event(time, name, value, "audio") for name, value in events.items())
    waveform = np.linspace(-1, 1, 512, dtype=np.float32)
    sent = Features(time, dict(zip(SIGNALS, values, strict=True)), happened, np.ones(256, np.float32), waveform)
    got = unpack_features(pack_features(sent))
    assert got.time == sent.time
    assert got.signals == sent.signals
    assert {(e.name, e.value) for e in got.events} == {(e.name, e.value) for e in sent.events}
    assert (got.waveform == waveform).all()
    assert (got.spectrum == 1).all()


def test_events_keep_their_own_time() -> None:
    rest = {name: term.rest for name, term in SIGNALS.items()}
    heard = Features(2.0, rest, (Event(1.99, "kick", 0.5, "audio"),), np.zeros(256), np.zeros(512))
    assert unpack_features(pack_features(heard)).events[0].time == pytest.approx(1.99)


def test_lines_come_in_order_and_the_newest_can_be_asked_for(ring: Latest) -> None:
    lines = Lines(ring)
    assert lines.newest() is None
    lines.write({"t": 1.0, "type": "a"})
    lines.write({"t": 2.0, "type": "b", "text": "Größe"})
    assert [line["type"] for line in lines.drain()] == ["a", "b"]
    assert lines.drain() == []
    assert lines.newest() == {"t": 2.0, "type": "b", "text": "Größe"}
    assert ring.time == 2.0


def test_an_overlong_line_keeps_its_essentials(ring: Latest) -> None:
    lines = Lines(ring)
    lines.write({"t": 1.0, "type": "error", "text": "x" * 5 * LINE_BYTES})
    (line,) = lines.drain()
    assert (line["t"], line["type"]) == (1.0, "error")
    assert line["text"].startswith("xxx")
    assert line["cut"] > LINE_BYTES


def test_of_an_overlong_line_all_that_is_short_is_kept(ring: Latest) -> None:
    lines = Lines(ring)
    walls = {f"a wall with a long name {n}": True for n in range(LINE_BYTES // 20)}
    lines.write({"t": 1.0, "type": "stats", "outputs": walls, "ms": {"read": 0.1}, "ticks": 7, "state": "live"})
    (line,) = lines.drain()
    assert line == {"t": 1.0, "type": "stats", "ms": {"read": 0.1}, "ticks": 7, "state": "live", "cut": line["cut"]}


def test_orders_to_the_ears_cross(ring: Latest) -> None:
    sent: list[Order] = [Event(1.5, "tap", 1.0, "desk"), Listening((70.0, 180.0), 128.0, 3, gain_db=12.0), Listening()]
    sent += [Tempo(2.0, "clock", 128.0, 17.25, 0.9), Tempo(2.25, "link"), Listening(follow=("clock", "audio"))]
    orders = Orders(Lines(ring))
    orders.write(sent)
    assert orders.drain() == sent


def test_where_a_tape_is_crosses(ring: Latest) -> None:
    sent = [
        Reading(1.5, Timecode(1, 2, 3, 4, RATES["25"])),
        Reading(1.6, Timecode(10, 1, 0, 2, RATES["29.97df"]), 0.25, -1),
        Reading(1.7, Timecode(0, 0, 0, 0, RATES["24"]), direction=0),
    ]
    readings = Readings(Lines(ring))
    readings.write(sent)
    assert readings.drain() == sent


def test_operator_events_cross(ring: Latest) -> None:
    sent = [Event(1.5, "key.b", 1.0, "terminal"), Event(1.6, "tap", 1.0, "window"), Event(1.7, "msc.go.5", fade=4.0)]
    events = EventLines(Lines(ring))
    events.write(sent)
    assert events.drain() == sent
