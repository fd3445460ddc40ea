from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.control.jack import Controller, JackServer, controller, desk, jack_server
from visuals.clock import RealClock, monotonic, sleep
from visuals.control.feedback.lights import Lights
from visuals.control.midi.inputs import MidiIn
from visuals.control.midi.lines import INBOX_BYTES, Inbox
from visuals.control.midi.messages import newest
from visuals.control.midi.outputs import MidiOut
from visuals.control.midi.ports import outputs, ports
from visuals.types import Binding, Event, FeedbackSettings, Flag, Follow, Go

WITHIN_S = 5.0


def test_of_what_waits_the_newest_of_each_is_sent() -> None:
    waiting = ["b00701", "902401", "b00702", "e00010", "f001f7", "902400", "e00020", "f001f7", "b00801", "b10703"]
    assert [m.hex() for m in newest(map(bytes.fromhex, waiting))] == [
        *("b00702", "902400", "e00020", "f001f7", "b00801", "b10703"),
    ]


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, int]]:
    reading, writing = os.pipe()
    yield Inbox(reading), writing
    os.close(reading)


def test_lines_become_messages_and_torn_ones_are_passed_over(inbox: tuple[Inbox, int]) -> None:
    box, writing = inbox
    assert box.take() == []
    os.write(writing, b'01"]\n["b00701", "90"]\n17\n["xx"]\n[1]\n{"a": 1}\n[]\n["247f"]\n["b00')
    assert box.take() == [bytes.fromhex("b00701"), b"\x90"]
    os.write(writing, b'802"]\n')
    assert box.take() == [bytes.fromhex("b00802")]
    os.close(writing)
    assert box.take() is None


@given(st.lists(st.binary(max_size=200), max_size=20))
def test_any_bytes_are_read_without_harm(chunks: list[bytes]) -> None:
    reading, writing = os.pipe()
    box = Inbox(reading)
    for chunk in chunks:
        os.write(writing, chunk)
        assert box.take() is not None or not chunk
        assert len(box._rest) <= INBOX_BYTES
    os.close(writing)
    os.close(reading)


def test_without_a_server_nothing_is_sent_and_nothing_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "no such server")
    with MidiOut("desk", "jack") as out:
        assert not out.look()
        assert out.connected == ()
        assert not out.send([b"\xb0\x07\x01"])


def test_what_one_controller_says_moves_the_faders_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "no such server")
    with Lights(BINDINGS, [FeedbackSettings("left"), FeedbackSettings("right")], "jack") as lights:
        (left, _), (right, _) = lights._controllers
        for feedback in (left, right):
            feedback.step("dawn", None, Flag.NONE, {"master": 1.0}, 0.0)
        lights.hear([Event(1.0, "midi.cc.1/7", 0.0, "left:out")])
        due = [feedback.step("dawn", None, Flag.NONE, {"master": 0.0}, 1.1) for feedback in (left, right)]
        assert due == [[], [b"\xb0\x07\x00"]]
        lights.hear([Event(2.0, "midi.cc.1/7", 1.0, "who knows")])
        due = [feedback.step("dawn", None, Flag.NONE, {"master": 1.0}, 2.1) for feedback in (left, right)]
        assert due == [[], []]


# ---- with a real server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[JackServer]:
    with jack_server(tmp_path) as running:
        yield running


BINDINGS = (Binding("midi.note.1/1", Go("dawn")), Binding("midi.cc.1/7", Follow("master")))


def until_heard(lights: Lights, apc: Controller, scene: str, level: float, wanted: set[str]) -> float:
    """Show what is on, a frame at a time, until the controller heard it; how long that took."""
    start = monotonic()
    while not wanted <= set(apc.heard):
        assert monotonic() < start + WITHIN_S, apc.heard
        lights.step(scene, None, Flag.NONE, lambda control: level, monotonic())
        sleep(1 / 60)
    return monotonic() - start


