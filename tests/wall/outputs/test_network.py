"""A real cable that is cut, a peer that is gone, a buffer that is full: told, survived, and over at once."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from itertools import count

import numpy as np
import pytest

from tests.wall.outputs.nodes import NOBODY_ADDRESS, NODE_ADDRESS, Cable, cable, node_on, picture, port, received
from visuals.clock import monotonic, sleep
from visuals.types import Frame, Output, Wall
from visuals.wall.outputs import datagrams, open_output
from visuals.wall.outputs.datagrams import Datagrams, open_socket

SIZE = (64, 32)
KINDS = {"sacn": {"sync": 50}, "artnet": {}, "ddp": {}}
PACKETS = {"sacn": 14, "artnet": 14, "ddp": 5}
"""Of one picture: 13 universes and the sync, or 6144 bytes."""

TRIES = 3
"""On a busy machine the kernel may take a second to see that a cable is whole again."""

PICTURES = [picture(SIZE, seed) for seed in range(3)]


@pytest.fixture
def line() -> Iterator[Cable]:
    with cable() as laid:
        yield laid


def opened(kind: str, host: str, to: int) -> Output:
    return open_output(Wall("main", (0, 0, *SIZE), SIZE, (kind, {"host": host, "port": to, **KINDS[kind]})))


class Show:
    """Sends at 60 Hz by the real clock, a new picture each time or a still one."""

    def __init__(self, output: Output, still: bool = False) -> None:
        self._output, self._still = output, still
        self._epoch, self._n = monotonic(), count()
        self.took: list[float] = []

    def tick(self) -> None:
        n = next(self._n)
        sleep(self._epoch + n / 60 - monotonic())
        start = monotonic()
        self._output.send(Frame(n, n / 60, PICTURES[0 if self._still else n % 3]))
        self.took.append(monotonic() - start)

    def run(self, seconds: float, node: socket.socket) -> list[bytes]:
        until, came = monotonic() + seconds, []
        while monotonic() < until:
            self.tick()
            came += received(node)
        return came

    def until_whole(self, node: socket.socket, packets: int) -> float:
        """Seconds until a whole picture has come."""
        start, came = monotonic(), 0
        while came < packets:
            self.tick()
            came += len(received(node))
            assert monotonic() - start < 5.0
        return monotonic() - start


@pytest.mark.expects_warnings
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("still", [False, True], ids=["moving", "still"])
def test_a_cut_cable_is_survived_and_over_within_100_ms(
    line: Cable, kind: str, still: bool, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(kind, NODE_ADDRESS, port(line.node)) as output:
        show = Show(output, still)
        show.until_whole(line.node, PACKETS[kind])
        for _ in range(TRIES):
            line.cut()
            received(line.node)
            show.took.clear()
            # A still picture is sent every 0.8 s: a shorter cut takes nothing from it.
            assert show.run(1.2 if still else 0.5, line.node) == []
            assert np.median(show.took) < 0.001
            line.mend()
            if (away := show.until_whole(line.node, PACKETS[kind])) <= 0.1:
                break
        assert away <= 0.1
        show.run(2.2 if still else 1.3, line.node)
    told = [r.getMessage() for r in caplog.records]
    assert "packets do not leave: Network is unreachable" in told[0]
    assert "packets leave again, after" in told[1]
    assert len(told) <= 2 * TRIES


@pytest.mark.expects_warnings
@pytest.mark.parametrize("kind", KINDS)
def test_a_peer_that_comes_back_unseen_has_light_again(line: Cable, kind: str) -> None:
    with opened(kind, NODE_ADDRESS, port(line.node)) as output:
        show = Show(output)
        show.until_whole(line.node, PACKETS[kind])
        for _ in range(TRIES):
            line.far_end("down")
            received(line.node)
            show.took.clear()
            assert show.run(0.5, line.node) == []
            assert np.median(show.took) < 0.001
            line.far_end("up")  # which tells its address, as nodes do; else the kernel asks once a second
            if (away := show.until_whole(line.node, PACKETS[kind])) <= 0.1:
                break
        assert away <= 0.1


@pytest.mark.parametrize("kind", KINDS)
def test_a_receiver_that_closes_its_port_is_not_our_fault(kind: str) -> None:
    with node_on("127.0.0.1") as node:
        to = port(node)
        output = opened(kind, "127.0.0.1", to).__enter__()
        Show(output).run(0.1, node)
    # The kernel is told of each packet that nobody takes; the stream goes on.
    for n in range(100, 130):
        output.send(Frame(n, n / 30, PICTURES[n % 3]))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as again:
        again.bind(("127.0.0.1", to))
        output.send(Frame(130, 130 / 30, PICTURES[1]))
        assert len(received(again)) == PACKETS[kind]
    assert output.lost == 0  # type: ignore[attr-defined]
    output.__exit__(None, None, None)


@pytest.mark.expects_warnings
def test_nobody_at_the_address_fills_the_buffer_and_holds_up_nothing(
    line: Cable, caplog: pytest.LogCaptureFixture
) -> None:
    # Packets wait for the hardware address that nobody gives, and count against the socket meanwhile.
    with opened("ddp", NOBODY_ADDRESS, 4048) as output:
        output._out.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)  # type: ignore[attr-defined]
        show = Show(output)
        show.run(0.5, line.node)
        assert np.median(show.took) < 0.001
    assert ["temporarily unavailable" in r.getMessage() for r in caplog.records] == [True]


class Full(socket.socket):
    """A socket whose buffer takes so many packets, then none until it is emptied."""

    room = 0

    def sendto(self, data: object, address: object) -> int:  # type: ignore[override]
        if self.room <= 0:
            raise OSError(datagrams.errno.ENOBUFS, "No buffer space available")
        self.room -= 1
        return super().sendto(data, address)  # type: ignore[call-overload, no-any-return]


def test_what_had_no_room_leaves_later_and_a_picture_stays_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datagrams, "_Many", lambda packets: None)
    rows = np.arange(20, dtype=np.uint8).reshape(5, 4)
    with node_on("127.0.0.1") as node, Full(socket.AF_INET, socket.SOCK_DGRAM) as out:
        burst = Datagrams([(row, ("127.0.0.1", port(node))) for row in rows])
        out.room = 3
        error = burst.send(out)
        assert error is not None
        assert error.errno == datagrams.errno.ENOBUFS
        assert not burst.done
        assert len(received(node)) == 3
        out.room = 9
        assert burst.resume(out) is None
        assert burst.done
        assert received(node) == [rows[3].tobytes(), rows[4].tobytes()]
        assert burst.lost == 0


@pytest.mark.parametrize("at_once", [True, False], ids=["sendmmsg", "sendto"])
def test_one_address_that_no_route_leads_to_takes_nothing_from_the_others(
    monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    if not at_once:
        monkeypatch.setattr(datagrams, "_Many", lambda packets: None)
    rows = np.arange(12, dtype=np.uint8).reshape(3, 4)
    with node_on("127.0.0.1") as node:
        hosts = ["127.0.0.1", "255.255.255.255", "127.0.0.1"]  # a broadcast that was not asked for is refused
        burst = Datagrams([(row, (host, port(node))) for row, host in zip(rows, hosts, strict=True)])
        with open_socket(None, 3) as out:
            error = burst.send(out)
        assert isinstance(error, PermissionError)
        assert burst.lost == 1
        assert received(node) == [rows[0].tobytes(), rows[2].tobytes()]


def test_more_packets_than_one_call_takes_all_leave() -> None:
    rows = np.arange(2500, dtype=">u2").view(np.uint8).reshape(-1, 2)
    with node_on("127.0.0.1") as node, open_socket(None, len(rows)) as out:
        burst = Datagrams([(row, ("127.0.0.1", port(node))) for row in rows])
        assert burst.send(out) is None
        assert b"".join(received(node)) == rows.tobytes()


@pytest.mark.expects_warnings
def test_a_picture_waits_until_the_one_before_has_left_whole() -> None:
    with node_on("127.0.0.1") as node, opened("ddp", "127.0.0.1", port(node)) as output:
        burst = output._datagrams  # type: ignore[attr-defined]
        some, room = burst._some, iter([1, 0, 0, 1, 1, 1, 1])

        def little(out: socket.socket) -> int:
            if next(room, 1):
                row, address = burst._packets[burst._at]
                return out.sendto(row.data, address) and 1
            raise BlockingIOError(datagrams.errno.EAGAIN, "full")

        burst._some = little
        output.send(Frame(0, 0.0, PICTURES[0]))
        assert len(received(node)) == 1
        output.send(Frame(1, 1 / 60, PICTURES[1]))
        burst._some = some
        came = received(node)
        first = b"".join([p[10:] for p in came[:4]])
        flat = PICTURES[0][..., :3].tobytes()
        assert first == flat[1440:]
        assert b"".join(p[10:] for p in came[4:]) == PICTURES[1][..., :3].tobytes()
