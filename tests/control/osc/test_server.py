from __future__ import annotations

import logging
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest

from tests.control.osc.space import space
from visuals.clock import RealClock, calendar, monotonic, sleep
from visuals.control.osc.packet import PACKET_BYTES, Message, bundle, decode, encode, timetag_of
from visuals.control.osc.server import CLIENTS_LIMIT, OscIn
from visuals.types import Event

WITHIN_S = 5.0


@pytest.fixture
def osc() -> Iterator[OscIn]:
    with OscIn(space(), RealClock(), "127.0.0.1", 0) as server:
        yield server


@pytest.fixture
def desk(osc: OscIn) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.settimeout(WITHIN_S)
        sender.connect(("127.0.0.1", osc.port))
        yield sender


def connect(osc: OscIn) -> socket.socket:
    deadline = monotonic() + WITHIN_S
    while True:
        try:
            return socket.create_connection(("127.0.0.1", osc.port), WITHIN_S)
        except ConnectionRefusedError:
            assert monotonic() < deadline
            sleep(0.02)


def arrived(osc: OscIn, count: int = 1) -> list[Event]:
    events: list[Event] = []
    deadline = monotonic() + WITHIN_S
    while len(events) < count:
        assert monotonic() < deadline, events
        events += osc.drain()
        sleep(0.005)
    return events


def answers(data: bytes) -> list[Message]:
    return decode(data)


def test_a_datagram_is_an_event(osc: OscIn, desk: socket.socket) -> None:
    assert osc.drain() == []
    desk.send(encode("/show/scene/dawn", 1))
    (event,) = arrived(osc)
    assert (event.name, event.value, event.source) == ("osc.scene.dawn", 1.0, "osc 127.0.0.1")


def test_questions_are_answered_from_what_was_published(osc: OscIn, desk: socket.socket) -> None:
    osc.publish("tide", "1", {"master": 0.5, "dream.walk": 0.5})
    deadline = monotonic() + WITHIN_S
    while not osc.state:
        assert monotonic() < deadline
        sleep(0.01)
    desk.send(encode("/show/control/dream/walk"))
    assert answers(desk.recv(2000)) == [Message("/show/control/dream/walk", (0.25,))]
    desk.send(encode("/show/scene/tide", "?"))
    assert answers(desk.recv(2000)) == [Message("/show/scene/tide", (1,))]


def test_a_subscriber_hears_of_changes_and_nothing_of_its_own(osc: OscIn, desk: socket.socket) -> None:
    desk.send(encode("/show/subscribe", 30))
    assert answers(desk.recv(2000)) == [Message("/show/subscribe", (30.0,))]
    desk.send(encode("/show/master", 0.5))
    arrived(osc)
    osc.publish("dawn", None, {"master": 0.5, "speed": 1.0})
    told = answers(desk.recv(2000))
    assert Message("/show/speed", (0.25,)) in told
    assert Message("/show/scene/dawn", (1,)) in told
    assert "/show/master" not in {m.address for m in told}


def test_who_never_asks_is_told() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as tablet:
        tablet.bind(("127.0.0.1", 0))
        tablet.settimeout(WITHIN_S)
        told = [("127.0.0.1", tablet.getsockname()[1], "/composition")]
        with OscIn(space(), RealClock(), "127.0.0.1", 0, told) as osc:
            osc.publish("dawn", None, {"master": 0.5})
            assert Message("/composition/master", (0.5,)) in answers(tablet.recv(2000))


def test_a_bundle_waits_for_its_time(osc: OscIn, desk: socket.socket) -> None:
    began = monotonic()
    desk.send(bundle([encode("/show/go")], timetag_of(calendar() + 0.2)))
    arrived(osc)
    assert monotonic() - began >= 0.19


@pytest.mark.parametrize("first", [b"", b"\xc0"], ids=["size", "slip"])
def test_tcp_takes_both_framings_and_answers_in_the_same(osc: OscIn, first: bytes) -> None:
    osc.publish("dawn", None, {"master": 0.5})
    deadline = monotonic() + WITHIN_S
    while not osc.state:
        assert monotonic() < deadline
        sleep(0.01)
    with connect(osc) as client:
        packets = [encode("/show/scene/tide", 1), encode("/show/go"), encode("/show/master")]
        if first:
            client.sendall(b"".join(b"\xc0" + p + b"\xc0" for p in packets))
        else:
            stream = b"".join(len(p).to_bytes(4) + p for p in packets)
            client.sendall(stream[:7])
            sleep(0.02)
            client.sendall(stream[7:])
        assert [e.name for e in arrived(osc, 2)] == ["osc.scene.tide", "osc.press.go"]
        expected = encode("/show/master", 0.5)
        framed = b"\xc0" + expected + b"\xc0" if first else len(expected).to_bytes(4) + expected
        assert client.recv(len(framed)) == framed


