"""The one clock. Everything else is handed a `Clock` or a time and never asks the machine.

A show time is seconds since `epoch`, an instant of the machine's monotonic clock that the
supervisor chooses and every process shares.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """Tells the show time in seconds."""

    def now(self) -> float: ...


def monotonic() -> float:
    """Seconds on the machine's monotonic clock, the same in every process."""
    return time.clock_gettime(time.CLOCK_MONOTONIC)


def wall_date() -> tuple[float, float, float, float]:
    """Local year, month, day and seconds of the day: the ISF `DATE` uniform. Never used to pace."""
    now = datetime.now()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return float(now.year), float(now.month), float(now.day), (now - midnight).total_seconds()


def date_text() -> str:
    """The calendar's date and time here, in ISO 8601: what a log is held against other logs by."""
    return datetime.now().astimezone().isoformat(timespec="milliseconds")


def calendar() -> float:
    """Seconds since 1970 by the calendar: what time stamps of other machines are held against. Never used to pace."""
    return time.time()


def file_age(path: Path) -> float:
    """Seconds since a file was written, by the calendar: it outlives the machine's start. Raises OSError."""
    return time.time() - path.stat().st_mtime


class RealClock:
    """Show time of the running machine, counted from `epoch` on the monotonic clock."""

    def __init__(self, epoch: float | None = None) -> None:
        self.epoch = monotonic() if epoch is None else epoch

    def now(self) -> float:
        return monotonic() - self.epoch


class SteppedClock:
    """A time that moves only when told: offline rendering and tests."""

    def __init__(self, time: float = 0.0) -> None:
        self.time = time

    def now(self) -> float:
        return self.time


def sleep(seconds: float) -> None:
    """Sleep, or return at once when `seconds` is not positive."""
    if seconds > 0:
        time.sleep(seconds)


def ticks(clock: Clock, rate_hz: float) -> Iterator[tuple[float, float]]:
    """Yield (due, late) for each tick of a loop, both in seconds, sleeping in between.

    Anchored to start + n/rate, so a late tick never shifts the next one. A loop that fell more than
    one period behind drops the missed ticks instead of running them in a burst.
    """
    period = 1.0 / rate_hz
    n = int(clock.now() * rate_hz) + 1
    while True:
        due = n * period
        sleep(due - clock.now())
        late = clock.now() - due
        yield due, late
        n = max(n + 1, int(clock.now() * rate_hz))
