"""Real child processes fall, hang and end; the supervisor's part is counted."""

from __future__ import annotations

import json
import logging
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from visuals.clock import monotonic, sleep
from visuals.process import Post, Worker
from visuals.seat import BUDGET_WINDOW_S, JITTER, Child, Seat
from visuals.shm import FOLDER, Layout
from visuals.supervisor import Supervisor

RINGS = {"pulse": Layout("", (1,), "f8")}


def beat(post: Post, deaf: bool = False) -> None:
    """A child that writes its pulse every 10 ms; a deaf one will not end when asked."""
    with Worker(post) as worker:
        while deaf or not worker.ended:
            worker.rings["pulse"].write(worker.clock.now(), time=worker.clock.now())
            worker.meter.tick()
            sleep(0.01)


def fall(post: Post) -> None:
    with Worker(post):
        os._exit(3)


def child(target: Callable[..., None] = beat, **kwargs: object) -> Child:
    settings = {"arguments": lambda starts: (), "rings": ("pulse",), "pulse": "pulse", "hang_s": 0.5, **kwargs}
    return Child("beat", target, **settings)  # type: ignore[arg-type]


def watch_until(supervisor: Supervisor, done: Callable[[], bool], limit_s: float = 10.0) -> float:
    start = monotonic()
    while not done():
        assert monotonic() - start < limit_s, "it never came"
        supervisor.watch()
        sleep(0.01)
    return monotonic() - start


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_a_fallen_or_hung_child_is_replaced(how: signal.Signals) -> None:
    with Supervisor((child(),), RINGS) as supervisor:
        watch_until(supervisor, lambda: supervisor.rings["pulse"].count > 0)
        first = supervisor.pids()["beat"]
        assert first is not None
        os.kill(first, how)
        watch_until(supervisor, lambda: supervisor.pids()["beat"] not in (None, first))
        count = supervisor.rings["pulse"].count
        watch_until(supervisor, lambda: supervisor.rings["pulse"].count > count + 5)


def test_a_child_that_keeps_falling_is_left_down(tmp_path: Path) -> None:
    log = tmp_path / "show.jsonl"
    with Supervisor((child(fall, budget=2),), RINGS, log) as supervisor:
        watch_until(supervisor, lambda: '"given_up": true' in log.read_text())
        for _ in range(20):
            supervisor.watch()
            sleep(0.02)
        assert supervisor.pids()["beat"] is None
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["falls"] for line in lines if line["type"] == "error"] == [1, 2, 3]
    assert [line["name"] for line in lines if line["type"] == "process"] == ["beat"] * 3


@pytest.mark.parametrize("deaf", [False, True])
def test_the_end_leaves_nothing_behind(deaf: bool) -> None:
    with Supervisor((child(arguments=lambda starts: (deaf,)),), RINGS) as supervisor:
        watch_until(supervisor, lambda: supervisor.rings["pulse"].count > 0)
        pid = supervisor.pids()["beat"]
        assert pid is not None
        names = [ring.layout.name for ring in supervisor.rings.values()]
        start = monotonic()
    assert monotonic() - start < 2.0
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    for name in names:
        assert not (FOLDER / name).exists()


def test_statistics_are_gathered_by_process() -> None:
    with Supervisor((child(),), RINGS) as supervisor:
        watch_until(supervisor, lambda: "beat" in supervisor.stats)
    assert supervisor.stats["beat"]["fps"] > 20


def take_turns(post: Post) -> None:
    """A child like the player: it writes its pulse when no other does."""
    with Worker(post) as worker:
        if post.spare:
            worker.introduce(ready=True)
        while not worker.rings["pulse"].claim():
            if worker.ended:
                return
            sleep(0.004)
        beat_on(worker)


def beat_on(worker: Worker) -> None:
    while not worker.ended:
        worker.rings["pulse"].write(os.getpid(), time=worker.clock.now())
        sleep(0.01)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_a_spare_takes_over_within_a_moment(how: signal.Signals) -> None:
    with Supervisor((child(take_turns, spare=True, hang_s=0.5),), RINGS) as supervisor:
        ring = supervisor.rings["pulse"]
        for n in range(2):
            watch_until(supervisor, lambda: supervisor.pids()["beat.spare"] is not None)
            watch_until(supervisor, lambda n=n: told(supervisor) >= n + 2)  # type: ignore[misc]
            first, spare = supervisor.pids()["beat"], supervisor.pids()["beat.spare"]
            assert first is not None
            os.kill(first, how)
            count = ring.count
            took = watch_until(supervisor, lambda count=count: ring.count > count + 3)  # type: ignore[misc]
            assert took < 1.2
            assert supervisor.pids()["beat"] == spare
            reading = ring.read()
            assert reading is not None
            assert int(reading.data[0]) == spare


def told(supervisor: Supervisor) -> int:
    """Lines of the log: each process tells one when all it needs is there."""
    return sum(supervisor.rings[name].count for name in ("log.beat", "log.beat.1"))


