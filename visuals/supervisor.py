"""Supervisor: starts, watches and restarts the processes of a show, and is otherwise idle.

It owns the shared memory, the log file and the terminal. It knows nothing of pictures or sound: a
child is a function, the rings it may use, and the ring whose time tells that it is alive.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import IO, Any

from visuals.clock import RealClock
from visuals.process import Post
from visuals.shm import Latest, Layout
from visuals.wire import Lines, lines_layout

BACKOFF_S = (0.0, 0.5, 1.0, 2.0, 4.0)
"""Wait before the n-th restart within a minute: at once, then more and more."""

BUDGET_WINDOW_S = 60.0
PREFIX = "visuals-"
SHARED_MEMORY = Path("/dev/shm")


@dataclass(frozen=True, slots=True)
class Child:
    """A process of the show.

    `pulse` names the ring it writes as long as it lives; silence beyond `hang_s` is a hang.
    `grace_s` is what its first sign of life may take. `budget` is how often it may fall within a
    minute before it is left down; None for ever.
    `arguments` is asked anew for each start, given how many came before.
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


@dataclass
class _Seat:
    """What the supervisor knows of a running child."""

    child: Child
    process: BaseProcess | None = None
    started: float = 0.0
    starts: int = 0
    falls: deque[float] = field(default_factory=lambda: deque(maxlen=32))
    due: float = 0.0
    given_up: bool = False


