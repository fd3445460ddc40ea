"""The drill's readers put the pictures of foreign senders together, and count what is missing."""

from __future__ import annotations

import struct

import numpy as np
from sacn.messages.data_packet import DataPacket

from tools.stage_drill.wire import DdpReader, SacnReader

SIZE = (32, 10)
CID = tuple(range(16))


def picture(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (SIZE[1], SIZE[0], 3), np.uint8)


def sacn_packets(pixels: np.ndarray, number: int) -> list[bytes]:
    """A picture as the `sacn` library sends it."""
    slots = pixels.reshape(-1).tolist()
    parts = [slots[at : at + 510] for at in range(0, len(slots), 510)]
    return [
        bytes(
            DataPacket(
                CID, "drill", universe, tuple(part + [0] * (512 - len(part))), priority=90, sequence=number % 256
            ).getBytes()
        )
        for universe, part in enumerate(parts, 1)
    ]


def ddp_packets(pixels: np.ndarray, number: int, part: int = 480) -> list[bytes]:
    data = pixels.tobytes()
    parts = {at: data[at : at + part] for at in range(0, len(data), part)}
    last = max(parts)
    return [
        struct.pack(">BBBBIH", 0x41 if at == last else 0x40, number % 15 + 1, 0x0B, 1, at, len(some)) + some
        for at, some in parts.items()
    ]


def test_sacn_of_a_foreign_library_is_read_to_the_pixel() -> None:
    reader, sent = SacnReader(SIZE), picture(1)
    first, last = sacn_packets(sent, 0)
    assert reader.take(first) is None
    got = reader.take(last)
    assert got is not None
    assert np.array_equal(got.pixels, sent)
    assert (got.priority, got.skips) == (90, 0)


def test_a_lost_packet_is_counted_also_where_numbers_begin_anew() -> None:
    reader = SacnReader(SIZE)
    skips = []
    for number in (253, 254, 0, 1, 4):
        for packet in sacn_packets(picture(number), number):
            got = reader.take(packet)
        assert got is not None
        skips.append(got.skips)
    assert skips == [0, 0, 2, 0, 4]


def test_what_is_no_picture_of_ours_is_passed_over() -> None:
    reader = SacnReader(SIZE)
    ended = bytearray(sacn_packets(picture(1), 1)[1])
    ended[112] |= 0x40
    foreign = bytearray(sacn_packets(picture(1), 1)[1])
    foreign[113:115] = (9).to_bytes(2, "big")
    for packet in (b"", b"hello", bytes(700), bytes(ended), bytes(foreign)):
        assert reader.take(packet) is None


def test_ddp_is_read_to_the_pixel_and_its_losses_counted() -> None:
    reader, sent = DdpReader(SIZE), picture(2)
    got = [reader.take(packet) for packet in ddp_packets(sent, 0)]
    assert got[0] is None
    assert got[-1] is not None
    assert np.array_equal(got[-1].pixels, sent)
    for packet in ddp_packets(sent, 3):
        last = reader.take(packet)
    assert last is not None
    assert last.skips == 2


def test_ddp_that_is_too_long_or_of_another_kind_is_passed_over() -> None:
    reader = DdpReader(SIZE)
    far = struct.pack(">BBBBIH", 0x41, 1, 0x0B, 1, 10_000_000, 3) + b"abc"
    query = struct.pack(">BBBBIH", 0x42, 1, 0x0B, 251, 0, 0)
    for packet in (b"", far, query, bytes(10)):
        assert reader.take(packet) is None
