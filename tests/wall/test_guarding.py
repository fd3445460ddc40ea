"""The guard in the player: what it logs, and what a fallen player's successor knows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.wall.flash.adversary import SIZE, square
from tests.wall.flash.checker import flashes
from visuals.clock import SteppedClock
from visuals.shm import Latest, Layout
from visuals.telemetry import Log
from visuals.types import FlashLimit, Pixels, Wall
from visuals.wall.flash.guard import state_shape
from visuals.wall.guarding import Guarding
from visuals.wire import Lines, lines_layout

WALL = Wall("main", (0, 0, *SIZE), SIZE, ("null", {}))


@pytest.fixture
def rings() -> Iterator[tuple[Latest, Latest]]:
    pair = Latest(Layout("", state_shape(FlashLimit()), "f4"), create=True), Latest(lines_layout(""), create=True)
    yield pair
    for ring in pair:
        ring.close()
        ring.unlink()


def test_a_player_killed_in_a_strobe_is_followed_by_one_that_knows(rings: tuple[Latest, Latest]) -> None:
    """Three players, each killed after half a second and back 0.2 s later: together no more than one may."""
    state, lines = rings
    log, told = Log(SteppedClock(), Lines(lines)), Lines(lines)
    out: list[Pixels] = []
    times: list[float] = []
    for start in (10.0, 10.7, 11.4):
        guarding = Guarding([WALL], FlashLimit(), state, log)
        guarding.meet(start)
        for i in range(30):
            times.append(start + i / 60)
            out.append(guarding.step([square(9.0)(times[-1])], times[-1])[0].copy())
    assert max(flashes(out, times).values()) <= 6
    first = told.drain()[0]
    assert (first["type"], first["wall"], first["state"]) == ("flash", "main", "softened")
    assert first["why"] == "more than 3 flashes in a second"


def test_a_player_without_walls_has_nothing_to_guard(rings: tuple[Latest, Latest]) -> None:
    guarding = Guarding([], FlashLimit(), rings[0], Log(SteppedClock(), Lines(rings[1])))
    guarding.meet(0.0)
    assert guarding.step([], 0.0) == []