class Supervisor:
    """Runs `children` over `rings`; use as a context manager, call `watch` often.

    Everything ends and all shared memory is gone when the context is left.
    """

    def __init__(
        self,
        children: tuple[Child, ...],
        rings: Mapping[str, Layout],
        log_file: Path | None = None,
        ends: float = float("inf"),
    ) -> None:
        self.clock = RealClock()
        self.ends = ends
        self.stats: dict[str, dict[str, Any]] = {}
        self._context = multiprocessing.get_context("spawn")
        self._layouts = {**rings, **{_log(c.name): lines_layout("") for c in children}}
        self._children = children
        self._seats: list[_Seat] = []
        self._log_path = log_file
        self._log: IO[str] | None = None
        self._told = 0.0

    def __enter__(self) -> Supervisor:
        # Named after the process, so that whoever looks into /dev/shm sees whose they are.
        own = f"{PREFIX}{os.getpid()}-{self.clock.epoch:.3f}"
        self.rings = {
            name: Latest(replace(layout, name=f"{own}-{name}"), create=True) for name, layout in self._layouts.items()
        }
        self._lines = {c.name: Lines(self.rings[_log(c.name)]) for c in self._children}
        self._seats = [_Seat(child) for child in self._children]
        try:
            if self._log_path is not None:
                self._log_path.parent.mkdir(parents=True, exist_ok=True)
                self._log = self._log_path.open("w", buffering=1)
            for seat in self._seats:
                self._start(seat)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._end_children()
        self.drain()
        for ring in self.rings.values():
            ring.close()
            ring.unlink()
        if self._log is not None:
            self._log.close()

    def pids(self) -> dict[str, int | None]:
        return {s.child.name: s.process.pid if s.process else None for s in self._seats}

    def watch(self) -> list[dict[str, Any]]:
        """Restart what fell or hangs; give the log lines that came, already written to the file."""
        now = self.clock.now()
        for seat in self._seats:
            self._look_after(seat, now)
        lines = self.drain()
        if self.stats and now - self._told >= 1.0:
            self._told = now
            self.write("stats", processes=self.stats)
        return lines

    def forgive(self) -> None:
        """Forget past falls: the operator found their cause, or a drill made them on purpose."""
        for seat in self._seats:
            seat.falls.clear()
            if seat.given_up:
                seat.given_up, seat.due = False, self.clock.now()

    def write(self, type: str, **fields: Any) -> None:
        """Write a line of the supervisor's own into the show log."""
        self._keep({"t": round(self.clock.now(), 4), "type": type, **fields})

    def drain(self) -> list[dict[str, Any]]:
        """Collect the children's log lines in order of time; each one's `stats` is only remembered."""
        lines = [line for source in self._lines.values() for line in source.drain()]
        told = []
        for line in sorted(lines, key=lambda line: float(line.get("t", 0.0))):
            if line.get("type") == "stats":
                self.stats[line["process"]] = {k: v for k, v in line.items() if k not in {"t", "type", "process"}}
            else:
                self._keep(line)
                told.append(line)
        return told

    def _keep(self, line: Mapping[str, Any]) -> None:
        if self._log is not None:
            self._log.write(json.dumps(line) + "\n")

    def _start(self, seat: _Seat) -> None:
        child = seat.child
        rings = {name: self.rings[name].layout for name in child.rings}
        rings["log"] = self.rings[_log(child.name)].layout
        post = Post(child.name, self.clock.epoch, rings, self.ends, child.nice)
        seat.process = self._context.Process(
            target=child.target, args=(post, *child.arguments(seat.starts)), name=child.name
        )
        # Blocked here, a terminal's Ctrl-C stays blocked in the child, which may still be importing.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            seat.process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        seat.started = self.clock.now()
        seat.starts += 1

    def _look_after(self, seat: _Seat, now: float) -> None:
        if seat.given_up:
            return
        if seat.process is None:
            if now >= seat.due:
                self._start(seat)
        elif not seat.process.is_alive():
            self._fell(seat, now, f"ended with {seat.process.exitcode}")
        elif self._hangs(seat, now):
            seat.process.kill()
            seat.process.join()
            self._fell(seat, now, f"silent for {seat.child.hang_s:g} s")

    def _hangs(self, seat: _Seat, now: float) -> bool:
        pulse = self.rings[seat.child.pulse].time
        if pulse < seat.started:
            return now - seat.started > seat.child.grace_s
        return now - pulse > seat.child.hang_s

    def _fell(self, seat: _Seat, now: float, reason: str) -> None:
        """Plan the next start, or none when the child has used up its budget."""
        child = seat.child
        seat.process = None
        seat.falls.append(now)
        recent = sum(1 for fall in seat.falls if now - fall < BUDGET_WINDOW_S)
        seat.given_up = child.budget is not None and recent > child.budget
        seat.due = now + BACKOFF_S[min(recent - 1, len(BACKOFF_S) - 1)]
        self.write("error", process=child.name, text=reason, falls=recent, given_up=seat.given_up)

    def _end_children(self) -> None:
        """Ask all to end at once, wait a second, then insist."""
        processes = [s.process for s in self._seats if s.process is not None]
        for process in processes:
            process.terminate()
        deadline = self.clock.now() + 1.2
        for process in processes:
            process.join(max(0.0, deadline - self.clock.now()))
        for process in processes:
            if process.is_alive():
                process.kill()
                process.join()


def _log(name: str) -> str:
    return f"log.{name}"


def on_termination(act: Callable[[], None]) -> None:
    """Run `act` when a service manager asks this process to end, or its terminal is gone."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: act())


def end_orphans() -> int:
    """End what a supervisor that was killed left playing, so that no wall is driven twice; count it.

    Its processes play on by design until somebody takes over: that is now. They are those that hold
    shared memory named after a process that is no more.
    """
    dead = {path.name for path in SHARED_MEMORY.glob(f"{PREFIX}*") if not _lives(path.name)}
    if not dead:
        return 0
    orphans = [pid for pid in _processes() if pid != os.getpid() and any(name in _maps(pid) for name in dead)]
    for pid in orphans:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGTERM)
    for name in dead:
        (SHARED_MEMORY / name).unlink(missing_ok=True)
    return len(orphans)


def _lives(name: str) -> bool:
    owner = name.removeprefix(PREFIX).partition("-")[0]
    return not owner.isdigit() or Path("/proc", owner).exists()


def _processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").glob("[0-9]*")]


def _maps(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/maps").read_text()
    except OSError:
        return ""
