from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visuals.show.knobs import RELATIVE, STEP, Endless, Pickup, Relative, steps


@pytest.mark.parametrize(
    ("kind", "right", "left", "far_right", "far_left"),
    [
        ("twos complement", 1, 127, 63, 64),
        ("binary offset", 65, 63, 127, 0),
        ("sign magnitude", 1, 65, 63, 127),
    ],
)
def test_turns_as_knobs_write_them(kind: Relative, right: int, left: int, far_right: int, far_left: int) -> None:
    assert steps(kind, right / 127) == 1
    assert steps(kind, left / 127) == -1
    assert steps(kind, far_right / 127) == 63
    assert steps(kind, far_left / 127) in (-63, -64)


@pytest.mark.parametrize("kind", RELATIVE)
def test_every_byte_is_a_turn_and_one_is_none(kind: Relative) -> None:
    turns = [steps(kind, byte / 127) for byte in range(128)]
    assert all(-64 <= turn <= 63 for turn in turns)
    assert 0 in turns


def test_an_endless_knob_goes_on_from_where_it_was_put() -> None:
    knob = Endless("binary offset", step=0.1, position=0.5)
    assert knob.turn(66 / 127) == pytest.approx(0.7)
    assert knob.turn(127 / 127) == 1.0
    assert knob.turn(63 / 127) == pytest.approx(0.9)
    knob.put(0.25)
    assert knob.turn(63 / 127) == pytest.approx(0.15)
    assert knob.turn(0.0) == 0.0


def test_a_fader_below_moves_nothing_until_it_has_passed() -> None:
    pickup = Pickup(0.5)
    assert [pickup.move(at) for at in (0.0, 0.2, 0.4)] == [None, None, None]
    assert pickup.move(0.55) == 0.55
    assert pickup.move(0.1) == 0.1


def test_a_fader_above_comes_down() -> None:
    pickup = Pickup(0.5)
    assert [pickup.move(at) for at in (1.0, 0.8, 0.45, 0.9)] == [None, None, 0.45, 0.9]


def test_a_fader_that_stands_near_takes_over_at_once() -> None:
    assert Pickup(0.5).move(0.5 + STEP / 2) == 0.5 + STEP / 2


def test_after_a_scene_moved_the_value_the_fader_must_come_for_it() -> None:
    pickup = Pickup(0.5)
    assert pickup.move(0.5) == 0.5
    pickup.put(0.9)
    assert pickup.move(0.6) is None
    assert pickup.move(0.95) == 0.95
    pickup.put(0.95)
    assert pickup.move(0.3) == 0.3


def test_the_ends_can_be_reached_and_left() -> None:
    pickup = Pickup(0.0)
    assert pickup.move(0.7) is None
    assert pickup.move(0.0) == 0.0
    assert pickup.move(1.0) == 1.0


@given(st.floats(0.0, 1.0), st.lists(st.floats(0.0, 1.0), max_size=20))
def test_a_value_never_jumps_further_than_the_hand(start: float, moves: list[float]) -> None:
    pickup, value, before = Pickup(start), start, None
    for fader in moves:
        found = pickup.move(fader)
        if found is not None:
            travelled = abs(fader - (fader if before is None else before))
            assert abs(found - value) <= max(travelled, STEP) + 1e-12
            value = found
        before = fader
