"""Kill and hang the processes of a show in the middle of it; count what the wall saw."""

from __future__ import annotations

import random
import signal
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.drills.stage import FIRST_LIGHT, Stage, black_frames, longest_still, missed_ticks, on_stage, spread
from visuals.wall.failover import State

OBSERVE_S = 1.5
"""How long the wall is watched after it is live again."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one fault did to the frames that left, from the fault until after the recovery."""

    missed: int
    black: int
    still_s: float
    back_s: float


def injure_engine(stage: Stage, how: signal.Signals) -> Outcome:
    """`back_s` is from the fault to the first frame of a new engine that is shown live."""
    before = stage.run(0.2)
    at = stage.kill("engine", how)
    first = len(stage.seen)
    stage.until(lambda f: f.state in (State.LOOP, State.SAFE), 5.0)
    back = stage.until(lambda f: f.state is State.LIVE and f.time > at, 20.0)
    stage.run(OBSERVE_S)
    frames = before[-1:] + stage.seen[first:]
    return Outcome(missed_ticks(frames), black_frames(frames), longest_still(frames), back.time - at)


def injure_generator(stage: Stage) -> Outcome:
    """`back_s` is from the fault to the first new picture of the model."""
    dream = stage.supervisor.rings["dream"]
    before = stage.run(0.2)
    at = stage.kill("generator", signal.SIGKILL)
    first = len(stage.seen)
    stage.run(0.1)
    count = dream.count
    stage.until(lambda f: dream.count > count, 20.0)
    back = stage.now
    stage.run(OBSERVE_S)
    frames = before[-1:] + stage.seen[first:]
    return Outcome(missed_ticks(frames), black_frames(frames), longest_still(frames), back - at)


def engine_drill(folder: Path, how: signal.Signals, repeats: int, show: Path = FIRST_LIGHT) -> dict[str, Any]:
    """Injure the engine `repeats` times at random moments; audio is the show's own track."""
    dice = random.Random(7)
    outcomes = []
    with on_stage(show, folder, audio=None) as stage:
        stage.until_live()
        for _ in range(repeats):
            stage.run(dice.uniform(1.0, 2.0))
            stage.supervisor.forgive()
            outcomes.append(injure_engine(stage, how))
    return _summary(outcomes)


def generator_drill(folder: Path, repeats: int, show: Path = FIRST_LIGHT) -> dict[str, Any]:
    dice = random.Random(8)
    outcomes = []
    with on_stage(show, folder, audio=None) as stage:
        stage.until_live()
        stage.until(lambda _: stage.supervisor.rings["dream"].count > 10)
        for _ in range(repeats):
            stage.run(dice.uniform(0.5, 1.0))
            stage.supervisor.forgive()
            outcomes.append(injure_generator(stage))
    return _summary(outcomes)


def _summary(outcomes: list[Outcome]) -> dict[str, Any]:
    return {
        "faults": len(outcomes),
        "missed_ticks_max": max(o.missed for o in outcomes),
        "black_frames": sum(o.black for o in outcomes),
        "still_s": spread([o.still_s for o in outcomes]),
        "back_s": spread([o.back_s for o in outcomes]),
        "each": [asdict(o) for o in outcomes],
    }
