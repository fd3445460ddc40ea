from __future__ import annotations

import math

import pytest

from tests.control.osc.space import space
from visuals.control.osc.addresses import MATCHES_LIMIT, NEAREST, Space, level_of
from visuals.types import FireCue, Follow, Go, Press


def test_every_thing_of_the_show_has_its_address_its_event_and_its_action() -> None:
    found = {a.path: (a.event, a.action) for a in space().addresses.values()}
    assert found["/show/scene/dawn"] == ("osc.scene.dawn", Go("dawn"))
    assert found["/show/cue/2.5"] == ("osc.cue.2.5", FireCue("2.5"))
    assert found["/show/go"] == ("osc.press.go", Press("go"))
    assert found["/show/press/blackout"] == ("osc.press.blackout", Press("blackout"))
    assert found["/show/master"] == ("osc.master", Follow("master", 0.0, 1.0))
    assert found["/show/control/dream/walk"] == ("osc.control.dream.walk", Follow("dream.walk", 0.0, 2.0))


@pytest.mark.parametrize(
    ("path", "event"),
    [
        ("/composition/master", "osc.master"),
        ("/composition/layers/1/video/opacity", "osc.control.dream.opacity"),
        ("/composition/columns/2/connect", "osc.scene.inferno"),
        ("/composition/layers/2/clips/3/connect", "osc.scene.tide"),
        ("/composition/tempocontroller/tempotap", "osc.press.tap"),
        ("/composition/tempocontroller/resync", "osc.press.resync"),
        ("/composition/connectnextcolumn", "osc.press.go"),
    ],
)
def test_resolumes_addresses_lead_to_the_same_events(path: str, event: str) -> None:
    address = space().addresses[path]
    assert address.event == event
    assert address.action == space().events[event].action


def test_what_the_show_does_not_have_has_no_address() -> None:
    paths = set(space().addresses)
    assert "/composition/layers/2/video/opacity" not in paths  # haze has no opacity here
    assert "/composition/columns/4/connect" not in paths
    assert "/composition/columns/0/connect" not in paths


def test_each_event_is_bound_once() -> None:
    bindings = space().bindings()
    assert len({b.event for b in bindings}) == len(bindings) == len(space().events)


def test_names_with_characters_of_patterns_can_be_written() -> None:
    tree = Space(["big drop/2"], [], {}, {})
    assert tree.addresses["/show/scene/big_drop_2"].action == Go("big drop/2")


@pytest.mark.parametrize(
    ("pattern", "paths"),
    [
        ("/show/scene/*", ["/show/scene/dawn", "/show/scene/inferno", "/show/scene/tide"]),
        ("/show/scene/{dawn,tide}", ["/show/scene/dawn", "/show/scene/tide"]),
        ("/show/scene/[d-i]*", ["/show/scene/dawn", "/show/scene/inferno"]),
        ("/show/*/dream/*", ["/show/control/dream/walk", "/show/control/dream/opacity"]),
        ("/composition/layers/?/clips/2/connect", [f"/composition/layers/{n}/clips/2/connect" for n in (1, 2)]),
        ("/*", []),
        ("/show/scene/[", []),
        ("/nowhere/*", []),
    ],
)
def test_patterns_find_addresses_part_by_part(pattern: str, paths: list[str]) -> None:
    found = space().match(pattern)
    assert found is not None
    assert [address.path for address in found] == paths


def test_a_pattern_that_takes_too_much_work_is_given_up() -> None:
    tree = Space([f"scene-number-{n}" for n in range(255)], [], {}, {}, [f"layer{n}" for n in range(16)])
    assert tree.match("/show/scene/" + "*e" * 120) is None
    found = tree.match("/composition/layers/*/clips/*/connect")
    assert found is not None
    assert len(found) == MATCHES_LIMIT


@pytest.mark.parametrize(
    ("unknown", "known"),
    [
        ("/show/scene/dwan", "/show/scene/dawn"),
        ("/show/scenes/dawn", "/show/scene/dawn"),
        ("/show/scene/dawn/1", "/show/scene/dawn"),
        ("/show/control/dream/wlak", "/show/control/dream/walk"),
        ("/show/mastr", "/show/master"),
        ("/composition/layer/1/video/opacity", "/composition/layers/1/video/opacity"),
        ("/show/scene/nix", "/show/scene/dawn /show/scene/inferno /show/scene/tide"),
        ("/show/cue", "/show/cue/1 /show/cue/2.5"),
        (
            "/show",
            "/show/scene/dawn /show/cue/1 /show/press/go /show/go /show/master /show/speed",
        ),
        ("/qlab/go", ""),
        ("/", ""),
    ],
)
def test_the_nearest_addresses_are_named(unknown: str, known: str) -> None:
    tree = space()
    found = tree.nearest(unknown)
    assert " ".join(found) == known
    assert set(found) <= set(tree.addresses)


def test_of_many_addresses_few_are_named() -> None:
    assert len(Space([f"scene {n}" for n in range(1000)], [], {}, {}).nearest("/show/scene")) == NEAREST


@pytest.mark.parametrize(
    ("argument", "level"),
    [
        (0.25, 0.25),
        (1, 1.0),
        (7, 1.0),
        (-0.5, 0.0),
        (True, 1.0),
        (False, 0.0),
        (1 << 200, 1.0),
        (math.inf, 1.0),
        (-math.inf, 0.0),
        (math.nan, None),
        ("0.5", None),
        (b"\1", None),
        (None, None),
    ],
)
def test_a_value_is_a_number_within_its_range_or_none(
    argument: float | str | bytes | None, level: float | None
) -> None:
    assert level_of((argument,)) == level


def test_no_argument_is_no_value() -> None:
    assert level_of(()) is None


def test_the_state_is_told_in_shares_of_the_range() -> None:
    state = space().state("tide", "2.5", {"dream.walk": 0.5, "master": 3.0, "speed": math.nan, "other": 1.0})
    assert state["osc.control.dream.walk"] == 0.25
    assert state["osc.master"] == 1.0
    assert state["osc.speed"] == 0.0
    assert (state["osc.scene.tide"], state["osc.scene.dawn"], state["osc.cue.2.5"], state["osc.cue.1"]) == (1, 0, 1, 0)
    assert "osc.press.go" not in state
    assert "osc.control.dream.opacity" not in state  # nobody told
