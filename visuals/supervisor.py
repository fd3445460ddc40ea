"""Supervisor: starts, watches and restarts the processes of a show, and is otherwise idle.

It owns the shared memory, the log file and the terminal. It knows nothing of pictures or sound: a
child is a function, the rings it may use, and the ring whose time tells that it is alive.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import IO, Any

from visuals.adoption import Adopted, Note, adopted
from visuals.clock import RealClock
from visuals.process import STARVED, Post
from visuals.shm import Latest, Layout
from visuals.wire import Lines, lines_layout

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
    work: str = ""
    work_s: float = float("inf")


@dataclass
class _Silence:
    """How long a ring has said nothing: its last time, and s since."""

    said: float = float("-inf")
    seconds: float = 0.0

    def listen(self, said: float, passed: float) -> float:
        self.seconds = passed + (self.seconds if said == self.said else 0.0)
        self.said = said
        return self.seconds


@dataclass
class _Seat:
    """What the supervisor knows of a running child. `lane` tells its log from its spare's."""

    child: Child
    process: BaseProcess | Adopted | None = None
    lane: int = 0
    started: float = 0.0
    starts: int = 0
    starved: int = 0
    falls: deque[float] = field(default_factory=lambda: deque(maxlen=32))
    due: float = 0.0
    given_up: bool = False
    spare: BaseProcess | Adopted | None = None
    spare_due: float = 0.0
    spare_started: float = 0.0
    silence: _Silence = field(default_factory=_Silence)
    idleness: _Silence = field(default_factory=_Silence)

    def listen_anew(self) -> None:
        self.silence.seconds = self.idleness.seconds = 0.0


