from __future__ import annotations

import logging
import math
import random
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.control.osc.space import space
from visuals.clock import monotonic
from visuals.control.allowance import TOLD_AT_ONCE, TOLD_LIMIT
from visuals.control.osc.addresses import Space
from visuals.control.osc.packet import ELEMENTS_LIMIT, Argument, bundle, decode, encode, timetag_of
from visuals.control.osc.peers import Peer
from visuals.control.osc.reception import (
    ANSWERS_HZ,
    EVENTS_A_DRAIN,
    REACHES_AT_ONCE,
    WAITING_LIMIT,
    Reception,
)
from visuals.types import Event

DESK = Peer("udp", "10.0.0.5", 51_000)
UNIX = 1_795_000_000.0
CALLS = {"dawn": 0.1, "tide": 0.2}


def heard(reception: Reception, now: float = 1.0) -> list[tuple[str, float]]:
    reception.release(now)
    return [(event.name, event.value) for event in reception.drain()]


def told(reception: Reception, address: str, *arguments: Argument, now: float = 1.0) -> list[tuple[object, ...]]:
    answers = reception.take(encode(address, *arguments), DESK, now, UNIX)
    return [(m.address, *m.arguments) for _, packet in answers for m in decode(packet)]


def test_messages_become_events() -> None:
    reception = Reception(space())
    for address, value in (("/show/scene/dawn", 1), ("/show/control/dream/walk", 0.25), ("/composition/master", 2.0)):
        reception.take(encode(address, value), DESK, 3.5, UNIX)
    events = reception.drain()
    assert {(e.name, e.value) for e in events} == {
        ("osc.scene.dawn", 1.0),
        ("osc.control.dream.walk", 0.25),
        ("osc.master", 1.0),
    }
    assert {(e.time, e.source) for e in events} == {(3.5, "osc 10.0.0.5")}
    assert reception.drain() == []


def test_events_come_in_the_order_of_their_messages() -> None:
    reception = Reception(space())
    reception.take(
        bundle([encode("/show/scene/tide", 1), encode("/show/master", 0.5), encode("/show/go")]), DESK, 1.0, UNIX
    )
    reception.take(encode("/show/speed", 0.5), DESK, 0.9, UNIX)
    assert [name for name, _ in heard(reception)] == ["osc.speed", "osc.scene.tide", "osc.master", "osc.press.go"]


def test_what_was_said_last_comes_last() -> None:
    reception = Reception(space())
    calls = [encode(f"/show/scene/{name}", 1) for name in ("tide", "dawn", "tide")]
    reception.take(bundle(calls), DESK, 1.0, UNIX)
    assert [name for name, _ in heard(reception)] == ["osc.scene.dawn", "osc.scene.tide"]


def test_a_scene_is_called_without_an_argument_and_asked_for_with_a_question_mark() -> None:
    reception = Reception(space())
    reception.state = space().state("dawn", "1", {})
    assert told(reception, "/show/scene/tide") == []
    assert told(reception, "/show/cue/2.5") == []
    assert told(reception, "/show/scene/tide", "?") == [("/show/scene/tide", 0)]
    assert heard(reception) == [("osc.scene.tide", 1.0), ("osc.cue.2.5", 1.0)]


def test_no_frame_sees_a_part_of_a_packet_and_none_an_old_call_after_a_new_one() -> None:
    reception, done = Reception(space()), threading.Event()
    both = [bundle([encode(f"/show/scene/{name}", 1), encode("/show/master", v)]) for name, v in CALLS.items()]

    def send() -> None:
        for n in range(20_000):
            reception.take(both[n % len(both)], DESK, n * 1e-3, UNIX)
        done.set()

    sender = threading.Thread(target=send)
    sender.start()
    calls: list[Event] = []
    while not done.is_set() or not calls:
        calls += (drained := reception.drain())
        assert {event.name == "osc.master" for event in drained} in ({True, False}, set())
    sender.join()
    times = [event.time for event in calls]
    assert times == sorted(times)


