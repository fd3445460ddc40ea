"""Who is in charge: supervisors that fall, hang or are there twice, and machines that sleep or lose their power."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from tools.stage_drill.faults.fault import UNTOUCHED, WHOLE, Absent, Fault, Moments, back, send
from tools.stage_drill.stage import MARK, ROOT, Stage, marked

KILL, STOP, GO_ON = signal.SIGKILL, signal.SIGSTOP, signal.SIGCONT
MANAGER_S = 0.3
"""A service manager takes so long to start what fell."""

SECOND_S = 20.0
"""A second show has its player up by then, or has refused."""


def fall_of_the_supervisor(stage: Stage) -> None:
    stage.notes["player_before"] = stage.pid("player")
    stage.signal("supervisor", KILL)
    stage.supervisor.wait()
    stage.run(MANAGER_S)
    stage.start()


def adopted(stage: Stage, moments: Moments) -> float:
    """When a new supervisor had the player in its care again: the one that plays, or one that it started."""
    lines = [*stage.all_told("adopted", moments.fault, process="player"), *stage.all_told("process", moments.fault)]
    at = [line["at"] for line in lines if line["type"] == "adopted" or line["name"] == "player"]
    return min(at, default=float("inf")) - moments.fault


def cared_for(stage: Stage, moments: Moments) -> bool:
    return adopted(stage, moments) < float("inf")


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
        (folder / "second.jsonl").unlink(missing_ok=True)
        settings = json.loads((folder / "stand.json").read_text())
        settings |= {"log": str(folder / "second.jsonl"), "orders": str(folder / "second-orders")}
        path = folder / "second.json"
        path.write_text(json.dumps(settings))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tools.stage_drill.stand", str(path)],
            cwd=ROOT,
            env={**os.environ, **stage.scenery.environment, MARK: str(path)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        log = folder / "second.jsonl"
        plays = self._process

        def decided() -> bool:
            return plays.poll() is not None or (log.exists() and '"name": "player"' in log.read_text())

        stage.until(decided, SECOND_S)

    def end(self, stage: Stage) -> None:
        if self._process is None:
            return
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(5.0)
        for pid in marked(str(stage.scenery.folder / "second.json")):
            with suppress(ProcessLookupError):
                os.kill(pid, KILL)
        self._process.wait()
        for left in Path("/dev/shm").glob(f"visuals-{self._process.pid}-*"):
            left.unlink(missing_ok=True)


SECOND = Second()

FAULTS: tuple[Fault | Absent, ...] = (
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
        "31",
        "supervisor killed",
        "SIGKILL; a service manager starts it again",
        fall_of_the_supervisor,
        {**UNTOUCHED, "adopted_s": 2.0, "another_player": 0.0},
        over=cared_for,
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
        "the same show and rig started once more, for 3 s",
        SECOND.start,
        {**WHOLE, "lost": 0.0, "double_s": 1.0},
        undo=SECOND.end,
        lasts=3.0,
    ),
)
