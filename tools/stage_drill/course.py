"""The course of a drill: steady play, a fault at a random moment, its end, steady play again, the figures."""

from __future__ import annotations

import random
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import combinations
from pathlib import Path

from tools.stage_drill.faults.fault import Absent, Fault, Moments
from tools.stage_drill.orders import Order
from tools.stage_drill.scenery import missing
from tools.stage_drill.stage import Drifted, Stage, on_stage
from visuals.clock import monotonic
from visuals.wall.failover import RELAPSE_WINDOW_S

PHASE_S = (0.3, 0.8)
"""Steady play before a fault: random, so that it falls anywhere in a tick, a beat and a fade."""

SHOWS_S = 0.4
"""A fault shows within it, if it does at all."""

AFTER_S = 0.3
REST_S = RELAPSE_WINDOW_S + 1.0
"""So long after a fall the player has forgotten it, and trusts the engine as it does in a steady show."""
STEADY_LIMIT_S = 40.0
Say = Callable[[str], None]


@dataclass
class Result:
    """What came of one fault: the figures of each repeat, or why there are none."""

    fault: Fault | Absent
    runs: list[dict[str, float]] = field(default_factory=list)
    why: str = ""
    here: bool = True
    """False where this machine lacks what it takes."""

    @property
    def worst(self) -> dict[str, float]:
        """The most of each figure over the repeats."""
        names = {name for run in self.runs for name in run}
        return {name: max(run.get(name, float("inf")) for run in self.runs) for name in names}

    @property
    def short(self) -> dict[str, tuple[float, float]]:
        """Figures that are more than they may be: (figure, must)."""
        if isinstance(self.fault, Absent):
            return {}
        worst, must = self.worst, self.fault.must
        return {name: (worst[name], most) for name, most in must.items() if name in worst and worst[name] > most}

    @property
    def verdict(self) -> str:
        if isinstance(self.fault, Absent):
            return "not applicable"
        if not self.here:
            return "not here"
        if not self.runs:
            return "not done"
        return "falls short" if self.short or self.why else "pass"


def suffer(
    stage: Stage, faults: Sequence[Fault], dice: random.Random, rested: bool = False
) -> tuple[dict[str, float], Moments]:
    """Do all of `faults` at once; gives the figures and their moments. `rested`: when past falls are forgotten.

    Raises Drifted when it is not steady before.
    """
    stage.notes.clear()
    stage.orders.give("supervisor", Order.FORGIVE, lasts=0.5)
    for fault in faults:
        fault.before(stage)
    if rested:
        fell = [line["at"] for line in stage.lines if line["type"] == "failover" and line["to"] in {"loop", "safe"}][
            -1:
        ]
        stage.run(max(0.0, fell[0] + REST_S - monotonic()) if fell else 0.0)
    if not faults[0].solo:
        stage.run(dice.uniform(*PHASE_S))
    stage.until(stage.steady, STEADY_LIMIT_S, "steady play before the fault")
    began = monotonic()
    for fault in faults:
        fault.act(stage)
    stage.run(max(fault.lasts for fault in faults))
    for fault in faults:
        fault.undo(stage)
    moments = Moments(began, monotonic())
    stage.run(SHOWS_S)

    def past() -> bool:
        over = [fault.over(stage, moments) for fault in faults]  # each is asked: some act when it is
        return all(over) and stage.steady()

    stage.until(past, max(fault.patience for fault in faults))
    stage.run(AFTER_S)
    start = moments.undone if faults[0].from_end else moments.fault
    figures = {name: float(value) for name, value in asdict(stage.figures(start)).items()}
    for fault in faults:
        figures |= {name: measure(stage, moments) for name, measure in fault.measures.items()}
        fault.clean(stage)
    return figures | stage.notes, moments


def drill(faults: Iterable[Fault | Absent], repeats: int, say: Say, ways: int | None = None) -> list[Result]:
    """Every fault `repeats` times; what needs the same shares a stage.

    With `ways` further ways to do one (`9a`) only so many times, and without rest between them.
    """
    results = {fault.number: Result(fault) for fault in faults}
    groups: dict[tuple[frozenset[str], str], list[Result]] = defaultdict(list)
    for result in results.values():
        fault = result.fault
        if isinstance(fault, Absent):
            result.why = fault.why
        elif lacks := "; ".join(filter(None, map(missing, sorted(fault.needs)))):
            result.why, result.here = lacks, False
        else:
            groups[fault.needs, fault.number if fault.solo else ""].append(result)
    for (needs, solo), group in groups.items():
        turns = [r for r in group for _ in range(repeats if ways is None or r.fault.number.isdigit() else ways)]
        for part in [[turn] for turn in turns] if solo else [turns]:
            _stage(needs, part, say, rested=ways is None)
    return list(results.values())


def _stage(needs: frozenset[str], left: list[Result], say: Say, rested: bool) -> None:
    """One stage for all that is left to do; after what it does not come back from there is a new one."""
    dice = random.Random(len(left))
    while left:
        hours = max(r.fault.hours for r in left if isinstance(r.fault, Fault))
        try:
            with tempfile.TemporaryDirectory(prefix="drill-") as folder, on_stage(Path(folder), needs, hours) as stage:
                while left:
                    _repeat(stage, left[0], dice, say, rested)
                    left.pop(0)
        except Drifted as error:
            left[0].why = str(error)
            say(f"{left[0].fault.number} {left[0].fault.name}: {error}")
            left = [result for result in left if result is not left[0]]


def _repeat(stage: Stage, result: Result, dice: random.Random, say: Say, rested: bool) -> None:
    assert isinstance(result.fault, Fault)
    figures, _ = suffer(stage, [result.fault], dice, rested)
    result.runs.append(figures)
    over = {name: figures[name] for name, most in result.fault.must.items() if figures.get(name, 0.0) > most}
    told = ", ".join(f"{name} {value:.4g}" for name, value in over.items()) or "holds"
    say(f"{result.fault.number} {result.fault.name} ({len(result.runs)}): {told}")


def allowed_black(faults: Iterable[Fault]) -> float:
    return max(fault.must.get("black_ms", 0.0) for fault in faults)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two faults at once."""

    names: tuple[str, str]
    figures: dict[str, float]
    allowed_ms: float
    """What the two may show of black: none, or the time that it takes to see that a black picture is none."""

    @property
    def dark(self) -> bool:
        return self.figures["black_ms"] > self.allowed_ms


def pairs(faults: Sequence[Fault | Absent], count: int, seed: int, say: Say) -> Iterator[Pair]:
    """Random pairs of those that mix, all on one stage with everything this machine has."""
    mixed = [f for f in faults if isinstance(f, Fault) and f.mixes and not any(map(missing, f.needs))]
    needs = frozenset().union(*(fault.needs for fault in mixed))
    dice = random.Random(seed)
    choice = list(combinations(mixed, 2))
    left = [dice.choice(choice) for _ in range(count)]
    while left:
        try:
            with tempfile.TemporaryDirectory(prefix="drill-") as folder, on_stage(Path(folder), needs) as stage:
                while left:
                    pair = left.pop()
                    figures, _ = suffer(stage, pair, dice)
                    names = f"{pair[0].number} {pair[0].name}", f"{pair[1].number} {pair[1].name}"
                    say(f"{' + '.join(names)}: black {figures['black_ms']:.0f} ms, motion {figures['motion_s']:.2f} s")
                    yield Pair(names, figures, allowed_black(pair))
        except Drifted as error:
            say(f"a new stage: {error}")
