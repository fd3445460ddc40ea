"""Supervisor: starts, watches and restarts the processes of a show, and is otherwise idle.

It owns the shared memory, the log file and the terminal. It knows nothing of pictures or sound: a
child is a function, the rings it may use, and the ring whose time tells that it is alive.
"""

from __future__ import annotations

import multiprocessing
import pickle
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from multiprocessing.process import BaseProcess, current_process
from pathlib import Path
from typing import Any

from visuals.adoption import Note, adopted, born
from visuals.clock import RealClock, date_text
from visuals.logbook import Logbook
from visuals.process import STARVED, Post
from visuals.rank import begin
from visuals.seat import SPARE_AFTER_S, Child, Seat
from visuals.shm import Latest, Layout
from visuals.wire import Lines, lines_layout

LONGEST_TURN_S = 0.05
"""Silence is counted in this process's own turns, none longer than this: while the whole machine stood
still, nobody hung."""


SPARE_NICE = 5
"""Of a spare that gets ready: the one that plays comes first. Much more, and a busy machine lets none get ready."""


class Supervisor:
    """Runs `children` over `rings`; use as a context manager, call `watch` often.

    Everything ends and all shared memory is gone when the context is left. With the `note` of a dead
    supervisor it goes on with that one's processes, if they work on rings of the same shape. `prepare`
    is given the rings before the first process has them.
    """

    def __init__(
        self,
        children: tuple[Child, ...],
        rings: Mapping[str, Layout],
        log_file: Path | None = None,
        ends: float = float("inf"),
        note: Note | None = None,
        prepare: Callable[[Mapping[str, Latest]], None] = lambda rings: None,
    ) -> None:
        self._note = note or Note.open()
        self._layouts = {**rings, **{_log(c.name, lane): lines_layout("") for c in children for lane in _lanes(c)}}
        self.adopts = {name: _shape(layout) for name, layout in self._layouts.items()} == {
            name: _shape(Layout(**told)) for name, told in self._note.told.get("rings", {}).items()
        }
        self.clock = RealClock(self._note.told["epoch"] if self.adopts else None)
        if self.adopts:
            # Windows know their player by it: those that play on belong to the next player too.
            current_process().authkey = bytes.fromhex(self._note.told["key"])
        self.ends = ends
        self.stats: dict[str, dict[str, Any]] = {}
        self._context = multiprocessing.get_context("spawn")
        self._children = children
        self._seats: list[Seat] = []
        self._prepare = prepare
        self._log_file = log_file
        self._told = self._turned = self._since = float("-inf")

    def __enter__(self) -> Supervisor:
        self._book = Logbook(self._log_file, goes_on=self.adopts)
        prefix = self._note.prefix
        self.rings = {
            name: Latest(replace(layout, name=f"{prefix}-{name}"), create=not self.adopts)
            for name, layout in self._layouts.items()
        }
        self._lines = [Lines(self.rings[_log(c.name, lane)]) for c in self._children for lane in _lanes(c)]
        self._seats = [Seat(child) for child in self._children]
        try:
            if self.adopts:
                self._catch_up()
            else:
                self._prepare(self.rings)
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
        self._book.close()

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
            self.write("stats", clock=date_text(), processes=self.stats)
        if trouble := self._book.trouble():
            lines.append({"t": now, "type": "error", "process": "supervisor", "level": "error", "text": trouble})
        return lines

    def forgive(self) -> None:
        """Forget past falls: the operator found their cause, or a drill made them on purpose."""
        for seat in self._seats:
            seat.forgive(self.clock.now())

    def write(self, type: str, **fields: Any) -> None:
        """Write a line of the supervisor's own into the show log."""
        self._book.keep({"t": round(self.clock.now(), 4), "type": type, **fields})

    def drain(self) -> list[dict[str, Any]]:
        """Collect the children's log lines in order of time; each one's `stats` is only remembered."""
        lines = [line for source in self._lines for line in source.drain() if line.get("t", 0.0) > self._since]
        told = []
        for line in sorted(lines, key=lambda line: float(line.get("t", 0.0))):
            if line.get("type") == "stats":
                self.stats[line["process"]] = {k: v for k, v in line.items() if k not in {"t", "type", "process"}}
            else:
                self._book.keep(line)
                told.append(line)
        return told

    def _catch_up(self) -> None:
        """Write down what the processes told while nobody did."""
        self._since = self._book.last
        for child in self._children:
            for lane in _lanes(child):
                self.rings[_log(child.name, lane)].rewind()

    def _remember(self) -> None:
        """Note down what a successor needs, if there is room."""
        seats = {
            s.child.name: {
                "pid": (pid := s.process.pid if s.process else None),
                "born": born(pid),
                "spare": (spare := s.spare.pid if s.spare else None),
                "spare_born": born(spare),
                "lane": s.lane,
                "starts": s.starts,
                "starved": s.starved,
            }
            for s in self._seats
        }
        rings = {name: asdict(ring.layout) for name, ring in self.rings.items()}
        key = current_process().authkey.hex()
        with suppress(OSError):
            self._note.write({"epoch": self.clock.epoch, "key": key, "rings": rings, "seats": seats})

    def _adopt(self, seat: Seat) -> None:
        told = self._note.told["seats"].get(seat.child.name, {})
        seat.process = adopted(told.get("pid"), told.get("born"))
        seat.spare = adopted(told.get("spare"), told.get("spare_born"))
        seat.lane, seat.starts, seat.starved = (told.get(name, 0) for name in ("lane", "starts", "starved"))
        seat.started = float("-inf")
        self.write("adopted", process=seat.child.name, pid=seat.process.pid if seat.process else None)

    def _start(self, seat: Seat) -> None:
        process = self._spawn(seat, seat.lane)
        seat.begin(process, self.clock.now())

    def _spawn(self, seat: Seat, lane: int, spare: bool = False) -> BaseProcess:
        child = seat.child
        rings = {name: self.rings[name].layout for name in child.rings}
        rings["log"] = self.rings[_log(child.name, lane)].layout
        post = Post(child.name, self.clock.epoch, rings, self.ends, child.nice, spare, seat.starved)
        # Loaded by the child itself, after it has taken its rank: to load takes longer than anything else.
        work = pickle.dumps((child.target, (post, *child.arguments(seat.starts))))
        nice = SPARE_NICE if spare else child.nice
        process = self._context.Process(target=begin, args=(nice, work), name=child.name)
        # Blocked here, a terminal's Ctrl-C stays blocked in the child, which may still be importing.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        seat.starts += 1
        return process

    def _look_after(self, seat: Seat, now: float, passed: float) -> None:
        if seat.process is None:
            if now >= seat.due:
                seat.given_up = False
                self._start(seat)
                self._remember()
        elif not seat.process.is_alive():
            # Linux kills without a word whoever asks for memory that turns out not to be there.
            seat.starved += seat.process.exitcode in (STARVED, -signal.SIGKILL)
            self._fell(seat, now, _ending(seat.process.exitcode))
        elif reason := seat.hangs(self.rings, passed, self._is_ready(seat)):
            seat.process.kill()
            seat.process.join()
            self._fell(seat, now, reason)
        else:
            self._care(seat, now)
        if seat.child.spare:
            self._look_after_spare(seat, now)

    def _look_after_spare(self, seat: Seat, now: float) -> None:
        if seat.spare is not None and not seat.spare.is_alive():
            seat.spare, seat.spare_due = None, now + SPARE_AFTER_S
        beats = seat.process is not None and self.rings[seat.child.pulse].time >= seat.started
        if seat.spare is None and beats and now >= seat.spare_due:
            seat.spare, seat.spare_started = self._spawn(seat, 1 - seat.lane, spare=True), now
            self._remember()

    def _is_ready(self, seat: Seat) -> bool:
        """Whether the spare waits for its turn: it told the log who it is when all it needs was there."""
        if seat.spare is None:
            return False
        return self.rings[_log(seat.child.name, 1 - seat.lane)].time >= seat.spare_started

    def _fell(self, seat: Seat, now: float, reason: str) -> None:
        """Let the spare take over, or plan the next start."""
        recent = seat.fall(now)
        self.write("error", process=seat.child.name, level="error", text=reason, falls=recent, given_up=seat.given_up)
        self._remember()

    def _care(self, seat: Seat, now: float) -> None:
        """Start anew what has grown too large, where nobody sees it."""
        process, ready = seat.process, self._is_ready(seat)
        begun = self.rings[seat.child.pulse].time >= seat.started
        if process is None or process.pid is None or not begun or (seat.child.spare and not ready):
            return
        drawn = int(self.stats.get(seat.child.name, {}).get("gl_objects", 0))
        if told := seat.upkeep.overgrown(process.pid, now, lambda: seat.child.unseen(self.rings), drawn):
            process.kill()
            process.join()
            seat.vacate(now)
            self.write("recycled", process=seat.child.name, text=told)
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


def _ending(code: int | None) -> str:
    """How a process ended, in words."""
    if code == STARVED:
        return "ended: no memory left"
    if code is None or code >= 0:
        return f"ended with {code}"
    with suppress(ValueError):
        return f"killed by {signal.Signals(-code).name}"
    return f"killed by signal {-code}"


def _log(name: str, lane: int = 0) -> str:
    return f"log.{name}" if lane == 0 else f"log.{name}.{lane}"


def _lanes(child: Child) -> tuple[int, ...]:
    """A ring has one writer, so a spare has a log of its own."""
    return (0, 1) if child.spare else (0,)


def _shape(layout: Layout) -> tuple[tuple[int, ...], str, int]:
    return tuple(layout.shape), layout.dtype, layout.slots


def on_termination(act: Callable[[], None]) -> None:
    """Run `act` when a service manager asks this process to end, or its terminal is gone."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: act())
