"""Ticks are anchored: a late one does not shift the next, a very late loop does not run a burst."""

from __future__ import annotations

import itertools

import pytest

from visuals import clock
from visuals.clock import RealClock, SteppedClock, ticks


def test_ticks_are_anchored_to_the_clock() -> None:
    real = RealClock()
    dues = [due for due, _ in itertools.islice(ticks(real, 200.0), 20)]
    for due in dues:
        assert due * 200.0 == pytest.approx(round(due * 200.0))
    assert all(b > a for a, b in itertools.pairwise(dues))


def test_missed_ticks_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    time = SteppedClock()
    monkeypatch.setattr(clock, "sleep", lambda seconds: setattr(time, "time", time.time + max(0.0, seconds)))
    beats = ticks(time, 10.0)
    assert next(beats)[0] == pytest.approx(0.1)
    time.time = 0.57
    due, late = next(beats)
    assert due == pytest.approx(0.5)
    assert late == pytest.approx(0.07)
    assert next(beats) == (pytest.approx(0.6), pytest.approx(0.0))


def test_processes_share_one_epoch() -> None:
    first = RealClock()
    second = RealClock(first.epoch)
    assert abs(first.now() - second.now()) < 0.05
