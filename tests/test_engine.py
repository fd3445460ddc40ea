"""The engine wires real stages; a stage that fails leaves its last good value and the show goes on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from visuals.clock import SteppedClock
from visuals.engine import Engine, Followed, NoDream, dream_controls, tempo_events
from visuals.errors import ShaderError
from visuals.library import Library, open_show
from visuals.offline import NoHands
from visuals.render.compositor import Compositor
from visuals.render.gpu import Gpu
from visuals.render.materials import Materials
from visuals.show.bindings import Bindings
from visuals.show.director import Director
from visuals.telemetry import Log, Meter
from visuals.types import Binding, Event, Features, Frame, Layer, Listening, Look, Part, Press, Scene, Show, Tempo
from visuals.vocabulary import SIGNALS

FLASH = Path(__file__).parent / "drills" / "flash" / "show.yaml"


@pytest.fixture(scope="module")
def gpu() -> Iterator[Gpu]:
    with Gpu() as gpu:
        yield gpu


class Queue:
    """A source that is given what it will give."""

    def __init__(self) -> None:
        self.items: list[object] = []

    def drain(self) -> list[object]:
        items, self.items = self.items, []
        return items


class Deaf:
    """A source that fails."""

    def drain(self) -> Sequence[Features]:
        raise OSError("the cable is out")


def take(engine: Engine, show: Show) -> None:
    """Let an edited show take over, all steps at once."""
    for _ in engine.taking(Materials(show, Library(show.folder).isf)):
        pass


def make(
    gpu: Gpu,
    ears: object,
    hands: object,
    tempo: Callable[[Sequence[Event | Listening | Tempo]], None] = lambda orders: None,
) -> Engine:
    show, library = open_show(FLASH, None)
    clock = SteppedClock()
    log = Log(clock)
    return Engine(
        show,
        ears=ears,  # type: ignore[arg-type]
        hands=hands,  # type: ignore[arg-type]
        director=Director(show),
        generator=NoDream(),
        compositor=Compositor(gpu, Materials(show, library.isf)),
        log=log,
        meter=Meter(clock, log, "engine"),
        tempo=tempo,
    )


def kick(time: float) -> Features:
    rest = {name: term.rest for name, term in SIGNALS.items()}
    events = (Event(time, "kick", 1.0, "audio"),)
    return Features(time, rest, events, np.zeros(256, np.float32), np.zeros(512, np.float32))


def play(engine: Engine, start: int, count: int) -> list[Frame]:
    frames = (engine.step(n / 60) for n in range(start, start + count))
    return [frame for frame in frames if frame is not None]


def test_a_kick_lights_the_canvas_within_three_frames(gpu: Gpu) -> None:
    ears = Queue()
    engine = make(gpu, ears, NoHands())
    dark = play(engine, 0, 10)[-1].pixels.mean()
    ears.items = [kick(10 / 60)]
    light = [frame.pixels[..., :3].mean() for frame in play(engine, 10, 4)]
    assert max(light) > dark + 60


def test_hands_change_the_scene(gpu: Gpu) -> None:
    hands = Queue()
    engine = make(gpu, NoHands(), hands)
    play(engine, 0, 5)
    hands.items = [Event(5 / 60, "midi.note.1/36", 0.8, "desk")]
    play(engine, 5, 3)
    assert engine.scene == "light"


@pytest.mark.expects_warnings
def test_a_failing_stage_is_logged_once_and_the_picture_goes_on(gpu: Gpu, caplog: pytest.LogCaptureFixture) -> None:
    engine = make(gpu, Deaf(), NoHands())
    with caplog.at_level(logging.ERROR):
        frames = play(engine, 0, 30)
    assert len(frames) >= 27
    assert [r.getMessage() for r in caplog.records] == [
        "ears failed, its last good value stays: OSError: the cable is out"
    ]


class Stopped:
    """Clocks that fail."""

    def step(self, now: float) -> Followed:
        raise OSError("the port is out")

    def take(self, show: Show) -> None:
        raise AssertionError


@pytest.mark.expects_warnings
def test_clocks_that_fail_take_no_hand_away(gpu: Gpu, caplog: pytest.LogCaptureFixture) -> None:
    hands = Queue()
    engine = make(gpu, NoHands(), hands)
    engine._clocks = Stopped()
    hands.items = [Event(0.0, "midi.note.1/36", 0.8, "desk")]
    with caplog.at_level(logging.ERROR):
        play(engine, 0, 5)
    assert engine.scene == "light"
    assert len(caplog.records) == 1


def test_a_show_with_a_broken_shader_is_refused_whole(gpu: Gpu, tmp_path: Path) -> None:
    engine = make(gpu, NoHands(), NoHands())
    before = play(engine, 0, 5)[-1]
    show, _ = open_show(FLASH, None)
    broken = Scene("dark", (Layer("flash", "shader", "missing"),))
    with pytest.raises(ShaderError):
        take(engine, replace(show, scenes={**show.scenes, "dark": broken}))
    after = play(engine, 5, 5)[-1]
    assert after.pixels.shape == before.pixels.shape
    assert abs(float(after.pixels.mean()) - float(before.pixels.mean())) < 3


def test_a_saved_show_tells_the_ears_what_changed_of_its_tempo(gpu: Gpu) -> None:
    told: list[object] = []
    show, _ = open_show(FLASH, None)
    engine = make(gpu, NoHands(), NoHands(), told.extend)
    take(engine, replace(show, name="Other"))
    assert told == []
    take(engine, replace(show, listening=Listening(metre=3)))
    assert told == [Listening(metre=3)]


def two_dreams() -> Show:
    show, _ = open_show(FLASH, None)
    scenes = {
        "a": Scene("a", (Layer("one", "model", "ink"),)),
        "b": Scene("b", (Layer("base", "shader", "level"), Layer("two", "model", "aurora"))),
        "c": Scene("c", (Layer("base", "shader", "level"),)),
    }
    return replace(show, scenes=scenes)


def test_dreams_of_two_scenes_mix_by_weight() -> None:
    parts = (Part("a", 0.25, {"one.hue": 0.0, "one.walk": 1.0}), Part("b", 0.75, {"two.hue": 0.4, "base.level": 1.0}))
    controls = dream_controls(two_dreams(), Look(0.0, parts))
    assert controls == pytest.approx({"hue": 0.3, "walk": 0.25})


@pytest.mark.parametrize(("share", "hue"), [(0.0, 0.9), (0.25, 0.95), (0.5, 0.0), (1.0, 0.1)])
def test_hues_of_two_scenes_meet_on_the_shorter_way(share: float, hue: float) -> None:
    parts = (
        Part("a", 1.0 - share, {"one.hue": 0.9, "one.energy": 0.9}),
        Part("b", share, {"two.hue": 0.1, "two.energy": 0.1}),
    )
    controls = dream_controls(two_dreams(), Look(0.0, parts))
    assert (controls["hue"] + 0.5) % 1.0 == pytest.approx((hue + 0.5) % 1.0)
    assert controls["energy"] == pytest.approx(0.9 - 0.8 * share)


def test_a_scene_without_a_dream_does_not_pull_at_it() -> None:
    parts = (Part("a", 0.1, {"one.hue": 0.5}), Part("c", 0.9, {"base.level": 1.0}))
    assert dream_controls(two_dreams(), Look(0.0, parts)) == pytest.approx({"hue": 0.5})
    assert dream_controls(two_dreams(), Look(0.0, (Part("c", 1.0, {}),))) == {}


def test_words_about_the_tempo_are_told_apart_from_other_presses() -> None:
    bindings = Bindings([Binding("key.x", Press("halve")), Binding("key.b", Press("blackout"))])
    names = ("tap", "key.b", "key.x", "key.y", "resync", "double", "later", "earlier", "go")
    events = [*(Event(1.0 + i, name) for i, name in enumerate(names)), Event(99.0, "tap", 0.0)]
    told = [(e.time, e.name) for e in tempo_events(bindings, events)]
    assert told == [(1.0, "tap"), (3.0, "halve"), (5.0, "resync"), (6.0, "double"), (7.0, "later"), (8.0, "earlier")]
