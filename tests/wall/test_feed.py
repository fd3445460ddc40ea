"""What the player takes from the engine's ring: good pictures at once, bad ones never or not for long."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from visuals.shm import Latest, Layout
from visuals.types import Flag, Pixels
from visuals.wall.feed import PATIENCE_S, SAFE_FRAMES, Feed
from visuals.wall.health import Health
from visuals.wall.music import NOTHING
from visuals.wire import stamp

SIZE, SHAPE = (64, 32), (32, 64, 4)
TICK_S = 1 / 60


def grey(value: int) -> Pixels:
    picture = np.full(SHAPE, value, np.uint8)
    picture[..., 3] = 255
    return picture


@pytest.fixture
def ring() -> Iterator[Latest]:
    ring = Latest(Layout("", SHAPE, "u1"), create=True)
    yield ring
    ring.close()
    ring.unlink()


class Stage:
    def __init__(self, ring: Latest, delay: int = 0) -> None:
        self.ring, self.feed, self.now = ring, Feed(Latest(ring.layout), SIZE, delay), 1.0

    def give(self, value: int, flags: Flag = Flag.NONE, signed: Pixels | None = None) -> int:
        """One tick with a new picture of one grey; the grey that is shown."""
        self.now += TICK_S
        packed = stamp(grey(value) if signed is None else signed, flags, "look")
        self.ring.write(grey(value), time=self.now, flags=packed)
        self.feed.read(self.now, NOTHING)
        return int(self.feed.live[0, 0, 0])


def test_a_good_picture_is_shown_at_once(ring: Latest) -> None:
    stage = Stage(ring)
    assert stage.feed.arrived is None
    assert [stage.give(v) for v in (20, 30, 40)] == [20, 30, 40]
    assert (stage.feed.arrived, stage.feed.index) == (stage.now, 2)


def test_a_broken_picture_is_never_shown_nor_a_sign_of_life(ring: Latest) -> None:
    stage = Stage(ring)
    stage.give(20, Flag.FREEZE)
    before = stage.feed.arrived
    assert stage.give(200, Flag.BLACKOUT, signed=grey(7)) == 20
    assert (stage.feed.arrived, stage.feed.flags, stage.feed.broken) == (before, Flag.FREEZE, 1)


def test_black_is_seen_for_a_moment_and_then_the_last_good_picture(ring: Latest) -> None:
    stage = Stage(ring)
    stage.give(50)
    shown = [stage.give(0) for _ in range(60)]
    assert shown.count(0) == pytest.approx(PATIENCE_S[Health.BLACK] / TICK_S, abs=1.1)
    assert shown == sorted(shown)
    assert stage.now - (stage.feed.arrived or 0.0) > 0.8
    assert stage.give(60) == 60


def test_a_strobe_is_left_alone(ring: Latest) -> None:
    stage = Stage(ring)
    for n in range(120):
        value = 255 if n % 8 == 0 else 0
        assert stage.give(value) == value
    assert stage.now - (stage.feed.arrived or 0.0) < TICK_S


def test_a_show_that_is_dark_on_purpose_may_be_black(ring: Latest) -> None:
    stage = Stage(ring)
    stage.give(50)
    assert {stage.give(0, Flag.DARK) for _ in range(120)} == {0}
    assert stage.feed.arrived == stage.now


def test_with_the_delay_black_is_not_seen_at_all(ring: Latest) -> None:
    stage = Stage(ring, SAFE_FRAMES)
    assert [stage.give(v) for v in (20, 30, 40, 50)][2:] == [20, 30]
    shown = [stage.give(0) for _ in range(30)]
    assert shown == [40] + [50] * 29
    assert stage.now - (stage.feed.arrived or 0.0) > 0.4


def test_with_the_delay_a_short_flash_of_black_still_passes(ring: Latest) -> None:
    stage = Stage(ring, SAFE_FRAMES)
    shown = [stage.give(v) for v in (20, 30, 0, 0, 40, 50, 60, 0, 0, 0, 70, 80, 90)]
    assert shown[2:] == [20, 30, 0, 0, 40, 50, 60, 60, 0, 0, 70]


def test_black_before_any_light_is_no_show(ring: Latest) -> None:
    stage = Stage(ring)
    for _ in range(30):
        stage.give(0)
    assert stage.feed.arrived is None


def test_an_engine_that_runs_already_is_met(ring: Latest) -> None:
    ring.write(grey(33), time=4.9, flags=stamp(grey(33), Flag.LOOP, "look"))
    for delay in (0, SAFE_FRAMES):
        feed = Feed(Latest(ring.layout), SIZE, delay)
        feed.meet(5.0)
        assert (feed.arrived, feed.flags, int(feed.live[0, 0, 0])) == (5.0, Flag.LOOP, 33)
    late = Feed(Latest(ring.layout), SIZE)
    late.meet(6.0)
    assert late.arrived is None


def test_a_canvas_of_another_size_is_not_read() -> None:
    other = Latest(Layout("", (16, 16, 4), "u1"), create=True)
    other.write(99, time=1.0)
    feed = Feed(other, SIZE)
    feed.meet(1.0)
    feed.read(1.0, NOTHING)
    assert feed.misfit
    assert feed.arrived is None
    other.close()
    other.unlink()
