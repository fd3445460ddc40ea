"""A process of the show and its seat: when it counts as hung, when it may start again after a fall.

It starts and ends nothing; the supervisor does.
"""

from __future__ import annotations

import os
import random
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from visuals.adoption import Adopted
from visuals.recycling import Upkeep
from visuals.shm import Latest

BACKOFF_S = (0.0, 0.5, 1.0, 2.0, 4.0)
"""Wait before the n-th restart within a minute: at once, then more and more."""

JITTER = 0.2
"""Share by which a wait differs, so that two that fell together do not start together for ever."""

BUDGET_WINDOW_S = 60.0
LONGEST_TURN_S = 0.05
"""Silence is counted in this process's own turns, none longer than this: while the whole machine stood
still, nobody hung."""

SPARE_AFTER_S = 1.0
"""What has just begun to play is left alone for so long before its spare starts."""

PATIENT_S = 1.0
"""The least silence that counts for a hang while a child's spare is not ready: to kill one that a crowded
machine holds up for a moment would cost far more than the moment."""


@dataclass(frozen=True, slots=True)
class Child:
    """A process of the show.

    `pulse` names the ring it writes as long as it lives; silence beyond `hang_s` is a hang, see `PATIENT_S`. One
    that lives may still wait for work that never ends: `work` names the ring of what it makes, if that has a
    limit of its own, `work_s`. `grace_s` is what its first sign of life may take. `budget` is how often it may
    fall within a minute before it is left down for as long; None for ever. With a `spare`, a second one stands
    ready, which takes over by itself; `arguments` is asked anew for each start, given how many came before.
    `unseen` tells from the rings whether nobody would notice a restart now: see `Upkeep`.
    """

    name: str
    target: Callable[..., None]
    arguments: Callable[[int], tuple[Any, ...]]
    rings: tuple[str, ...]
    pulse: str
    hang_s: float
    grace_s: float = 20.0
    nice: int = 0
    budget: int | None = None
    spare: bool = False
    unseen: Callable[[Mapping[str, Latest]], bool] = lambda rings: True
    work: str = ""
    work_s: float = float("inf")


@dataclass
class Silence:
    """How long nothing was heard: the last sign, and s since."""

    sign: float = float("-inf")
    seconds: float = 0.0

    def listen(self, sign: float, passed: float) -> float:
        self.seconds = passed + (self.seconds if sign == self.sign else 0.0)
        self.sign = sign
        return self.seconds


@dataclass
class Seat:
    """What the supervisor knows of a running child. `lane` tells its log from its spare's."""

    child: Child
    process: BaseProcess | Adopted | None = None
    lane: int = 0
    started: float = 0.0
    starts: int = 0
    falls: deque[float] = field(default_factory=lambda: deque(maxlen=32))
    due: float = 0.0
    given_up: bool = False
    spare: BaseProcess | Adopted | None = None
    spare_due: float = 0.0
    spare_started: float = 0.0
    starved: int = 0
    silence: Silence = field(default_factory=Silence)
    idleness: Silence = field(default_factory=Silence)
    upkeep: Upkeep = field(default_factory=Upkeep)

    def begin(self, process: BaseProcess, now: float) -> None:
        """A new process has the seat."""
        self.process, self.started = process, now
        self._listen_anew()
        self.spare_due = now + SPARE_AFTER_S
        self.upkeep = Upkeep()

    def hangs(self, rings: Mapping[str, Latest], passed: float, ready: bool) -> str:
        """Why it is taken to hang, "" if it is not; `ready` is whether a spare waits. Call it once a turn."""
        child, pulse = self.child, rings[self.child.pulse].time
        idle = self.idleness.listen(rings[child.work].time, passed) if child.work else 0.0
        limit = max(PATIENT_S, child.hang_s) if child.spare and not ready else child.hang_s
        limit = child.grace_s if pulse < self.started else limit
        # A library that compiles may hold up the heart, and a crowded machine the library: it still takes its time.
        sign = pulse + (cpu_s(self.process) if child.work else 0.0)
        if self.silence.listen(sign, passed) > limit:
            return f"silent for {limit:g} s: taken to hang"
        return f"no work done for {child.work_s:g} s" if pulse >= self.started and idle > child.work_s else ""

    def fall(self, now: float) -> int:
        """Plan the next start, later after each of the minute's falls, which are counted, and late over the budget."""
        self.falls.append(now)
        recent = sum(1 for fall in self.falls if now - fall < BUDGET_WINDOW_S)
        self.given_up = self.child.budget is not None and recent > self.child.budget
        wait = BUDGET_WINDOW_S if self.given_up else BACKOFF_S[min(recent - 1, len(BACKOFF_S) - 1)]
        self.vacate(now, wait * (1.0 + random.uniform(-JITTER, JITTER)))
        return recent

    def vacate(self, now: float, wait: float = 0.0) -> None:
        """The process is gone: the spare has the seat, or the next one in `wait` seconds."""
        self.process, self.spare = self.spare, None
        self.due, self.spare_due = now + wait, now + max(wait, SPARE_AFTER_S)
        self.upkeep = Upkeep()
        if self.process is not None:
            self.lane = 1 - self.lane
            self.started = float("-inf")
            self._listen_anew()

    def forgive(self, now: float) -> None:
        """Forget past falls."""
        self.falls.clear()
        self.starved = 0
        if self.given_up:
            self.given_up, self.due = False, now

    def _listen_anew(self) -> None:
        self.silence.seconds = self.idleness.seconds = 0.0


def cpu_s(process: BaseProcess | Adopted | None) -> float:
    """Processor time (s) that a process has used (proc(5), `stat`); 0 where no one says."""
    with suppress(OSError, IndexError, ValueError):
        pid = process.pid if process is not None else None
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0
