"""Which picture the walls get: the engine's, its last one held, or the stand-by's.

A table over the engine's pulse and the operator's wish; time comes from the caller. It knows ages
and flags, never pixels: the player mixes the two pictures by the share it is told.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from visuals.types import Flag

HOLD_AFTER_S = 0.060
HOLD_AFTER_FRAMES = 2.5
"""Older than this, the newest engine frame counts as held: whichever is longer, at the show's own rate and at
the pace at which the engine gives them."""

PACE_OF = 0.1
"""Weight of a new frame in the pace."""

LOOP_AFTER_S = 0.245
"""What moves next moves within 250 ms and a tick of a fault, and is at full strength within 500 ms. A loop of
two loaded cores is up to 135 ms late by itself, so half of this would fire without a fault."""

TO_LOOP_S = 0.200
TO_LIVE_S = 0.500
"""Crossfades: away from a fault at once, back at leisure."""

RETURN_AFTER_S = 0.300
"""New frames must have come for this long before live is trusted again."""

RELAPSE_WINDOW_S = 10.0
MAX_DOUBLINGS = 2
"""Each further fault within the window doubles RETURN_AFTER_S, so that a flapping engine settles."""


class State(IntEnum):
    """What is on the walls. SAFE is asked for, or LOOP for want of a loop; its values travel with `sent` frames."""

    START = 0
    LIVE = 1
    HOLD = 2
    LOOP = 3
    SAFE = 4


class Pulse(StrEnum):
    """How the engine does, from best to worst; then the operator's wishes for the loop and the safe picture."""

    STEADY = "steady"
    FRESH = "fresh"
    LATE = "late"
    LOST = "lost"
    ASKED = "asked"
    ASKED_SAFE = "asked safe"


TABLE: Mapping[State, Mapping[Pulse, State]] = {
    State.START: {
        Pulse.STEADY: State.LIVE,
        Pulse.FRESH: State.LIVE,
        Pulse.LATE: State.LIVE,
        Pulse.LOST: State.START,
        Pulse.ASKED: State.LOOP,
        Pulse.ASKED_SAFE: State.SAFE,
    },
    State.LIVE: {
        Pulse.STEADY: State.LIVE,
        Pulse.FRESH: State.LIVE,
        Pulse.LATE: State.HOLD,
        Pulse.LOST: State.LOOP,
        Pulse.ASKED: State.LOOP,
        Pulse.ASKED_SAFE: State.SAFE,
    },
    State.HOLD: {
        Pulse.STEADY: State.LIVE,
        Pulse.FRESH: State.LIVE,
        Pulse.LATE: State.HOLD,
        Pulse.LOST: State.LOOP,
        Pulse.ASKED: State.LOOP,
        Pulse.ASKED_SAFE: State.SAFE,
    },
    State.LOOP: {
        Pulse.STEADY: State.LIVE,
        Pulse.FRESH: State.LOOP,
        Pulse.LATE: State.LOOP,
        Pulse.LOST: State.LOOP,
        Pulse.ASKED: State.LOOP,
        Pulse.ASKED_SAFE: State.SAFE,
    },
    State.SAFE: {
        Pulse.STEADY: State.LIVE,
        Pulse.FRESH: State.LOOP,
        Pulse.LATE: State.LOOP,
        Pulse.LOST: State.LOOP,
        Pulse.ASKED: State.LOOP,
        Pulse.ASKED_SAFE: State.SAFE,
    },
}
"""The next state; START is the stand-by before there was ever a frame."""

STANDBY = frozenset({State.START, State.LOOP, State.SAFE})
"""States that show the stand-by's picture."""


