"""What a fault is, and the few ways to do one."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tools.stage_drill.figures import REGULAR_S, TICK_S
from tools.stage_drill.orders import Order
from tools.stage_drill.scenery import KIND
from tools.stage_drill.stage import Stage

Act = Callable[[Stage], None]


@dataclass(frozen=True, slots=True)
class Moments:
    """When a fault began and when it was undone (s)."""

    fault: float
    undone: float


Measure = Callable[[Stage, Moments], float]
Over = Callable[[Stage, Moments], bool]
Must = Mapping[str, float]


def nothing(stage: Stage) -> None:
    pass


def at_once(stage: Stage, moments: Moments) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: `act` does it, after `lasts` seconds `undo` ends it; it is past when `over` and the wall is steady.

    `must` holds the most that a figure may be: those of `figures.Figures`, of `measures`, and of the stage's
    notes. Counted from the fault, or from its end if `from_end`. `before` waits for what the fault takes;
    `clean` leaves the stage as it was, after everything was measured. Only what `mixes` has a part in pairs
    and nights. A `solo` fault has a stage of its own, whose show has run for `hours` already.
    """

    number: str
    name: str
    how: str
    act: Act
    must: Must
    undo: Act = nothing
    lasts: float = 0.0
    needs: frozenset[str] = frozenset()
    over: Over = at_once
    measures: Mapping[str, Measure] = field(default_factory=dict)
    from_end: bool = False
    before: Act = nothing
    clean: Act = nothing
    patience: float = 20.0
    mixes: bool = False
    solo: bool = False
    hours: float = 0.0


@dataclass(frozen=True, slots=True)
class Absent:
    """A fault of a part that there is not, or that cannot be done here."""

    number: str
    name: str
    why: str


# ---- what must hold -----------------------------------------------------------------------------

SPARE_LIMIT_S = 15.0
FRAME_MS = 1000.0 * (REGULAR_S[KIND] + TICK_S) + 1.0
"""A pause of the wire and one frame more: what `at most one frame of freeze` is on it."""

WHOLE: Must = {"black_ms": 0.0, "garbage": 0.0, "flashes": 0.0}
UNTOUCHED: Must = {**WHOLE, "lost": 0.0, "freeze_ms": FRAME_MS, "double_s": 0.0}
"""The wall notices nothing."""
COVERED: Must = {**WHOLE, "lost": 1.0, "motion_s": 0.5}
"""The engine's picture is gone; another one moves in time."""


# ---- doing --------------------------------------------------------------------------------------


def send(how: signal.Signals, *names: str) -> Act:
    def act(stage: Stage) -> None:
        for name in names:
            stage.signal(name, how)

    return act


def order(process: str, what: Order, lasts: float, amount: float = 0.0) -> Act:
    def act(stage: Stage) -> None:
        stage.orders.give(process, what, amount, lasts)

    return act


def save(name: str, text: str) -> Act:
    """Save `text` as a file of the show, as an editor does."""

    def act(stage: Stage) -> None:
        (stage.scenery.show.parent / name).write_text(text)

    return act


def spared(stage: Stage) -> None:
    """Wait until a second player stands ready, as it does in steady play."""
    stage.until(stage.spare_stands, SPARE_LIMIT_S, "a spare player")


# ---- waiting and measuring ----------------------------------------------------------------------


def back(*names: str) -> Over:
    """These processes were started again."""

    def over(stage: Stage, moments: Moments) -> bool:
        return all(stage.started(name, moments.fault) is not None for name in names)

    return over


def told(type: str, **fields: str) -> Over:
    """The log has such a line since the fault."""

    def over(stage: Stage, moments: Moments) -> bool:
        return stage.told(type, moments.fault, **fields) is not None

    return over


def telling(type: str, **fields: str) -> Measure:
    """How long after the fault the log has such a line."""

    def measure(stage: Stage, moments: Moments) -> float:
        line = stage.told(type, moments.fault, **fields)
        return float("inf") if line is None else line["at"] - moments.fault

    return measure


def starting(name: str) -> Measure:
    """How long after the fault a process was there again."""

    def measure(stage: Stage, moments: Moments) -> float:
        return (stage.started(name, moments.fault) or float("inf")) - moments.fault

    return measure


def counting(type: str, **fields: str) -> Measure:
    """How many such lines the log got since the fault."""

    def measure(stage: Stage, moments: Moments) -> float:
        return float(sum(1 for _ in stage.all_told(type, moments.fault, **fields)))

    return measure
