"""The generator as a real process, spoken to over its rings; its pace and its guard on an invented clock."""

from __future__ import annotations

import itertools
import multiprocessing
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.generator.text import tiny
from visuals.clock import SteppedClock, monotonic, sleep
from visuals.errors import ModelError
from visuals.generator import worker
from visuals.generator.backends import Inputs
from visuals.generator.backends.scaled import Scaled
from visuals.generator.card import read_card
from visuals.generator.ladder import Ladder, Size, rungs, sizes
from visuals.generator.remote import RemoteGenerator
from visuals.process import Post
from visuals.shm import Latest, Layout
from visuals.telemetry import Log, Meter
from visuals.types import Controls, Float32s, Frame, Pixels
from visuals.wire import Lines

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


def wait_for_frames(
    remote: RemoteGenerator, controls: dict[str, float], count: int, limit_s: float, source: Pixels | None = None
) -> list[Frame]:
    frames: list[Frame] = []
    end = monotonic() + limit_s
    while len(frames) < count and monotonic() < end:
        frame = remote.generate(controls, monotonic(), source)
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
        red = wait_for_frames(remote, {"style.ink": 1.0, "hue": 0.0, "walk": 0.5}, 5, 150.0)
        assert len(red) == 5
        assert red[0].pixels.shape == (SIZE[1], SIZE[0], 4)
        assert all(a.time < b.time for a, b in itertools.pairwise(red))
        green = wait_for_frames(remote, {"style.ink": 1.0, "hue": 0.33, "walk": 0.5}, 30, 60.0)
        shift = green[-1].pixels.astype(float).mean((0, 1)) - red[0].pixels.astype(float).mean((0, 1))
        assert shift[1] > 2.0 > shift[0]
        process.terminate()
        process.join(5.0)
        assert process.exitcode == 0
    finally:
        process.kill()
        process.join()


def test_a_text_model_draws_from_the_pictures_it_is_sent(tmp_path: Path) -> None:
    names, size = ("strength", "walk", "prompt.sea"), (64, 64)
    picture = Layout("", (64, 64, 4), "u1")
    layouts = {"controls": Layout("", (len(names),), "f8"), "dream": picture, "source": picture}
    rings = {name: Latest(layout, create=True) for name, layout in layouts.items()}
    settings = worker.GeneratorSettings(tiny.build(tmp_path / "turbo"), 3, size, names, {"sea": "the sea"})
    post = Post("generator", monotonic(), {name: ring.layout for name, ring in rings.items()})
    process = multiprocessing.get_context("spawn").Process(target=worker.run, args=(post, settings))
    process.start()
    try:
        remote = RemoteGenerator(rings["controls"], rings["dream"], names, rings["source"])
        asked = {"strength": 0.1, "walk": 0.0, "prompt.sea": 1.0}
        half = np.where(np.arange(64)[:, None, None] < 32, np.uint8(0), np.full((64, 64, 4), 255, np.uint8))
        unseen, seen, again = (wait_for_frames(remote, asked, 8, 150.0, source)[-1] for source in (None, half, None))
        assert np.abs(seen.pixels.astype(int) - unseen.pixels).mean() > 2.0
        assert np.abs(again.pixels.astype(int) - seen.pixels).mean() > 0.2
    finally:
        process.kill()
        process.join()
        for ring in rings.values():
            ring.close()
            ring.unlink()


# ---- the pace and the guard, on a clock that the model's work moves ---------------------------------

FULL = (512, 256)


class Noted(Log):
    """Keeps the lines."""

    def __init__(self, clock: SteppedClock) -> None:
        super().__init__(clock)
        self.lines: list[dict[str, object]] = []

    def write(self, type: str, **fields: object) -> None:
        self.lines.append({"type": type, **fields})


class Bench:
    """A dreamer whose step takes as long as it is told, and gives a picture of two levels, or what its `fault` makes.

    At "dark" it is asked for darkness: all but the trial, whose t is 1, is one colour.
    """

    backend = "slow"

    def __init__(self) -> None:
        self.clock = SteppedClock()
        self.log = Noted(self.clock)
        self.meter = Meter(self.clock, self.log, "generator")
        self.cost_s, self.fault, self.opened = 0.02, "", 0
        self.step = Scaled(self.open_at, FULL)
        self.ladder = Ladder(rungs(sizes(FULL), 30.0))
        self.inputs = Inputs(*(np.zeros((1, n, 32, 64), np.float32) for n in (8, 8, 3)), *[np.zeros(1, np.float32)] * 3)
        told = self, self.ladder, self.clock, self.log, self.meter
        self.dreamer = worker.Dreamer(*told, self.step, self.inputs._replace(t=np.ones(1, np.float32)))
        self.last: Frame | None = None
        self.due = 0.0

    def open_at(self, size: Size) -> Bench.Slow:
        self.opened += 1
        return Bench.Slow(self, size)

    class Slow:
        name = "slow"

        def __init__(self, bench: Bench, size: Size) -> None:
            self._bench, self._size = bench, size

        def __call__(self, inputs: Inputs) -> tuple[Float32s, Pixels]:
            width, height = self._size
            self._bench.clock.time += self._bench.cost_s * width * height / (FULL[0] * FULL[1])
            pixels = np.full((height, width, 4), 255, np.uint8)
            if self._bench.fault != "one colour" and not (self._bench.fault == "dark" and inputs.t[0] == 0.0):
                pixels[::2, ::3, :3] = 90
            return np.full_like(inputs.noisy, np.nan if self._bench.fault == "nan" else 0.5), pixels

    def generate(self, controls: Controls, time: float, source: Pixels | None = None) -> Frame | None:
        clean, pixels = self.step(self.inputs)
        if np.isfinite(clean).all():
            self.last = Frame(self.last.index + 1 if self.last else 0, time, pixels)
        return self.last

    def play(self, seconds: float) -> list[Frame | None]:
        until, frames = self.clock.time + seconds, []
        while self.clock.time < until:
            self.due = max(self.due + 1.0 / self.dreamer.rate_hz, self.clock.time)
            self.clock.time = self.due
            frames.append(self.dreamer.dream({}, self.due))
            if self.step._thread is not None:
                self.step._thread.join()
        return frames

    def lines(self, type: str) -> list[dict[str, object]]:
        return [line for line in self.log.lines if line["type"] == type]


