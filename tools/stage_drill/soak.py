"""A long night: one random fault every few minutes, and what grows meanwhile."""

from __future__ import annotations

import os
import random
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tools.stage_drill.course import Say, allowed_black, suffer
from tools.stage_drill.faults.fault import Absent, Fault
from tools.stage_drill.scenery import missing
from tools.stage_drill.stage import Stage, on_stage
from visuals.clock import monotonic

BETWEEN_S = (60.0, 180.0)
SAMPLE_S = 2.0
WARM_S = 60.0
"""What a process does in its first minute is no leak."""

LEAST_S = 60.0
"""A slope needs so long a life after it is warm."""

NAMES = ("supervisor", "player", "audio", "engine", "generator")

Sample = tuple[float, float, int, int, int]


@dataclass
class Life:
    """One process's samples: time (s), resident MB, descriptors, threads, things on the graphics processor."""

    born: float
    samples: list[Sample] = field(default_factory=list)

    @property
    def warm(self) -> list[Sample]:
        return [sample for sample in self.samples if sample[0] - self.born > WARM_S]

    @property
    def seconds(self) -> float:
        return self.warm[-1][0] - self.warm[0][0] if self.warm else 0.0


class Growth:
    """Watches the processes of a stage through /proc and their own statistics."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._lives: dict[str, dict[int, Life]] = defaultdict(dict)
        self._next = 0.0

    def look(self, stage: Stage) -> None:
        now = monotonic()
        if now < self._next:
            return
        self._next = now + SAMPLE_S
        for name in self._names:
            pid = stage.pid(name)
            with suppress(OSError, IndexError):
                life = self._lives[name].setdefault(pid, Life(now))
                life.samples.append((now, *vitals(pid), drawn_with(stage, name)))

    def slopes(self) -> dict[str, dict[str, float]]:
        """Of each process's longest life: MB an hour, and how many more of what else; none without a long one."""
        told = {}
        for name, lives in self._lives.items():
            life = max(lives.values(), key=lambda life: life.seconds)
            if life.seconds >= LEAST_S:
                told[name] = slope(life)
        return told


def slope(life: Life) -> dict[str, float]:
    samples = np.array(life.warm)
    hours = (samples[:, 0] - samples[0, 0]) / 3600.0
    quarter = max(1, len(samples) // 4)
    growth = np.median(samples[-quarter:], axis=0) - np.median(samples[:quarter], axis=0)
    return {
        "seconds": round(life.seconds, 1),
        "mb": round(float(samples[-1, 1]), 1),
        "mb_per_hour": round(float(np.polyfit(hours, samples[:, 1], 1)[0]), 2),
        "files": float(growth[2]),
        "threads": float(growth[3]),
        "gl_objects": float(growth[4]),
    }


def vitals(pid: int) -> tuple[float, int, int]:
    """Resident MB, open descriptors, threads. Raises OSError when it is gone."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    files, threads = len(os.listdir(f"/proc/{pid}/fd")), len(os.listdir(f"/proc/{pid}/task"))
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6, files, threads


def drawn_with(stage: Stage, name: str) -> int:
    """What a process has on the graphics processor, by its newest statistics."""
    return int(statistics(stage).get(name, {}).get("gl_objects", 0))


def soak(
    faults: Sequence[Fault | Absent], seconds: float, seed: int, say: Say, between: tuple[float, float] = BETWEEN_S
) -> dict[str, Any]:
    """Play for so long, with a fault now and then; gives what was lost, what was dark, and what grew."""
    mixed = [f for f in faults if isinstance(f, Fault) and f.mixes and not any(map(missing, f.needs))]
    needs = frozenset().union(*(fault.needs for fault in mixed))
    dice, growth = random.Random(seed), Growth([n for n in NAMES if n != "generator" or "model" in needs])
    told: list[dict[str, Any]] = []
    calm = {"lost": 0.0, "black_ms": 0.0, "seconds": 0.0}
    with tempfile.TemporaryDirectory(prefix="drill-") as folder, on_stage(Path(folder), needs) as stage:
        end = monotonic() + seconds
        while monotonic() < end:
            _calm(stage, min(end, monotonic() + dice.uniform(*between)), growth, calm)
            if monotonic() < end:
                fault = dice.choice(mixed)
                figures, _ = suffer(stage, [fault], dice)
                over = max(0.0, figures["black_ms"] - allowed_black([fault]))
                told.append({"fault": f"{fault.number} {fault.name}", "black_ms": figures["black_ms"], "over_ms": over})
                say(f"{fault.number} {fault.name}: black {figures['black_ms']:.0f} ms")
        late = late_share(stage)
    black = calm["black_ms"] + sum(fault["over_ms"] for fault in told)
    sums = {"seconds": seconds, "black_ms": black, "calm": calm, "late": late}
    return {**sums, "growth": growth.slopes(), "faults": told}


def _calm(stage: Stage, until: float, growth: Growth, sums: dict[str, float]) -> None:
    """Watch steady play, a piece at a time."""
    while (start := monotonic()) < until:
        stage.run(min(SAMPLE_S, until - start))
        growth.look(stage)
        seen = stage.figures(start)
        sums["lost"] += seen.lost
        sums["black_ms"] += seen.black_ms
        sums["seconds"] += monotonic() - start


def late_share(stage: Stage) -> dict[str, float]:
    """The share of late ticks of each process, by its own count since it last started."""
    ticking = {name: stats for name, stats in statistics(stage).items() if stats.get("ticks")}
    return {name: round(stats.get("late_ticks", 0) / stats["ticks"], 5) for name, stats in ticking.items()}


def statistics(stage: Stage) -> dict[str, dict[str, Any]]:
    """What each process last told of itself."""
    told: dict[str, dict[str, Any]] = next((x["processes"] for x in reversed(stage.lines) if x["type"] == "stats"), {})
    return told
