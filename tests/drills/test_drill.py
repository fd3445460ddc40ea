"""The short drill: every fault that applies, once, on real processes, judged by the packets on the wire.

Bounds here only tell working from broken on a busy machine; `tools/drill` compares each figure with what it
must be.
"""

from __future__ import annotations

import sys

import pytest

from tools.stage_drill import course
from tools.stage_drill.faults.fault import Absent, Fault
from tools.stage_drill.faults.table import ROOMS, TABLE
from tools.stage_drill.report import table
from tools.stage_drill.soak import soak

REPEATS, WAYS = 1, 1


def stage(fault: Fault) -> str:
    return "+".join(sorted(fault.needs)) or ("long" if fault.solo else "plain")


GROUPS = {
    f"{room.__name__.rpartition('.')[2]} {name}": [f for f in room.FAULTS if isinstance(f, Fault) and stage(f) == name]
    for room in ROOMS
    for name in dict.fromkeys(stage(fault) for fault in room.FAULTS if isinstance(fault, Fault))
}

pytestmark = [pytest.mark.drill, pytest.mark.timeout(900)]


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@pytest.mark.parametrize("group", GROUPS)
def test_the_wall_outlives_every_fault(group: str) -> None:
    results = course.drill(GROUPS[group], REPEATS, say, WAYS)
    if lacks := {result.why for result in results if not result.here}:
        pytest.skip("; ".join(lacks))
    print(table(results))
    for result in results:
        name, worst = f"{result.fault.number} {result.fault.name}", result.worst
        assert not result.why, name
        assert isinstance(result.fault, Fault)
        for figure in ("black_ms", "garbage", "untyped", "written"):
            assert worst.get(figure, 0.0) <= result.fault.must.get(figure, float("inf")), f"{name}: {figure}"
        assert worst["motion_s"] < 20.0, name


def test_what_does_not_apply_is_told_and_not_passed() -> None:
    results = course.drill([f for f in TABLE if isinstance(f, Absent)], 1, say)
    assert {result.verdict for result in results} == {"not applicable"}


@pytest.mark.nightly
@pytest.mark.timeout(1800)
def test_a_night_of_twenty_minutes_leaves_nothing_behind() -> None:
    night = soak(TABLE, 1200.0, 7, say)
    print(night)
    assert night["black_ms"] == 0.0
    for name, growth in night["growth"].items():
        assert growth["files"] <= 2, name
        assert growth["threads"] <= 2, name
        assert growth["gl_objects"] <= 0, name
        if growth["seconds"] >= 600.0:
            assert growth["mb_per_hour"] <= 1.0, name


@pytest.mark.nightly
@pytest.mark.timeout(3600)
def test_pairs_of_faults_leave_no_wall_black() -> None:
    dark = [p for p in course.pairs(TABLE, 200, 7, say) if p.dark]
    assert not dark
