"""The show that ships: its rules follow the form of its track, and its files are what the wall can rely on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from visuals.audio.analysis import Analyser
from visuals.audio.capture import open_source
from visuals.clock import SteppedClock
from visuals.library import ROOT, Library
from visuals.show.director import Director
from visuals.show.expressions import parse
from visuals.show.load import load_show
from visuals.types import Cue, Drive, Duration, Event, FireCue, Fired, Follow, Go, Look, Press, Pulse, Set, Show, When
from visuals.vocabulary import COMMANDS

FOLDER = ROOT / "shows" / "first-light"
BAR_S = 4 * 60 / 128
DROP_S = 20 * BAR_S
END_S = 32 * BAR_S
FPS = 60


@cache
def show() -> Show:
    return load_show(FOLDER / "show.yaml", Library(FOLDER))


def stepped(play: Show, seconds: float, hands: Sequence[Event] = ()) -> Iterator[Look]:
    """Looks over the track and the silence after it, 60 a second; `hands` come at their times."""
    assert play.track is not None
    clock, analyser = SteppedClock(), Analyser(play.listening)
    track, silence = (open_source(name, clock) for name in (str(play.track), "none"))
    director, before = Director(play), 0.0
    for n in range(1, round(seconds * FPS) + 1):
        clock.time = n / FPS
        done = [event for event in hands if before < event.time <= clock.time]
        played, nothing = track.drain(), silence.drain()
        heard = [analyser.hear(block) for block in (nothing if clock.time > END_S + 1.0 else played)]
        yield director.step(heard, done, clock.time)
        before = clock.time


@dataclass(frozen=True)
class Evening:
    """The looks of a whole evening, and what fired in it."""

    looks: list[Look]
    fired: list[Fired]

    def scene(self, bar: float) -> str:
        """The scene that is on, or coming, at a bar of the track."""
        return self.looks[round(bar * BAR_S * FPS) - 1].parts[-1].scene

    def values(self, scene: str, control: str) -> list[float]:
        parts = [part for look in self.looks for part in look.parts if part.scene == scene]
        return [part.controls[control] for part in parts]


@cache
def evening(*hands: Event, seconds: float = END_S + 2.0) -> Evening:
    looks = list(stepped(show(), seconds, hands))
    return Evening(looks, [fired for look in looks for fired in look.fired])


def other_evening() -> Evening:
    """An operator goes back to the night just before the drop, and wakes the city when nothing plays any more."""
    return evening(Event(DROP_S + 0.026, "key.1"), Event(END_S + 5.0, "key.2"), seconds=END_S + 12.0)


def rules(kind: type[Drive] | type[When]) -> list[tuple[str, Drive | When]]:
    return [(s.name, rule) for s in show().scenes.values() for rule in s.rules if isinstance(rule, kind)]


# ---- the file -----------------------------------------------------------------------------------


def test_every_kind_of_rule_and_binding_is_shown() -> None:
    drives = [rule for _, rule in rules(Drive) if isinstance(rule, Drive)]
    whens = [rule for _, rule in rules(When) if isinstance(rule, When)]
    assert {type(w.action) for w in whens} == {Pulse, Set, Go, FireCue}
    assert {w.at for w in whens} == {"now", "beat", "bar"}
    assert any(w.condition for w in whens)
    assert any(w.cooldown.amount for w in whens)
    assert any(d.curve != "linear" for d in drives)
    assert any(d.attack != d.release for d in drives)
    assert any(d.attack == d.release != Duration(0.0) for d in drives)
    assert any((d.low, d.high) != (0.0, 1.0) for d in drives)
    assert {type(b.action) for b in show().bindings} == {Pulse, Go, FireCue, Follow, Press}
    assert {b.event.split(".")[1] for b in show().bindings if b.event.startswith("midi.")} == {"note", "cc", "program"}
    assert {b.action.command for b in show().bindings if isinstance(b.action, Press)} == set(COMMANDS)
    assert [cue.number for cue in show().cues] == ["1", "2", "3", "4"]
    assert all(isinstance(cue, Cue) for cue in show().cues)


def test_every_scene_is_dreamt_and_drawn() -> None:
    for scene in show().scenes.values():
        assert scene.layers[0].kind == "model"
        assert any(layer.kind == "shader" for layer in scene.layers)


# ---- the form of the track ----------------------------------------------------------------------


def test_scenes_follow_the_form() -> None:
    played = evening()
    assert {played.scene(bar) for bar in np.arange(0.1, 5.9, 0.1)} == {"dawn"}
    assert {played.scene(bar) for bar in np.arange(6.5, 19.9, 0.1)} == {"rise"}
    assert {played.scene(bar) for bar in np.arange(20.0 + 0.5 / BAR_S, 30.0, 0.1)} == {"inferno"}
    assert played.scene(31.9) == "dawn"


def test_rise_comes_with_the_first_kicks_and_takes_one_bar() -> None:
    arrived = next(look for look in evening().looks if look.parts[-1].scene == "rise")
    there = next(look for look in evening().looks if [part.scene for part in look.parts] == ["rise"])
    assert 6 * BAR_S <= arrived.time <= 6.5 * BAR_S
    # At the first kick the tempo is still a guess from plucks, and so is the length of a bar.
    assert there.time - arrived.time == pytest.approx(BAR_S, rel=0.3)


def test_the_drop_is_a_cut_within_half_a_second() -> None:
    burning = [look for look in evening().looks if look.parts[-1].scene == "inferno"]
    assert DROP_S - 0.05 <= burning[0].time <= DROP_S + 0.5
    assert len(burning[0].parts) == 1


def test_the_build_folds_the_dream_and_the_drop_opens_it() -> None:
    folds = {
        round(look.time / BAR_S, 2): look.parts[-1].controls.get("dream.symmetry", 0.0) for look in evening().looks
    }
    verse = [amount for bar, amount in folds.items() if 9 < bar < 16]
    build = [amount for bar, amount in folds.items() if 18.5 < bar < 19.7]
    assert float(np.mean(verse)) < 0.1
    assert float(np.mean(build)) > 0.6
    assert folds[20.5] < 0.1


def test_every_rule_does_something() -> None:
    fired = {f.line for f in (*evening().fired, *other_evening().fired)}
    idle = [f"{scene}, line {rule.line}" for scene, rule in rules(When) if rule.line not in fired]
    still = [
        f"{scene}, line {rule.line}: {rule.control}"
        for scene, rule in rules(Drive)
        if isinstance(rule, Drive)
        and float(np.ptp(evening().values(scene, rule.control))) < 0.2 * abs(rule.high - rule.low)
    ]
    assert idle == []
    assert still == []


def test_nobody_is_sent_to_and_fro() -> None:
    gone = [f for f in evening().fired if f.what.startswith("scene ") and f.time < END_S]
    assert [f.what.removeprefix("scene ") for f in gone] == ["dawn", "rise", "inferno", "dawn"]


def test_nothing_depends_on_absolute_time() -> None:
    texts = [rule.source if isinstance(rule, Drive) else rule.condition for _, rule in [*rules(Drive), *rules(When)]]
    assert "time" not in {name for text in texts if text for name, _ in parse(text).names}


# ---- the files beside it ------------------------------------------------------------------------


def loop_frames() -> np.ndarray:
    with av.open(str(FOLDER / "loop.mp4")) as container:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


def test_the_loop_has_the_canvas_size_and_no_seam() -> None:
    frames = loop_frames()
    assert frames.shape[1:] == (show().canvas[1], show().canvas[0], 3)
    steps = [float(np.abs(a.astype(np.int16) - b).mean()) for a, b in pairwise(frames)]
    seam = float(np.abs(frames[-1].astype(np.int16) - frames[0]).mean())
    assert seam <= float(np.percentile(steps, 90))


def test_the_loop_is_lit_and_moves_throughout() -> None:
    frames = loop_frames()
    assert min(float(frame.mean()) for frame in frames) > 20.0
    assert max(float(frame.mean()) for frame in frames) < 150.0
    still = [n for n in range(len(frames) - 15) if np.abs(frames[n].astype(np.int16) - frames[n + 15]).mean() < 1.0]
    assert still == []


def test_the_still_is_of_the_shape_of_the_canvas() -> None:
    with Image.open(FOLDER / "still.png") as still:
        width, height = still.size
    assert width / height == show().canvas[0] / show().canvas[1]


@pytest.mark.parametrize(("name", "megabytes"), [("first-light.flac", 6.0), ("loop.mp4", 6.0), ("still.png", 0.8)])
def test_a_file_is_small(name: str, megabytes: float) -> None:
    assert (FOLDER / name).stat().st_size < megabytes * 1e6


def test_the_folder_is_small() -> None:
    assert sum(path.stat().st_size for path in Path(FOLDER).rglob("*") if path.is_file()) < 15e6
