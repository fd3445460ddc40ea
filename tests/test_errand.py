"""Work in a thread: nobody waits for it, and only the last result counts."""

from __future__ import annotations

import threading

from visuals.clock import monotonic, sleep
from visuals.errand import Errand


def until(errand: Errand[int]) -> int:
    deadline = monotonic() + 5.0
    while (found := errand.result()) is None:
        assert monotonic() < deadline
        sleep(0.001)
    return found


def test_a_result_is_told_once() -> None:
    errand = Errand(lambda: 7)
    assert errand.result() is None
    errand.start()
    assert until(errand) == 7
    assert errand.result() is None


def test_what_is_asked_for_meanwhile_is_done_once_more_and_counts_alone() -> None:
    go, begun, done = threading.Semaphore(0), threading.Semaphore(0), []

    def job() -> int:
        begun.release()
        go.acquire()
        done.append(len(done) + 1)
        return done[-1]

    errand = Errand(job)
    errand.start()
    begun.acquire()
    for _ in range(5):
        errand.start()
    go.release()
    begun.acquire()
    assert errand.result() is None, "the first one does not count any more"
    go.release()
    assert until(errand) == 2
    sleep(0.02)
    assert done == [1, 2]
