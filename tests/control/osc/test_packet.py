from __future__ import annotations

import math
import random
import struct
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visuals.clock import monotonic
from visuals.control.osc.packet import (
    ADDRESS_LIMIT,
    DEPTH_LIMIT,
    ELEMENTS_LIMIT,
    IMMEDIATELY,
    PACKET_BYTES,
    TAGS_LIMIT,
    Message,
    bundle,
    decode,
    encode,
    timetag_of,
    unix_of,
)

VECTORS = {
    # io.md 3.3, captured from a foreign sender.
    "2f636f6d706f736974696f6e2f6c61796572732f312f636c6970732f322f636f6e6e656374 000000 2c690000 00000001": Message(
        "/composition/layers/1/clips/2/connect", (1,)
    ),
    # The two examples of the OSC 1.0 specification.
    "2f6f7363 696c6c61 746f722f 342f6672 65717565 6e637900 2c660000 43dc0000": Message(
        "/oscillator/4/frequency", (440.0,)
    ),
    "2f666f6f 00000000 2c696973 66660000 000003e8 ffffffff 68656c6c 6f000000 3f9df3b6 40b5b22d": Message(
        "/foo",
        (1000, -1, "hello", struct.unpack(">f", b"\x3f\x9d\xf3\xb6")[0], struct.unpack(">f", b"\x40\xb5\xb2\x2d")[0]),
    ),
}


@pytest.mark.parametrize(("wire", "message"), VECTORS.items(), ids=lambda v: getattr(v, "address", ""))
def test_vectors_are_read_and_written_byte_for_byte(wire: str, message: Message) -> None:
    packet = bytes.fromhex(wire)
    assert decode(packet) == [message]
    assert encode(message.address, *message.arguments) == packet


@pytest.mark.parametrize(
    ("tags", "data", "arguments"),
    [
        (",T", "", (True,)),
        (",F", "", (False,)),
        (",N", "", (None,)),
        (",I", "", (True,)),
        (",h", "00000001 00000000", (1 << 32,)),
        (",d", "3ff8000000000000", (1.5,)),
        (",t", "0000000000000001", (1,)),
        (",c", "00000041", (65,)),
        (",r", "ff8000ff", (0xFF8000FF,)),
        (",m", "00903c64", (b"\x00\x90\x3c\x64",)),
        (",S", "61620000", ("ab",)),
        (",b", "00000003 010203 00", (b"\1\2\3",)),
        (",[if]s", "00000007 3f000000 7a000000", (7, 0.5, "z")),
        (",sTb", "00000000 00000000", ("", True, b"")),
        (",", "", ()),
    ],
)
def test_every_type_is_read(tags: str, data: str, arguments: tuple[object, ...]) -> None:
    head = b"/a\0\0" + tags.encode() + bytes(4 - len(tags) % 4)
    assert decode(head + bytes.fromhex(data)) == [Message("/a", arguments)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"/",
        b"abc\0",
        b"/abc",  # no end
        b"/a\0\0,i\0\0\0\0\0",  # no multiple of four
        b"/a\0\0,i\0\0",  # a number is missing
        b"/a\0\0,i\0\0" + bytes(8),  # one too many
        b"/a\0\0,q\0\0" + bytes(4),  # no such type
        b"/a\0\0xi\0\0" + bytes(4),  # no comma
        b"/a\0\0,s\0\0abcd",  # a string without end
        b"/a\0\0,b\0\0\xff\xff\xff\xff",  # four gigabytes
        b"/a\0\0,b\0\0\0\0",
        b"/\xff\xfe\0,\0\0\0",  # no UTF-8
        b"#bundle\0",
        b"#bundle\0" + bytes(8),
        b"#bundle\0" + bytes(8) + b"\xff\xff\xff\xf0",
        b"#bundle\0" + bytes(8) + bytes(4),
        b"/" + b"a" * ADDRESS_LIMIT + b"\0" * 3 + b",\0\0\0",
        b"/a\0\0," + b"T" * (TAGS_LIMIT + 2) + b"\0",
    ],
)
def test_what_is_malformed_gives_nothing(packet: bytes) -> None:
    assert decode(packet) == []


def test_type_tags_may_be_missing_where_nothing_follows() -> None:
    assert decode(b"/show/go\0\0\0\0") == [Message("/show/go")]


