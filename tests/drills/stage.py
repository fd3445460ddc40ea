"""A real session on this machine, watched at the frames that leave its player."""

from __future__ import annotations

import itertools
import json
import os
import signal
import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from visuals.clock import sleep
from visuals.session import Session, plan, resolve
from visuals.supervisor import Supervisor
from visuals.wall.failover import State
from visuals.wall.tap import unpack

ROOT = Path(__file__).resolve().parents[2]
FLASH = ROOT / "tests" / "drills" / "flash" / "show.yaml"
FIRST_LIGHT = ROOT / "shows" / "first-light" / "show.yaml"

TICK_S = 1.0 / 60.0
POLL_S = 0.02
BLACK = 2.0
"""Mean of 0..255 below which a frame counts as black."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A frame that left the player."""

    index: int
    time: float
    state: State
    engine: int
    mean: float
    signature: bytes


class Stage:
    """A running session: let time pass, injure it, look at what leaves."""

    def __init__(self, supervisor: Supervisor, log: Path) -> None:
        self.supervisor, self._log = supervisor, log
        self.seen: list[Seen] = []

    @property
    def now(self) -> float:
        return self.supervisor.clock.now()

    def turn(self) -> list[Seen]:
        """Look once: the supervisor's round, and the frames that left since the last look."""
        self.supervisor.watch()
        fresh = []
        for reading in self.supervisor.rings["sent"].drain():
            sent = unpack(reading.flags)
            sparse = np.ascontiguousarray(reading.data[4::8, 4::8, :3])
            fresh.append(
                Seen(reading.index, reading.time, sent.state, sent.engine, float(sparse.mean()), sparse.tobytes())
            )
        self.seen += fresh
        return fresh

    def run(self, seconds: float) -> list[Seen]:
        """Let the session run; give what left in that time."""
        start, first = self.now, len(self.seen)
        while self.now - start < seconds:
            self.turn()
            sleep(POLL_S)
        return self.seen[first:]

    def until(self, done: Callable[[Seen], bool], limit_s: float = 30.0) -> Seen:
        """Let it run until a frame satisfies `done`, and give that frame."""
        start = self.now
        while self.now - start < limit_s:
            for frame in self.turn():
                if done(frame):
                    return frame
            sleep(POLL_S)
        raise AssertionError(f"not within {limit_s:g} s; log:\n" + "\n".join(self._log.read_text().splitlines()[-20:]))

    def until_live(self, limit_s: float = 30.0) -> Seen:
        return self.until(lambda frame: frame.state is State.LIVE, limit_s)

    def kill(self, name: str, how: signal.Signals) -> float:
        """Send a signal to a process of the session; give the show time of it."""
        pid = self.supervisor.pids()[name]
        assert pid is not None, f"{name} is down"
        os.kill(pid, how)
        return self.now

    def lines(self, type: str) -> list[dict[str, Any]]:
        lines = (json.loads(line) for line in self._log.read_text().splitlines())
        return [line for line in lines if line["type"] == type]


@contextmanager
def on_stage(show: Path, folder: Path, **options: Any) -> Iterator[Stage]:
    """Play `show` headless with `visuals play`'s own options until the context is left."""
    options = {"rig": "null", "audio": "none", "headless": True, "seconds": 3600.0, **options}
    session: Session = resolve(show, log=folder / "show.jsonl", **options)
    children, rings = plan(session)
    with Supervisor(children, rings, folder / "show.jsonl", session.seconds) as supervisor:
        yield Stage(supervisor, folder / "show.jsonl")


def missed_ticks(frames: Sequence[Seen]) -> int:
    """The most ticks of 1/60 s in a row at which nothing left."""
    gaps = (b.time - a.time for a, b in itertools.pairwise(frames))
    return max((round(gap / TICK_S) - 1 for gap in gaps), default=0)


def longest_still(frames: Sequence[Seen]) -> float:
    """The longest time (s) for which the same picture left again and again."""
    longest, since = 0.0, frames[0].time
    for a, b in itertools.pairwise(frames):
        if a.signature != b.signature:
            since = b.time
        longest = max(longest, b.time - since)
    return longest


def black_frames(frames: Sequence[Seen]) -> int:
    return sum(1 for frame in frames if frame.mean < BLACK)


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median, 95th percentile, least and most."""
    ordered = sorted(values)
    return {
        "n": len(ordered),
        "median": round(statistics.median(ordered), 4),
        "p95": round(ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))], 4),
        "min": round(ordered[0], 4),
        "max": round(ordered[-1], 4),
    }
