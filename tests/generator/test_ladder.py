"""The deadline ladder under invented clocks: quick down, slow up, never to and fro."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visuals.generator.ladder import (
    CPU_PIXELS,
    CUDA_PIXELS,
    LONGEST_CALM_S,
    Ladder,
    Rung,
    Size,
    picture_size,
    rungs,
    sizes,
    within,
)

RATE_HZ = 30.0
RUNGS = rungs(sizes((512, 256)), RATE_HZ)
sides = st.integers(16, 4096)
any_time = settings(deadline=None)


@pytest.mark.parametrize(
    ("canvas", "size"),
    [
        ((512, 256), (512, 256)),
        ((1024, 512), (512, 256)),
        ((512, 512), (256, 256)),
        ((1920, 1080), (448, 256)),
        ((1080, 1920), (256, 448)),
        ((1024, 256), (672, 160)),
        ((128, 64), (256, 128)),
        ((64, 32), (128, 64)),
        ((10_000, 100), (2048, 64)),
    ],
)
def test_a_processor_dreams_at_the_height_the_model_knows(canvas: Size, size: Size) -> None:
    assert picture_size(canvas) == size


@pytest.mark.parametrize(
    ("canvas", "size"),
    [((512, 256), (512, 256)), ((1024, 1024), (1024, 1024)), ((1920, 1080), (1344, 736)), ((200, 100), (384, 192))],
)
def test_a_gpu_dreams_at_the_canvas_itself(canvas: Size, size: Size) -> None:
    assert picture_size(canvas, CUDA_PIXELS) == size


@any_time
@given(st.tuples(sides, sides), st.sampled_from([CPU_PIXELS, CUDA_PIXELS]), st.sampled_from([8, 32, 64]))
def test_any_canvas_gets_a_size_the_networks_can_halve(canvas: Size, most: int, multiple: int) -> None:
    size = picture_size(canvas, most, multiple)
    assert all(side >= 64 and side % multiple == 0 for side in size)
    assert size[0] * size[1] <= most
    # A ribbon, or a canvas of a few pixels, cannot keep its aspect.
    narrow = max(canvas) > 8 * min(canvas) or min(size) <= 64
    asked, found = (math.log(width / height) for width, height in (canvas, size))
    # Each side is half a multiple off at most, and one may be up and the other down.
    assert narrow or abs(asked - found) <= 1.1 * multiple / min(size)


def test_a_picture_too_large_for_a_processor_is_dreamt_smaller() -> None:
    assert within((256, 128), CPU_PIXELS) == (256, 128)
    assert within((1024, 512), CPU_PIXELS) == (512, 256)
    assert within((1024, 512), CUDA_PIXELS) == (1024, 512)


@any_time
@given(st.tuples(sides, sides))
def test_the_rungs_lead_down_in_size_then_in_rate(canvas: Size) -> None:
    top = picture_size(canvas)
    steps = rungs(sizes(top), RATE_HZ)
    assert steps[0] == Rung(top, RATE_HZ)
    for a, b in itertools.pairwise(steps):
        assert (a.pixels > b.pixels and a.rate_hz == b.rate_hz) or (a.size == b.size and a.rate_hz > b.rate_hz)
    assert steps[-1].rate_hz == 10.0


def test_the_demo_canvas_has_these_rungs() -> None:
    assert [rung.size for rung in RUNGS[:4]] == [(512, 256), (448, 224), (352, 192), (256, 128)]
    assert [rung.rate_hz for rung in RUNGS] == [30.0, 30.0, 30.0, 30.0, 20.0, 15.0, 10.0]


Change = tuple[float, int, int]
"""Time, rung before, rung after."""


def play(ladder: Ladder, costs: list[tuple[float, float]], start: float = 0.0) -> list[Change]:
    """Run a generator whose full picture takes `cost` s, for each (cost, duration s) in turn."""
    now, changes = start, []
    for cost, duration in costs:
        until = now + duration
        while now < until:
            took = cost * ladder.rung.pixels / RUNGS[0].pixels
            due = math.ceil(now * ladder.rung.rate_hz + 1e-9) / ladder.rung.rate_hz
            now = due + took
            before = ladder.index
            if ladder.step(now, took) is not None:
                changes.append((now, before, ladder.index))
    return changes


def test_a_machine_that_keeps_up_stays_where_it_is() -> None:
    assert play(Ladder(RUNGS), [(0.03, 60.0)]) == []


def test_a_machine_that_gives_two_thirds_of_the_rate_keeps_the_size() -> None:
    assert play(Ladder(RUNGS), [(0.049, 60.0)]) == []


def test_a_long_stall_among_late_pictures_is_no_reason_to_fall_farther_than_they_ask() -> None:
    ladder = Ladder(RUNGS)
    play(ladder, [(0.06, 0.2), (0.3, 0.01)])
    assert play(ladder, [(0.06, 0.5)], start=0.6) or ladder.index
    assert ladder.rung.size == (352, 192) or ladder.rung.size == (448, 224)


@any_time
@given(st.floats(0.051, 0.9), st.floats(0.0, 0.05), st.floats(0.0, 3.0))
def test_late_pictures_lead_down_within_a_second(slow: float, quick: float, before: float) -> None:
    ladder = Ladder(RUNGS)
    play(ladder, [(quick, before)])
    begun = math.ceil(before * RATE_HZ) / RATE_HZ
    changes = play(ladder, [(slow, 2.0)], start=begun)
    assert changes
    assert changes[0][2] > changes[0][1] == 0
    assert changes[0][0] - begun <= 1.0 + 1.0 / RATE_HZ


@any_time
@given(st.floats(0.051, 0.4))
def test_one_step_down_is_enough_for_a_machine_of_steady_speed(slow: float) -> None:
    ladder = Ladder(RUNGS)
    play(ladder, [(slow, 2.0)])
    took = slow * ladder.rung.pixels / RUNGS[0].pixels
    assert took <= ladder.rung.late_s or ladder.index == len(RUNGS) - 1


def test_it_climbs_again_when_there_is_room_rung_by_rung_after_ten_seconds() -> None:
    ladder = Ladder(RUNGS)
    down = play(ladder, [(0.1, 2.0)])
    up = play(ladder, [(0.01, 60.0)], start=2.0)
    assert ladder.index == 0
    assert [b - a for _, a, b in up] == [-1] * len(up)
    assert up[0][0] - down[-1][0] >= 10.0


def test_one_hiccup_changes_nothing() -> None:
    ladder = Ladder(RUNGS)
    assert play(ladder, [(0.02, 5.0), (0.3, 0.01), (0.02, 5.0)]) == []


def test_a_climb_that_fails_is_tried_less_and_less_often() -> None:
    """A rung's cost that its pixels do not foretell: fine when small, too slow when large."""
    ladder, now, falls = Ladder(RUNGS), 0.0, []
    while now < 600.0:
        took = 0.07 if ladder.index == 0 else 0.012
        now += max(took, 1.0 / ladder.rung.rate_hz)
        before = ladder.index
        if ladder.step(now, took) is not None and ladder.index > before:
            falls.append(now)
    waits = [b - a for a, b in itertools.pairwise(falls)]
    assert waits == sorted(waits)
    assert waits[0] >= 10.0
    assert waits[-1] >= LONGEST_CALM_S


@any_time
@given(st.lists(st.tuples(st.floats(0.0, 0.6), st.floats(0.05, 8.0)), max_size=30))
def test_it_never_turns_twice_within_ten_seconds(costs: list[tuple[float, float]]) -> None:
    changes = play(Ladder(RUNGS), costs)
    turns = [now for (_, a, b), (now, c, d) in itertools.pairwise(changes) if (b - a) * (d - c) < 0]
    ups = [now for now, a, b in changes if b < a]
    for now in turns:
        assert len([turn for turn in turns if now <= turn < now + 10.0]) <= 2
    for now, a, b in changes:
        assert b < a or not [up for up in ups if now < up < now + 10.0]


@any_time
@given(st.lists(st.floats(), max_size=40))
def test_whatever_it_is_told_it_stands_on_a_rung(told: list[float]) -> None:
    ladder = Ladder(RUNGS)
    for n, took in enumerate(told):
        ladder.step(n / 30.0, took)
        assert ladder.rung in RUNGS