class Supervisor:
    """Runs `children` over `rings`; use as a context manager, call `watch` often.

    Everything ends and all shared memory is gone when the context is left. With the `note` of a dead
    supervisor it goes on with that one's processes, if they work on rings of the same shape.
    """

    def __init__(
        self,
        children: tuple[Child, ...],
        rings: Mapping[str, Layout],
        log_file: Path | None = None,
        ends: float = float("inf"),
        note: Note | None = None,
    ) -> None:
        self._note = note or Note.open()
        self._layouts = {**rings, **{_log(c.name, lane): lines_layout("") for c in children for lane in _lanes(c)}}
        self.adopts = {name: _shape(layout) for name, layout in self._layouts.items()} == {
            name: _shape(Layout(**told)) for name, told in self._note.told.get("rings", {}).items()
        }
        self.clock = RealClock(self._note.told["epoch"] if self.adopts else None)
        self.ends = ends
        self.stats: dict[str, dict[str, Any]] = {}
        self._context = multiprocessing.get_context("spawn")
        self._children = children
        self._seats: list[_Seat] = []
        self._log_path = log_file
        self._log: IO[str] | None = None
        self._told = self._turned = self._since = float("-inf")

    def __enter__(self) -> Supervisor:
        prefix = self._note.prefix
        self.rings = {
            name: Latest(replace(layout, name=f"{prefix}-{name}"), create=not self.adopts)
            for name, layout in self._layouts.items()
        }
        self._lines = [Lines(self.rings[_log(c.name, lane)]) for c in self._children for lane in _lanes(c)]
        self._seats = [_Seat(child) for child in self._children]
        try:
            if self._log_path is not None:
                self._open_log(self._log_path)
            for seat in self._seats:
                self._adopt(seat) if self.adopts else self._start(seat)
            self._remember()
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
        self._note.close()
        if self._log is not None:
            self._log.close()

    def pids(self) -> dict[str, int | None]:
        """The running processes by name; a spare's as `player.spare`."""
        playing = {s.child.name: s.process.pid if s.process else None for s in self._seats}
        spares = {f"{s.child.name}.spare": s.spare.pid if s.spare else None for s in self._seats if s.child.spare}
        return playing | spares

    def watch(self) -> list[dict[str, Any]]:
        """Restart what fell or hangs; give the log lines that came, already written to the file."""
        now = self.clock.now()
        passed = min(now - self._turned, LONGEST_TURN_S)
        self._turned = now
        for seat in self._seats:
            self._look_after(seat, now, passed)
        lines = self.drain()
        if self.stats and now - self._told >= 1.0:
            self._told = now
            self.write("stats", processes=self.stats)
        return lines

    def forgive(self) -> None:
        """Forget past falls: the operator found their cause, or a drill made them on purpose."""
        for seat in self._seats:
            seat.falls.clear()
            seat.starved = 0
            if seat.given_up:
                seat.given_up, seat.due = False, self.clock.now()

    def write(self, type: str, **fields: Any) -> None:
        """Write a line of the supervisor's own into the show log."""
        self._keep({"t": round(self.clock.now(), 4), "type": type, **fields})

    def drain(self) -> list[dict[str, Any]]:
        """Collect the children's log lines in order of time; each one's `stats` is only remembered."""
        lines = [line for source in self._lines for line in source.drain() if line.get("t", 0.0) > self._since]
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

    def _open_log(self, path: Path) -> None:
        """A new log, or the adopted session's own, and what its processes told while nobody wrote it down."""
        path.parent.mkdir(parents=True, exist_ok=True)
        if self.adopts:
            self._since = _last_time(path)
            for child in self._children:
                for lane in _lanes(child):
                    self.rings[_log(child.name, lane)].rewind()
        self._log = path.open("a" if self.adopts else "w", buffering=1)

    def _remember(self) -> None:
        """Note down what a successor needs."""
        seats = {
            s.child.name: {
                "pid": s.process.pid if s.process else None,
                "spare": s.spare.pid if s.spare else None,
                "lane": s.lane,
                "starts": s.starts,
                "starved": s.starved,
            }
            for s in self._seats
        }
        rings = {name: asdict(ring.layout) for name, ring in self.rings.items()}
        self._note.write({"epoch": self.clock.epoch, "rings": rings, "seats": seats})

    def _adopt(self, seat: _Seat) -> None:
        told = self._note.told["seats"].get(seat.child.name, {})
        seat.process = adopted(told.get("pid"), self._note.prefix)
        seat.spare = adopted(told.get("spare"), self._note.prefix)
        seat.lane, seat.starts, seat.starved = (told.get(name, 0) for name in ("lane", "starts", "starved"))
        seat.started = float("-inf")
        self.write("adopted", process=seat.child.name, pid=seat.process.pid if seat.process else None)

    def _start(self, seat: _Seat) -> None:
        seat.process = self._spawn(seat, seat.lane)
        seat.started = self.clock.now()
        seat.listen_anew()
        seat.spare_due = seat.started + SPARE_AFTER_S

    def _spawn(self, seat: _Seat, lane: int, spare: bool = False) -> BaseProcess:
        child = seat.child
        rings = {name: self.rings[name].layout for name in child.rings}
        rings["log"] = self.rings[_log(child.name, lane)].layout
        post = Post(child.name, self.clock.epoch, rings, self.ends, child.nice, spare, seat.starved)
        process = self._context.Process(
            target=child.target, args=(post, *child.arguments(seat.starts)), name=child.name
        )
        # Blocked here, a terminal's Ctrl-C stays blocked in the child, which may still be importing.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        seat.starts += 1
        return process

    def _look_after(self, seat: _Seat, now: float, passed: float) -> None:
        if seat.process is None:
            if now >= seat.due:
                seat.given_up = False
                self._start(seat)
                self._remember()
        elif not seat.process.is_alive():
            # Linux kills without a word whoever asks for memory that turns out not to be there.
            seat.starved += seat.process.exitcode in (STARVED, -signal.SIGKILL)
            self._fell(seat, now, f"ended with {seat.process.exitcode}")
        elif reason := self._hangs(seat, passed):
            seat.process.kill()
            seat.process.join()
            self._fell(seat, now, reason)
        if seat.child.spare:
            self._look_after_spare(seat, now)

    def _look_after_spare(self, seat: _Seat, now: float) -> None:
        if seat.spare is not None and not seat.spare.is_alive():
            seat.spare, seat.spare_due = None, now + SPARE_AFTER_S
        beats = seat.process is not None and self.rings[seat.child.pulse].time >= seat.started
        if seat.spare is None and beats and now >= seat.spare_due:
            seat.spare, seat.spare_started = self._spawn(seat, 1 - seat.lane, spare=True), now
            self._remember()

    def _hangs(self, seat: _Seat, passed: float) -> str:
        """Why it is taken to hang, "" if it is not."""
        child, pulse = seat.child, self.rings[seat.child.pulse].time
        idle = seat.idleness.listen(self.rings[child.work].time, passed) if child.work else 0.0
        alone = child.spare and not self._is_ready(seat)
        limit = max(PATIENT_S, child.hang_s) if alone else child.hang_s
        limit = child.grace_s if pulse < seat.started else limit
        # A library that compiles may hold up the heart, and a crowded machine the library: it still takes its time.
        sign = pulse + (_cpu_s(seat.process) if child.work else 0.0)
        if seat.silence.listen(sign, passed) > limit:
            return f"silent for {limit:g} s"
        return f"no work done for {child.work_s:g} s" if pulse >= seat.started and idle > child.work_s else ""

    def _is_ready(self, seat: _Seat) -> bool:
        """Whether the spare waits for its turn: it told the log who it is when all it needs was there."""
        ready = self.rings[_log(seat.child.name, 1 - seat.lane)].time >= seat.spare_started
        return seat.spare is not None and ready

    def _fell(self, seat: _Seat, now: float, reason: str) -> None:
        """Let the spare take over, or plan the next start: a later one when the child has used up its budget."""
        child = seat.child
        seat.falls.append(now)
        recent = sum(1 for fall in seat.falls if now - fall < BUDGET_WINDOW_S)
        seat.given_up = child.budget is not None and recent > child.budget
        wait = BUDGET_WINDOW_S if seat.given_up else BACKOFF_S[min(recent - 1, len(BACKOFF_S) - 1)]
        wait *= 1.0 + random.uniform(-JITTER, JITTER)
        seat.process, seat.spare = seat.spare, None
        seat.due, seat.spare_due = now + wait, now + max(wait, SPARE_AFTER_S)
        if seat.process is not None:
            seat.lane = 1 - seat.lane
            seat.started = float("-inf")
            seat.listen_anew()
        self.write("error", process=child.name, text=reason, falls=recent, given_up=seat.given_up)
        self._remember()

    def _end_children(self) -> None:
        """Ask all to end at once, wait a second, then insist."""
        processes = [p for s in self._seats for p in (s.process, s.spare) if p is not None]
        for process in processes:
            process.terminate()
        deadline = self.clock.now() + 1.2
        for process in processes:
            process.join(max(0.0, deadline - self.clock.now()))
        for process in processes:
            if process.is_alive():
                process.kill()
                process.join()


def _cpu_s(process: BaseProcess | Adopted | None) -> float:
    """Processor time (s) that a process has used (proc(5), `stat`); 0 where no one says."""
    with suppress(OSError, IndexError, ValueError):
        pid = process.pid if process is not None else None
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def _log(name: str, lane: int = 0) -> str:
    return f"log.{name}" if lane == 0 else f"log.{name}.{lane}"


def _lanes(child: Child) -> tuple[int, ...]:
    """A ring has one writer, so a spare has a log of its own."""
    return (0, 1) if child.spare else (0,)


def _shape(layout: Layout) -> tuple[tuple[int, ...], str, int]:
    return tuple(layout.shape), layout.dtype, layout.slots


def _last_time(log: Path) -> float:
    """The time of the last whole line of a log; minus infinity where there is none."""
    with suppress(OSError, ValueError, IndexError, KeyError), log.open("rb") as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - 65_536))
        return float(json.loads(file.read().splitlines()[-1])["t"])
    return float("-inf")


def on_termination(act: Callable[[], None]) -> None:
    """Run `act` when a service manager asks this process to end, or its terminal is gone."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: act())
