from __future__ import annotations

from tests.control.osc.space import space
from visuals.control.osc.packet import decode
from visuals.control.osc.peers import Peer
from visuals.control.osc.subscribers import (
    ANSWER_S,
    BUNDLE_BYTES,
    ECHO_S,
    NEW_HZ,
    SUBSCRIBERS_LIMIT,
    UP_S,
    Subscribers,
)

TABLET = Peer("udp", "10.0.0.5", 9000)
OTHER = Peer("udp", "10.0.0.6", 9000)
STATE = {"osc.master": 1.0, "osc.scene.dawn": 1.0, "osc.scene.tide": 0.0}


def pushed(subscribers: Subscribers, state: dict[str, float], now: float) -> dict[Peer, list[tuple[str, object]]]:
    told: dict[Peer, list[tuple[str, object]]] = {}
    for to, packet in subscribers.push(state, now):
        assert len(packet) <= BUNDLE_BYTES
        told.setdefault(to, []).extend((m.address, *m.arguments) for m in decode(packet))  # type: ignore[misc]
    return told


def test_all_is_told_once_and_then_what_changes() -> None:
    subscribers = Subscribers(space())
    subscribers.add(TABLET, TABLET, 60.0, 0.0)
    assert pushed(subscribers, STATE, 0.0) == {
        TABLET: [("/show/master", 1.0), ("/show/scene/dawn", 1), ("/show/scene/tide", 0)]
    }
    assert pushed(subscribers, STATE, 1.0) == {}
    assert pushed(subscribers, STATE | {"osc.master": 0.5}, 2.0) == {TABLET: [("/show/master", 0.5)]}


def test_at_most_thirty_times_a_second() -> None:
    subscribers = Subscribers(space())
    subscribers.add(TABLET, TABLET, 60.0, 0.0)
    times = [n for n in range(1000) if pushed(subscribers, {"osc.master": n / 1000}, n / 1000)]
    assert 28 <= len(times) <= 30


def test_a_subscription_ends_unless_it_is_renewed() -> None:
    subscribers = Subscribers(space())
    assert subscribers.add(TABLET, TABLET, 10.0, 0.0) == 10.0
    subscribers.add(TABLET, TABLET, 10.0, 9.0)
    assert pushed(subscribers, {"osc.master": 0.1}, 18.0)
    assert not pushed(subscribers, {"osc.master": 0.2}, 19.5)
    assert subscribers.add(OTHER, OTHER, 1e9, 20.0) == 3600.0
    assert subscribers.add(OTHER, OTHER, 0.0, 20.0) == 0.0
    assert len(subscribers) == 0


def test_there_are_so_many_places() -> None:
    subscribers = Subscribers(space())
    for n in range(SUBSCRIBERS_LIMIT):
        assert subscribers.add(TABLET._replace(port=n + 1), TABLET._replace(port=n + 1), 60.0, 0.0)
    assert subscribers.add(OTHER, OTHER, 60.0, 1.0) == 0.0
    assert subscribers.add(OTHER, OTHER, 60.0, 61.0) == 60.0


def test_what_came_from_a_sender_does_not_go_back_to_it() -> None:
    subscribers = Subscribers(space())
    for peer in (TABLET, OTHER):
        subscribers.add(peer, peer, 60.0, 0.0)
    pushed(subscribers, {"osc.master": 1.0}, 0.0)
    subscribers.heard(TABLET, "osc.master", 0.3, 1.0)
    # The control glides to where the hand wants it: only the others see it move.
    assert set(pushed(subscribers, {"osc.master": 0.6}, 1.1)) == {OTHER}
    assert set(pushed(subscribers, {"osc.master": 0.3}, 1.0 + ECHO_S + 0.1)) == {OTHER}
    # What somebody else does is told to all.
    assert set(pushed(subscribers, {"osc.master": 0.9}, 3.0)) == {TABLET, OTHER}


def test_a_button_that_came_up_is_told_whether_it_is_on() -> None:
    subscribers = Subscribers(space())
    subscribers.add(TABLET, TABLET, 60.0, 0.0)
    pushed(subscribers, STATE, 0.0)
    subscribers.heard(TABLET, "osc.scene.tide", 1.0, 10.0)
    called = STATE | {"osc.scene.dawn": 0.0, "osc.scene.tide": 1.0}
    assert pushed(subscribers, called, 10.1) == {TABLET: [("/show/scene/dawn", 0)]}
    subscribers.released(TABLET, "osc.scene.tide", 10.2)
    assert pushed(subscribers, called, 10.2 + UP_S / 2) == {}
    assert pushed(subscribers, called, 10.21 + UP_S) == {TABLET: [("/show/scene/tide", 1)]}
    assert pushed(subscribers, called, 20.0) == {}


