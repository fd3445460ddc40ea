from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visuals.control.dmx.fixture import CHANNELS, FOOTPRINT, REST_S, SETTLE_S, Fixture, bindings
from visuals.control.dmx.merge import Universe
from visuals.types import Follow, Go


def look(**slots: int) -> Universe:
    levels = bytearray(512)
    for channel in CHANNELS:
        value = slots.get(channel.name.replace(".", "_"), channel.rest)
        levels[channel.slot - 1 : channel.slot - 1 + channel.slots] = value.to_bytes(channel.slots)
    return Universe(bytes(levels), "live", "desk")


MOMENTS = itertools.count(2.0)


def said(fixture: Fixture, seen: Universe) -> dict[str, float]:
    """What a look says that stays long enough."""
    now = next(MOMENTS)
    events = [*fixture.events(seen, now), *fixture.events(seen, now + SETTLE_S)]
    assert all(now <= event.time <= now + SETTLE_S and event.source == "dmx desk" for event in events)
    return {event.name: event.value for event in events}


def test_the_footprint_has_no_gaps_and_no_overlaps() -> None:
    slots = [channel.slot + n for channel in CHANNELS for n in range(channel.slots)]
    assert slots == list(range(1, FOOTPRINT + 1))
    assert FOOTPRINT == 15


def test_the_first_look_says_all() -> None:
    assert said(Fixture(1, 3), look()) == {
        "dmx.link": 1.0,
        "dmx.master": 1.0,
        "dmx.speed": 128 / 255,
        "dmx.hue": 0.0,
        "dmx.blackout": 0.0,
        "dmx.freeze": 0.0,
        **{f"dmx.assign.{n}": 0.0 for n in range(1, 9)},
    }


def test_a_desk_that_was_only_switched_on_leaves_the_show_alone() -> None:
    fixture, nothing = Fixture(1, 3), Universe(bytes(512), "live", "desk")
    assert said(fixture, nothing) == {"dmx.link": 1.0}
    others = Universe(bytes(15) + bytes([255]) * 497, "live", "desk")
    assert said(fixture, others) == {}
    taken = said(fixture, Universe(bytes(14) + b"\1" + bytes(497), "live", "desk"))
    assert (taken["dmx.master"], taken["dmx.speed"], taken["dmx.assign.8"]) == (0.0, 0.0, 1 / 255)
    assert said(fixture, nothing) == {"dmx.assign.8": 0.0}
    assert said(fixture, look())["dmx.master"] == 1.0
    assert said(fixture, nothing)["dmx.master"] == 0.0  # a dimmer of a fixture that is had
    said(fixture, Universe(None, "none"))
    assert said(fixture, nothing) == {"dmx.link": 1.0}


