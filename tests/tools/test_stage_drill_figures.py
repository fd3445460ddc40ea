"""What is wrong with a stream is found, and nothing where nothing is wrong."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tools.stage_drill.figures import TICK_S, Figures, figures, unsteadiness
from tools.stage_drill.light import Light, note, pack, unpack
from tools.stage_drill.wire import Picture

WIDTH, HEIGHT = 32, 10
FAULT, END = 10.0, 12.0


def wave(n: int) -> np.ndarray:
    """The drill's own picture, 60 of them a second."""
    x = (np.arange(WIDTH) + 0.5) / WIDTH
    pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    pixels[..., 0] = 127.5 + 90.0 * np.sin(2.0 * np.pi * (x - 0.5 * n * TICK_S))
    return pixels


def light(time: float, pixels: np.ndarray, sender: int = 1, priority: int = 100) -> Light:
    return note(0, sender, time, Picture(pixels, priority, 0), 0)


def stream(start: float = 9.0, end: float = END) -> list[Light]:
    ticks = range(round(start / TICK_S), round(end / TICK_S) + 1)
    return [light(n * TICK_S, wave(n)) for n in ticks]


def judged(lights: list[Light]) -> Figures:
    return figures(lights, FAULT, END, TICK_S)


GOOD = Figures(0, 1000 * TICK_S, 0.0, 1000 * TICK_S, 0, 0.0, 0.0, 0, 0.0)


def assert_like(got: Figures, **wrong: float) -> None:
    """All as in a good stream but for what is `wrong`."""
    wanted = replace(GOOD, **wrong)
    for name in Figures.__slots__:
        assert getattr(got, name) == pytest.approx(getattr(wanted, name), abs=1e-6), name


def test_a_whole_stream_has_nothing_wrong() -> None:
    assert_like(judged(stream()))


def test_a_lost_tick_is_found() -> None:
    lights = stream()
    del lights[90]
    assert_like(judged(lights), lost=1, gap_ms=2000 * TICK_S, freeze_ms=2000 * TICK_S)


def test_a_black_frame_is_found() -> None:
    lights = stream()
    lights[90] = light(lights[90].time, np.zeros((HEIGHT, WIDTH, 3), np.uint8))
    assert_like(judged(lights), black_ms=1000 * TICK_S, live_s=lights[91].time - FAULT)


def test_a_dark_colour_that_is_not_black_is_none() -> None:
    pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    pixels[..., 2] = 6
    assert not light(0.0, pixels).black


def test_a_freeze_is_found_and_when_it_moved_again() -> None:
    lights = stream()
    frozen = [light(old.time, wave(0)) for old in lights[90:120]]
    lights[90:120] = frozen
    back = lights[120].time
    moved = replace(GOOD, freeze_ms=500.0, motion_s=back - FAULT, live_s=back - FAULT)
    assert_like(judged(lights), freeze_ms=moved.freeze_ms, motion_s=moved.motion_s, live_s=moved.live_s)


def test_a_wall_that_stops_for_good_never_moves_again() -> None:
    got = judged([one for one in stream() if one.time < FAULT + 0.5])
    assert math.isinf(got.motion_s)
    assert math.isinf(got.live_s)
    assert got.gap_ms == pytest.approx(1500.0, abs=20.0)
    assert got.lost == pytest.approx(89, abs=1)


def test_a_picture_held_on_purpose_may_pause() -> None:
    """Three equal packets, then silence under a second: that is how sACN holds."""
    lights = stream()
    held = [light(one.time, wave(0)) for one in lights[90:93]]
    assert judged(lights[:90] + held + lights[130:]).lost == 0
    assert judged(lights[:92] + lights[130:]).lost == 38


def test_torn_pictures_are_found() -> None:
    torn = wave(90)
    torn[HEIGHT // 2 :] = wave(105)[HEIGHT // 2 :]
    lights = stream()
    lights[90] = light(lights[90].time, torn)
    assert judged(lights).garbage == 1
    noise = np.random.default_rng(1).integers(0, 256, torn.shape, np.uint8)
    assert light(0.0, noise).torn
    assert not any(one.torn for one in stream())


def test_the_loop_is_told_from_the_show() -> None:
    lights = stream()
    for n in range(90, 110):
        lights[n] = light(lights[n].time, wave(n)[..., ::-1])
    assert judged(lights).live_s == pytest.approx(lights[110].time - FAULT)
    assert judged(lights).motion_s == 0.0


def test_two_senders_at_once_are_found_and_a_successor_is_none() -> None:
    other = [light(one.time + 0.005, wave(0), sender=2) for one in stream(10.5, 11.5)]
    both = sorted(stream() + other, key=lambda one: one.time)
    assert judged(both).double_s == pytest.approx(1.0, abs=0.05)
    lower = [one._replace(priority=50) for one in other]
    assert judged(sorted(stream() + lower, key=lambda one: one.time)).double_s == 0.0
    successor = [one._replace(sender=2) if one.time > 11.0 else one for one in stream()]
    assert judged(successor).double_s == 0.0


def test_the_wave_runs_evenly_or_does_not() -> None:
    assert unsteadiness(stream()) < 0.2
    coarse = [light(one.time, wave(3 * (n // 3))) for n, one in enumerate(stream())]
    assert unsteadiness(coarse) > 0.4


def test_records_cross_the_pipe_whole() -> None:
    lights = stream(9.0, 9.2)
    data = b"".join(pack(one) for one in lights)
    for one, back in itertools.zip_longest(lights, unpack(data + b"rest")):
        assert back == pytest.approx(one, rel=1e-6)


@pytest.mark.parametrize("file", ["show.yaml", "dream.yaml"])
def test_the_shows_of_the_drill_are_good(file: str) -> None:
    from tools.stage_drill.scenery import HERE
    from visuals.proof import open_proven

    show, _ = open_proven(Path(HERE / "show" / file), None)
    assert show.canvas == (128, 64)
