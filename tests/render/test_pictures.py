"""Layers that are no shaders, on the canvas: texts, videos by the clock and on the beat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.render.media.films import RATE_HZ, film, number
from tests.render.stage import CANVAS, a_show, compositor, one
from visuals.clock import sleep
from visuals.render.compositor import Compositor
from visuals.render.gpu import Gpu
from visuals.render.isf import load
from visuals.render.materials import Materials
from visuals.types import Features, Layer, Lettering, Look, Part
from visuals.vocabulary import SIGNALS

FRAMES = 30


def test_a_text_is_drawn_in_its_colour_where_it_stands(gpu: Gpu, folder: Path) -> None:
    title = Layer("t", "text", "HI", lettering=Lettering(height=0.6, align="left", color=(1.0, 0.0, 0.5)))
    picture = one(gpu, a_show(folder, a=(title,)))
    lit = picture[..., 0] > 128
    assert 0.02 < lit.mean() < 0.4
    assert (picture[..., 1] == 0).all()
    assert abs(int(picture[lit][:, 2].max()) - 128) <= 1
    moved = one(gpu, a_show(folder, a=(title,)), {"t.x": 0.25})[..., 0]
    assert np.array_equal(moved[:, CANVAS[0] // 4 :], picture[:, : -CANVAS[0] // 4, 0])


def beat_at(now: float, bpm: float) -> Features:
    signals = {name: term.rest for name, term in SIGNALS.items()} | {"beat.phase": now * bpm / 60.0 % 1.0}
    return Features(now, signals, (), np.zeros(256, np.float32), np.zeros(512, np.float32))


@pytest.fixture
def clip(folder: Path) -> Layer:
    """A second of 30 frames whose greys tell their numbers."""
    film(folder / "clip.mp4", FRAMES)
    return Layer("clip", "video", "clip.mp4", fit="stretch")


def shown(stage: Compositor, since: float, until: float, bpm: float = 120.0, **controls: float) -> Iterator[int]:
    """Which frames are on the wall, in the middle of each frame's time, with time for the clip's thread to decode."""
    if since == 0.0:
        stage.render(Look(0.0, (Part("a", 1.0, {}),)), None, beat_at(0.0, bpm))
    for n in range(round(since * RATE_HZ), round(until * RATE_HZ)):
        now = (n + 0.5) / RATE_HZ
        sleep(0.01)
        part = Part("a", 1.0, {f"clip.{name}": value for name, value in controls.items()})
        frame = stage.render(Look(now, (part,)), None, beat_at(now, bpm))
        assert frame is not None
        yield number(frame.pixels)


def test_a_video_loops_without_a_seam(gpu: Gpu, folder: Path, clip: Layer) -> None:
    with compositor(gpu, a_show(folder, a=(clip,)), 1) as stage:
        seen = list(shown(stage, 0.0, 3.5))
    steps = np.diff(seen[10:]) % FRAMES
    assert (steps == 1).all(), seen


def test_speed_jumps_and_standing_still(gpu: Gpu, folder: Path, clip: Layer) -> None:
    with compositor(gpu, a_show(folder, a=(clip,)), 1) as stage:
        list(shown(stage, 0.0, 1.5))
        assert (np.diff(list(shown(stage, 1.5, 2.5, speed=2.0)))[2:] % FRAMES == 2).all()
        assert len(set(list(shown(stage, 2.5, 3.0, speed=0.0))[2:])) == 1
        jumped = list(shown(stage, 3.0, 3.5, speed=0.0, jump=1.0, start=0.515))
        assert set(jumped[2:]) == {15}
        assert (np.diff(list(shown(stage, 3.5, 4.0, speed=-1.0)))[2:] % FRAMES == FRAMES - 1).all()


@pytest.mark.parametrize("bpm", [90.0, 150.0])
def test_a_clip_of_four_beats_is_on_the_beat_at_any_tempo(gpu: Gpu, folder: Path, clip: Layer, bpm: float) -> None:
    with compositor(gpu, a_show(folder, a=(clip,)), 1) as stage:
        seen = list(shown(stage, 0.0, 6.0, bpm, beats=4.0))
    frames_a_step = bpm / 60.0 / 4.0  # of a clip of 30 frames that lasts four beats, shown 30 times a second
    steps = np.diff(seen[10:]) % FRAMES
    assert abs(steps.mean() - frames_a_step) < 0.03
    assert steps.max() <= np.ceil(frames_a_step) + 1


def test_a_video_beside_others_can_be_masked_and_faded(gpu: Gpu, folder: Path, clip: Layer) -> None:
    white = Layer("w", "shader", "solid", controls={"tint.r": 1.0, "tint.g": 1.0, "tint.b": 1.0})
    faded = replace(clip, opacity=0.5, controls={"speed": 0.0})
    with compositor(gpu, a_show(folder, a=(white, faded)), 1) as stage:
        frame = None
        for n in range(20):
            sleep(0.01)
            frame = stage.render(Look(n / 30, (Part("a", 1.0, {}),)), None, None)
    assert frame is not None
    assert abs(float(frame.pixels[..., 0].mean()) - (255 + 10) / 2) < 4


def test_where_no_time_passes_every_frame_is_the_right_one(gpu: Gpu, folder: Path, clip: Layer) -> None:
    """Nobody sleeps, so the clip's thread has no time but what is waited for; a camera sees nothing."""
    show = a_show(folder, a=(clip, Layer("cam", "camera", "0")))
    offline = Materials(show, lambda name: load(folder / f"{name}.fs"), live=False)
    with Compositor(gpu, offline, depth=1) as stage:
        looks = [
            Look(0.0, (Part("a", 1.0, {}),)),
            *(Look((n + 0.5) / RATE_HZ, (Part("a", 1.0, {}),)) for n in range(95)),
        ]
        frames = [stage.render(look, None, None) for look in looks]
    assert [number(frame.pixels) for frame in frames[1:] if frame] == [n % FRAMES for n in range(95)]
