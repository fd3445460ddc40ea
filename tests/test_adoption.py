"""A dead supervisor's processes are gone on with, by one successor and nobody else."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from tests.test_supervisor import RINGS, beat, watch_until
from visuals.adoption import Note, adopted, born, end_orphans
from visuals.clock import monotonic, sleep
from visuals.errors import DeviceError
from visuals.seat import Child
from visuals.shm import FOLDER, Layout
from visuals.supervisor import Supervisor

LIGHT = (f"a lamp of {os.getpid()}",)
ASKED = f"the same, by {os.getpid()}"


def child() -> Child:
    return Child("player", beat, lambda starts: (), ("pulse",), "pulse", hang_s=0.5)


def supervise(log: Path, light: tuple[str, ...], asked: str, tell: Connection) -> None:
    """A supervisor that watches until it is killed."""
    with Supervisor((child(),), RINGS, log, note=Note.open(light, asked)) as supervisor:
        watch_until(supervisor, lambda: supervisor.rings["pulse"].count > 10)
        tell.send(supervisor.pids()["player"])
        while True:
            supervisor.watch()
            sleep(0.01)


@pytest.fixture
def left(tmp_path: Path) -> Iterator[tuple[multiprocessing.context.SpawnProcess, int]]:
    """A supervisor in a process of its own, and the pid of its child."""
    context = multiprocessing.get_context("spawn")
    told, tell = context.Pipe(False)
    process = context.Process(target=supervise, args=(tmp_path / "show.jsonl", LIGHT, ASKED, tell))
    process.start()
    assert told.poll(20.0)
    yield process, told.recv()
    process.kill()
    process.join()
    end_orphans(LIGHT)


def types(log: Path) -> list[str]:
    return [json.loads(line)["type"] for line in log.read_text().splitlines()]


def test_the_successor_goes_on_with_the_same_process_clock_and_log(
    left: tuple[multiprocessing.context.SpawnProcess, int], tmp_path: Path
) -> None:
    first, pid = left
    first.kill()
    first.join()
    start = monotonic()
    note = Note.open(LIGHT, ASKED)
    assert note.plays
    with Supervisor((child(),), RINGS, tmp_path / "show.jsonl", note=note) as supervisor:
        assert supervisor.adopts
        assert monotonic() - start < 2.0
        assert supervisor.pids()["player"] == pid
        count = supervisor.rings["pulse"].count
        watch_until(supervisor, lambda: supervisor.rings["pulse"].count > count + 10)
        # The clock goes on: what the child writes now is of now.
        assert abs(supervisor.rings["pulse"].time - supervisor.clock.now()) < 0.5
        assert types(tmp_path / "show.jsonl")[:2] == ["process", "adopted"]
        os.kill(pid, signal.SIGKILL)
        watch_until(supervisor, lambda: supervisor.pids()["player"] not in (None, pid))
    assert not list(FOLDER.glob(f"{note.prefix}*"))


def test_two_supervisors_never_have_the_same_light(left: tuple[multiprocessing.context.SpawnProcess, int]) -> None:
    first, _ = left
    start = monotonic()
    with pytest.raises(DeviceError, match=rf"played by process {first.pid}"):
        Note.open(LIGHT, ASKED)
    assert monotonic() - start < 1.0
    other = Note.open(("another lamp",), ASKED)
    assert not other.plays
    other.close()


@pytest.mark.parametrize("what", ["asked", "rings"])
def test_what_was_not_asked_for_again_is_ended(
    left: tuple[multiprocessing.context.SpawnProcess, int], what: str
) -> None:
    first, pid = left
    first.kill()
    first.join()
    note = Note.open(LIGHT, "something else" if what == "asked" else ASKED)
    rings = {"pulse": Layout("", (2,), "f8")} if what == "rings" else RINGS
    assert not Supervisor((child(),), rings, note=note).adopts
    if note.plays:
        note = note.renewed()
    else:
        assert end_orphans(LIGHT) == 1
    deadline = monotonic() + 5.0
    while Path("/proc", str(pid)).exists() and monotonic() < deadline:
        sleep(0.02)
    assert not Path("/proc", str(pid)).exists() or "Z" in Path("/proc", str(pid), "stat").read_text().split()
    note.close()


def test_a_session_that_is_watched_is_nobodys_orphan(left: tuple[multiprocessing.context.SpawnProcess, int]) -> None:
    _, pid = left
    end_orphans(LIGHT, ASKED)
    sleep(0.1)
    os.kill(pid, 0)


def test_what_plays_on_another_output_is_left_to_its_own_supervisor(
    left: tuple[multiprocessing.context.SpawnProcess, int],
) -> None:
    first, pid = left
    first.kill()
    first.join()
    assert end_orphans(("another lamp",), "another show") == 0
    sleep(0.1)
    note = Note.open(LIGHT, ASKED)
    assert note.plays
    with Supervisor((child(),), RINGS, note=note) as supervisor:
        assert supervisor.pids()["player"] == pid


def test_a_process_that_only_just_starts_is_adopted_too(left: tuple[multiprocessing.context.SpawnProcess, int]) -> None:
    """It has no ring open yet; another one beside it would be one too many."""
    process = multiprocessing.get_context("spawn").Process(target=sleep, args=(5.0,))
    process.start()
    assert adopted(process.pid, born(process.pid)) is not None
    assert adopted(process.pid, "0") is None
    process.kill()
    process.join()
    assert adopted(process.pid, born(process.pid)) is None
