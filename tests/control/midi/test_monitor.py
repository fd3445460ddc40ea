from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visuals.control.midi.messages import CHANNEL_MESSAGES, COMMON_MESSAGES, REALTIME_MESSAGES, Parser
from visuals.control.midi.monitor import MEANINGS, STATUSES, Monitor, Row, wire
from visuals.control.msc.message import Receiver
from visuals.control.timecode.mtc import quarter_frames
from visuals.timecode import RATES, Timecode


def rows(text: str, receiver: Receiver | None = None) -> list[Row]:
    return Monitor(receiver).rows([(1.0, "desk", bytes.fromhex(text))], 1.0)


@pytest.mark.parametrize(
    ("data", "meaning", "event"),
    [
        ("90 24 7F", "channel 1 (wire 0): note 36 (C2, where 60 is C4) on, velocity 127", "midi.note.1/36"),
        ("9F 3C 00", "channel 16 (wire F): note 60 (C4, where 60 is C4) off, as velocity 0", "midi.note.16/60"),
        ("81 01 40", "channel 2 (wire 1): note 1 (C#-1, where 60 is C4) off, velocity 64", "midi.note.2/1"),
        ("B0 07 40", "channel 1 (wire 0): controller 7 = 64", "midi.cc.1/7"),
        ("B0 30 7F", "channel 1 (wire 0): controller 48 = 127", "midi.cc.1/48"),
        ("C0 0C", "channel 1 (wire 0): program 12 (13 where they count from 1)", "midi.program.1/12"),
        ("E2 00 40", "channel 3 (wire 2): bend 8192 (+0 from its rest)", "midi.bend.3"),
        ("D0 10", "channel 1 (wire 0): pressure 16", "midi.pressure.1"),
        (
            "F0 7F 03 02 01 01 35 00 31 F7",
            "MSC GO cue 5 list 1, to device 3 (03), lighting (01)",
            "msc.go.1/5",
        ),
        (
            "F0 7F 7F 02 30 04 00 00 05 00 00 32 F7",
            "MSC TIMED GO cue 2 in 5 s, to everybody (7F), video (30)",
            "msc.go.2",
        ),
    ],
)
def test_a_message_is_told_as_desks_show_it_and_as_on_the_wire(data: str, meaning: str, event: str) -> None:
    (row,) = rows(data)
    assert (row.meaning, [e.name for e in row.events], row.refused) == (meaning, [event], "")
    assert row.data == bytes.fromhex(data)


@pytest.mark.parametrize(
    ("data", "meaning", "refused"),
    [
        ("F0 7F 04 02 01 01 35 F7", "MSC GO cue 5, to device 4 (04), lighting (01)", "the show answers to device 3"),
        ("F0 7F 70 02 01 01 F7", "MSC GO, to group 1 (70), lighting (01)", "the show answers to device 3"),
        ("F0 7F 03 02 10 01 F7", "MSC GO, to device 3 (03), sound (10)", "the show answers as lighting (01), m"),
        ("F0 7F 03 02 01 7E F7", "MIDI Show Control that cannot be read, command 7E", "there is no such command"),
        ("F0 7F 03 02 01 01 41 F7", "MIDI Show Control that cannot be read, command 01", "it is not whole"),
        ("F0 7F 03 02 F7", "cut show control", "there is no such command"),
        ("F0 47 7F 29 60 F7", "sysex of 6 bytes, Akai", ""),
        ("F0 00 20 29 02 F7", "sysex of 6 bytes, Novation", ""),
        ("F0 7E 7F 06 01 F7", "who are you", ""),
        ("F0 7F 7F 01 01 21 02 03 04 F7", "timecode, a full frame: 01:02:03:04 at 25", ""),
        ("F0 7F 7F 01 01 41 02 03 04 F7", "timecode, a full frame: 01:02:03;04 at 29.97df", ""),
        ("F0 7F 00 01 01 17 3B 3B 17 F7", "timecode, a full frame: 23:59:59:23 at 24", ""),
        ("F0 7F 7F 01 01 21 02 03 1F F7", "timecode, a full frame: none there is", ""),
        ("F0 7F 7F 01 01 F7", "timecode, a full frame: none there is", ""),
        ("F0 F7", "sysex of 2 bytes, manufacturer ", ""),
        ("FA", "start", ""),
        ("F2 10 00", "song position, sixteenth 16", ""),
        ("24 7F", "no whole message", ""),
    ],
)
def test_what_a_show_does_not_obey_is_told_with_its_reason(data: str, meaning: str, refused: str) -> None:
    (row,) = rows(data, Receiver(frozenset({3})))
    assert row.meaning == meaning
    assert row.refused.startswith(refused)
    assert bool(row.refused) == bool(refused)
    assert row.events == ()


def test_clocks_are_counted_and_active_sensing_is_told_once() -> None:
    monitor, told = Monitor(), list[Row]()
    tick = 60.0 / 128.0 / 24.0
    for n in range(1000):
        heard = [(n * tick, "desk", b"\xf8")]
        heard += [(n * tick, "desk", b"\xfe")] if n % 15 == 0 else []
        told += monitor.rows(heard, n * tick)
    assert [row.kind for row in told].count("active_sensing") == 1
    clocks = [row for row in told if row.kind == "clock"]
    assert len(clocks) in (18, 19)
    assert all("128.0 BPM" in row.meaning for row in clocks)
    assert monitor.rows([], 100.0)[0].kind == "clock"
    assert monitor.rows([], 200.0) == []


def test_timecode_is_counted_too() -> None:
    monitor = Monitor()
    assert monitor.rows([(0.01 * n, "desk", bytes([0xF1, n % 8 << 4])) for n in range(100)], 0.99) == []
    (row,) = monitor.rows([], 1.2)
    assert row.meaning == "quarter frame, 100 in 1.2 s: 00:00:00:01 at 24"


@pytest.mark.parametrize(("step", "told"), [(1, "10:20:31:00 at 25"), (-1, "10:20:30:24 at 25, backwards")])
def test_timecode_is_told_with_the_frame_that_it_says(step: int, told: str) -> None:
    start, monitor = Timecode.parse("10:20:30:00", RATES["25"]), Monitor()
    frames = [Timecode.of_index(start.index + 2 * n, start.rate) for n in range(25)][::step]
    pieces = [piece for frame in frames for piece in quarter_frames(frame)[::step]]
    rows = [row for n, data in enumerate(pieces) for row in monitor.rows([(n / 100, "desk", data)], n / 100)]
    assert [row.meaning for row in rows] == [f"quarter frame, 101 in 1.0 s: {told}"]


def test_of_timecode_that_says_no_frame_the_pieces_are_counted() -> None:
    monitor = Monitor()
    monitor.rows([(0.0, "desk", b"\xf1\x00"), (0.01, "desk", b"\xf1\x55")], 0.01)
    assert monitor.rows([], 1.0)[0].meaning == "quarter frame, 2 in 1.0 s"


def test_every_kind_has_its_status() -> None:
    kinds = {name for name, _ in {**CHANNEL_MESSAGES, **COMMON_MESSAGES}.values()} | set(REALTIME_MESSAGES.values())
    assert set(STATUSES) == kinds
    assert set(MEANINGS) <= kinds | {"sysex"}


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_any_bytes_are_told_and_wire_is_what_was_read(chunks: list[bytes]) -> None:
    found = Monitor().rows([(float(n), "desk", chunk) for n, chunk in enumerate(chunks)], 99.0)
    assert all(row.meaning for row in found)
    for chunk in chunks:
        for message in Parser().feed(chunk):
            assert Parser().feed(wire(message)) == [message]
