from __future__ import annotations

import socket

import pytest

from tests.wall.outputs.nodes import own_network
from visuals.clock import monotonic
from visuals.control.ports import BUSY_S, KEPT, KEPT_BYTES, READS, RETRY_S, Port, Turn, is_own, join, udp


def test_a_socket_that_fails_is_opened_anew() -> None:
    port = Port("test", lambda: udp("127.0.0.1", 0), 100)
    assert port.tend(0.0)
    for n in range(1, 21):
        assert port.socket is not None
        port.socket.close()  # the system took it away
        assert list(port.receive()) == []
        assert port.socket is None
        port.send(b"x", ("127.0.0.1", 9))
        assert not port.tend(n * 2 * RETRY_S - 1.5 * RETRY_S)
        assert port.tend(n * 2 * RETRY_S)
    port.drop()


def test_a_flood_is_taken_in_turns() -> None:
    port = Port("test", lambda: udp("127.0.0.1", 0), 100)
    port.tend(0.0)
    assert port.socket is not None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for n in range(200):
            sender.sendto(n.to_bytes(2), port.socket.getsockname())
        turns = []
        while sum(map(len, turns)) < 200:
            turn = [int.from_bytes(packet) for packet, _ in port.receive()]
            turns.append(turn)
        assert [n for turn in turns for n in turn] == list(range(200))
    port.drop()
    assert BUSY_S < 0.005


def test_of_a_flood_the_newest_wait_and_what_comes_after_it_comes_soon() -> None:
    """A sender that is faster than what is done with its packets, and a word after it."""
    port = Port("test", lambda: udp("127.0.0.1", 0), 2000)
    port.tend(0.0)
    assert port.socket is not None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for _ in range(40):
            for _ in range(READS):
                sender.sendto(bytes(1000), port.socket.getsockname())
            next(port.receive())
        assert port.lost > 0
        sender.sendto(b"word", port.socket.getsockname())
        taken = 0
        while b"word" not in [packet for packet, _ in port.receive()]:
            taken += 1
            assert taken < KEPT
    assert not port.is_behind
    assert KEPT_BYTES // 1000 < KEPT
    port.drop()


def test_who_has_worked_rests() -> None:
    turn = Turn()
    while not turn.over:
        pass
    began = monotonic()
    turn.rest()
    assert monotonic() - began >= BUSY_S


def test_a_packet_that_cannot_leave_is_lost_quietly() -> None:
    port = Port("test", lambda: udp("127.0.0.1", 0), 100)
    port.tend(0.0)
    port.send(b"x" * 70_000, ("127.0.0.1", 9))
    port.send(b"x", ("255.255.255.255", 9))
    port.drop()


def test_which_addresses_are_ours() -> None:
    assert is_own("127.0.0.1")
    assert not is_own("192.0.2.1")  # kept for documents, RFC 5737


def test_a_group_on_an_interface_that_is_not_there() -> None:
    with udp("127.0.0.1", 0) as opened, pytest.raises(OSError, match="interface"):
        join(opened, "239.255.0.1", "nowhere0")


def test_a_group_without_an_interface_is_joined_on_all_of_them() -> None:
    """A lighting network has no way to the internet, by which the system would choose."""
    group = "239.255.77.1"
    with own_network(), udp("", 0, shared=True) as opened, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as desk:
        join(opened, group, "")
        desk.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
        desk.sendto(b"light", (group, opened.getsockname()[1]))
        opened.settimeout(2.0)
        assert opened.recv(16) == b"light"