def test_a_generator_that_is_slowed_steps_down_within_a_second_and_up_again() -> None:
    bench = Bench()
    bench.play(3.0)
    assert bench.ladder.index == 0
    bench.cost_s = 0.075
    bench.play(1.0)
    assert bench.ladder.rung.size == bench.step.size == (352, 192)
    assert [line["before"] for line in bench.lines("rung")] == ["512x256 at 30 Hz"]
    assert bench.lines("rung")[0]["reason"] == "75 ms a picture, 50 ms are there"
    assert bench.meter.state["dreams"] == "352x192 at 30 Hz"
    assert bench.meter.state["rung"] == 2
    frames = bench.play(3.0)
    assert bench.ladder.index == 2
    assert all(frame is not None and frame.pixels.shape == (256, 512, 4) for frame in frames)
    bench.cost_s = 0.02
    bench.play(20.0)
    assert bench.ladder.index == bench.meter.state["rung"] == 0


def test_a_generator_too_slow_at_any_size_gives_fewer_pictures_a_second() -> None:
    bench = Bench()
    bench.play(1.0)
    bench.cost_s = 0.5
    bench.play(2.0)
    assert bench.ladder.rung.size == (256, 128)
    assert bench.dreamer.rate_hz == 10.0


def test_smaller_sizes_are_opened_after_the_first_picture() -> None:
    bench = Bench()
    assert bench.opened == 1
    bench.play(0.01)
    assert bench.opened == 4


def test_pictures_that_are_none_are_dropped_then_the_model_is_made_anew() -> None:
    bench = Bench()
    bench.play(1.0)
    opened = bench.opened
    bench.fault = "nan"
    assert bench.play(0.08) == [None] * 3
    assert bench.opened == opened + 1
    assert bench.meter.totals["bad_pictures"] == 3
    assert [line["source"] for line in bench.lines("error")] == ["generator"]
    bench.fault = ""
    assert None not in bench.play(0.5)
    bench.fault = "nan"
    with pytest.raises(ModelError, match="also when it is made anew"):
        bench.play(0.5)


def test_darkness_that_is_asked_for_is_shown_for_as_long_as_it_is_asked_for() -> None:
    bench = Bench()
    bench.play(1.0)
    opened = bench.opened
    bench.fault = "dark"
    assert None not in bench.play(5.0)
    assert bench.opened == opened
    assert bench.meter.totals["bad_pictures"] == bench.ladder.index == 0


def test_a_model_that_draws_one_colour_whatever_it_is_told_is_made_anew() -> None:
    bench = Bench()
    bench.play(1.0)
    opened = bench.opened
    bench.fault = "one colour"
    assert None not in bench.play(worker.BLANK_S - 0.1)
    assert None in bench.play(0.2)
    assert bench.opened == opened + 1
    with pytest.raises(ModelError, match="one colour"):
        bench.play(0.5)


def test_a_model_that_cannot_be_made_anew_ends_its_process_and_has_rates_for_a_ladder() -> None:
    bench = Bench()
    ladder = Ladder(rungs([FULL], 30.0))
    dreamer = worker.Dreamer(bench, ladder, bench.clock, bench.log, bench.meter)
    bench.cost_s = 0.08
    for n in range(60):
        bench.clock.time = max(bench.clock.time, n / 30.0)
        assert dreamer.dream({}, bench.clock.time) is not None
    assert (ladder.rung.size, ladder.rung.rate_hz) == (FULL, 15.0)
    bench.fault = "nan"
    assert [dreamer.dream({}, 3.0 + n) for n in range(2)] == [None, None]
    with pytest.raises(ModelError, match="gives no pictures"):
        dreamer.dream({}, 5.0)


# ---- the other side ---------------------------------------------------------------------------------


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


@pytest.mark.parametrize("starved", [1, 9])
def test_after_memory_ran_out_it_dreams_smaller(model: Path, rings: dict[str, Latest], starved: int) -> None:
    there = sizes(SIZE)
    post = Post("generator", monotonic(), {name: ring.layout for name, ring in rings.items()}, starved=starved)
    settings = worker.GeneratorSettings(model, 3, SIZE, NAMES)
    process = multiprocessing.get_context("spawn").Process(target=worker.run, args=(post, settings))
    process.start()
    remote = RemoteGenerator(rings["controls"], rings["dream"], NAMES)
    frames = wait_for_frames(remote, {"walk": 1.0}, 2, 60.0)
    process.terminate()
    process.join(10.0)
    assert [frame.pixels.shape for frame in frames] == [(SIZE[1], SIZE[0], 4)] * 2
    width, height = there[min(starved, len(there) - 1)]
    told = [line for line in Lines(rings["log"]).drain() if line["type"] == "backend"]
    assert told[0]["size"] == f"{width}x{height}"