@pytest.mark.expects_warnings
def test_a_tcp_client_that_sends_nonsense_is_sent_away_alone(osc: OscIn, desk: socket.socket) -> None:
    with connect(osc) as good, connect(osc) as bad:
        bad.sendall(b"\0" + (PACKET_BYTES + 1).to_bytes(3) + b"x" * 100)
        assert bad.recv(10) == b""
        packet = encode("/show/go")
        good.sendall(len(packet).to_bytes(4) + packet)
        assert arrived(osc)[0].name == "osc.press.go"


def test_so_many_tcp_clients_and_the_silent_one_goes(osc: OscIn) -> None:
    clients = [connect(osc) for _ in range(CLIENTS_LIMIT)]
    packet = encode("/show/master", 0.5)
    for client in clients[1:]:
        client.sendall(len(packet).to_bytes(4) + packet)
    arrived(osc)
    sleep(0.1)
    with connect(osc) as late:
        assert clients[0].recv(10) == b""
        late.sendall(len(packet).to_bytes(4) + packet)
        arrived(osc)
    for client in clients:
        client.close()


def test_told_to_tell_itself_it_does_not_obey_itself(osc: OscIn, desk: socket.socket) -> None:
    desk.send(encode("/show/subscribe", 30, osc.port))
    osc.publish("dawn", None, {"master": 0.5})
    sleep(0.3)
    assert osc.drain() == []


@pytest.mark.expects_warnings
def test_a_port_that_is_taken_is_opened_when_it_is_free(caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        with caplog.at_level(logging.WARNING), OscIn(space(), RealClock(), "127.0.0.1", port) as osc:
            sleep(1.2)
            assert len(caplog.records) == 1
            assert osc.drain() == []
            other.close()
            deadline = monotonic() + 2.0
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                while not osc.drain():
                    assert monotonic() < deadline
                    sender.sendto(encode("/show/go"), ("127.0.0.1", port))
                    sleep(0.02)


def test_a_port_goes_and_comes_many_times() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        port = 0
        for _ in range(20):
            with OscIn(space(), RealClock(), "127.0.0.1", port) as osc:
                port = osc.port
                sender.sendto(encode("/show/go"), ("127.0.0.1", port))
                assert arrived(osc)[0].name == "osc.press.go"


def test_a_flood_leaves_the_drain_quick_and_the_newest_value(osc: OscIn, desk: socket.socket) -> None:
    slowest = 0.0
    for n in range(20_000):
        desk.send(encode("/show/master", (n % 1000) / 1000))
        if n % 500 == 0:
            began = monotonic()
            osc.drain()
            slowest = max(slowest, monotonic() - began)
    assert slowest < 0.1
    sleep(0.5)
    osc.drain()
    desk.send(encode("/show/go"))
    assert arrived(osc)[0].name == "osc.press.go"
    assert osc.counts["packets"] > 100


SENDER = """
import socket, sys, time
out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
out.connect(("127.0.0.1", int(sys.argv[1])))
end = time.monotonic() + 1.0
while time.monotonic() < end:
    for _ in range(100):
        out.send(b"/show/master\\0\\0\\0\\0,f\\0\\0\\x3f\\0\\0\\0")
"""


def test_what_is_said_after_a_flood_is_heard(osc: OscIn, desk: socket.socket) -> None:
    flood = subprocess.Popen([sys.executable, "-c", SENDER, str(osc.port)])
    frames = 0
    while flood.poll() is None:
        osc.drain()
        frames += 1
        sleep(1 / 60)
    assert flood.returncode == 0
    assert frames > 10
    deadline = monotonic() + WITHIN_S
    while "osc.press.go" not in [event.name for event in osc.drain()]:
        assert monotonic() < deadline
        desk.send(encode("/show/go"))
        sleep(0.05)  # on a busy machine the kernel's buffer may be full still


def test_a_tcp_flood_leaves_udp_its_turn(osc: OscIn, desk: socket.socket) -> None:
    packet = encode("/show/master", 0.5)
    stream = (len(packet).to_bytes(4) + packet) * 2000
    with ExitStack() as stack:
        clients = [stack.enter_context(connect(osc)) for _ in range(4)]
        for client in clients:
            client.setblocking(False)
            with suppress(BlockingIOError):
                client.send(stream)
        desk.send(encode("/show/go"))
        events: list[Event] = []
        while "osc.press.go" not in [event.name for event in events]:
            events = arrived(osc)
