"""What every process of a show does the same: take its post, share the clock, end when told.

A process ignores SIGINT, which a terminal sends to all at once: the supervisor decides what ends
and says so with SIGTERM.
"""

from __future__ import annotations

import errno
import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from visuals.clock import RealClock
from visuals.rank import take_rank
from visuals.shm import Latest, Layout
from visuals.telemetry import Log, Meter
from visuals.wire import Lines

BEAT_S = 0.1

STARVED = errno.ENOMEM
"""The exit code of a process that had no memory left."""
SHORT = ("out of memory", "bad_alloc", "cannot allocate", "allocation failed")
"""What libraries say of it, that of the graphics processor too."""


@dataclass(frozen=True, slots=True)
class Post:
    """What a child process is given: its name, the show's epoch, the rings it may use, its niceness.

    `ends` is the show time at which it stops by itself, so that a show without a supervisor still
    comes to its end. A `spare` waits for its turn, and takes its rank when it has settled. `starved` is how many
    before it ended for want of memory.
    """

    name: str
    epoch: float
    rings: dict[str, Layout] = field(default_factory=dict)
    ends: float = float("inf")
    nice: int = 0
    spare: bool = False
    starved: int = 0


class Worker:
    """A process at its post. Use as a context manager: the rings are detached at the end."""

    def __init__(self, post: Post, late_ms: float = 4.0) -> None:
        self.post = post
        self.clock = RealClock(post.epoch)
        self.rings = {name: Latest(layout) for name, layout in post.rings.items()}
        self.log = Log(self.clock, Lines(self.rings["log"]) if "log" in self.rings else None)
        self.meter = Meter(self.clock, self.log, post.name, late_ms)
        self._told_to_end = False

    @property
    def ended(self) -> bool:
        return self._told_to_end or self.clock.now() >= self.post.ends

    def __enter__(self) -> Worker:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, self._on_term)
        logging.basicConfig(level=logging.WARNING, handlers=[_ToLog(self.log)])
        if not self.post.spare:
            self.settle()
            self.introduce()
        return self

    def settle(self) -> None:
        """Take the rank that one has at work: all that it takes is loaded."""
        take_rank(self.post.nice)

    def introduce(self, ready: bool = False) -> None:
        """Tell the log which process this is; a spare does so first when it is `ready`, then when it has its turn."""
        self.log.write("spare" if ready else "process", name=self.post.name, pid=os.getpid())

    @contextmanager
    def beating(self, ring: Latest) -> Iterator[None]:
        """Tell in a ring that this process lives, by a thread, while the loop waits for something of unknown length.

        It proves that the process gets time and its threads run, not that what it waits for goes on.
        """
        ended = threading.Event()

        def beat() -> None:
            while not ended.is_set():
                ring.write(0, time=self.clock.now())
                ended.wait(BEAT_S)

        thread = threading.Thread(target=beat, name="heart", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if starved := is_starved(error):
            self.log.write("error", source=self.post.name, level="error", text=f"no memory left: {error}")
        for ring in self.rings.values():
            ring.close()
        if starved:
            raise SystemExit(STARVED)

    def _on_term(self, *_: object) -> None:
        self._told_to_end = True


def is_starved(error: BaseException | None) -> bool:
    """Whether it tells of memory that there is not."""
    said = str(error).lower()
    return isinstance(error, MemoryError) or (isinstance(error, Exception) and any(word in said for word in SHORT))


class _ToLog(logging.Handler):
    """Sends the logging of libraries and rooms to the show log."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        self._log.write("error", source=record.name, level=record.levelname.lower(), text=record.getMessage())
