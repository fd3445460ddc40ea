from __future__ import annotations

import random
import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from visuals.clock import monotonic
from visuals.control.osc.framing import Framing
from visuals.control.osc.packet import PACKET_BYTES, decode, encode

PACKETS = st.lists(st.binary(min_size=1, max_size=40).map(lambda data: b"/" + data), min_size=1, max_size=8)


def fed(framing: Framing, stream: bytes, size: int) -> list[bytes]:
    return [p for i in range(0, len(stream), size) for p in framing.feed(stream[i : i + size])]


@given(PACKETS, st.integers(1, 9))
def test_packets_behind_their_size_arrive_however_they_are_cut(packets: list[bytes], size: int) -> None:
    stream = b"".join(len(p).to_bytes(4) + p for p in packets)
    framing = Framing()
    assert fed(framing, stream, size) == packets
    assert framing.frame(b"/a\0\0") == b"\0\0\0\4/a\0\0"


@given(PACKETS, st.integers(1, 9), st.booleans())
def test_packets_in_slip_frames_arrive_however_they_are_cut(packets: list[bytes], size: int, double: bool) -> None:
    ours = Framing()
    ours.feed(b"\xc0")
    stream = b"".join(ours.frame(p) if double else ours.frame(p)[1:] for p in packets)
    assert fed(Framing(), stream, size) == packets


def test_slip_escapes_byte_for_byte() -> None:
    framing = Framing()
    framing.feed(b"\xc0")
    assert framing.frame(b"/\xc0\xdb\xdc") == b"\xc0/\xdb\xdc\xdb\xdd\xdc\xc0"  # RFC 1055
    assert framing.feed(b"/\xdb\xdc\xdb\xdd\xdc\xc0") == [b"/\xc0\xdb\xdc"]


def test_a_size_that_cannot_be_breaks_the_stream() -> None:
    framing = Framing()
    assert framing.feed(b"\0\0\0\4/a\0\0" + (PACKET_BYTES + 1).to_bytes(4)) == [b"/a\0\0"]
    assert framing.broken
    assert framing.feed(b"\0\0\0\4/a\0\0") == []


def test_a_frame_without_end_takes_no_memory_and_the_next_one_counts() -> None:
    framing = Framing()
    framing.feed(b"\xc0/")
    tracemalloc.start()
    for _ in range(200):
        assert framing.feed(b"x" * 16_384) == []
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * PACKET_BYTES
    packet = encode("/show/go")
    assert framing.feed(b"rest\xc0" + packet + b"\xc0") == [packet]


def test_a_million_random_bytes() -> None:
    source, began = random.Random(2), monotonic()
    for first in (b"\0", b"\xc0"):
        framing = Framing()
        framing.feed(first)
        for _ in range(500):
            for packet in framing.feed(source.randbytes(1000)):
                decode(packet)
    assert monotonic() - began < 20.0
