"""Pictures that are none, slots that are torn, layers that raise: what a broken model or driver gives."""

from __future__ import annotations

import os
import resource
import signal
from pathlib import Path

from tools.stage_drill.faults.fault import (
    COVERED,
    FRAME_MS,
    UNTOUCHED,
    Absent,
    Fault,
    Moments,
    back,
    counting,
    order,
    send,
    telling,
    told,
)
from tools.stage_drill.orders import Order
from tools.stage_drill.stage import Stage
from visuals.clock import monotonic

MODEL = frozenset({"model"})
SPOILT_S = 1.0
STUCK_S = 3.0
LADDER_S = 7.0
"""A young generator opens its sizes first."""

HEADROOM_BYTES = 4_000_000
"""What a process may still take when its memory is limited."""


def starve(stage: Stage) -> None:
    """Give the generator no more memory than it has."""
    pid = stage.pid("generator")
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[0])
    limit = pages * os.sysconf("SC_PAGE_SIZE") + HEADROOM_BYTES
    resource.prlimit(pid, resource.RLIMIT_AS, (limit, limit))
    stage.orders.give("generator", Order.LEAK, 8.0, 2.0)


def same_size(stage: Stage, moments: Moments) -> float:
    """1 when the generator that starts anew works at the size that the stage's first one did."""
    sizes = [(line["at"], line.get("size")) for line in stage.lines if line["type"] == "backend"]
    after = next((size for at, size in sizes if at > moments.fault), None)
    return float(after == sizes[0][1])


def settled(stage: Stage) -> None:
    """Wait until the ladder of the generator's rungs is asked."""
    born = [line["at"] for line in stage.all_told("backend", 0.0)][-1:]
    stage.until(lambda: not born or monotonic() - born[0] > LADDER_S, LADDER_S + 1.0)


def back_on_top(stage: Stage) -> None:
    """A generator that starts anew is on its highest rung; the one that fell takes its time."""
    at = monotonic()
    stage.signal("generator", signal.SIGKILL)
    stage.until(lambda: stage.told("backend", at) is not None, 40.0, "a new generator")


FAULTS: tuple[Fault | Absent, ...] = (
    Fault(
        "3",
        "model gives NaN",
        "its latents are not numbers for 1 s",
        order("generator", Order.NAN, SPOILT_S),
        UNTOUCHED,
        lasts=SPOILT_S,
        needs=MODEL,
        mixes=True,
    ),
    Fault(
        "4",
        "model gives black",
        "its pictures are zero for 2 s",
        order("generator", Order.BLACK, 2.0),
        {**UNTOUCHED, "black_ms": 250.0},
        lasts=2.0,
        needs=MODEL,
        mixes=True,
    ),
    Fault(
        "4a",
        "engine gives black",
        "its frames are zero for 1 s",
        order("engine", Order.BLACK, SPOILT_S),
        {**COVERED, "black_ms": 250.0, "live_s": SPOILT_S + 3.0},
        lasts=SPOILT_S,
        mixes=True,
    ),
    Fault(
        "4b",
        "engine gives one grey",
        "its frames are uniform for 3 s",
        order("engine", Order.GREY, STUCK_S),
        {**COVERED, "motion_s": 2.5, "live_s": STUCK_S + 3.0},
        lasts=STUCK_S,
    ),
    Fault(
        "4c",
        "engine's picture stands",
        "the same frame for 3 s while music plays",
        order("engine", Order.STILL, STUCK_S),
        {**COVERED, "motion_s": 2.5, "live_s": STUCK_S + 3.0},
        lasts=STUCK_S,
    ),
    Fault(
        "5",
        "model slow",
        "each picture takes 150 ms longer for 3 s",
        order("generator", Order.SLOW, 3.0, 0.15),
        {**UNTOUCHED, "step_s": 1.0, "steps": 3.0},
        lasts=3.0,
        needs=MODEL,
        before=settled,
        measures={"step_s": telling("rung"), "steps": counting("rung")},
        clean=back_on_top,
        mixes=True,
    ),
    Fault(
        "6",
        "model out of memory",
        "MemoryError",
        order("generator", Order.MEMORY, 0.2),
        {**UNTOUCHED, "return_s": 10.0, "same_size": 0.0},
        lasts=0.2,
        needs=MODEL,
        over=told("backend"),
        measures={"return_s": telling("backend"), "same_size": same_size},
        mixes=True,
        patience=40.0,
    ),
    Fault(
        "6a",
        "generator out of memory",
        "RLIMIT_AS at what it has, and it wants more",
        starve,
        {**UNTOUCHED, "return_s": 12.0},
        needs=MODEL,
        over=told("backend"),
        measures={"return_s": telling("backend")},
        patience=40.0,
    ),
    Fault(
        "7",
        "frame torn by a slow writer",
        "noise in half a slot, the other half 30 ms later, for 0.5 s",
        order("engine", Order.TORN, 0.5, 0.03),
        {**COVERED, "live_s": 3.0},
        lasts=0.5,
        mixes=True,
    ),
    Fault(
        "7a",
        "engine dies in a frame",
        "SIGKILL in the middle of a slot",
        order("engine", Order.TORN_DEATH, 1.0),
        {**COVERED, "live_s": 3.0},
        over=back("engine"),
        mixes=True,
    ),
    Fault(
        "7b",
        "model gives another size",
        "pictures 8 pixels short for 0.5 s",
        order("generator", Order.SHAPE, 0.5),
        UNTOUCHED,
        lasts=0.5,
        needs=MODEL,
        mixes=True,
    ),
    Fault(
        "7c",
        "engine gives noise",
        "random frames for 0.5 s",
        order("engine", Order.NOISE, 0.5),
        {"black_ms": 0.0, "lost": 0.0, "flashes": 0.0},
        lasts=0.5,
    ),
    Fault(
        "8",
        "a layer raises",
        "an exception in one layer's draw for 2 s",
        order("engine", Order.LAYER, 2.0),
        {**UNTOUCHED, "lines": 4.0},
        lasts=2.0,
        measures={"lines": counting("error")},
        mixes=True,
    ),
    Fault(
        "8a",
        "the whole drawing raises",
        "an exception before the first layer for 1 s",
        order("engine", Order.RAISE, SPOILT_S),
        {**COVERED, "live_s": SPOILT_S + 3.0, "lines": 4.0},
        lasts=SPOILT_S,
        measures={"lines": counting("error")},
        mixes=True,
    ),
    Fault(
        "13",
        "graphics context lost",
        "everything of it released under the loop",
        order("engine", Order.LOST, 0.1),
        {**COVERED, "live_s": 3.0, "freeze_ms": 250.0 + FRAME_MS},
        lasts=0.1,
        clean=send(signal.SIGKILL, "engine"),
    ),
)
