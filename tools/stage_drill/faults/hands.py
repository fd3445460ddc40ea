"""A desk that floods, goes away, or talks nonsense. The wall's right half is as green as its fader is up."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path
from statistics import median

from tests.control.jack import Desk
from tools.stage_drill.faults.fault import UNTOUCHED, Absent, Fault, Moments
from tools.stage_drill.stage import Stage
from visuals.clock import monotonic

JACK = frozenset({"jack"})
FADER, OTHER = 20, 30
PROBES, PROBE_S = 8, 0.35
BURST, BURST_S = 50, 0.01
"""5,000 messages a second: five times what a DIN cable can carry."""
NONSENSE_BYTES = 50_000
AGAIN_S = 0.1
"""A sound server that is held up skips a message: a fader that moves on sends the next."""

FOLLOWED = 30.0
"""Green of 255 by which the wall has followed the fader."""


def move(stage: Stage, value: int) -> None:
    assert stage.scenery.hands is not None
    stage.scenery.hands.send([0xB0, FADER, value])


def follows(stage: Stage, limit_s: float = 1.0, move: Callable[[Stage, int], None] = move) -> float:
    """Move the fader from one end to the other; how long (s) until the wall had followed."""
    stage.turn()
    up = stage.lights[-1].hand < FOLLOWED
    at = monotonic()
    move(stage, 127 if up else 0)

    def followed() -> bool:
        return any(light.time > at and (light.hand > FOLLOWED) == up for light in stage.since(at))

    end = at + limit_s
    while not stage.until(followed, AGAIN_S):
        if monotonic() > end:
            return float("inf")
        move(stage, 127 if up else 0)
    return next(light.time for light in stage.since(at) if light.time > at and (light.hand > FOLLOWED) == up) - at


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def share(stage: Stage, seconds: float) -> float:
    """Share of a core that the engine takes."""
    pid = stage.pid("engine")
    before, start = cpu_seconds(pid), monotonic()
    stage.run(seconds)
    return (cpu_seconds(pid) - before) / (monotonic() - start)


def flood(stage: Stage) -> None:
    """Controllers that nobody listens to, and between them the fader that somebody does."""
    hands = stage.scenery.hands
    assert hands is not None
    usual = share(stage, 0.5)
    pid, start = stage.pid("engine"), monotonic()
    before = cpu_seconds(pid)
    answers = []
    for n in range(PROBES):
        end = monotonic() + PROBE_S
        while monotonic() < end:
            hands.send(*([0xB0, OTHER, (n + k) % 128] for k in range(BURST)))
            stage.run(BURST_S)
        answers.append(follows(stage))
    stage.notes["control_ms"] = 1000.0 * median(answers)
    stage.notes["control_most_ms"] = 1000.0 * max(answers)
    stage.notes["cpu_more"] = (cpu_seconds(pid) - before) / (monotonic() - start) - usual


def unplug(stage: Stage) -> None:
    assert stage.scenery.hands is not None
    stage.scenery.hands.close()


def replug(stage: Stage) -> None:
    stage.scenery.hands = Desk("desk")


def resumes(stage: Stage, moments: Moments) -> float:
    """When the wall followed the desk again, after it came back."""
    while monotonic() - moments.undone < 10.0:
        if follows(stage, 0.25) < float("inf"):
            return monotonic() - moments.undone
    return float("inf")


def nonsense(stage: Stage) -> None:
    """Messages of any bytes, sysex that never ends among them."""
    hands, dice = stage.scenery.hands, random.Random(22)
    assert hands is not None
    for _ in range(NONSENSE_BYTES // BURST // 4):
        hands.send(*(dice.randbytes(dice.randint(1, 3)) for _ in range(BURST)), b"\xf0" + dice.randbytes(2 * BURST))
        stage.run(0.005)


def end_sysex(stage: Stage) -> None:
    assert stage.scenery.hands is not None
    stage.scenery.hands.send(b"\xf7")


FAULTS: tuple[Fault | Absent, ...] = (
    Fault(
        "20",
        "MIDI flood",
        "5,000 messages a second for 3 s, a fader moved now and then",
        flood,
        {**UNTOUCHED, "control_ms": 20.0, "cpu_more": 0.1},
        needs=JACK,
    ),
    Fault(
        "21",
        "MIDI unplugged",
        "the desk's port gone for 1 s",
        unplug,
        {**UNTOUCHED, "resumes_s": 2.0},
        undo=replug,
        lasts=1.0,
        needs=JACK,
        measures={"resumes_s": resumes},
    ),
    Fault(
        "22",
        "MIDI nonsense",
        "50,000 random bytes, endless sysex among them",
        nonsense,
        {**UNTOUCHED, "resumes_s": 2.0},
        needs=JACK,
        measures={"resumes_s": resumes},
        clean=end_sysex,
    ),
    Absent("24", "HTTP flood", "there is no panel yet"),
    Absent("25", "audience phones", "there is no page for the audience yet"),
)