def test_without_a_ready_spare_a_moment_of_silence_is_no_hang() -> None:
    with Supervisor((child(take_turns, spare=True, hang_s=0.1),), RINGS) as supervisor:
        watch_until(supervisor, lambda: supervisor.rings["pulse"].count > 5)
        pid = supervisor.pids()["beat"]
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        start = monotonic()
        while monotonic() - start < 0.5:
            supervisor.watch()
            sleep(0.01)
        os.kill(pid, signal.SIGCONT)
        assert supervisor.pids()["beat"] == pid


def test_one_that_stood_still_with_the_whole_machine_is_not_hung() -> None:
    with Supervisor((child(),), RINGS) as supervisor:
        watch_until(supervisor, lambda: supervisor.rings["pulse"].count > 5)
        pid = supervisor.pids()["beat"]
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        sleep(1.0)  # nobody watches meanwhile: this process stood still too
        os.kill(pid, signal.SIGCONT)
        for _ in range(20):
            supervisor.watch()
            sleep(0.01)
        assert supervisor.pids()["beat"] == pid


def test_waits_grow_and_one_over_budget_is_tried_again_later() -> None:
    seat, waits = Seat(child(fall, budget=3)), []
    for n in range(5):
        now = 100.0 + n
        assert seat.fall(now) == n + 1
        waits.append(seat.due - now)
    expected = [0.0, 0.5, 1.0, BUDGET_WINDOW_S, BUDGET_WINDOW_S]
    assert all(abs(w - e) <= JITTER * e for w, e in zip(waits, expected, strict=True))
    assert seat.given_up


def live_without_work(post: Post) -> None:
    """A child whose process lives and whose work never ends."""
    with Worker(post) as worker:
        worker.rings["work"].write(0.0, time=worker.clock.now())
        with worker.beating(worker.rings["pulse"]):
            while not worker.ended:
                sleep(0.01)


@pytest.mark.parametrize(
    ("stopped", "text"), [(True, "silent for 1 s: taken to hang"), (False, "no work done for 3 s")]
)
def test_silence_and_work_that_never_ends_have_limits_of_their_own(tmp_path: Path, stopped: bool, text: str) -> None:
    log = tmp_path / "show.jsonl"
    patient = child(live_without_work, rings=("pulse", "work"), hang_s=1.0, work="work", work_s=3.0)
    with Supervisor((patient,), {**RINGS, "work": RINGS["pulse"]}, log) as supervisor:
        watch_until(supervisor, lambda: supervisor.rings["pulse"].count > 2)
        first = supervisor.pids()["beat"]
        assert first is not None
        if stopped:
            os.kill(first, signal.SIGSTOP)
        watch_until(supervisor, lambda: supervisor.pids()["beat"] != first)
    errors = [line["text"] for line in map(json.loads, log.read_text().splitlines()) if line["type"] == "error"]
    assert errors == [text]


def warn(post: Post) -> None:
    """A child whose libraries and rooms have something to say."""
    with Worker(post) as worker:
        for level in (logging.INFO, logging.WARNING, logging.ERROR):
            logging.getLogger("room").log(level, "a word")
        while not worker.ended:
            worker.rings["pulse"].write(0.0, time=worker.clock.now())
            sleep(0.01)


def test_a_warning_is_told_and_logged_as_a_warning(tmp_path: Path) -> None:
    log, told = tmp_path / "show.jsonl", list[dict[str, Any]]()
    with Supervisor((child(warn),), RINGS, log) as supervisor:
        while len(told) < 2:
            told += [line for line in supervisor.watch() if line["type"] == "error"]
            sleep(0.01)
    assert [line["level"] for line in told] == ["warning", "error"]
    logged = [line for line in map(json.loads, log.read_text().splitlines()) if line["type"] == "error"]
    assert logged == told
    assert logged[0] | {"t": 0} == {"t": 0, "type": "error", "source": "room", "level": "warning", "text": "a word"}


def starve(post: Post, word: str) -> None:
    """A child that has no memory, and says of how many before it that was true."""
    with Worker(post) as worker:
        worker.rings["pulse"].write(post.starved, time=worker.clock.now())
        if post.starved < 2:
            raise MemoryError if word == "memory" else RuntimeError(word)
        while not worker.ended:
            sleep(0.01)


@pytest.mark.parametrize(("word", "starved"), [("memory", 2), ("CUDA out of memory. Tried", 2), ("another", 0)])
def test_a_child_learns_how_often_memory_ran_out(tmp_path: Path, word: str, starved: int) -> None:
    with Supervisor((child(starve, arguments=lambda starts: (word,)),), RINGS, tmp_path / "show.jsonl") as supervisor:
        watch_until(supervisor, lambda: supervisor.rings["pulse"].count == 3)
        reading = supervisor.rings["pulse"].read()
        assert reading is not None
        assert reading.data == starved
