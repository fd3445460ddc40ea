from __future__ import annotations

import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visuals.clock import sleep
from visuals.control.tempo.link_peers import ALIVE, BYE, ENTRY, GROUP, HEADER, PORT, PROTOCOL, LinkPeers, announced

PORT_HERE = PORT + 77
NAME = bytes.fromhex("3060257A4F6D5D40")
HEARD = bytes.fromhex(
    "5F617364705F7601 01 05 0000 3060257A4F6D5D40"
    "746D6C6E 00000018 000000000006E238 00000000001106E2 0000000000000000"
    "73657373 00000008 3060257A4F6D5D40"
)
"""What a peer at 133 BPM sent, as it was recorded, up to its session."""


def test_a_peer_tells_its_name_and_tempo() -> None:
    name, bpm = announced(HEARD) or (b"", None)
    assert name == NAME
    assert bpm == pytest.approx(133.0, abs=1e-3)


def test_a_peer_says_that_it_goes() -> None:
    assert announced(bytes.fromhex("5F617364705F7601030000003060257A4F6D5D40")) == (NAME, None)


def packet(kind: int, *entries: tuple[bytes, bytes], protocol: bytes = PROTOCOL) -> bytes:
    payload = b"".join(ENTRY.pack(key, len(value)) + value for key, value in entries)
    return HEADER.pack(protocol, kind, 5, 0, NAME) + payload


def test_entries_that_are_not_known_are_passed_over() -> None:
    beat = struct.pack(">qqq", 500_000, 0, 0)
    assert announced(packet(ALIVE, (b"what", b"12345"), (b"tmln", beat))) == (NAME, 120.0)


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        HEARD[:19],
        HEARD[:40],
        packet(ALIVE),
        packet(9, (b"tmln", struct.pack(">q", 500_000))),
        packet(ALIVE, (b"tmln", b"123")),
        packet(ALIVE, (b"tmln", struct.pack(">q", 0))),
        packet(ALIVE, (b"tmln", struct.pack(">q", -1))),
        packet(ALIVE, (b"tmln", struct.pack(">q", 1))),
        packet(BYE, protocol=b"_asdp_v\x02"),
    ],
)
def test_what_is_no_announcement_is_left_out(wrong: bytes) -> None:
    assert announced(wrong) is None


def test_a_peer_counts_once_it_was_heard_for_a_while_and_until_it_goes_or_is_silent() -> None:
    peers = LinkPeers(PORT_HERE)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
        try:
            assert peers.tempo(0.0) is None

            def heard(now: float, data: bytes) -> float | None:
                sender.sendto(data, (GROUP, PORT_HERE))
                sleep(0.02)
                return peers.tempo(now)

            assert heard(1.0, HEARD) is None
            assert heard(1.9, HEARD) is None
            assert heard(2.1, HEARD) == pytest.approx(133.0, abs=1e-3)
            assert peers.tempo(3.9) == pytest.approx(133.0, abs=1e-3)
            assert peers.tempo(4.2) is None
            assert heard(5.0, HEARD) is None
            assert heard(6.1, HEARD) is not None
            assert heard(6.2, packet(BYE)) is None
            assert heard(7.0, HEARD) is None
            peers.forget()
            assert heard(8.1, HEARD) is None
        finally:
            peers.close()


@given(st.binary(max_size=200))
def test_any_bytes_are_borne(garbage: bytes) -> None:
    for data in (garbage, PROTOCOL + b"\x01" + garbage, HEARD[:20] + garbage):
        found = announced(data)
        assert found is None or found[1] is None or 20.0 <= found[1] <= 999.0
