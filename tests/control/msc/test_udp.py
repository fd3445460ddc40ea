from __future__ import annotations

import logging
import os
import random
import socket
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visuals.clock import RealClock, SteppedClock, sleep
from visuals.control.msc.message import Receiver, ShowControl
from visuals.control.msc.udp import MESSAGES_A_DRAIN, PORT, RETRY_S, MscIn, pack, unpack
from visuals.types import Event

GO_35 = bytes.fromhex("474D41004D53430018000000 F07F7F027F0133352E303030F7")
FIRE_1 = bytes.fromhex("474D41004D53430013000000 F07F7F027F0701F7")


@pytest.fixture
def port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def desk() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        yield out


def collect(ears: MscIn, count: int) -> list[Event]:
    """Drain until so many events are there, for two seconds at most."""
    clock, found = RealClock(), list[Event]()
    while len(found) < count and clock.now() < 2.0:
        found += ears.drain()
        sleep(0.001)
    return found


# ---- packets


@pytest.mark.parametrize(
    ("packet", "message"),
    [
        (GO_35, ShowControl(0x7F, 0x7F, "go", cue="35")),
        (FIRE_1, ShowControl(0x7F, 0x7F, "fire", macro=1)),
    ],
)
def test_the_manuals_packets_and_both_lengths(packet: bytes, message: ShowControl) -> None:
    whole = packet[:8] + len(packet).to_bytes(4, "little") + packet[12:]
    assert unpack(packet) == unpack(whole) == message
    assert pack(message) == whole


@pytest.mark.parametrize("macro", range(256))
def test_macros_go_to_255(macro: int) -> None:
    message = ShowControl(0x7F, 0x01, "fire", macro=macro)
    assert unpack(pack(message)) == message


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        GO_35[:8],
        GO_35[:12],
        GO_35[:-1],
        GO_35 + b"\0",
        GO_35[:8] + b"\xff\xff\xff\xff" + GO_35[12:],
        GO_35[:8] + b"\0\0\0\0" + GO_35[12:],
        GO_35[:8] + b"\0\0\0\x18" + GO_35[12:],
        b"GMA\0MSX\0" + GO_35[8:],
        GO_35[:-1] + b"\x7f",
        GO_35[:12] + b"\x7f" + GO_35[13:],
        GO_35[:13] + b"\xff" + GO_35[14:],
        GO_35[12:],
    ],
)
def test_what_is_no_packet_is_nothing(packet: bytes) -> None:
    assert unpack(packet) is None


def test_a_packet_longer_than_the_standard_is_nothing() -> None:
    sysex = bytes.fromhex("F07F7F027F01") + b"1" * 200 + b"\xf7"
    assert unpack(GO_35[:8] + (12 + len(sysex)).to_bytes(4, "little") + sysex) is None


def test_a_million_random_bytes_raise_nothing() -> None:
    noise = random.Random(9)
    for n in range(10_000):
        unpack(noise.randbytes(100))
        body = noise.randbytes(n % 100)
        unpack(GO_35[:8] + (14 + len(body)).to_bytes(4, "little") + b"\xf0" + body + b"\xf7")


@given(st.binary(max_size=200))
def test_garbage_is_never_an_error(packet: bytes) -> None:
    assert unpack(packet) is None


# ---- the socket


def test_the_port_is_the_desks() -> None:
    assert PORT == 6004


@pytest.mark.expects_warnings
def test_what_a_desk_sends_becomes_events(port: int, desk: socket.socket) -> None:
    clock = SteppedClock(3.0)
    with MscIn(clock, host="127.0.0.1", port=port) as ears:
        assert ears.listening
        assert ears.drain() == []
        desk.sendto(GO_35, ("127.0.0.1", port))
        desk.sendto(b"noise", ("127.0.0.1", port))
        desk.sendto(pack(ShowControl(1, 0x30, "timed_go", cue="2", cue_list="1", time=4.0)), ("127.0.0.1", port))
        assert collect(ears, 2) == [
            Event(3.0, "msc.go.35", 1.0, "127.0.0.1"),
            Event(3.0, "msc.go.1/2", 1.0, "127.0.0.1", 4.0),
        ]
    assert not ears.listening


@pytest.mark.expects_warnings
def test_only_what_is_for_us_is_an_event_but_all_is_told(port: int, desk: socket.socket) -> None:
    with MscIn(SteppedClock(), Receiver(frozenset({5})), "127.0.0.1", port) as ears:
        for device in (4, 5):
            desk.sendto(pack(ShowControl(device, 0x30, "go", cue=str(device))), ("127.0.0.1", port))
        assert [event.name for event in collect(ears, 1)] == ["msc.go.5"]
        desk.sendto(pack(ShowControl(4, 0x30, "go")), ("127.0.0.1", port))
        sleep(0.05)
        assert [heard.message.device for heard in ears.messages()] == [4]


WRONG_LENGTH = GO_35[:8] + b"\x20\0\0\0" + GO_35[12:]
CUE_A = GO_35[:18] + b"A\xf7"


