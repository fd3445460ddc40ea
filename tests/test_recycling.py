"""A process that grows without end is started anew where nobody sees it; real processes hold real things."""

from __future__ import annotations

import multiprocessing
import os

import numpy as np
import pytest

from tests.test_supervisor import RINGS, child, watch_until
from visuals import recycling
from visuals.clock import sleep
from visuals.process import Post, Worker
from visuals.recycling import GROWTH, HARD, WARM_UP_S, Holding, Upkeep, holding
from visuals.shm import Latest
from visuals.supervisor import Supervisor


def test_what_a_process_holds_is_what_it_took() -> None:
    before = holding(os.getpid())
    assert before is not None
    memory = np.ones(64 << 20, np.uint8)
    files = [os.open("/dev/null", os.O_RDONLY) for _ in range(50)]
    after = holding(os.getpid())
    for file in files:
        os.close(file)
    assert after is not None
    assert 60 <= after.MB - before.MB <= 68
    assert after.files - before.files == 50
    assert memory[0] == 1
    assert holding(2**22 + 1) is None


@pytest.mark.parametrize("what", sorted(GROWTH))
def test_it_waits_to_be_unseen_but_not_for_ever(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    held = {"MB": 100, "files": 20, "threads": 10, "GL_objects": 200}
    monkeypatch.setattr(recycling, "holding", lambda pid, gl_objects: Holding(**held))
    upkeep, began = Upkeep(), held[what]
    assert upkeep.overgrown(1, 0.0, lambda: True) == ""
    assert upkeep.overgrown(1, WARM_UP_S + 2.0, lambda: True) == ""
    held[what] += GROWTH[what]
    assert upkeep.overgrown(1, WARM_UP_S + 4.0, lambda: False) == ""
    assert upkeep.overgrown(1, WARM_UP_S + 4.5, lambda: True) == "", "it looks but once in a while"
    assert (
        upkeep.overgrown(1, WARM_UP_S + 6.0, lambda: True) == f"{held[what]} {what.replace('_', ' ')}, began at {began}"
    )
    held[what] += (HARD - 1) * GROWTH[what]
    assert upkeep.overgrown(1, WARM_UP_S + 8.0, lambda: False) != ""


def leak(post: Post) -> None:
    """Takes ten files at each beat."""
    with Worker(post) as worker:
        while not worker.ended:
            worker.rings["pulse"].write(worker.clock.now(), time=worker.clock.now())
            for _ in range(10):
                os.open("/dev/null", os.O_RDONLY)
            sleep(0.05)


def test_the_supervisor_starts_it_anew_and_counts_no_fall(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recycling, "WARM_UP_S", 0.5)
    monkeypatch.setattr(recycling, "EVERY_S", 0.2)
    seen = [True]

    def unseen(rings: object) -> bool:
        return not seen[0]

    with Supervisor((child(leak, unseen=unseen),), RINGS) as supervisor:
        seat, ring = supervisor._seats[0], supervisor.rings["pulse"]
        watch_until(supervisor, lambda: ring.count > 30)
        first = supervisor.pids()["beat"]
        assert first is not None
        seen[0] = False
        watch_until(supervisor, lambda: supervisor.pids()["beat"] not in (None, first))
        assert not seat.falls
        count = ring.count
        watch_until(supervisor, lambda: ring.count > count + 3)
    assert isinstance(ring, Latest)
    assert multiprocessing.active_children() == []
