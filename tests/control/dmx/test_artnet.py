from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visuals.clock import monotonic
from visuals.control.dmx.artnet import REPLY, Dmx, asks, is_late, parse, poll_reply

# io.md 3.3, with the numbers of a packet that olad took.
DMX = bytes.fromhex("4172742d4e657400 0050 000e 05 00 02 00 0200") + bytes(range(256)) * 2
POLL = bytes.fromhex("4172742d4e657400 0020 000e 00 00")


def test_the_vector_is_read() -> None:
    assert parse(DMX) == Dmx(2, 5, 0, bytes(range(256)) * 2)


def test_the_address_has_fifteen_bits() -> None:
    packet = DMX[:14] + bytes([0x21, 0x03]) + DMX[16:]
    dmx = parse(packet)
    assert dmx is not None
    assert dmx.address == 0x321


def test_few_slots() -> None:
    assert parse(DMX[:16] + b"\0\2\7\x09") == Dmx(2, 5, 0, b"\7\x09")


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        DMX[:18],
        DMX[:-1],
        DMX[:16] + b"\0\0" + DMX[18:],
        DMX[:16] + b"\2\1" + DMX[18:] + b"\0",  # 513 slots
        DMX[:15] + b"\x80" + DMX[16:],
        DMX[:11] + b"\x0d" + DMX[12:],  # a version before 14
        b"Art-Nut\0" + DMX[8:],
        DMX[:8] + b"\0\x52" + DMX[10:],  # ArtSync
        POLL,
    ],
)
def test_other_packets_are_none_of_ours(packet: bytes) -> None:
    assert parse(packet) is None


def test_who_is_asked() -> None:
    assert asks(POLL, 2)
    targeted = POLL[:12] + b"\x20\0" + (9).to_bytes(2) + (5).to_bytes(2)
    assert [asks(targeted, address) for address in (4, 5, 9, 10)] == [False, True, True, False]
    assert not asks(DMX, 2)
    assert not asks(POLL[:13], 2)


def test_the_reply_is_the_standard_byte_for_byte() -> None:
    reply = poll_reply("First Light", "10.0.0.20", 0x321, True)
    assert len(reply) == 239
    assert reply[:26] == bytes.fromhex("4172742d4e657400 0021 0a000014 3619 0001 03 02 00ff 00 00 0000")
    assert reply[26:44] == b"First Light".ljust(18, b"\0")
    assert reply[44:108] == b"First Light".ljust(64, b"\0")
    assert reply[172:194] == bytes.fromhex("0001 80000000 00000000 80000000 00000000 01000000")
    assert reply[200] == 2
    assert reply[207:213] == bytes.fromhex("0a000014 01 08")
    assert sum(size for _, size in REPLY) == 239


def test_names_are_cut_where_their_fields_end() -> None:
    reply = poll_reply("ü" * 100, "10.0.0.20", 1, False)
    assert len(reply) == 239
    assert reply[43] == reply[107] == 0


@pytest.mark.parametrize(
    ("sequence", "last", "late"),
    [
        (2, 1, False),
        (1, 255, False),
        (255, 1, True),
        (1, 1, False),
        (90, 100, True),
        (70, 100, False),
        (0, 9, False),
        (9, 0, False),
    ],
)
def test_sequence_numbers(sequence: int, last: int, late: bool) -> None:
    assert is_late(sequence, last) == late


@given(st.binary(max_size=560))
def test_any_bytes(garbage: bytes) -> None:
    for packet in (garbage, DMX[:10] + garbage, POLL[:10] + garbage):
        dmx = parse(packet)
        assert dmx is None or (0 < len(dmx.slots) <= 512 and dmx.address < 0x8000)
        asks(packet, 1)


def test_a_million_random_bytes() -> None:
    source, began, left = random.Random(5), monotonic(), 1_000_000
    while left > 0:
        garbage = source.randbytes(500)
        parse(garbage)
        parse(DMX[:12] + garbage)
        asks(POLL[:12] + garbage, 3)
        left -= len(garbage)
    assert monotonic() - began < 20.0
