"""A show's cues reach who follows them, over the network and by MIDI, and hold nobody up."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.control.jack import JackServer, controller, jack_server
from visuals.clock import RealClock, monotonic, sleep
from visuals.control.msc.followers import EQUIPMENT, MscOut, go
from visuals.control.msc.message import FORMATS, Receiver
from visuals.control.msc.udp import MscIn, unpack
from visuals.types import MscFollower
from visuals.vocabulary import MSC_FORMATS


def test_the_words_are_those_a_show_may_write() -> None:
    assert set(EQUIPMENT) == set(MSC_FORMATS)
    assert set(EQUIPMENT.values()) <= set(FORMATS)


@pytest.fixture
def ears() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind(("127.0.0.1", 0))
        opened.settimeout(2.0)
        yield opened


def test_a_cue_is_heard_as_a_grandma_says_it(ears: socket.socket) -> None:
    to = MscFollower(host="127.0.0.1", udp=ears.getsockname()[1], device=5, format="all", cue_list="2")
    with MscOut([to]) as out:
        out.step([])
        out.step(["35", "4.5"])
        packets = [ears.recv(2048) for _ in range(2)]
    assert packets[0].endswith(bytes.fromhex("F0 7F 05 02 7F 01 33 35 2E 30 30 30 00 32 F7"))
    assert [unpack(packet) for packet in packets] == [go("35", to), go("4.5", to)]
    out.step(["6"])  # after its end nothing is said


def test_another_show_follows() -> None:
    clock = RealClock()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with MscIn(clock, Receiver(frozenset({3})), "127.0.0.1", port) as heard:
        with MscOut([MscFollower(host="127.0.0.1", udp=port)]) as out:
            out.step(["7.5"])
        events, deadline = list(heard.drain()), monotonic() + 2.0
        while not events and monotonic() < deadline:
            events += heard.drain()
    assert [event.name for event in events] == ["msc.go.7.5"]


def test_who_is_not_there_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "no such server")
    far = [MscFollower(host="203.0.113.7"), MscFollower(host="127.0.0.1", udp=9), MscFollower(port="desk")]
    with MscOut(far, "jack") as out:
        start = monotonic()
        for n in range(200):
            out.step([str(n)])
        assert monotonic() - start < 0.5


@pytest.fixture
def server(tmp_path: Path) -> Iterator[JackServer]:
    with jack_server(tmp_path) as running:
        yield running


@pytest.mark.jack
def test_a_cue_reaches_a_desk_by_midi(server: JackServer) -> None:
    with controller("desk") as desk, MscOut([MscFollower(port="desk", cue_list="1")], "jack") as out:
        deadline = monotonic() + 5.0
        while not any(midi.connected for _, midi in out._by_port) and monotonic() < deadline:
            out.step([])
            sleep(0.01)
        out.step(["12", "4.5"])
        while len(desk.heard) < 2 and monotonic() < deadline:
            sleep(0.01)
        assert desk.heard == ["f07f7f02010131320031f7", "f07f7f020101342e350031f7"]
