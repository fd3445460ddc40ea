from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sacn.messages.data_packet import DataPacket
from sacn.messages.sync_packet import SyncPacket
from sacn.messages.universe_discovery import UniverseDiscoveryPacket

from visuals.clock import monotonic
from visuals.control.dmx.e131 import Data, is_late, multicast_group, parse

CID = tuple(range(16))

VECTOR = bytes.fromhex(
    "00100000" "4153432d45312e3137000000" "726e" "00000004" "000102030405060708090a0b0c0d0e0f"
    "7258" "00000002" "766563" + "00" * 61 + "c8" "1f1a" "01" "00" "0001"
    "720b" "02" "a1" "0000" "0001" "0201" "00" "010203" + "00" * 509
)  # fmt: skip
"""io.md 3.3, captured on the wire."""


def foreign(**fields: object) -> bytes:
    return bytes(DataPacket(cid=CID, sourceName="desk", universe=7, **fields).getBytes())


def test_the_vector_is_read() -> None:
    assert parse(VECTOR) == Data(bytes(range(16)), "vec", 200, 1, 1, "live", b"\1\2\3" + bytes(509))


def test_what_the_foreign_library_writes_is_read() -> None:
    levels = tuple(n % 256 for n in range(512))
    data = parse(foreign(dmxData=levels, priority=120, sequence=200, sync_universe=9))
    assert data == Data(bytes(range(16)), "desk", 120, 200, 7, "live", bytes(levels))


@pytest.mark.parametrize(
    ("flag", "state"), [("previewData", "preview"), ("streamTerminated", "terminated"), ("forceSync", "live")]
)
def test_options(flag: str, state: str) -> None:
    data = parse(foreign(**{flag: True}))
    assert data is not None
    assert data.state == state


def test_fewer_slots_than_512() -> None:
    packet = VECTOR[:123] + (4).to_bytes(2) + VECTOR[125:129]
    data = parse(packet)
    assert data is not None
    assert data.slots == b"\1\2\3"
    empty = parse(VECTOR[:123] + (1).to_bytes(2) + b"\0")
    assert empty is not None
    assert empty.slots == b""


def changed(at: int, value: int) -> bytes:
    return VECTOR[:at] + bytes([value]) + VECTOR[at + 1 :]


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        VECTOR[:125],
        VECTOR[:-1],  # a slot is missing
        changed(1, 0x11),
        changed(4, 0),
        changed(21, 8),  # an extended packet
        changed(43, 1),
        changed(117, 1),
        changed(118, 0xA2),
        changed(108, 201),  # no such priority
        changed(114, 0),  # universe 0
        changed(123, 3),  # 768 slots
        changed(125, 0xDD),  # per-address priority
        VECTOR[:123] + bytes(2) + VECTOR[125:],  # not even a start code
        bytes(SyncPacket(cid=CID, syncAddr=7962, sequence=5).getBytes()),
        bytes(UniverseDiscoveryPacket(cid=CID, sourceName="desk", universes=(1, 2)).getBytes()),
    ],
)
def test_other_packets_are_none_of_ours(packet: bytes) -> None:
    assert parse(packet) is None


def test_sequence_numbers_as_section_6_7_2_has_them() -> None:
    late = {(ahead % 256) for ahead in range(-255, 256) if is_late((100 + ahead) % 256, 100)}
    assert late == {0, *range(256 - 19, 256)}
    assert not is_late(0, 255)
    assert is_late(255, 0)


def test_multicast_groups() -> None:
    assert multicast_group(1) == "239.255.0.1"
    assert multicast_group(7962) == "239.255.31.26"


@given(st.binary(max_size=700), st.lists(st.tuples(st.integers(0, 637), st.integers(0, 255)), max_size=6))
def test_any_bytes(garbage: bytes, changes: list[tuple[int, int]]) -> None:
    packet = bytearray(VECTOR)
    for at, value in changes:
        packet[at] = value
    for data in (parse(garbage), parse(bytes(packet)), parse(bytes(packet[: len(garbage)]))):
        assert data is None or (len(data.slots) <= 512 and data.priority <= 200)


def test_a_million_random_bytes() -> None:
    source, began, left = random.Random(4), monotonic(), 1_000_000
    while left > 0:
        garbage = source.randbytes(600)
        parse(garbage)
        parse(VECTOR[: source.randrange(130)] + garbage)
        left -= len(garbage)
    assert monotonic() - began < 20.0
