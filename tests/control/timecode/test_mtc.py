from __future__ import annotations

import random
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.control.timecode.wire import quarters, taken
from visuals.control.midi.messages import Message, Parser
from visuals.control.timecode.mtc import TYPES, MtcReader, full_message, quarter_frames
from visuals.timecode import RATES, Rate, Reading, Timecode

TYPE = pytest.mark.parametrize("rate", TYPES, ids=[rate.name for rate in TYPES])
FRAME = st.sampled_from(TYPES).flatmap(
    lambda rate: st.builds(Timecode.of_index, st.integers(0, rate.frames_per_day - 1), st.just(rate))
)


def code(text: str, rate: str = "25") -> Timecode:
    return Timecode.parse(text, RATES[rate])


def heard(wire: str) -> list[Reading]:
    return taken(MtcReader(), [(0.01 * n, bytes([byte])) for n, byte in enumerate(bytes.fromhex(wire))])


@pytest.mark.parametrize(
    ("wire", "text", "rate"),
    [
        ("F0 7F 7F 01 01 61 1E 23 14 F7", "01:30:35:20", "30"),
        ("F0 7F 7F 01 01 37 3B 3A 18 F7", "23:59:58:24", "25"),
        ("F0 7F 7F 01 01 41 01 00 02 F7", "01:01:00;02", "29.97df"),
        ("F0 7F 7F 01 01 00 00 00 17 F7", "00:00:00:23", "24"),
    ],
)
def test_a_full_message_is_a_place_to_stand(wire: str, text: str, rate: str) -> None:
    (reading,) = heard(wire)
    assert (reading.timecode, reading.part, reading.direction) == (code(text, rate), 0.0, 0)
    assert full_message(code(text, rate)) == bytes.fromhex(wire)


@pytest.mark.parametrize(
    ("wire", "text", "rate"),
    [
        ("F1 04 F1 10 F1 23 F1 30 F1 42 F1 50 F1 61 F1 72", "01:02:03:04", "25"),
        ("F1 00 F1 11 F1 24 F1 33 F1 45 F1 52 F1 61 F1 76", "01:37:52:16", "30"),  # RP-004, page 6
    ],
)
def test_eight_quarter_frames_are_a_time_that_is_seven_quarters_old(wire: str, text: str, rate: str) -> None:
    (reading,) = heard(wire)
    named = code(text, rate)
    assert reading.timecode == Timecode.of_index(named.index + 1, named.rate)
    assert (reading.part, reading.direction, reading.time) == (0.75, 1, pytest.approx(0.15))
    assert b"".join(quarter_frames(named)) == bytes.fromhex(wire)


@pytest.mark.parametrize(
    "wire",
    [
        "F0 7F 7F 01 01 38 00 00 00 F7",  # 24 hours
        "F0 7F 7F 01 01 20 00 00 19 F7",  # frame 25 of 25
        "F0 7F 7F 01 01 40 01 00 00 F7",  # a dropped number
        "F0 7F 7F 01 01 20 00 00 F7",
        "F0 7F 7F 01 01 20 00 00 00 00 F7",
        "F0 7F 7F 01 02 01 02 03 04 05 06 07 08 01 F7",  # user bits
        "F0 7E 7F 01 01 20 00 00 00 F7",
        "F0 F7",
        "F1 04 F1 10 F1 23 F1 30 F1 42 F1 50 F1 61",
        "F1 04 F1 10 F1 23 F1 30 F1 50 F1 42 F1 61 F1 72",
        "F1 04 F1 10 F1 23 F1 30 F1 4F F1 57 F1 61 F1 72",  # 63 minutes
        "F8 FA 90 3C 64",
    ],
)
def test_what_names_no_frame_tells_nothing(wire: str) -> None:
    assert heard(wire) == []


def test_reserved_bits_are_ignored() -> None:
    (reading,) = heard("F1 04 F1 1E F1 23 F1 3C F1 42 F1 5C F1 61 F1 7A")
    assert str(reading.timecode) == "01:02:03:05"
    (reading,) = heard("F0 7F 10 01 01 37 7B 7A 78 F7")
    assert str(reading.timecode) == "23:59:58:24"