@dataclass(frozen=True, slots=True)
class Change:
    """A transition, for the log."""

    origin: State
    to: State
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to show: `share` 0..1 of the stand-by's picture over the engine's.

    `black` comes before everything else, then `frozen`: the picture as it last left.
    """

    state: State
    share: float
    black: bool = False
    frozen: bool = False
    change: Change | None = None


class Failover:
    """Steps through the table. Never falls before the engine was seen alive once.

    `fps` is the rate at which the engine's frames shall come. Once `latched`, it comes back from a fault
    only when it is told to.
    """

    def __init__(self, fps: float = 60.0, latched: bool = False) -> None:
        self._hold_after = max(HOLD_AFTER_S, HOLD_AFTER_FRAMES / fps)
        self._loop_after = max(LOOP_AFTER_S, 2.0 * self._hold_after)
        self._pace = 1.0 / fps
        self._newest: float | None = None
        self._latched, self._fell, self._by_hand = latched, False, False
        self._state = State.START
        self._share = 1.0
        self._shown: State | None = None
        self._stepped: float | None = None
        self._alive_since: float | None = None
        self._falls: deque[float] = deque(maxlen=16)

    def resume(self, state: State) -> None:
        """Go on where a player fell that had the stand-by's picture on the walls."""
        if state in (State.LOOP, State.SAFE):
            self._state, self._fell = State.LOOP, self._latched

    def step(
        self,
        now: float,
        newest: float | None,
        flags: Flag = Flag.NONE,
        *,
        loop: bool = True,
        released: bool = False,
        fault: str = "",
    ) -> Verdict:
        """Decide for `now` (s). `newest` is when the newest good engine frame came, None before the first.

        `flags` are the engine's and the operator's together; `loop` is whether there is a loop. `released`:
        the operator wants the show again. `fault` is what is wrong with the frames that still come, if any.
        """
        self._fell = self._fell and not released
        pulse = self._pulse(now, newest, flags)
        state = TABLE[self._state][pulse]
        if state is State.LOOP and self._state not in STANDBY and pulse is Pulse.LOST:
            self._falls.append(now)
            self._fell = self._latched
        self._state = state
        self._fade(now)
        shown = State.SAFE if state is State.LOOP and not loop else state
        change = self._change(shown, now, newest, pulse, fault)
        # Who asks for another picture while one is frozen wants to see it.
        frozen = Flag.FREEZE in flags and not flags & (Flag.LOOP | Flag.SAFE)
        return Verdict(shown, self._share, Flag.BLACKOUT in flags, frozen, change)

    def return_after(self, now: float) -> float:
        """Seconds of new frames that it takes to be live again."""
        recent = sum(1 for fall in self._falls if now - fall < RELAPSE_WINDOW_S)
        return RETURN_AFTER_S * float(2 ** min(max(recent - 1, 0), MAX_DOUBLINGS))

    def _pulse(self, now: float, newest: float | None, flags: Flag) -> Pulse:
        age = float("inf") if newest is None else now - newest
        self._keep_pace(newest)
        if age > self._loop_after:
            self._alive_since = None
        elif self._alive_since is None:
            self._alive_since = newest
        if Flag.SAFE in flags:
            return Pulse.ASKED_SAFE
        if Flag.LOOP in flags:
            return Pulse.ASKED
        if self._alive_since is None:
            return Pulse.LOST
        if age > max(self._hold_after, HOLD_AFTER_FRAMES * self._pace):
            return Pulse.LATE
        trusted = not self._fell and (newest or 0.0) - self._alive_since >= self.return_after(now)
        return Pulse.STEADY if trusted else Pulse.FRESH

    def _keep_pace(self, newest: float | None) -> None:
        """An engine that is slow by nature holds no picture: it only has fewer."""
        if newest is not None and self._newest is not None and newest != self._newest:
            gap = min(newest - self._newest, self._loop_after)
            self._pace += (gap - self._pace) * PACE_OF
        self._newest = newest

    def _fade(self, now: float) -> None:
        target = 1.0 if self._state in STANDBY else 0.0
        if self._stepped is None:
            # Nothing was on the walls before: no picture to fade from.
            self._share = target
        else:
            passed = max(0.0, now - self._stepped)
            rise, fall = passed / TO_LOOP_S, passed / TO_LIVE_S
            self._share += min(max(target - self._share, -fall), rise)
        self._stepped = now

    def _change(self, shown: State, now: float, newest: float | None, pulse: Pulse, fault: str) -> Change | None:
        before, self._shown = self._shown, shown
        if before is shown or (before is None and shown is State.START):
            return None
        if before is None:
            return Change(State.START, shown, "there from the first tick")
        self._by_hand = self._by_hand or pulse in (Pulse.ASKED, Pulse.ASKED_SAFE)
        if pulse is Pulse.ASKED:
            return Change(before, shown, "the operator asked for the loop")
        if pulse is Pulse.ASKED_SAFE:
            return Change(before, shown, "the operator asked for the safe picture")
        if before in STANDBY and shown in STANDBY:
            return Change(before, shown, "the loop is ready" if shown is State.LOOP else "there is no loop")
        if before is State.START:
            return Change(before, shown, "the engine's first frame")
        if shown is State.LIVE:
            again = "the operator gave the show back" if self._by_hand else "the engine gives frames again"
            self._by_hand = False
            return Change(before, shown, again)
        self._by_hand = False
        age_ms = 1000.0 * (now - (newest or 0.0))
        told = f"the engine's picture has been {fault}" if fault else "no engine frame"
        cure = "; a scene that may be black says `dark: true`" if fault == "black" else ""
        return Change(before, shown, f"{told} for {age_ms:.0f} ms{cure}")
