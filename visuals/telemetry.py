"""What every process tells of itself: timings and counters once a second, and log lines.

A process writes lines into its own ring; whoever owns the rings merges them. Nothing here touches a
disk.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from visuals.clock import Clock
from visuals.wire import Lines


class Log:
    """Writes log lines `{"t", "type", …}` into a ring, or nowhere when there is none."""

    def __init__(self, clock: Clock, lines: Lines | None = None) -> None:
        self._clock = clock
        self._lines = lines

    def write(self, type: str, **fields: Any) -> None:
        if self._lines is not None:
            self._lines.write({"t": round(self._clock.now(), 4), "type": type, **fields})


class Meter:
    """Counts a loop's ticks and the milliseconds of its stages; publishes once a second.

    `late_ms` is the limit beyond which a tick counts as late.
    """

    def __init__(self, clock: Clock, log: Log, name: str, late_ms: float = 4.0) -> None:
        self._clock, self._log, self._name = clock, log, name
        self._late_s = late_ms / 1000.0
        self._since = clock.now()
        self._ticks = 0
        self._worst = 0.0
        self._stages: dict[str, float] = defaultdict(float)
        self.totals: dict[str, int] = defaultdict(int)
        self.state: dict[str, Any] = {}

    def begin(self) -> None:
        """Count from now on: what came before was no loop."""
        self._since = self._clock.now()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = self._clock.now()
        try:
            yield
        finally:
            self._stages[name] += self._clock.now() - start

    def count(self, name: str, by: int = 1) -> None:
        """Add to a counter that runs for the whole show: `late_ticks`, `dropped_frames`, `overruns`."""
        self.totals[name] += by

    def tick(self, late: float = 0.0) -> None:
        """Mark the end of one turn of the loop that began `late` seconds after its time."""
        self._ticks += 1
        self.totals["ticks"] += 1
        self._worst = max(self._worst, late)
        if late > self._late_s:
            self.totals["late_ticks"] += 1
        now = self._clock.now()
        if now - self._since >= 1.0:
            self._publish(now)

    def _publish(self, now: float) -> None:
        self._log.write(
            "stats",
            process=self._name,
            fps=round(self._ticks / (now - self._since), 2),
            ms={k: round(1000.0 * v / max(1, self._ticks), 3) for k, v in self._stages.items()},
            worst_late_ms=round(1000.0 * self._worst, 2),
            **self.totals,
            **self.state,
        )
        self._since, self._ticks, self._worst = now, 0, 0.0
        self._stages.clear()
