"""Show control over UDP with a sender and a receiver that somebody else wrote: npm's `mamsc`."""

from __future__ import annotations

import socket

import pytest

from tests.drills.peers import grandma, grandma_ears
from visuals.clock import RealClock, monotonic, sleep
from visuals.control.msc.followers import MscOut
from visuals.control.msc.udp import MscIn
from visuals.types import Event, MscFollower

HOST = "127.0.0.1"


@pytest.fixture
def port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def test_a_show_is_followed(port: int) -> None:
    to = MscFollower(host=HOST, udp=port, format="all", cue_list="3.2")
    with grandma_ears(port, HOST) as ears, MscOut([to]) as out:
        out.step(["35", "4.5"])
        assert ears.heard() == ["goto", {"exec": "2.2", "cue": "35.000"}]
        assert ears.heard() == ["goto", {"exec": "2.2", "cue": "4.500"}]


SAID: list[tuple[tuple[object, ...], str, float]] = [
    (("goto", "2"), "msc.go.1.1/2", 1.0),
    (("pause",), "msc.stop.1.1/", 1.0),
    (("resume", "2.1"), "msc.resume.3.1/", 1.0),
    (("fader", 50, "1.2"), "msc.set.257", 0.5),
    (("fader", 100, "1.2", 2), "msc.set.257", 1.0),
    (("fire", 200), "msc.fire.200", 1.0),
    (("off", "1.2"), "msc.go_off.2.2/", 1.0),
]


def test_all_it_can_say_is_understood(port: int) -> None:
    found: list[Event] = []
    with MscIn(RealClock(), host=HOST, port=port) as ears, grandma(port, HOST) as desk:
        for words, _, _ in SAID:
            desk.say(*words)
            before, deadline = len(found), monotonic() + 2.0
            while len(found) == before and monotonic() < deadline:
                found += ears.drain()
                sleep(0.002)
    assert [(event.name, round(event.value, 3)) for event in found] == [(name, value) for _, name, value in SAID]
    assert found[4].fade == 2.0
