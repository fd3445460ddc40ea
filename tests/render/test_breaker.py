"""What raises while it is drawn: the rest goes on, and it comes back by itself."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.render.stage import a_show, compositor, near, pictures, solid
from visuals.render.breaker import FIRST_S, LONGEST_S, SOUND_S, Breaker, Broken
from visuals.render.gpu import Gpu
from visuals.render.pictures.shader import ShaderPicture
from visuals.render.pictures.transition import TransitionPicture
from visuals.types import Change, Cue, Layer, Look, Part, Through

pytestmark = pytest.mark.expects_warnings
GREEN = {"r": 0.0, "g": 1.0, "b": 0.0}


def test_waits_longer_each_time_and_is_told_once_a_second(caplog: pytest.LogCaptureFixture) -> None:
    breaker, tried = Breaker("the layer x"), []
    for tick in range(60 * 15):
        now = tick / 60.0
        if breaker.closed(now):
            tried.append(now)
            with breaker.guarded(now):
                raise ValueError("no")
    waits = [b - a for a, b in itertools.pairwise(tried)]
    assert waits == pytest.approx([FIRST_S, 0.5, 1.0, 2.0, LONGEST_S, LONGEST_S], abs=0.02)
    told = [record.getMessage() for record in caplog.records]
    assert len(told) < len(tried)
    assert set(told) == {"the layer x is bypassed: ValueError: no"}


def test_forgets_what_is_long_past() -> None:
    breaker = Breaker("x")
    for now in (0.0, FIRST_S, FIRST_S + 2 * FIRST_S + SOUND_S):
        with breaker.guarded(now):
            raise ValueError
        wait = now
    assert breaker.closed(wait + FIRST_S)
    assert not breaker.closed(wait + FIRST_S / 2)


class Broke:
    """Makes pictures of a shader raise while it is `on`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, stem: str, kind: type = ShaderPicture, how: str = "draw"):
        self.on, original = True, getattr(kind, how)

        def draw(picture: Any, *arguments: Any) -> None:
            if self.on and picture.isf.path.stem == stem:
                raise RuntimeError("the driver fell")
            original(picture, *arguments)

        monkeypatch.setattr(kind, how, draw)


def _look(time: float, *scenes: str, change: Change | None = None) -> Look:
    return Look(time, tuple(Part(scene, 1.0, {}) for scene in scenes), change=change)


@pytest.mark.parametrize("blend", ["normal", "difference"])
def test_a_layer_is_bypassed_and_comes_back(
    gpu: Gpu, folder: Path, monkeypatch: pytest.MonkeyPatch, blend: Any
) -> None:
    show = a_show(folder, a=(solid("below", **GREEN), Layer("hit", "shader", "clock", blend)))
    with compositor(gpu, show, depth=1) as stage:
        whole = pictures(stage, _look(0.0, "a"))[0].pixels.copy()
        broke = Broke(monkeypatch, "clock")
        near(pictures(stage, _look(0.1, "a"))[0].pixels, *GREEN.values())
        broke.on = False
        near(pictures(stage, _look(0.2, "a"))[0].pixels, *GREEN.values())
        back = pictures(stage, _look(0.1 + FIRST_S, "a"))[0].pixels
    assert abs(back[..., 2].astype(int) - whole[..., 2]).max() <= 1


def test_a_filter_is_bypassed_alone(gpu: Gpu, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    invert = Layer("inv", "shader", "invert")
    layer = Layer("x", "shader", "solid", controls={"tint.r": 1.0}, filters=(invert,))
    with compositor(gpu, a_show(folder, a=(layer,)), depth=1) as stage:
        near(pictures(stage, _look(0.0, "a"))[0].pixels, 0.0, 1.0, 1.0)
        Broke(monkeypatch, "invert")
        near(pictures(stage, _look(0.1, "a"))[0].pixels, 1.0, 0.0, 0.0)


def test_where_no_layer_can_be_drawn_there_is_no_frame(gpu: Gpu, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    group = Layer("g", "group", "", layers=(Layer("x", "shader", "clock"),))
    show = a_show(folder, a=(group,), b=(solid("x", **GREEN),))
    with compositor(gpu, show, depth=1) as stage:
        Broke(monkeypatch, "clock")
        for time in (0.0, 0.1, 1.0):
            with pytest.raises(Broken, match="nothing of a can be drawn"):
                stage.render(_look(time, "a"), None, None)
        near(pictures(stage, _look(1.1, "a", "b"))[0].pixels, *GREEN.values())
        stage.render(Look(1.2, ()), None, None)


def test_a_transition_that_raises_is_a_crossfade(gpu: Gpu, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change = Change(Through("wipe"), 0.5)
    scenes = {"a": (solid("x", **GREEN),), "b": (solid("y", **GREEN),)}
    show = replace(a_show(folder, **scenes), cues=(Cue("1", "b", through=change.through),))
    with compositor(gpu, show, depth=1) as stage:
        Broke(monkeypatch, "wipe", TransitionPicture, "between")
        near(pictures(stage, _look(0.0, "a", "b", change=change))[0].pixels, *GREEN.values())
