"""Processes that die, hang, or are there twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from tools.stage_drill.faults.fault import (
    COVERED,
    FRAME_MS,
    UNTOUCHED,
    WHOLE,
    Absent,
    Fault,
    Moments,
    back,
    nothing,
    send,
    starting,
    telling,
    told,
)
from tools.stage_drill.stage import ROOT, Stage

KILL, STOP, GO_ON = signal.SIGKILL, signal.SIGSTOP, signal.SIGCONT
MODEL = frozenset({"model"})
MANAGER_S = 0.3
"""A service manager takes so long to start what fell."""

GENERATOR = {"return_s": telling("backend")}
SHOWN = {**COVERED, "live_s": 3.0}


def fall_of_the_supervisor(stage: Stage) -> None:
    stage.notes["player_before"] = stage.pid("player")
    stage.signal("supervisor", KILL)
    stage.supervisor.wait()
    stage.run(MANAGER_S)
    stage.start()


def adopted(stage: Stage, moments: Moments) -> float:
    """When the new supervisor's log first told of the player."""
    return (stage.started("player", moments.fault) or float("inf")) - moments.fault


def another_player(stage: Stage, moments: Moments) -> float:
    """1 when the wall is sent by another player than before."""
    return float(stage.pid("player") != stage.notes.pop("player_before"))


def power_cut(stage: Stage) -> None:
    for pid in stage.processes():
        with suppress(ProcessLookupError):
            os.kill(pid, KILL)
    stage.supervisor.wait()
    stage.start()


def suspend(stage: Stage) -> None:
    _all(stage, STOP)


def resume(stage: Stage) -> None:
    _all(stage, GO_ON)


def _all(stage: Stage, how: signal.Signals) -> None:
    for pid in stage.processes():
        with suppress(ProcessLookupError):
            os.kill(pid, how)


class Second:
    """The same show started once more by mistake."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, stage: Stage) -> None:
        folder = stage.scenery.folder
        settings = json.loads((folder / "stand.json").read_text())
        settings |= {"log": str(folder / "second.jsonl"), "orders": str(folder / "second-orders")}
        path = folder / "second.json"
        path.write_text(json.dumps(settings))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tools.stage_drill.stand", str(path)],
            cwd=ROOT,
            env={**os.environ, **stage.scenery.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def end(self, stage: Stage) -> None:
        if self._process is None:
            return
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(5.0)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, KILL)
        self._process.wait()
        for left in Path("/dev/shm").glob(f"visuals-{self._process.pid}-*"):
            left.unlink(missing_ok=True)


SECOND = Second()

FAULTS: tuple[Fault | Absent, ...] = (
    Fault("0", "nothing", "two seconds of play", nothing, UNTOUCHED, lasts=2.0),
    Fault(
        "1",
        "generator killed",
        "SIGKILL",
        send(KILL, "generator"),
        {**UNTOUCHED, "return_s": 10.0},
        needs=MODEL,
        over=told("backend"),
        measures=GENERATOR,
        mixes=True,
        patience=40.0,
    ),
    Fault(
        "2",
        "generator hung",
        "SIGSTOP",
        send(STOP, "generator"),
        {**UNTOUCHED, "motion_s": 0.5, "restarted_s": 2.25, "return_s": 12.0},
        needs=MODEL,
        over=told("backend"),
        mixes=True,
        patience=40.0,
        measures={**GENERATOR, "restarted_s": telling("error", process="generator")},
    ),
    Fault("9", "engine killed", "SIGKILL", send(KILL, "engine"), SHOWN, over=back("engine"), mixes=True),
    Fault("9a", "engine crashed", "SIGSEGV", send(signal.SIGSEGV, "engine"), SHOWN, over=back("engine"), mixes=True),
    Fault(
        "9b",
        "engine hung",
        "SIGSTOP",
        send(STOP, "engine"),
        {**COVERED, "freeze_ms": 250.0 + FRAME_MS},
        over=back("engine"),
        mixes=True,
    ),
    Fault(
        "14",
        "graphics hang",
        "SIGSTOP to the engine and the generator at once",
        send(STOP, "engine", "generator"),
        {**COVERED, "freeze_ms": 250.0 + FRAME_MS},
        needs=MODEL,
        over=back("engine", "generator"),
        patience=40.0,
    ),
    Fault(
        "15c",
        "audio killed",
        "SIGKILL",
        send(KILL, "audio"),
        {**UNTOUCHED, "return_s": 3.0},
        over=back("audio"),
        measures={"return_s": starting("audio")},
        mixes=True,
    ),
    Fault(
        "15d",
        "audio aborted",
        "SIGABRT, as PortAudio does",
        send(signal.SIGABRT, "audio"),
        {**UNTOUCHED, "return_s": 3.0},
        over=back("audio"),
        measures={"return_s": starting("audio")},
        mixes=True,
    ),
    Fault(
        "15e",
        "audio hung",
        "SIGSTOP",
        send(STOP, "audio"),
        {**UNTOUCHED, "motion_s": 0.5},
        over=back("audio"),
        mixes=True,
    ),
    Fault(
        "28b",
        "machine suspended",
        "SIGSTOP to all for 3 s; counted from SIGCONT",
        suspend,
        {**WHOLE, "motion_s": 0.5, "live_s": 3.0, "double_s": 0.0},
        undo=resume,
        lasts=3.0,
        from_end=True,
    ),
    Fault(
        "30",
        "player killed",
        "SIGKILL",
        send(KILL, "player"),
        {**WHOLE, "gap_ms": 500.0, "double_s": 0.0},
        over=back("player"),
        mixes=True,
    ),
    Fault(
        "30a",
        "player hung",
        "SIGSTOP",
        send(STOP, "player"),
        {**WHOLE, "gap_ms": 750.0, "double_s": 0.0},
        over=back("player"),
        mixes=True,
    ),
    Fault(
        "31",
        "supervisor killed",
        "SIGKILL; a service manager starts it again",
        fall_of_the_supervisor,
        {**UNTOUCHED, "adopted_s": 2.0, "another_player": 0.0},
        over=back("player"),
        measures={"adopted_s": adopted, "another_player": another_player},
    ),
    Fault(
        "31a",
        "supervisor hung",
        "SIGSTOP for 1.5 s",
        send(STOP, "supervisor"),
        UNTOUCHED,
        undo=send(GO_ON, "supervisor"),
        lasts=1.5,
    ),
    Fault(
        "32",
        "power cut",
        "all killed at once, started anew; the boot itself is not in it",
        power_cut,
        {**WHOLE, "motion_s": 20.0},
        over=back("engine"),
    ),
    Fault(
        "33",
        "two masters",
        "the same show and rig started once more for 5 s",
        SECOND.start,
        {**WHOLE, "lost": 0.0, "double_s": 1.0},
        undo=SECOND.end,
        lasts=5.0,
    ),
)