@pytest.mark.jack
@pytest.mark.expects_warnings
def test_what_is_on_reaches_a_controller_that_comes_and_goes(
    server: JackServer, caplog: pytest.LogCaptureFixture
) -> None:
    with Lights(BINDINGS, [FeedbackSettings("apc", "launchpad-x")], "jack") as lights:
        lights.take((Binding("midi.note.1/11", Go("dawn")), BINDINGS[1]))
        for level, said in ((1.0, "b0077f"), (0.5, "b00740")):
            with controller() as apc:
                assert until_heard(lights, apc, "dawn", level, {"f0002029020c0e01f7", "900b15", said}) < 4.0
                assert until_heard(lights, apc, "tide", level, {"900b00"}) < 1.0
                assert len(apc.heard) == len(set(apc.heard))
                assert (ports("jack"), outputs("jack")) == ([], ["apc:in"])
            for _ in range(60):
                lights.step("dawn", None, Flag.NONE, lambda control: 0.0, monotonic())
                sleep(1 / 60)
    # The first controller is there about as soon as who looks for it.
    assert caplog.messages[-3:] == [f"MIDI jack: output apc:in is {how}" for how in ("gone", "there", "gone")]


@pytest.mark.jack
@pytest.mark.expects_warnings
def test_a_sending_process_that_crashes_or_a_server_that_returns_is_told_all_again(server: JackServer) -> None:
    with Lights(BINDINGS, [FeedbackSettings("apc")], "jack") as lights:
        with controller() as apc:
            until_heard(lights, apc, "dawn", 1.0, {"90017f", "b0077f"})
            os.kill(_sender(), signal.SIGKILL)
            sleep(0.3)
            before = len(apc.heard)
            start = monotonic()
            while "90017f" not in apc.heard[before:]:
                assert monotonic() < start + WITHIN_S
                lights.step("dawn", None, Flag.NONE, lambda control: 1.0, monotonic())
                sleep(1 / 60)
            server.kill()
        server.start()
        with controller() as apc:
            assert until_heard(lights, apc, "dawn", 1.0, {"90017f", "b0077f"}) < WITHIN_S


def _sender() -> int:
    tasks = Path("/proc/self/task").glob("*/children")
    pids = [int(pid) for task in tasks for pid in task.read_text().split()]
    (found,) = [pid for pid in pids if "--send" in Path(f"/proc/{pid}/cmdline").read_text()]
    return found


@pytest.mark.jack
def test_the_lights_go_out_with_the_show(server: JackServer) -> None:
    with controller() as apc:
        with Lights(BINDINGS, [FeedbackSettings("apc")], "jack") as lights:
            until_heard(lights, apc, "dawn", 1.0, {"90017f"})
        deadline = monotonic() + WITHIN_S
        while apc.heard[-1] != "900100":
            assert monotonic() < deadline, apc.heard
            sleep(0.01)


@pytest.mark.jack
def test_a_server_that_hangs_stops_neither_the_frames_nor_what_is_heard(server: JackServer) -> None:
    with controller() as apc, desk() as out, Lights(BINDINGS, [FeedbackSettings("apc")], "jack") as lights:
        until_heard(lights, apc, "dawn", 1.0, {"90017f"})
        os.kill(server.pid, signal.SIGSTOP)
        start = monotonic()
        for n in range(2000):
            lights.step("dawn", None, Flag.NONE, lambda control, n=n: (n % 128) / 127, monotonic())  # type: ignore[misc]
        assert monotonic() - start < 1.0
        os.kill(server.pid, signal.SIGCONT)
        with MidiIn("desk", RealClock(), "jack", required=True) as midi:
            came: list[str] = []
            while not came:
                assert monotonic() < start + 10.0
                out.send([0x90, 36, 100])
                sleep(0.02)
                came += [event.name for event in midi.drain()]
        until_heard(lights, apc, "tide", 0.25, {"b00720", "900100"})


@pytest.mark.jack
def test_what_we_listen_with_is_no_output(server: JackServer) -> None:
    with desk(), MidiIn(None, RealClock(), "jack", required=True), MidiOut("visuals", "jack") as out:
        deadline = monotonic() + 1.5
        while monotonic() < deadline:
            out.look()
            assert out.connected == ()
            sleep(0.05)
    assert ports("jack") == []