def test_a_flood_over_all_of_a_large_show_comes_a_part_a_frame_and_calls_before_faders() -> None:
    tree = Space(["dawn"], [], {f"layer.{n}": (0.0, 1.0) for n in range(1000)}, {})
    reception = Reception(tree)

    def move(value: float) -> None:
        for n in range(1000):
            reception.take(encode(f"/show/control/layer/{n}", value), DESK, value, UNIX)

    move(0.25)
    first = reception.drain()
    assert len(first) == EVENTS_A_DRAIN
    move(0.5)
    reception.take(encode("/show/scene/dawn"), DESK, 0.5, UNIX)
    assert reception.drain()[0].name == "osc.scene.dawn"
    found: dict[str, float] = {}
    while events := reception.drain():
        assert len(events) <= EVENTS_A_DRAIN
        assert not found.keys() & {event.name for event in events}
        found |= {event.name: event.value for event in events}
    assert len(found) == 1000 - EVENTS_A_DRAIN + 1
    assert set(found.values()) == {0.5}


def test_of_each_address_the_newest_counts() -> None:
    reception = Reception(space())
    for n in range(1000):
        reception.take(encode("/show/master", n / 1000), DESK, n / 1000, UNIX)
    assert heard(reception) == [("osc.master", pytest.approx(0.999))]


def test_a_press_outlives_its_release_and_a_flood_of_others() -> None:
    reception = Reception(space())
    for value in (1, 0):
        reception.take(encode("/composition/layers/1/clips/2/connect", value), DESK, 1.0, UNIX)
    for n in range(5000):
        reception.take(encode("/show/master", n / 5000), DESK, 1.1, UNIX)
    assert heard(reception)[0] == ("osc.scene.inferno", 1.0)


def test_buttons_without_argument_are_pressed() -> None:
    reception = Reception(space())
    reception.take(encode("/show/go"), DESK, 1.0, UNIX)
    reception.take(encode("/show/press/blackout", 1.0), DESK, 1.0, UNIX)
    reception.take(encode("/show/press/tap", False), DESK, 1.0, UNIX)
    assert {name for name, _ in heard(reception)} == {"osc.press.go", "osc.press.blackout"}


def test_a_question_presses_nothing() -> None:
    reception = Reception(space())
    reception.state = space().state("dawn", "1", {"master": 0.5})
    for question in ("/show/*", "/show/press/*", "/composition/*"):
        reception.take(encode(question), DESK, 1.0, UNIX)
    assert told(reception, "/show/go", "?") == []
    assert told(reception, "/show/cue/*") == [("/show/cue/1", 1), ("/show/cue/2.5", 0)]
    assert heard(reception) == []
    reception.take(encode("/show/press/*", 1), DESK, 1.0, UNIX)
    assert len(heard(reception)) == 4


@pytest.mark.expects_warnings
@pytest.mark.parametrize("value", [math.nan, "1", b"x", None])
def test_what_is_no_number_is_refused(value: Argument) -> None:
    reception = Reception(space())
    reception.take(encode("/show/master", value), DESK, 1.0, UNIX)
    assert heard(reception) == []
    assert reception.counts.refused == 1


def test_questions_are_answered_with_the_present_value() -> None:
    reception = Reception(space())
    assert told(reception, "/show/master") == []  # nobody has said yet
    reception.state = space().state("dawn", "1", {"master": 0.5, "dream.walk": 0.5})
    assert told(reception, "/show/master") == [("/show/master", 0.5)]
    assert told(reception, "/composition/master", "?") == [("/composition/master", 0.5)]
    assert told(reception, "/show/control/dream/walk") == [("/show/control/dream/walk", 0.25)]
    assert told(reception, "/show/scene/*") == [
        ("/show/scene/dawn", 1),
        ("/show/scene/inferno", 0),
        ("/show/scene/tide", 0),
    ]
    assert heard(reception) == []


def test_questions_are_answered_so_often() -> None:
    reception = Reception(space())
    reception.state = {"osc.master": 1.0}
    answers = [told(reception, "/show/master") for _ in range(1000)]
    assert sum(map(len, answers)) == ANSWERS_HZ
    assert reception.counts.unanswered == 1000 - ANSWERS_HZ


def test_patterns_reach_what_they_match() -> None:
    reception = Reception(space())
    reception.take(encode("/show/control/dream/*", 0.5), DESK, 1.0, UNIX)
    assert {name for name, _ in heard(reception)} == {"osc.control.dream.walk", "osc.control.dream.opacity"}


