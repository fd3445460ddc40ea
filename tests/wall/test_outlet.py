from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

import numpy as np
import pytest

from visuals.clock import SteppedClock, monotonic, sleep
from visuals.errors import DeviceError
from visuals.telemetry import Log, Meter
from visuals.types import Flag, Frame
from visuals.wall.outlet import BACKOFF_S, Outlet

PIXELS = np.full((1, 2, 4), 200, np.uint8)


class Lamp:
    """An output that fails when told to."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.broken = False
        self.closed = 0

    def send(self, frame: Frame) -> None:
        if self.broken:
            raise OSError("the cable is out")
        self.frames.append(frame)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closed += 1


def outlet(opener: Callable[[], Lamp]) -> Outlet:
    clock = SteppedClock()
    return Outlet("main", opener, Meter(clock, Log(clock), "test"))


def until(holds: Callable[[], bool]) -> None:
    deadline = monotonic() + 5.0
    while not holds():
        assert monotonic() < deadline
        sleep(0.002)


def test_an_outlet_sends() -> None:
    lamp = Lamp()
    out = outlet(lambda: lamp)
    until(lambda: out.is_open)
    out.send(PIXELS, 7, 0.5, Flag.BLACKOUT)
    assert [(f.index, f.time, f.flags, f.pixels.shape) for f in lamp.frames] == [(7, 0.5, Flag.BLACKOUT, (1, 2, 4))]
    out.close()
    assert lamp.closed == 1


@pytest.mark.expects_warnings
def test_a_broken_output_is_closed_and_opened_again_with_growing_patience(caplog: pytest.LogCaptureFixture) -> None:
    lamps: list[Lamp] = []

    def opener() -> Lamp:
        lamps.append(Lamp())
        lamps[-1].broken = len(lamps) <= 3
        return lamps[-1]

    out = outlet(opener)
    now, opened_at = 0.0, [0.0]
    for _ in range(1200):
        known = len(lamps)
        out.send(PIXELS, 0, now, Flag.NONE)
        sleep(0.0002)
        if len(lamps) > known:
            opened_at.append(now)
            until(lambda: out.is_open)
        now += 1 / 60
    assert len(lamps) == 4
    for waited, patience in zip(np.diff(opened_at), BACKOFF_S, strict=False):
        assert waited == pytest.approx(patience, abs=0.5)
    assert lamps[-1].frames
    assert [lamp.closed for lamp in lamps] == [1, 1, 1, 0]
    assert out.failures == 3
    assert [r.getMessage() for r in caplog.records] == ["wall main: OSError: the cable is out"]
    out.close()


@pytest.mark.expects_warnings
def test_a_device_that_comes_late_is_taken(caplog: pytest.LogCaptureFixture) -> None:
    tries = []

    def opener() -> Lamp:
        tries.append(1)
        if len(tries) < 3:
            raise DeviceError("no monitor `DP-2`; there are: none")
        return Lamp()

    out = outlet(opener)
    for n in range(600):
        out.send(PIXELS, n, n / 60, Flag.NONE)
        sleep(0.0002)
    until(lambda: out.is_open)
    assert len(tries) == 3
    assert [r.getMessage() for r in caplog.records] == ["wall main: no monitor `DP-2`; there are: none"]
    out.close()


def test_an_output_that_hangs_while_opening_holds_up_nothing() -> None:
    release = threading.Event()

    def opener() -> Lamp:
        release.wait(5.0)
        return lamp

    lamp = Lamp()
    out = outlet(opener)
    start = monotonic()
    for n in range(100):
        out.send(PIXELS, n, n / 60, Flag.NONE)
    assert monotonic() - start < 0.1
    release.set()
    until(lambda: out.is_open)
    out.close()
    assert lamp.closed == 1
