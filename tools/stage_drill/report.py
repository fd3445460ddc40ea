"""What came of a drill, as a table and as JSON."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Iterable, Sequence
from typing import Any

from tools.stage_drill.course import Pair, Result
from tools.stage_drill.faults.fault import Absent
from tools.stage_drill.scenery import KIND

COLUMNS = ("lost", "gap_ms", "black_ms", "freeze_ms", "garbage", "motion_s", "live_s", "flashes")
WALL = {*COLUMNS, "double_s"}


def number(value: float) -> str:
    if math.isinf(value):
        return "never"
    return f"{value:.0f}" if value == round(value) or abs(value) >= 100 else f"{value:.2f}"


def table(results: Sequence[Result]) -> str:
    """A line a fault, the worst of its repeats; below it what falls short."""
    head = f"{'#':4} {'fault':32} {'n':>2} " + " ".join(f"{name:>9}" for name in COLUMNS) + "  verdict"
    lines = [head, "-" * len(head)]
    for result in results:
        lines += _lines(result)
    return "\n".join([*lines, "", summary(results)])


def _lines(result: Result) -> list[str]:
    name = f"{result.fault.number:4} {result.fault.name:32}"
    if not result.runs:
        return [f"{name}    {result.verdict}: {result.why}"]
    worst = result.worst
    cells = " ".join(f"{number(worst[column]):>9}" for column in COLUMNS)
    lines = [f"{name} {len(result.runs):>2} {cells}  {result.verdict}"]
    others = {key: value for key, value in worst.items() if key not in WALL}
    if others:
        lines.append(" " * 5 + ", ".join(f"{key} {number(value)}" for key, value in sorted(others.items())))
    if result.short:
        over = ", ".join(f"{key} {number(got)}, at most {number(most)}" for key, (got, most) in result.short.items())
        lines.append(f"     short: {over}")
    if result.why:
        lines.append(f"     short: {result.why.splitlines()[0]}")
    return lines


def summary(results: Sequence[Result]) -> str:
    verdicts = [result.verdict for result in results]
    return ", ".join(f"{verdicts.count(word)} {word}" for word in dict.fromkeys(verdicts))


def pair_table(pairs: Sequence[Pair]) -> str:
    black = [pair for pair in pairs if pair.dark]
    lines = [f"{len(pairs)} pairs, {len(black)} too dark"]
    lines += [f"  {' + '.join(pair.names)}: black {pair.figures['black_ms']:.0f} ms" for pair in black]
    return "\n".join(lines)


def as_json(results: Iterable[Result], pairs: Iterable[Pair], soak: Any) -> dict[str, Any]:
    return {
        "machine": f"{os.cpu_count()} cores, {platform.platform()}",
        "wire": KIND,
        "faults": [_fault(result) for result in results],
        "pairs": [{"names": pair.names, "figures": finite(pair.figures)} for pair in pairs],
        "soak": soak,
    }


def _fault(result: Result) -> dict[str, Any]:
    fault = result.fault
    told: dict[str, Any] = {"number": fault.number, "name": fault.name, "verdict": result.verdict, "why": result.why}
    if isinstance(fault, Absent):
        return told
    worst = finite(result.worst) if result.runs else {}
    runs = [finite(run) for run in result.runs]
    return {**told, "how": fault.how, "repeats": len(runs), "must": dict(fault.must), "worst": worst, "runs": runs}


def finite(figures: dict[str, float]) -> dict[str, float | None]:
    """JSON knows no infinity: None is never."""
    return {name: round(value, 4) if math.isfinite(value) else None for name, value in figures.items()}