@pytest.mark.expects_warnings
def test_a_flood_of_new_patterns_is_cut_and_soon_forgotten() -> None:
    reception = Reception(space())
    for n in range(1000):
        reception.take(encode(f"/show/*{n}*", 0.5), DESK, 1.0, UNIX)
    assert reception.counts.refused > 500
    reception.take(encode("/show/maste?", 0.5), DESK, 1.1, UNIX)
    assert heard(reception, 1.1) == [("osc.master", 0.5)]


@pytest.mark.expects_warnings
def test_a_bundle_of_patterns_reaches_so_much_and_no_more() -> None:
    tree = Space([], [], {f"layer.{n}": (0.0, 1.0) for n in range(200)}, {})
    reception, began = Reception(tree), monotonic()
    reception.take(bundle([encode("/show/control/layer/*", 0.5)] * ELEMENTS_LIMIT), DESK, 1.0, UNIX)
    assert reception.counts.refused == ELEMENTS_LIMIT - REACHES_AT_ONCE // 200
    assert len(heard(reception)) == 200
    assert monotonic() - began < 2.0


def test_bundles_wait_for_their_time() -> None:
    reception = Reception(space())
    reception.take(bundle([encode("/show/go")], timetag_of(UNIX + 0.5)), DESK, 1.0, UNIX)
    assert heard(reception, 1.4) == []
    assert reception.release(1.4) == pytest.approx(0.1, abs=1e-6)
    reception.release(1.6)
    (event,) = reception.drain()
    assert (event.name, event.time) == ("osc.press.go", pytest.approx(1.5, abs=1e-6))


@pytest.mark.parametrize("ahead", [-5.0, 0.0, 60.0, 1e9])
def test_late_bundles_and_those_of_a_wrong_clock_are_obeyed_at_once(ahead: float) -> None:
    reception = Reception(space())
    reception.take(bundle([encode("/show/go")], timetag_of(UNIX + ahead)), DESK, 1.0, UNIX)
    assert heard(reception) == [("osc.press.go", 1.0)]


def test_so_many_wait_and_the_soonest_goes_early() -> None:
    reception = Reception(space())
    reception.take(bundle([encode("/show/go")], timetag_of(UNIX + 1.0)), DESK, 1.0, UNIX)
    for n in range(WAITING_LIMIT):
        reception.take(bundle([encode("/show/master", 0.5)], timetag_of(UNIX + 2 + n / 1000)), DESK, 1.0, UNIX)
    assert heard(reception) == [("osc.press.go", 1.0)]


@pytest.mark.expects_warnings
@pytest.mark.parametrize(
    ("packet", "text", "count"),
    [
        (encode("/show/master", "hello"), "OSC from 10.0.0.5:51000: no number for /show/master: 'hello'", "refused"),
        (encode("/show/scene/dawn", "on"), "OSC from 10.0.0.5:51000: no number for /show/scene/dawn: 'on'", "refused"),
        (encode("/show/master", b"x" * 60_000), f"no number for /show/master: b'{'x' * 32}'", "refused"),
        (b"\x7f" * 100, "OSC from 10.0.0.5:51000: cannot be read: b'\\x7f\\x7f", "unreadable"),
        (encode("/show/cue/x*"), "no address '/show/cue/x*'; nearest are /show/cue/1, /show/cue/2", "unknown"),
        (encode("/show/scene/" + "*e" * 120), "too much", "refused"),
    ],
)
def test_what_is_not_obeyed_is_counted_and_told_once_to_each_sender(
    packet: bytes, text: str, count: str, caplog: pytest.LogCaptureFixture
) -> None:
    tree = Space(["dawn", *(f"e{'e' * 60}{n}" for n in range(255))], ["1", "2"], {"master": (0.0, 1.0)}, {})
    reception = Reception(tree)
    with caplog.at_level(logging.WARNING):
        for n in range(10):
            reception.take(packet, DESK._replace(port=51_000 + n), 10.0 * n, UNIX)
        (record,) = caplog.records
        assert text in record.getMessage()
        assert getattr(reception.counts, count) == 10
        reception.take(packet, Peer("udp", "10.0.0.6", 9), 200.0, UNIX)
    assert len(caplog.records) == (1 if count == "unknown" else 2)
    assert heard(reception) == []


