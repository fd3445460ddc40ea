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
from visuals.types import Flag, Frame, Pixels
from visuals.wall.outlet import BACKOFF_S, HANGS_S, MOST_ABANDONED, Outlet

TICK_S = 1 / 60
PIXELS = np.full((1, 2, 4), 200, np.uint8)


class Lamp:
    """An output that fails, or hangs, when told to. It keeps what it was shown."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.seen: list[Pixels] = []
        self.broken = False
        self.free = threading.Event()
        self.free.set()
        self.ends: list[type[BaseException] | None] = []

    def send(self, frame: Frame) -> None:
        self.free.wait(20.0)
        if self.broken:
            raise OSError("the cable is out")
        self.frames.append(frame)
        self.seen.append(frame.pixels.copy())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ends.append(kind)


class Desk:
    """An outlet, the ticks that drive it, and what it counts."""

    def __init__(self, opener: Callable[[], Lamp]) -> None:
        clock = SteppedClock()
        self.meter = Meter(clock, Log(clock), "test")
        self.out = Outlet("main", opener, self.meter)
        self.now, self.n = 0.0, 0
        self._fed, self._posts = self.out._feeder, 0

    def tick(self, pixels: Pixels = PIXELS, flags: Flag = Flag.NONE) -> None:
        self.out.send(pixels, self.n, self.now, flags)
        if self.out._feeder is not self._fed:
            self._fed, self._posts = self.out._feeder, 0
        self._posts += 1
        self.n += 1
        self.now += TICK_S

    def run(self, seconds: float, patience: float = 0.001) -> None:
        """Tick for so much show time, with a moment for the threads between two ticks."""
        until = self.now + seconds
        while self.now < until:
            self.tick()
            sleep(patience)

    def settled(self) -> None:
        """Wait until the output has opened and shown every picture, or is over."""
        feeder = self._fed
        until_true(lambda: feeder is None or feeder.is_over or feeder.steps == 1 + self._posts)


def until_true(holds: Callable[[], bool]) -> None:
    deadline = monotonic() + 10.0
    while not holds():
        assert monotonic() < deadline
        sleep(0.002)


def test_an_outlet_sends() -> None:
    lamp = Lamp()
    desk = Desk(lambda: lamp)
    desk.tick(flags=Flag.BLACKOUT)
    until_true(lambda: bool(lamp.frames))
    frame = lamp.frames[0]
    assert (frame.index, frame.time, frame.flags, frame.pixels.shape) == (0, 0.0, Flag.BLACKOUT, (1, 2, 4))
    desk.out.close()
    assert lamp.ends == [None]


def test_the_picture_is_a_copy_and_the_last_one_is_sent_before_the_end() -> None:
    lamp = Lamp()
    lamp.free.clear()
    desk = Desk(lambda: lamp)
    until_true(lambda: desk.out.is_open)
    pixels = PIXELS.copy()
    for value in range(1, 31):
        pixels[...] = value
        desk.tick(pixels)
        if value == 1:
            until_true(lambda: desk.out._feeder is not None and desk.out._feeder.busy)
    pixels[...] = 99
    lamp.free.set()
    desk.out.close()
    assert [int(seen[0, 0, 0]) for seen in lamp.seen] == [1, 30]
    assert desk.meter.totals["skipped_sends"] == 28


@pytest.mark.expects_warnings
def test_a_broken_output_is_closed_and_opened_again_with_growing_patience(caplog: pytest.LogCaptureFixture) -> None:
    lamps: list[Lamp] = []

    opened_at = [0.0]

    def opener() -> Lamp:
        lamps.append(Lamp())
        lamps[-1].broken = len(lamps) <= 4
        return lamps[-1]

    desk = Desk(opener)
    while desk.now < 6.0:
        desk.settled()
        known = len(lamps)
        desk.tick()
        desk.settled()
        opened_at += [desk.now] * (len(lamps) - known)
    assert len(lamps) == 5
    for waited, patience in zip(np.diff(opened_at), BACKOFF_S, strict=False):
        assert waited == pytest.approx(patience, abs=0.1)
    assert lamps[-1].frames
    assert [lamp.ends for lamp in lamps] == [[OSError]] * 4 + [[]]
    assert desk.out.failures == 4
    told = [r.getMessage() for r in caplog.records]
    assert told[0] == "wall main: OSError: the cable is out"
    assert len(told) == 2
    assert "is back after" in told[1]
    desk.out.close()


@pytest.mark.expects_warnings
def test_a_hiccup_is_over_within_a_tenth_of_a_second() -> None:
    lamps = [Lamp(), Lamp()]
    lamps[0].broken = True
    rest = iter(lamps)
    desk = Desk(lambda: next(rest))
    while not lamps[1].frames:
        desk.settled()
        desk.tick()
    # The tick that failed, then the one that sees it.
    assert lamps[1].frames[0].time <= 0.1 + 2 * TICK_S
    desk.out.close()


@pytest.mark.expects_warnings
def test_a_device_that_comes_late_is_taken(caplog: pytest.LogCaptureFixture) -> None:
    tries = []

    def opener() -> Lamp:
        tries.append(1)
        if len(tries) < 3:
            raise DeviceError("no monitor `DP-2`; there are: none")
        return Lamp()

    desk = Desk(opener)
    while desk.now < 3.0:
        desk.settled()
        desk.tick()
    until_true(lambda: desk.out.is_open)
    assert len(tries) == 3
    assert caplog.records[0].getMessage() == "wall main: no monitor `DP-2`; there are: none"
    assert len(caplog.records) == 2
    desk.out.close()


def test_an_output_that_hangs_while_opening_holds_up_nothing() -> None:
    release = threading.Event()

    def opener() -> Lamp:
        release.wait(5.0)
        return lamp

    lamp = Lamp()
    desk = Desk(opener)
    start = monotonic()
    for _ in range(100):
        desk.tick()
    assert monotonic() - start < 0.1
    release.set()
    until_true(lambda: desk.out.is_open)
    desk.out.close()
    assert lamp.ends == [None]


@pytest.mark.expects_warnings
def test_an_output_that_hangs_for_ever_is_told_counted_and_replaced(caplog: pytest.LogCaptureFixture) -> None:
    lamps: list[Lamp] = []

    def opener() -> Lamp:
        lamps.append(Lamp())
        if len(lamps) == 1:
            lamps[0].free.clear()
        return lamps[-1]

    desk = Desk(opener)
    until_true(lambda: desk.out.is_open)
    took = []
    while len(lamps) < 2 and desk.now < 5.0:
        start = monotonic()
        desk.tick()
        took.append(monotonic() - start)
        sleep(0.001)
    assert desk.now <= HANGS_S + BACKOFF_S[0] + 6 * TICK_S
    desk.settled()
    desk.tick()
    until_true(lambda: bool(lamps[1].frames))
    assert np.median(took) < 0.001
    assert desk.meter.totals["hung_outputs"] == desk.out.failures == 1
    desk.tick()
    told = [r.getMessage() for r in caplog.records]
    assert told[0] == "wall main: the output hangs: it did not take a picture within 1 s"
    assert "is back" in told[1]
    # What was left behind comes back one day: it must not send again, and its end is not a clean one.
    lamps[0].free.set()
    until_true(lambda: bool(lamps[0].ends))
    assert lamps[0].ends == [DeviceError]
    assert len(lamps[0].frames) == 1
    desk.out.close()


@pytest.mark.expects_warnings
def test_outputs_that_hang_again_and_again_do_not_fill_the_machine_with_threads() -> None:
    lamps: list[Lamp] = []

    def opener() -> Lamp:
        lamps.append(Lamp())
        lamps[-1].free.clear()
        return lamps[-1]

    before = threading.active_count()
    desk = Desk(opener)
    desk.run(30.0, patience=0.0005)
    assert len(lamps) == MOST_ABANDONED
    assert threading.active_count() - before <= MOST_ABANDONED
    for lamp in lamps:
        lamp.free.set()
    until_true(lambda: all(lamp.ends for lamp in lamps))
    desk.out.close()


def test_one_that_hangs_does_not_delay_another() -> None:
    hung, well = Lamp(), Lamp()
    hung.free.clear()
    desks = [Desk(lambda: hung), Desk(lambda: well)]
    until_true(lambda: all(desk.out.is_open for desk in desks))
    took = []
    for n in range(30):
        start = monotonic()
        for desk in desks:
            desk.tick()
        took.append(monotonic() - start)
        until_true(lambda n=n: len(well.frames) > n)  # type: ignore[misc]
    assert np.median(took) < 0.001
    hung.free.set()
    for desk in desks:
        desk.out.close()


@pytest.mark.expects_warnings
def test_a_system_without_threads_left_does_not_stop_the_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    lamps = [Lamp(), Lamp()]
    lamps[0].broken = True
    rest = iter(lamps)
    desk = Desk(lambda: next(rest))
    desk.tick()
    desk.settled()
    refused = []

    def none_left(thread: threading.Thread) -> None:
        refused.append(thread)
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", none_left)
        while not refused:
            desk.tick()
    while not lamps[1].frames:
        desk.tick()
        desk.settled()
    desk.out.close()