def test_a_short_press_is_never_told_what_was_before_it() -> None:
    subscribers = Subscribers(space())
    subscribers.add(TABLET, TABLET, 60.0, 0.0)
    pushed(subscribers, STATE, 0.0)
    subscribers.heard(TABLET, "osc.scene.tide", 1.0, 10.0)
    subscribers.released(TABLET, "osc.scene.tide", 10.001)
    assert pushed(subscribers, STATE, 10.04) == {}  # no frame has seen the press yet
    assert pushed(subscribers, STATE | {"osc.scene.tide": 1.0}, 10.2) == {TABLET: [("/show/scene/tide", 1)]}


def test_a_button_of_what_is_off_is_not_told() -> None:
    subscribers = Subscribers(space())
    subscribers.add(TABLET, TABLET, 60.0, 0.0)
    pushed(subscribers, STATE, 0.0)
    subscribers.released(TABLET, "osc.scene.tide", 10.0)
    assert pushed(subscribers, STATE, 20.0) == {}


def test_who_answers_what_it_is_told_makes_no_loop() -> None:
    """A tablet's page that sends whatever its buttons show, and one whose buttons spring back."""
    for answers in ([1.0], [0.0], [1.0, 0.0]):
        subscribers = Subscribers(space())
        subscribers.add(TABLET, TABLET, 3600.0, 0.0)
        times = 0
        for n in range(1000):
            now = n / 30 + 1e-3 * n
            told = pushed(subscribers, STATE, now)
            times += bool(told)
            for _, event in ((a, "osc.scene.dawn") for a, _ in told.get(TABLET, []) if a == "/show/scene/dawn"):
                for value in answers:
                    if value:
                        subscribers.heard(TABLET, event, value, now + ANSWER_S / 2)
                    else:
                        subscribers.released(TABLET, event, now + ANSWER_S / 2)
        assert times == 1, answers


def test_answers_to_another_port_are_still_known_as_the_senders_own() -> None:
    subscribers = Subscribers(space())
    subscribers.add(TABLET._replace(port=51_234), TABLET, 60.0, 0.0)
    subscribers.heard(TABLET._replace(port=51_999), "osc.master", 0.3, 1.0)
    assert pushed(subscribers, {"osc.master": 0.3}, 2.0) == {}


def test_who_never_asks_is_told_for_good_and_not_echoed() -> None:
    subscribers = Subscribers(space())
    subscribers.keep(TABLET, "/composition")
    assert pushed(subscribers, {"osc.master": 1.0}, 1e6) == {TABLET: [("/composition/master", 1.0)]}
    subscribers.heard(TABLET._replace(port=54_321), "osc.master", 0.5, 1e6)
    assert pushed(subscribers, {"osc.master": 0.5}, 1e6 + 1.0) == {}
    subscribers.add(TABLET, TABLET, 0.0, 1e6)
    assert len(subscribers) == 1


def test_who_knows_resolumes_addresses_is_told_by_them() -> None:
    subscribers = Subscribers(space())
    subscribers.add(TABLET, TABLET, 60.0, 0.0, "/composition")
    assert pushed(subscribers, STATE | {"osc.cue.1": 1.0}, 0.0) == {
        TABLET: [
            ("/composition/master", 1.0),
            ("/composition/columns/1/connect", 1),
            ("/composition/columns/3/connect", 0),
        ]
    }


def test_a_large_state_leaves_in_packets_that_pass_any_network() -> None:
    tree = space()
    subscribers = Subscribers(tree)
    subscribers.add(TABLET, TABLET, 60.0, 0.0)
    state = tree.state("dawn", None, {f"{name}": 0.5 for name in ("master", "speed", "dream.walk", "dream.opacity")})
    many = pushed(subscribers, state, 0.0)[TABLET]
    assert len(many) == len(state)


def test_small_changes_are_not_told_but_the_ends_are() -> None:
    subscribers = Subscribers(space())
    subscribers.add(TABLET, TABLET, 60.0, 0.0)
    pushed(subscribers, {"osc.master": 0.99995}, 0.0)
    assert pushed(subscribers, {"osc.master": 0.99996}, 1.0) == {}
    assert pushed(subscribers, {"osc.master": 1.0}, 2.0) == {TABLET: [("/show/master", 1.0)]}


def test_who_asks_again_and_again_is_told_all_so_often() -> None:
    """All of a show for one small packet: nobody is to be flooded in another's name."""
    subscribers, told = Subscribers(space()), 0
    for n in range(1000):
        now = n / 100
        subscribers.add(TABLET, TABLET, 60.0, now)
        told += len(pushed(subscribers, STATE, now))
        subscribers.add(TABLET, TABLET, 0.0, now)
    assert told <= SUBSCRIBERS_LIMIT + 10 * NEW_HZ + 1
