"""The generator as a real process, spoken to over its rings."""

from __future__ import annotations

import itertools
import multiprocessing
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from visuals.clock import monotonic, sleep
from visuals.generator import worker
from visuals.generator.card import read_card
from visuals.generator.remote import RemoteGenerator
from visuals.process import Post
from visuals.shm import Latest, Layout
from visuals.types import Frame

NAMES = ("walk", "hue", "style.ink", "style.plasma")
SIZE = (256, 128)


@pytest.fixture
def rings() -> Iterator[dict[str, Latest]]:
    layouts = {
        "controls": Layout("", (len(NAMES),), "f8"),
        "dream": Layout("", (SIZE[1], SIZE[0], 4), "u1"),
        "log": Layout("", (1024,), "u1", slots=128),
    }
    made = {name: Latest(layout, create=True) for name, layout in layouts.items()}
    yield made
    for ring in made.values():
        ring.close()
        ring.unlink()


def wait_for_frames(remote: RemoteGenerator, controls: dict[str, float], count: int, limit_s: float) -> list[Frame]:
    frames: list[Frame] = []
    end = monotonic() + limit_s
    while len(frames) < count and monotonic() < end:
        frame = remote.generate(controls, monotonic())
        if frame is not None and (not frames or frame is not frames[-1]):
            frames.append(frame)
        sleep(0.01)
    return frames


def test_a_spawned_generator_dreams_follows_and_ends(model: Path, rings: dict[str, Latest]) -> None:
    post = Post("generator", monotonic(), {name: ring.layout for name, ring in rings.items()})
    settings = worker.GeneratorSettings(model, 3, SIZE, NAMES)
    process = multiprocessing.get_context("spawn").Process(target=worker.run, args=(post, settings))
    process.start()
    try:
        remote = RemoteGenerator(rings["controls"], rings["dream"], NAMES)
        red = wait_for_frames(remote, {"style.ink": 1.0, "hue": 0.0, "walk": 0.5}, 5, 60.0)
        assert len(red) == 5
        assert red[0].pixels.shape == (SIZE[1], SIZE[0], 4)
        assert all(a.time < b.time for a, b in itertools.pairwise(red))
        green = wait_for_frames(remote, {"style.ink": 1.0, "hue": 0.33, "walk": 0.5}, 30, 20.0)
        shift = green[-1].pixels.astype(float).mean((0, 1)) - red[0].pixels.astype(float).mean((0, 1))
        assert shift[1] > 2.0 > shift[0]
        process.terminate()
        process.join(5.0)
        assert process.exitcode == 0
    finally:
        process.kill()
        process.join()


def test_one_colour_all_over_is_no_picture() -> None:
    pixels = np.full((128, 256, 4), 9, np.uint8)
    assert not worker._is_picture(Frame(0, 0.0, pixels))
    pixels[64, 128] = 200
    assert worker._is_picture(Frame(0, 0.0, pixels))


def test_the_remote_never_waits_and_keeps_the_last_frame(rings: dict[str, Latest]) -> None:
    remote = RemoteGenerator(rings["controls"], rings["dream"], NAMES)
    assert remote.generate({}, 0.0) is None
    told = rings["controls"].read()
    assert told is not None
    assert told.data == pytest.approx([0.2, 0.55, 0.0, 0.0])
    rings["dream"].write(np.full((128, 256, 4), 7, np.uint8), time=1.5)
    first = remote.generate({"hue": 0.25}, 2.0)
    assert first is not None
    assert (first.index, first.time, int(first.pixels[0, 0, 0])) == (0, 1.5, 7)
    assert remote.generate({"hue": 0.25}, 2.1) is first


def test_controls_that_are_no_numbers_are_not_passed_on(rings: dict[str, Latest]) -> None:
    remote = RemoteGenerator(rings["controls"], rings["dream"], NAMES)
    remote.generate({"hue": 0.5}, 0.0)
    remote.generate({"hue": float("nan")}, 0.1)
    told = rings["controls"].read()
    assert told is not None
    assert told.data[1] == 0.5


def test_the_names_of_a_session_are_controls_of_the_model(model: Path) -> None:
    assert set(NAMES) <= set(read_card(model).controls)
