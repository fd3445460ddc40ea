"""What a machine does to a show: clocks, cables, leaks, and a long night."""

from __future__ import annotations

import signal
import subprocess

from tools.stage_drill import figures
from tools.stage_drill.faults.fault import (
    FRAME_MS,
    UNTOUCHED,
    Absent,
    Act,
    Fault,
    Measure,
    Moments,
    Over,
    nothing,
    order,
)
from tools.stage_drill.orders import Order
from tools.stage_drill.scenery import LOOP_FPS
from tools.stage_drill.stage import Stage
from visuals.clock import monotonic
from visuals.recycling import EVERY_S, WARM_UP_S

FAR = frozenset({"far"})
LOSSY_FAR = FAR | {"netem"}
HOUR_S = 3600.0
LONG_RUN_H = 36.0
LEAK_S = 3.0
KNOWN_S = WARM_UP_S + 2.0 * EVERY_S + 1.0
"""From its start to its first sign of life it takes some, too."""
LOOPED_MS = 2.0 * 1000.0 / LOOP_FPS
"""The loop's own pictures are fewer."""
LOSSY = "netem loss 30% delay 5ms 3ms reorder 25%"


def _net(stage: Stage, command: str) -> None:
    subprocess.run(command.replace("LINK", stage.scenery.link).split(), check=True)


def pull(stage: Stage) -> None:
    _net(stage, "ip link set LINK down")


def plug(stage: Stage) -> None:
    _net(stage, "ip link set LINK up")


def spoil(stage: Stage) -> None:
    _net(stage, f"tc qdisc add dev LINK root {LOSSY}")


def mend(stage: Stage) -> None:
    _net(stage, "tc qdisc del dev LINK root")


def deafen(stage: Stage) -> None:
    """Nobody answers for the address any more."""
    _net(stage, "ip link set LINK arp off")
    _net(stage, "ip neigh flush dev LINK")


def answer(stage: Stage) -> None:
    _net(stage, "ip link set LINK arp on")


def refreshed(stage: Stage, moments: Moments) -> float:
    """Milliseconds from the cable's return to the first whole picture on the far wall."""
    seen = (light.time for light in stage.since(moments.undone, far=True) if light.time > moments.undone)
    return 1000.0 * (next(seen, float("inf")) - moments.undone)


def far_lost(stage: Stage, moments: Moments) -> float:
    """Packets that did not come to the far wall: that the fault was one."""
    return float(sum(light.skips for light in stage.since(moments.fault, far=True)))


def unsteady(stage: Stage, moments: Moments) -> float:
    """How far the wave was from an even run, in frames."""
    return figures.unsteadiness([light for light in stage.since(moments.fault) if light.time > moments.fault])


def grown_up(process: str) -> Act:
    """Wait until the process is known well enough for its growth to be seen."""

    def before(stage: Stage) -> None:
        born = max(line["at"] for line in stage.all_told("process", 0.0, name=process))
        stage.until(lambda: monotonic() - born > KNOWN_S, 2.0 * KNOWN_S, f"a {process} of some age")

    return before


def ask_for_the_loop(stage: Stage) -> None:
    """From now on nobody sees what becomes of the engine."""
    stage.press("loop")


def replaced(process: str) -> Over:
    """It was started anew, and the show is given back."""

    def over(stage: Stage, moments: Moments) -> bool:
        there = stage.started(process, moments.fault) is not None
        if there:
            stage.press("loop", on=False)
        return there

    return over


def tidy(process: str) -> Act:
    def clean(stage: Stage) -> None:
        stage.press("loop", on=False)
        stage.signal(process, signal.SIGKILL)

    return clean


def recycled(process: str) -> Measure:
    """0 when the leaking process was replaced."""

    def measure(stage: Stage, moments: Moments) -> float:
        return float(stage.started(process, moments.fault) is None)

    return measure


def _leak(number: str, name: str, how: str, process: str, what: Order, amount: float, lasts: float = LEAK_S) -> Fault:
    needs = frozenset({"model"}) if process == "generator" else frozenset()
    seen = process == "engine"
    return Fault(
        number,
        name,
        f"{how}, then the loop is asked for" if seen else how,
        order(process, what, lasts, amount),
        {**UNTOUCHED, "kept": 0.0, "freeze_ms": LOOPED_MS if seen else FRAME_MS},
        lasts=lasts,
        needs=needs,
        before=grown_up(process),
        undo=ask_for_the_loop if seen else nothing,
        over=replaced(process),
        measures={"kept": recycled(process)},
        clean=tidy(process),
    )


FAULTS: tuple[Fault | Absent, ...] = (
    Fault(
        "28",
        "wall clock an hour on",
        "for 1 s, in the engine",
        order("engine", Order.DAY, 1.0, HOUR_S),
        UNTOUCHED,
        lasts=1.0,
        mixes=True,
    ),
    Fault(
        "28a",
        "wall clock an hour back",
        "for 1 s, in the engine",
        order("engine", Order.DAY, 1.0, -HOUR_S),
        UNTOUCHED,
        lasts=1.0,
        mixes=True,
    ),
    Fault(
        "29",
        "cable pulled",
        "a second wall's, for 2 s",
        pull,
        {**UNTOUCHED, "refreshed_ms": 100.0},
        undo=plug,
        lasts=2.0,
        needs=FAR,
        measures={"refreshed_ms": refreshed},
    ),
    Fault(
        "29a",
        "network lossy",
        f"to a second wall, for 2 s: {LOSSY}",
        spoil,
        UNTOUCHED,
        undo=mend,
        lasts=2.0,
        needs=LOSSY_FAR,
        measures={"far_lost": far_lost},
    ),
    Fault(
        "29b",
        "nobody answers",
        "no ARP to a second wall, for 2 s",
        deafen,
        {**UNTOUCHED, "refreshed_ms": 100.0},
        undo=answer,
        lasts=2.0,
        needs=FAR,
        measures={"refreshed_ms": refreshed},
    ),
    _leak("34", "engine leaks memory", "300 MB/s for 3 s", "engine", Order.LEAK, 5.0),
    _leak("34a", "engine leaks files", "120 a second for 3 s", "engine", Order.FILES, 2.0),
    _leak("34b", "engine leaks threads", "120 a second for 1.5 s", "engine", Order.THREADS, 2.0, 1.5),
    _leak("34c", "engine leaks textures", "1,200 a second for 3 s", "engine", Order.OBJECTS, 20.0),
    _leak("34d", "generator leaks memory", "300 MB/s or less for 3 s", "generator", Order.LEAK, 20.0),
    _leak("34e", "audio leaks memory", "500 MB/s or less for 3 s", "audio", Order.LEAK, 1.0),
    Fault(
        "36",
        "long run",
        "the clock 36 h on, frame numbers passing 2^31",
        nothing,
        {**UNTOUCHED, "unsteady": 1.0},
        lasts=5.0,
        measures={"unsteady": unsteady},
        solo=True,
        hours=LONG_RUN_H,
    ),
)