def test_an_empty_bundle_says_nothing_wrong() -> None:
    reception = Reception(space())
    assert reception.take(bundle([]), DESK, 1.0, UNIX) == []
    assert reception.counts.unreadable == 0


@pytest.mark.expects_warnings
def test_an_unknown_address_is_counted_and_told_once(caplog: pytest.LogCaptureFixture) -> None:
    reception = Reception(space())
    with caplog.at_level(logging.WARNING):
        for n in range(10):
            reception.take(encode("/show/scene/dwan", 1), DESK, 10.0 * n, UNIX)
    (record,) = caplog.records
    assert "'/show/scene/dwan'; nearest is /show/scene/dawn" in record.getMessage()
    assert reception.counts.unknown == 10
    assert heard(reception) == []


@pytest.mark.expects_warnings
def test_of_a_flood_of_unknown_addresses_little_is_told(caplog: pytest.LogCaptureFixture) -> None:
    reception = Reception(space())
    with caplog.at_level(logging.WARNING):
        for n in range(5000):
            reception.take(encode(f"/show/{n}", 1), DESK, n / 1000, UNIX)
        assert len(caplog.records) <= TOLD_AT_ONCE + 6
        for n in range(200):
            reception.take(encode(f"/nope/{n}", 1), DESK, 10.0 + 2.0 * n, UNIX)
    assert len(caplog.records) <= TOLD_LIMIT
    assert reception.counts.unknown == 5200


def test_a_subscriber_is_told_and_not_echoed() -> None:
    reception = Reception(space())
    assert told(reception, "/show/subscribe", 30) == [("/show/subscribe", 30.0)]
    reception.take(encode("/show/master", 0.5), DESK, 1.0, UNIX)
    pushes = reception.subscribers.push({"osc.master": 0.5, "osc.speed": 0.25}, 2.0)
    assert [(to, m.address) for to, p in pushes for m in decode(p)] == [(DESK, "/show/speed")]
    assert told(reception, "/show/unsubscribe") == [("/show/subscribe", 0.0)]
    assert len(reception.subscribers) == 0


def test_a_push_button_that_came_up_is_told_that_its_scene_is_on() -> None:
    reception, tree = Reception(space()), space()
    told(reception, "/show/subscribe", now=1.0)
    list(reception.subscribers.push(tree.state("dawn", None, {}), 2.0))
    for value, now in ((1.0, 3.0), (0.0, 3.1)):
        reception.take(encode("/show/scene/tide", value), DESK, now, UNIX)
    pushes = [*reception.subscribers.push(tree.state("tide", None, {}), 3.15)]
    pushes += reception.subscribers.push(tree.state("tide", None, {}), 3.3)
    assert [(m.address, *m.arguments) for _, p in pushes for m in decode(p)] == [
        ("/show/scene/dawn", 0),
        ("/show/scene/tide", 1),
    ]


def test_a_subscriber_may_name_its_port_and_resolumes_addresses() -> None:
    reception = Reception(space())
    told(reception, "/show/subscribe", 30, 7001, "/composition")
    ((to, packet),) = reception.subscribers.push({"osc.master": 0.5}, 2.0)
    assert (to, decode(packet)[0].address) == (DESK._replace(port=7001), "/composition/master")
    for odd in (math.nan, math.inf, -1.0, "soon"):
        assert len(told(reception, "/show/subscribe", odd, 1e30)) == 1


@pytest.mark.expects_warnings
@given(
    st.lists(st.tuples(st.sampled_from(["/show/*", "/show/go", "/show/subscribe", "#", "/x"]), st.binary(max_size=40)))
)
def test_no_packet_raises(packets: list[tuple[str, bytes]]) -> None:
    reception = Reception(space())
    for address, garbage in packets:
        head = address.encode() + bytes(4 - len(address) % 4)
        for packet in (garbage, head + garbage, head + b",iifs\0\0\0" + garbage):
            reception.take(packet, DESK, 1.0, UNIX)
    assert all(0.0 <= event.value <= 1.0 for event in reception.drain())


@pytest.mark.expects_warnings
def test_a_million_random_bytes() -> None:
    reception, source, began = Reception(space()), random.Random(3), monotonic()
    for _ in range(10_000):
        reception.take(b"/show/*\0,ff\0" + source.randbytes(100), DESK, 1.0, UNIX)
    assert monotonic() - began < 20.0
    assert heard(reception) == []