def test_a_bundle_gives_its_time_tag_to_its_own_messages() -> None:
    inner = bundle([encode("/b", 2)], 7)
    packet = bundle([encode("/a", 1), inner, encode("/c")], 5)
    assert decode(packet) == [Message("/a", (1,), 5), Message("/b", (2,), 7), Message("/c", (), 5)]


def test_one_bad_element_costs_only_itself() -> None:
    assert decode(bundle([b"nope", encode("/a", 1)])) == [Message("/a", (1,))]


def test_bundles_are_read_so_deep_and_no_deeper() -> None:
    packet = encode("/a")
    for _ in range(DEPTH_LIMIT):
        packet = bundle([packet])
    assert decode(packet) == [Message("/a")]
    assert decode(bundle([packet])) == []
    deep = encode("/a")
    while len(deep) < PACKET_BYTES - 32:
        deep = bundle([deep])
    assert decode(deep) == []


def test_a_packet_holds_so_many_messages() -> None:
    assert len(decode(bundle([encode("/a")] * (ELEMENTS_LIMIT + 9)))) == ELEMENTS_LIMIT
    assert len(decode(bundle([bundle([encode("/a")] * 150)] * 4))) == ELEMENTS_LIMIT - 2  # two bundles are elements too
    assert decode(bundle([*[b"abcd"] * ELEMENTS_LIMIT, encode("/a")])) == []  # what cannot be read took its time too


def test_time_tags_are_ntp() -> None:
    assert unix_of(2_208_988_800 << 32) == 0.0
    assert unix_of(timetag_of(3_000_000_000.0)) == 3_000_000_000.0  # in 2065
    assert unix_of(timetag_of(1_795_000_000.25)) == pytest.approx(1_795_000_000.25, abs=1e-6)
    assert decode(encode("/a"))[0].timetag == IMMEDIATELY


def test_numbers_beyond_the_types_are_brought_within() -> None:
    assert decode(encode("/a", 1 << 40))[0].arguments == (1 << 40,)
    assert decode(encode("/a", 1 << 70))[0].arguments == ((1 << 63) - 1,)
    (largest,) = decode(encode("/a", 1e300))[0].arguments
    assert isinstance(largest, float)
    assert math.isfinite(largest)
    assert decode(encode("/a", math.inf))[0].arguments == (math.inf,)


ARGUMENTS = st.lists(
    st.one_of(
        st.integers(-(1 << 63), (1 << 63) - 1),
        st.floats(width=32, allow_nan=False),
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20),
        st.binary(max_size=20),
        st.booleans(),
        st.none(),
    ),
    max_size=8,
)


@given(ARGUMENTS)
def test_what_is_written_is_read_back(arguments: list[object]) -> None:
    packet = encode("/show/x", *arguments)  # type: ignore[arg-type]
    assert len(packet) % 4 == 0
    assert decode(packet) == [Message("/show/x", tuple(arguments))]  # type: ignore[arg-type]


@given(st.binary(max_size=400))
def test_any_bytes_give_only_well_formed_messages(garbage: bytes) -> None:
    for packet in (garbage, b"#bundle\0" + garbage, b"/a\0\0," + garbage):
        for message in decode(packet):
            assert message.address.startswith("/")
            assert len(message.arguments) <= TAGS_LIMIT


@given(st.data())
def test_a_packet_with_wrong_bytes_never_raises(data: st.DataObject) -> None:
    packet = bytearray(bundle([encode("/show/control/dream/walk", 0.5, "text", b"blob"), bundle([encode("/b", 1)])]))
    for _ in range(data.draw(st.integers(1, 6))):
        packet[data.draw(st.integers(0, len(packet) - 1))] = data.draw(st.integers(0, 255))
    decode(bytes(packet[: data.draw(st.integers(0, len(packet)))]))


def test_a_million_random_bytes() -> None:
    source = random.Random(1)
    heads = [b"", b"/a\0\0,", b"#bundle\0" + bytes(8), b"/a\0\0,ifsb\0\0\0"]
    began, left = monotonic(), 1_000_000
    tracemalloc.start()
    while left > 0:
        garbage = source.randbytes(source.choice([4, 60, 1500]))
        decode(source.choice(heads) + garbage)
        left -= len(garbage)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20
    assert monotonic() - began < 20.0