@pytest.mark.parametrize(("seconds", "rate_hz"), [(0.5, 44.0), (10.0, 44.0), (10.0, 30.0)])
def test_a_fade_calls_where_it_begins_and_where_it_ends_and_none_on_its_way(seconds: float, rate_hz: float) -> None:
    fixture, steps = Fixture(1, 200), int(seconds * rate_hz)
    said(fixture, look(scene=1))
    called: list[str] = []
    for step in range(1, steps + 1):
        for _ in range(2):  # frames come more often than packets
            events = fixture.events(look(scene=1 + 199 * step // steps), 1e6 + step / rate_hz)
            called += [event.name for event in events]
    ended = 1e6 + steps / rate_hz
    last = look(scene=200)
    called += [e.name for f in range(10) for e in fixture.events(last, ended + f / 60)]
    assert called[1:] == ["dmx.scene.200"]


@pytest.mark.expects_warnings
def test_a_scene_that_the_show_does_not_have_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    fixture = Fixture(1, 3)
    for scene in (9, 3, 9, 12):
        said(fixture, look(scene=scene))
    assert [r.getMessage() for r in caplog.records] == ["dmx desk: no scene 9, the show has 3"]
    fixture.take(4)  # an edited show is another
    said(fixture, look(scene=5))
    assert len(caplog.records) == 2


def test_a_hand_calls_at_once() -> None:
    fixture, called = Fixture(1, 3), []
    said(fixture, look(scene=1))
    for n, value in enumerate((2, 3, 1)):
        called += [event.name for event in fixture.events(look(scene=value), 1e6 + n * REST_S)]
    assert called == ["dmx.scene.2", "dmx.scene.3", "dmx.scene.1"]


def test_what_shakes_is_called_where_it_comes_to_stand() -> None:
    fixture, called = Fixture(1, 3), []
    said(fixture, look(scene=2))
    for n, value in enumerate((3, 0, 2, 2, 2, 2)):
        called += [event.name for event in fixture.events(look(scene=value), 1e6 + n * 0.025)]
    assert called == ["dmx.scene.3", "dmx.scene.2"]


@pytest.mark.expects_warnings
@pytest.mark.parametrize(
    ("slots", "events"),
    [
        ({}, {}),
        ({"master": 0}, {"dmx.master": 0.0}),
        ({"master": 32_768}, {"dmx.master": 32_768 / 65_535}),
        ({"scene": 2}, {"dmx.scene.2": 1.0}),
        ({"scene": 3}, {"dmx.scene.3": 1.0}),
        ({"scene": 4}, {}),  # the show has three
        ({"blackout": 127}, {}),
        ({"blackout": 128, "freeze": 255}, {"dmx.blackout": 1.0, "dmx.freeze": 1.0}),
        ({"assign_8": 51, "hue": 255}, {"dmx.hue": 1.0, "dmx.assign.8": 0.2}),
    ],
)
def test_later_looks_say_what_changed(slots: dict[str, int], events: dict[str, float]) -> None:
    fixture = Fixture(1, 3)
    said(fixture, look())
    assert said(fixture, look(**slots)) == events
    assert said(fixture, look(**slots)) == {}


def test_a_switch_says_each_way_once() -> None:
    fixture = Fixture(1, 3)
    said(fixture, look())
    found = [said(fixture, look(blackout=value)) for value in (0, 100, 200, 255, 128, 127, 0)]
    assert found == [{}, {}, {"dmx.blackout": 1.0}, {}, {}, {"dmx.blackout": 0.0}, {}]


def test_the_same_scene_is_called_again_after_none() -> None:
    fixture = Fixture(1, 3)
    found = [said(fixture, look(scene=value)).get("dmx.scene.1") for value in (1, 0, 1)]
    assert found == [1.0, None, 1.0]


def test_the_footprint_may_stand_anywhere() -> None:
    seen = look(scene=2)
    assert seen.slots is not None
    shifted = Universe(bytes(497) + seen.slots[:15], "live", "desk")
    assert said(Fixture(498, 3), shifted)["dmx.scene.2"] == 1.0


def test_a_lost_desk_is_told_and_its_look_stays_until_it_is_released() -> None:
    fixture = Fixture(1, 3)
    live = look(scene=1)
    said(fixture, live)
    held = Universe(live.slots, "held", "desk")
    assert said(fixture, held) == {"dmx.link": 0.0}
    assert said(fixture, live) == {"dmx.link": 1.0}
    said(fixture, held)
    assert said(fixture, Universe(None, "none")) == {"dmx.release": 1.0}
    assert said(fixture, live)["dmx.scene.1"] == 1.0  # all is new again


def test_what_the_channels_do_by_themselves() -> None:
    actions = {b.event: b.action for b in bindings(["dawn", "tide"])}
    assert actions == {
        "dmx.scene.1": Go("dawn"),
        "dmx.scene.2": Go("tide"),
        "dmx.master": Follow("master", 0.0, 1.0),
        "dmx.speed": Follow("speed", 0.0, 2.0),
        "dmx.blackout": Follow("blackout", 0.0, 1.0),
        "dmx.freeze": Follow("freeze", 0.0, 1.0),
    }


@pytest.mark.expects_warnings
@given(st.lists(st.binary(min_size=512, max_size=512), max_size=5), st.integers(0, 300))
def test_any_levels_give_values_within_range(looks: list[bytes], scenes: int) -> None:
    fixture = Fixture(300, scenes)
    for slots in looks:
        for event in fixture.events(Universe(slots, "live", "x"), 0.0):
            assert 0.0 <= event.value <= 1.0
