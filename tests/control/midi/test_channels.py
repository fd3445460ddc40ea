from __future__ import annotations

import random
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visuals.control.midi.channels import Channels
from visuals.control.midi.messages import Parser
from visuals.types import Event


def hear(*wires: str) -> list[tuple[str, float]]:
    """Names and values of the events that bytes of one port become."""
    return [(event.name, event.value) for event in events(*wires)]


def events(*wires: str) -> list[Event]:
    parser, channels = Parser(), Channels()
    return [e for wire in wires for m in parser.feed(bytes.fromhex(wire)) for e in channels.events(m, 2.5, "desk")]


def fine(*wires: str) -> list[int]:
    """The 14-bit values of controller 7 on channel 1."""
    return [round(value * 16383) for name, value in hear(*wires) if name == "midi.cc14.1/7"]


def test_what_needs_no_memory_is_as_before() -> None:
    assert events("90 24 7F 80 24 40 B0 50 7F E0 00 40") == [
        Event(2.5, "midi.note.1/36", 1.0, "desk"),
        Event(2.5, "midi.note.1/36", 0.0, "desk"),
        Event(2.5, "midi.cc.1/80", 1.0, "desk"),
        Event(2.5, "midi.bend.1", 0.5, "desk"),
    ]


# ---- 14-bit controllers


def test_a_pair_is_a_controller_of_its_own_and_its_halves_stay() -> None:
    assert hear("B2 07 40 27 05") == [
        ("midi.cc.3/7", 64 / 127),
        ("midi.cc.3/39", 5 / 127),
        ("midi.cc14.3/7", (64 * 128 + 5) / 16383),
    ]


def test_seven_bit_controllers_have_no_pairs() -> None:
    assert hear("B0 07 40 07 41 50 10") == [
        ("midi.cc.1/7", 64 / 127),
        ("midi.cc.1/7", 65 / 127),
        ("midi.cc.1/80", 16 / 127),
    ]


def test_a_fine_change_needs_only_its_low_half() -> None:
    assert fine("B0 07 40 27 05", "B0 27 06") == [8197, 8198]


@pytest.mark.parametrize("values", [range(200, 16200, 37), range(16200, 200, -37), range(8000, 8400)])
def test_a_fader_never_jumps_back(values: range) -> None:
    found = fine("".join(f"B0 07 {v >> 7:02X} 27 {v & 127:02X}" for v in values))
    assert found == sorted(found, reverse=values.step < 0)


@pytest.mark.parametrize("values", [range(0, 16384, 37), range(16383, -1, -37)])
def test_every_value_arrives(values: range) -> None:
    assert fine("B0 07 00 27 00", "".join(f"B0 07 {v >> 7:02X} 27 {v & 127:02X}" for v in values))[2::2] == list(values)


@pytest.mark.parametrize("number", range(32, 64))
def test_a_low_half_without_its_high_one_is_a_controller_of_7_bits(number: int) -> None:
    assert hear(f"B0 {number:02X} 10 {number:02X} 7F") == [
        (f"midi.cc.1/{number}", 16 / 127),
        (f"midi.cc.1/{number}", 1.0),
    ]


def test_high_halves_are_those_of_their_channel() -> None:
    assert [name for name, _ in hear("B1 10 40", "B0 11 40", "B0 30 10")] == [
        "midi.cc.2/16",
        "midi.cc.1/17",
        "midi.cc.1/48",
    ]


def test_a_sender_without_low_halves_reaches_both_ends() -> None:
    assert fine("B0 07 40 27 00", "B0 07 7F", "B0 07 00")[-2:] == [16383, 0]


def test_low_halves_may_come_first() -> None:
    assert fine("B0 27 05 07 40", "B0 27 06 07 40", "B0 27 07 07 40")[-1] == 64 * 128 + 7


# ---- parameters


