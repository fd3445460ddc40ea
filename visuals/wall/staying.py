"""Why the loop is still on the walls: told every few seconds, so that no fall-back is ever without its reason."""

from __future__ import annotations

from visuals.types import Flag
from visuals.wall.failover import State

TOLD_EVERY_S = 5.0
UNASKED = frozenset({State.LOOP, State.SAFE})


class Staying:
    """Counts what came from the engine while nothing of it was shown."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._frames = self._first = 0

    def step(self, now: float, state: State, flags: Flag, frames: int, fault: str) -> str:
        """The reason at `now` (s), "" most of the time.

        `frames` is how many pictures came so far, `fault` what is wrong with the newest, if anything is.
        """
        if state not in UNASKED or flags & (Flag.LOOP | Flag.SAFE):
            self._since = None
            return ""
        if self._since is None:
            self._since, self._first = now, frames
        passed, came = now - self._since, frames - self._first
        if passed < TOLD_EVERY_S:
            return ""
        self._since, self._first = now, frames
        wrong = f", the newest is {fault}" if fault and came else ""
        return f"the {state.name.lower()} stays: {came} engine frames came in {passed:.0f} s{wrong}"