@pytest.mark.expects_warnings
@pytest.mark.parametrize(
    ("packet", "text"),
    [
        (pack(ShowControl(4, 0x30, "go", cue="1")), "for device 4, whom the show's `msc` does not name"),
        (pack(ShowControl(0x71, 0x30, "go", cue="1")), "for group 2, whom the show's `msc` does not name"),
        (pack(ShowControl(5, 0x10, "go", cue="1")), "for sound, whom the show's `msc` does not name"),
        (WRONG_LENGTH, f"25 bytes cannot be read: {WRONG_LENGTH.hex(' ')}"),
        (CUE_A, "20 bytes cannot be read: 47 4d 41 00 4d 53 43 00 18 00 00 00 f0 7f 7f 02 7f 01 41 f7"),
        (b"noise" * 100, "cannot be read: 6e 6f 69 73 65"),
    ],
)
def test_what_is_not_obeyed_is_told_once_of_each_sender(
    packet: bytes, text: str, port: int, desk: socket.socket, caplog: pytest.LogCaptureFixture
) -> None:
    with MscIn(RealClock(), Receiver(frozenset({5})), "127.0.0.1", port) as ears:
        for _ in range(5):
            desk.sendto(packet, ("127.0.0.1", port))
        desk.sendto(pack(ShowControl(5, 1, "go", cue="2")), ("127.0.0.1", port))
        assert [event.name for event in collect(ears, 1)] == ["msc.go.2"]
        told = [r.getMessage() for r in caplog.records]
        assert len(told) == 1
        assert told[0].startswith("MIDI Show Control from 127.0.0.1: ")
        assert text in told[0]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind(("127.0.0.2", 0))
            other.sendto(packet, ("127.0.0.1", port))
            other.sendto(GO_35, ("127.0.0.1", port))
            assert len(collect(ears, 1)) == 1
    assert [r.getMessage()[:32] for r in caplog.records][1:] == ["MIDI Show Control from 127.0.0.2"]


def test_of_a_flood_the_newest_count_and_a_fader_counts_once(port: int, desk: socket.socket) -> None:
    with MscIn(SteppedClock(), host="127.0.0.1", port=port) as ears:
        for _ in range(100):
            desk.sendto(GO_35, ("127.0.0.1", port))
        for n in range(MESSAGES_A_DRAIN - 50):
            desk.sendto(pack(ShowControl(1, 1, "fire", macro=n % 128)), ("127.0.0.1", port))
        for n in range(50):
            desk.sendto(pack(ShowControl(1, 1, "set", control=n % 2, value=n)), ("127.0.0.1", port))
        sleep(0.05)
        found = ears.drain()
        assert [event.name for event in found[:-2]] == [f"msc.fire.{n % 128}" for n in range(MESSAGES_A_DRAIN - 50)]
        assert [(e.name, round(e.value * 16383)) for e in found[-2:]] == [("msc.set.0", 48), ("msc.set.1", 49)]


@pytest.mark.expects_warnings
def test_a_flood_takes_no_long_call_and_leaves_the_port_open(port: int, desk: socket.socket) -> None:
    with MscIn(SteppedClock(), host="127.0.0.1", port=port) as ears:
        for n in range(5000):
            desk.sendto(FIRE_1 if n % 2 else b"noise", ("127.0.0.1", port))
        assert 0 < len(ears.messages()) <= MESSAGES_A_DRAIN
        while ears.messages():
            pass
        desk.sendto(GO_35, ("127.0.0.1", port))
        assert [event.name for event in collect(ears, 1)] == ["msc.go.35"]


@pytest.mark.expects_warnings
def test_a_port_that_is_taken_is_told_once_and_had_when_it_is_free(
    port: int, desk: socket.socket, caplog: pytest.LogCaptureFixture
) -> None:
    clock = SteppedClock()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other, MscIn(clock, host="127.0.0.1", port=1) as spare:
        other.bind(("127.0.0.1", port))
        spare.drain()
        caplog.clear()
        with MscIn(clock, host="127.0.0.1", port=port) as ears:
            for _ in range(10):
                clock.time += RETRY_S
                assert ears.drain() == []
            told = [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]
            assert len(told) == 1
            assert str(port) in told[0]
            other.close()
            assert ears.drain() == []
            clock.time += RETRY_S
            ears.drain()
            assert ears.listening
            desk.sendto(GO_35, ("127.0.0.1", port))
            assert [event.name for event in collect(ears, 1)] == ["msc.go.35"]


@pytest.mark.expects_warnings
def test_a_card_that_is_not_there_is_waited_for() -> None:
    clock = SteppedClock()
    with MscIn(clock, host="192.0.2.1", port=PORT) as ears:
        assert not ears.listening
        clock.time += 10.0
        assert ears.drain() == []


@pytest.mark.expects_warnings
def test_a_socket_that_breaks_is_opened_again_twenty_times(port: int, desk: socket.socket) -> None:
    clock = SteppedClock()
    with MscIn(clock, host="127.0.0.1", port=port) as ears:
        for _ in range(20):
            assert ears._ears is not None
            nothing = os.open(os.devnull, os.O_RDWR)
            os.dup2(nothing, ears._ears.fileno())
            os.close(nothing)
            assert ears.drain() == []
            assert not ears.listening
            clock.time += RETRY_S
            ears.drain()
            desk.sendto(FIRE_1, ("127.0.0.1", port))
            assert [event.name for event in collect(ears, 1)] == ["msc.fire.1"]
