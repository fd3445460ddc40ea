"""The table of faults is whole: every number of the 36, and no figure that nobody measures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.stage_drill import course
from tools.stage_drill.course import Result
from tools.stage_drill.faults.fault import Absent, Fault, nothing
from tools.stage_drill.faults.table import TABLE, TOTAL, chosen
from tools.stage_drill.figures import Figures
from tools.stage_drill.orders import Order, Orders
from tools.stage_drill.report import as_json, table

NOTES = {"control_ms", "cpu_more", "untyped", "worst_s", "most_mb", "written"}
"""Figures that faults note themselves."""


def test_every_fault_is_there_once() -> None:
    numbers = [fault.number for fault in TABLE]
    assert len(set(numbers)) == len(numbers)
    assert {int(re.sub(r"\D", "", number)) for number in numbers} == set(range(TOTAL + 1))


@pytest.mark.parametrize("fault", [f for f in TABLE if isinstance(f, Fault)], ids=lambda f: f.number)
def test_what_must_hold_is_measured(fault: Fault) -> None:
    assert fault.must
    assert set(fault.must) <= set(Figures.__slots__) | set(fault.measures) | NOTES


def test_faults_are_found_by_number_and_name() -> None:
    assert {fault.number for fault in chosen(["9"])} == {"9", "9a", "9b"}
    assert [fault.number for fault in chosen(["9a"])] == ["9a"]
    assert {fault.number for fault in chosen(["supervisor"])} == {"31", "31a"}
    with pytest.raises(ValueError, match="found `frogs`"):
        chosen(["frogs"])


FAULT = Fault("1", "a fault", "somehow", nothing, {"lost": 1.0})


def test_the_worst_of_all_repeats_decides() -> None:
    good, bad = {"lost": 0.0}, {"lost": 2.0}
    assert Result(FAULT, [good, good]).verdict == "pass"
    assert Result(FAULT, [good, bad, good]).verdict == "falls short"
    assert Result(FAULT, [good, bad]).short == {"lost": (2.0, 1.0)}


def test_what_was_not_done_is_never_passed() -> None:
    assert Result(Absent("23", "OSC", "none")).verdict == "not applicable"
    assert Result(FAULT).verdict == "not done"
    assert Result(FAULT, here=False).verdict == "not here"
    assert Result(FAULT, [{"lost": 0.0}], why="it did not come back").verdict == "falls short"


def test_a_report_tells_of_all(tmp_path: Path) -> None:
    run = dict.fromkeys(Figures.__slots__, 0.0) | {"lost": 7.0, "motion_s": float("inf")}
    results = [Result(FAULT, [run]), Result(Absent("23", "OSC flood", "there is none"))]
    text = table(results)
    assert "lost 7, at most 1" in text
    assert "never" in text
    assert "OSC flood" in text
    told = as_json(results, [], None)
    assert told["faults"][0]["worst"]["motion_s"] is None
    assert told["faults"][1]["verdict"] == "not applicable"


def test_orders_cross_to_another_process_and_end(tmp_path: Path) -> None:
    mine, theirs = Orders(tmp_path / "page"), Orders(tmp_path / "page")
    assert theirs.read("engine") == (Order.NONE, 0.0)
    mine.give("engine", Order.SLOW, 0.25, lasts=60.0)
    assert theirs.read("engine") == (Order.SLOW, 0.25)
    assert theirs.read("player") == (Order.NONE, 0.0)
    mine.give("engine", Order.SLOW, 0.25, lasts=-1.0)
    assert theirs.read("engine") == (Order.NONE, 0.0)


def test_a_need_that_cannot_be_met_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(course, "missing", lambda need: f"needs {need}")
    fault = Fault("20", "flood", "somehow", nothing, {"lost": 0.0}, needs=frozenset({"jack"}))
    (result,) = course.drill([fault], 1, lambda text: None)
    assert (result.verdict, result.why) == ("not here", "needs jack")
