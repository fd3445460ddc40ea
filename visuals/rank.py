"""A process's share of the processors.

The standard library alone: who takes a rank may have nothing else loaded yet.
"""

from __future__ import annotations

import logging
import os
import pickle
from contextlib import suppress
from pathlib import Path


def begin(nice: int, work: bytes) -> None:
    """The first thing of a new process: have its rank before it loads what it works with.

    `work` is a pickled function with its arguments, of this program's own making.
    """
    stand_apart(nice)
    target, arguments = pickle.loads(work)
    target(*arguments)


def take_rank(nice: int) -> None:
    """Have a share of the processors of one's own, at the wanted niceness."""
    stand_apart(nice)
    renice(nice)


def renice(nice: int) -> None:
    """Take the wanted niceness; a user who may not raise priority keeps the one they have."""
    try:
        os.setpriority(os.PRIO_PROCESS, 0, nice)
    except PermissionError:
        logging.getLogger(__name__).debug("niceness %d not permitted", nice)


def stand_apart(nice: int) -> None:
    """Be of a session of one's own, of that niceness.

    Where a kernel shares the processors out by session first (sched(7), autogroup), niceness counts only within
    one: in that of a terminal, a whole show has together what any other terminal's work has. A session's
    niceness, unlike a process's own, may be taken back by whoever raised it.
    """
    with suppress(OSError):  # who leads a session already keeps it
        os.setsid()
    if os.getsid(0) == os.getpid():
        with suppress(OSError):  # no such kernel, or a user who may not
            Path("/proc/self/autogroup").write_text(f"{nice}\n")
