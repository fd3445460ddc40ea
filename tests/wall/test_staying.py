"""As long as the loop stays without being asked for, the log tells why."""

from __future__ import annotations

import pytest

from visuals.types import Flag
from visuals.wall.failover import State
from visuals.wall.staying import TOLD_EVERY_S, Staying


def told(state: State, flags: Flag = Flag.NONE, fps: float = 0.0, fault: str = "") -> list[str]:
    staying = Staying()
    times = [n / 60 for n in range(round(60 * 2.5 * TOLD_EVERY_S))]
    return [text for t in times if (text := staying.step(t, state, flags, int(t * fps), fault))]


@pytest.mark.parametrize(
    ("fps", "fault", "reason"),
    [
        (0.0, "black", "0 engine frames came in 5 s"),
        (3.0, "", "15 engine frames came in 5 s"),
        (60.0, "black", "300 engine frames came in 5 s, the newest is black"),
    ],
)
def test_a_loop_that_stays_tells_why_every_few_seconds(fps: float, fault: str, reason: str) -> None:
    assert told(State.LOOP, fps=fps, fault=fault) == [f"the loop stays: {reason}"] * 2


@pytest.mark.parametrize(
    ("state", "flags"),
    [(State.LIVE, Flag.NONE), (State.HOLD, Flag.NONE), (State.LOOP, Flag.LOOP), (State.SAFE, Flag.SAFE)],
)
def test_what_is_live_or_asked_for_needs_no_reason(state: State, flags: Flag) -> None:
    assert told(state, flags) == []
