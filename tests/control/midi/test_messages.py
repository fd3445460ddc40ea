from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visuals.control.midi.messages import (
    CHANNEL_MESSAGES,
    COMMON_MESSAGES,
    EVENTS,
    REALTIME_MESSAGES,
    SYSEX_LIMIT,
    Message,
    Parser,
    event_of,
    newest_controls,
)
from visuals.types import Event


def parse(text: str) -> list[Message]:
    return Parser().feed(bytes.fromhex(text))


@pytest.mark.parametrize(
    ("wire", "name", "value"),
    [
        ("90 24 7F", "midi.note.1/36", 1.0),
        ("9F 00 40", "midi.note.16/0", 64 / 127),
        ("90 24 00", "midi.note.1/36", 0.0),
        ("80 24 40", "midi.note.1/36", 0.0),
        ("B0 07 7F", "midi.cc.1/7", 1.0),
        ("B9 7F 00", "midi.cc.10/127", 0.0),
        ("C0 00", "midi.program.1/0", 1.0),
        ("C3 7F", "midi.program.4/127", 1.0),
        ("E0 00 00", "midi.bend.1", 0.0),
        ("E0 00 40", "midi.bend.1", 0.5),
        ("EF 7F 7F", "midi.bend.16", 1.0),
        ("E1 00 20", "midi.bend.2", 0.25),
        ("D0 7F", "midi.pressure.1", 1.0),
        ("D9 00", "midi.pressure.10", 0.0),
        ("A0 24 40", "midi.pressure.1/36", 64 / 127),
    ],
)
def test_bindable_messages_become_events(wire: str, name: str, value: float) -> None:
    (message,) = parse(wire)
    event = event_of(message, 2.5, "desk:out")
    assert event is not None
    assert (event.time, event.name, event.source) == (2.5, name, "desk:out")
    assert event.value == pytest.approx(value)


@pytest.mark.parametrize("wire", ["F8", "F1 04", "F2 10 00", "F3 05", "F6", "F0 7F 01 F7"])
def test_other_messages_are_parsed_but_are_no_events(wire: str) -> None:
    (message,) = parse(wire)
    assert event_of(message, 0.0, "") is None


def test_every_channel_message_is_an_event() -> None:
    assert set(EVENTS) == {name for name, _ in CHANNEL_MESSAGES.values()}


def test_a_bend_rises_with_every_step() -> None:
    wires = [bytes([0xE0, bend & 127, bend >> 7]) for bend in range(0x4000)]
    events = [event_of(message, 0.0, "") for wire in wires for message in Parser().feed(wire)]
    values = [event.value for event in events if event is not None]
    assert len(set(values)) == 0x4000
    assert values == sorted(values)


def test_of_what_moves_only_the_newest_counts() -> None:
    names = ["midi.cc.1/7", "midi.cc14.1/7", "midi.bend.1", "midi.pressure.1", "midi.pressure.1/36"]
    pressed = [Event(0.0, "midi.note.1/36", 1.0), Event(0.1, "midi.program.1/5", 1.0)]
    early, late = ([Event(t, name, t) for name in names] for t in (0.2, 0.4))
    assert newest_controls([*early, *pressed, *late, *pressed]) == [*pressed, *late, *pressed]


def test_running_status() -> None:
    assert parse("90 3C 64 3C 00 40 64") == [
        Message("note_on", 1, b"\x3c\x64"),
        Message("note_on", 1, b"\x3c\x00"),
        Message("note_on", 1, b"\x40\x64"),
    ]


def test_system_common_ends_running_status() -> None:
    assert parse("B0 07 10 F6 07 20") == [Message("control_change", 1, b"\x07\x10"), Message("tune_request", 0, b"")]


def test_realtime_bytes_stand_inside_other_messages() -> None:
    assert parse("90 F8 3C FE 64") == [
        Message("clock", 0, b""),
        Message("active_sensing", 0, b""),
        Message("note_on", 1, b"\x3c\x64"),
    ]
    assert parse("F0 7F 01 F8 02 01 01 31 F7") == [
        Message("clock", 0, b""),
        Message("sysex", 0, bytes.fromhex("7F 01 02 01 01 31")),
    ]


def test_a_message_may_come_in_pieces() -> None:
    parser = Parser()
    found = [m for byte in bytes.fromhex("90 3C 64 C1 05") for m in parser.feed(bytes([byte]))]
    assert found == [Message("note_on", 1, b"\x3c\x64"), Message("program_change", 2, b"\x05")]


def test_a_sysex_cut_by_a_status_byte_is_dropped() -> None:
    assert parse("F0 01 02 90 3C 64 F7") == [Message("note_on", 1, b"\x3c\x64")]


def test_an_endless_sysex_takes_no_memory_and_the_next_message_counts() -> None:
    parser = Parser()
    parser.feed(b"\xf0")
    tracemalloc.start()
    for _ in range(40):
        assert parser.feed(bytes(SYSEX_LIMIT // 8)) == []
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * SYSEX_LIMIT
    assert parser.feed(bytes.fromhex("F7 90 3C 64")) == [Message("note_on", 1, b"\x3c\x64")]


def test_a_sysex_of_just_the_limit_is_kept() -> None:
    (message,) = Parser().feed(b"\xf0" + bytes(SYSEX_LIMIT) + b"\xf7")
    assert len(message.data) == SYSEX_LIMIT


def test_every_status_byte_has_one_meaning() -> None:
    undefined = {0xF4, 0xF5, 0xF9, 0xFD}
    for status in range(0x80, 0x100):
        meanings = [
            status & 0xF0 in CHANNEL_MESSAGES and status < 0xF0,
            status in COMMON_MESSAGES,
            status in REALTIME_MESSAGES,
            status in {0xF0, 0xF7},
            status in undefined,
        ]
        assert sum(meanings) == 1, hex(status)


@given(st.lists(st.binary(max_size=64), max_size=16))
def test_garbage_gives_only_well_formed_messages(pieces: list[bytes]) -> None:
    parser = Parser()
    for message in [m for piece in pieces for m in parser.feed(piece)]:
        assert 0 <= message.channel <= 16
        assert all(byte < 0x80 for byte in message.data)
        event = event_of(message, 0.0, "")
        assert event is None or 0.0 <= event.value <= 1.0


CHANNEL_WIRE = st.sampled_from(sorted(CHANNEL_MESSAGES)).flatmap(
    lambda status: st.tuples(
        st.integers(status, status + 15), st.lists(st.integers(0, 127), min_size=2, max_size=2)
    ).map(lambda pair: bytes([pair[0], *pair[1][: CHANNEL_MESSAGES[status][1]]]))
)


@given(st.binary(max_size=32), st.lists(CHANNEL_WIRE, max_size=12), st.integers(1, 7))
def test_messages_after_garbage_arrive_whole_however_they_are_cut(garbage: bytes, sent: list[bytes], size: int) -> None:
    parser = Parser()
    parser.feed(garbage + b"\xf6")
    wire = b"".join(sent)
    found = [m for i in range(0, len(wire), size) for m in parser.feed(wire[i : i + size])]
    assert [(m.channel, m.data) for m in found] == [((w[0] & 15) + 1, w[1:]) for w in sent]