def test_a_parameters_data_move_no_fader() -> None:
    for numbers in ("63 01 62 08", "62 08 63 01", "65 00 64 01"):
        names = [name for name, _ in hear(f"B0 {numbers} 06 40 26 10 60 00 61 00 06 41 50 7F 06 42")]
        assert names[2:] == ["midi.cc.1/80", "midi.cc.1/6"]


def test_a_parameter_may_be_changed_by_half_of_its_number() -> None:
    assert [name for name, _ in hear("B0 63 01 62 08 06 40 62 09 06 41")] == [
        "midi.cc.1/99",
        "midi.cc.1/98",
        "midi.cc.1/98",
    ]


def test_no_parameter_ends_it() -> None:
    assert hear("B0 65 00 64 00 06 02 65 7F 64 7F 06 40")[-1] == ("midi.cc.1/6", 64 / 127)


def test_knobs_that_have_those_numbers_stay_knobs() -> None:
    assert hear("B0 62 10 62 11 06 40") == [
        ("midi.cc.1/98", 16 / 127),
        ("midi.cc.1/98", 17 / 127),
        ("midi.cc.1/6", 64 / 127),
    ]


def test_a_parameter_is_its_channels() -> None:
    assert hear("B0 63 01 62 08", "B1 06 40")[-1] == ("midi.cc.2/6", 64 / 127)


# ---- banks


def programs(*wires: str) -> list[str]:
    return [name for name, _ in hear(*wires) if name.startswith("midi.program")]


def test_without_a_bank_a_program_has_its_number() -> None:
    assert programs("C0 00 C3 7F") == ["midi.program.1/0", "midi.program.4/127"]


def test_a_bank_holds_for_its_channel() -> None:
    assert programs("B0 00 01 20 02 C0 05", "C0 06", "C1 06") == [
        f"midi.program.1/{130 * 128 + 5}",
        f"midi.program.1/{130 * 128 + 6}",
        "midi.program.2/6",
    ]
    assert programs("B0 00 01 20 02 C0 05", "B0 00 00 20 00 C0 05")[-1] == "midi.program.1/5"


def test_the_highest_bank_has_numbers_too() -> None:
    assert programs("B0 00 7F 20 7F C0 7F") == ["midi.program.1/2097151"]


def test_half_a_bank_counts_once() -> None:
    assert programs("B0 00 01 C0 05", "C0 05") == [f"midi.program.1/{128 * 128 + 5}", "midi.program.1/5"]
    assert programs("B0 20 03 C0 05", "C0 05") == [f"midi.program.1/{3 * 128 + 5}", "midi.program.1/5"]


def test_a_low_half_changes_the_bank_that_holds_once() -> None:
    assert programs("B0 00 01 20 02 C0 05", "B0 20 03 C0 05") == [
        f"midi.program.1/{130 * 128 + 5}",
        f"midi.program.1/{131 * 128 + 5}",
    ]


def test_a_fader_of_that_number_selects_nothing() -> None:
    assert programs("B0 00 40", "90 24 7F", "C0 05") == ["midi.program.1/5"]


# ---- garbage


def test_a_million_random_bytes_leave_memory_flat() -> None:
    noise = random.Random(10)
    parser, channels = Parser(), Channels()

    def take(count: int) -> None:
        for message in parser.feed(noise.randbytes(count)):
            for event in channels.events(message, 0.0, ""):
                assert 0.0 <= event.value <= 1.0

    take(100_000)
    tracemalloc.start()
    for _ in range(10):
        take(10_000)
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    for _ in range(90):
        take(10_000)
    assert held < 200_000


@given(st.lists(st.binary(max_size=32), max_size=16))
def test_every_event_has_a_level(pieces: list[bytes]) -> None:
    parser, channels = Parser(), Channels()
    found = [e for piece in pieces for m in parser.feed(piece) for e in channels.events(m, 0.0, "")]
    assert all(0.0 <= event.value <= 1.0 for event in found)