@TYPE
@pytest.mark.parametrize("way", [1, -1])
@pytest.mark.parametrize("speed", [0.5, 1.0, 2.0])
def test_both_ways_over_the_edges_every_quarter_is_where_it_was_sent(rate: Rate, way: int, speed: float) -> None:
    start = Timecode.parse("00:58:59:10" if way > 0 else "01:00:00:10", rate)
    sent = quarters(start, 600, 5.0, way * speed)
    readings = taken(MtcReader(), [(time, wire) for time, wire, _ in sent])
    places = {time: place for time, _, place in sent}
    assert len(readings) == len(sent) - 7
    for reading in readings:
        assert reading.direction == way
        assert reading.position == pytest.approx(places[reading.time], abs=1e-6)


def test_the_day_ends_at_midnight() -> None:
    last = code("23:59:59:20")
    readings = taken(MtcReader(), [(time, wire) for time, wire, _ in quarters(last, 40, 0.0)])
    assert str(readings[-1].timecode) == "00:00:00:04"


def test_a_turn_of_the_tape_loses_no_place() -> None:
    forwards = quarters(code("01:00:00:00"), 27, 0.0)
    there = forwards[-1][2]
    back = [(0.28 + 0.01 * n, wire, place) for n, (_, wire, place) in enumerate(reversed(forwards[:-1]))]
    readings = taken(MtcReader(), [(time, wire) for time, wire, _ in forwards + back])
    assert [reading.direction for reading in readings] == [1] * 20 + [-1] * 26
    assert readings[20].position == pytest.approx(there - 0.01)
    assert readings[-1].position == pytest.approx(3600.0)


def test_after_a_jump_nothing_is_told_until_a_whole_set_has_come() -> None:
    one, two = quarters(code("01:00:00:00"), 48, 0.0), quarters(code("02:00:10:07"), 16, 0.48)
    readings = taken(MtcReader(), [(time, wire) for time, wire, _ in one + two])
    assert {reading.timecode.hours for reading in readings if reading.time < 0.475} == {1}
    assert [reading.timecode.hours for reading in readings if reading.time > 0.475] == [2] * 9


def test_after_a_pause_or_a_full_message_a_whole_set_is_wanted() -> None:
    reader = MtcReader()
    assert len(taken(reader, [(t, w) for t, w, _ in quarters(code("01:00:00:00"), 16, 0.0)])) == 9
    assert len(taken(reader, [(t, w) for t, w, _ in quarters(code("01:00:00:04"), 16, 9.0)])) == 9
    assert len(taken(reader, [(9.2, full_message(code("01:00:00:08")))])) == 1
    assert len(taken(reader, [(t, w) for t, w, _ in quarters(code("01:00:00:08"), 16, 9.21)])) == 9


def test_a_lost_quarter_costs_one_set() -> None:
    sent = quarters(code("01:00:00:00"), 32, 0.0)
    del sent[10]
    readings = taken(MtcReader(), [(time, wire) for time, wire, _ in sent])
    assert [round(reading.time * 100) for reading in readings] == [7, 8, 9, *range(23, 32)]


@given(FRAME)
def test_what_is_encoded_is_read_again(frame: Timecode) -> None:
    (full,) = taken(MtcReader(), [(0.0, full_message(frame))])
    assert full.timecode == frame
    (reading,) = taken(MtcReader(), [(0.01 * n, wire) for n, wire in enumerate(quarter_frames(frame))])
    assert reading.timecode == Timecode.of_index(frame.index + 1, frame.rate)


def test_code_of_29_97_without_dropped_frames_is_sent_as_30() -> None:
    """RP-004 has no type for it."""
    assert full_message(code("01:00:00:29", "29.97")) == full_message(code("01:00:00:29", "30"))


@given(st.lists(st.tuples(st.sampled_from(["quarter_frame", "sysex", "clock"]), st.binary(max_size=12)), max_size=40))
def test_any_message_is_borne(messages: list[tuple[str, bytes]]) -> None:
    reader = MtcReader()
    for n, (kind, data) in enumerate(messages):
        reading = reader.take(Message(kind, 0, data), n * 0.01)
        assert reading is None or 0.0 <= reading.position < 90_000.0


def test_a_million_random_bytes_leave_no_trace() -> None:
    parser, reader = Parser(), MtcReader()
    garbage = random.Random(7).randbytes(1_000_000).replace(b"\xf0", b"\xf1")
    for start in range(0, 900_000, 1000):
        for message in parser.feed(garbage[start : start + 1000]):
            reader.take(message, start * 1e-5)
    tracemalloc.start()
    for message in parser.feed(garbage[900_000:]):
        reader.take(message, 10.0)
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert kept < 20_000
    assert taken(reader, [(t, w) for t, w, _ in quarters(code("01:00:00:00"), 9, 99.0)])
