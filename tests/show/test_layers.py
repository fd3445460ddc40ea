"""Layers of every kind, as a show file writes them and as the compositor is given them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.show.catalogue import Shelf
from visuals.errors import ShowError
from visuals.show.load import load_show
from visuals.show.rules import SceneRules
from visuals.types import CUT, Cue, Duration, Go, Lettering, Press, Show, Through, When, every
from visuals.vocabulary import MASTER_CONTROLS

SHOW = """\
show: Layers
filters:
  - {name: print, shader: filters/glow, opacity: 0.5, inputs: {amount: 0.1}}
scenes:
  all:
    blending: linear
    layers:
      - {name: echo, feedback: {fade: 2, zoom: 0.1}}
      - {name: clip, video: clip.mp4, fit: contain, blend: color-dodge, inputs: {beats: 8, x: -0.5}}
      - {name: cam, camera: 0, bypass: true}
      - name: pair
        opacity: 0.7
        filters: [{name: soft, shader: filters/glow}]
        mask: {name: hole, shader: generators/haze, filters: [{name: edge, shader: filters/glow, bypass: true}]}
        invert_mask: true
        layers:
          - {name: title, text: FIRST, font: own.ttf, height: 0.4, align: left, color: [1, 0.5, 0], solo: true}
          - {name: inner, layers: [{name: haze, shader: generators/haze, alpha: ignore}]}
    rules:
      - {drive: edge.amount, from: bass}
      - {drive: print.opacity, from: mid}
      - {drive: title.x, from: high, range: [-1, 1]}
      - {drive: pair.bypass, from: silence}
      - {when: drop, go: rest, fade: 1s, through: transitions/wipe}
  rest:
    layers: [{name: haze, shader: generators/haze}]
cues:
  - {cue: 1, scene: rest, fade: 1 bar, through: {shader: transitions/wipe, inputs: {angle: 0.25}}, at: bar}
keys: {r: {go: rest, at: beat}, b: blackout}
"""


@pytest.fixture
def show(tmp_path: Path) -> Show:
    return load(tmp_path, SHOW)


def load(folder: Path, text: str) -> Show:
    for name in ("clip.mp4", "own.ttf"):
        (folder / name).touch()
    (folder / "show.yaml").write_text(text)
    return load_show(folder / "show.yaml", Shelf())


def test_every_kind(show: Show, tmp_path: Path) -> None:
    scene = show.scenes["all"]
    echo, clip, cam, pair = scene.layers
    assert scene.linear
    assert not show.scenes["rest"].linear
    assert (echo.kind, echo.controls["fade"], echo.controls["rotate"]) == ("feedback", 2.0, 0.0)
    assert (clip.kind, clip.source, clip.fit, clip.blend) == (
        "video",
        str(tmp_path / "clip.mp4"),
        "contain",
        "color-dodge",
    )
    assert (clip.controls["beats"], clip.controls["x"], clip.controls["speed"]) == (8.0, -0.5, 1.0)
    assert (cam.kind, cam.source, cam.bypass) == ("camera", "0", True)
    title, inner = pair.layers
    assert title.lettering == Lettering(tmp_path / "own.ttf", 0.4, "left", (1.0, 0.5, 0.0))
    assert (title.source, title.solo) == ("FIRST", True)
    assert inner.layers[0].opaque
    assert pair.mask is not None
    assert (pair.mask.layer.name, pair.mask.inverted, pair.mask.layer.filters[0].bypass) == ("hole", True, True)
    assert [layer.name for layer in every((pair,))] == ["pair", "title", "inner", "haze", "soft", "hole", "edge"]


def test_scene_changes(show: Show) -> None:
    rule = show.scenes["all"].rules[-1]
    assert isinstance(rule, When)
    assert rule.action == Go("rest", Duration(1.0), Through("transitions/wipe"))
    assert show.cues == (Cue("1", "rest", Duration(1.0, "bar"), Through("transitions/wipe", {"angle": 0.25}), "bar"),)
    assert [b.action for b in show.bindings] == [Go("rest", at="beat"), Press("blackout")]
    assert Duration(0.0) == CUT


def test_all_that_is_inside_a_layer_is_driven_by_its_name(show: Show) -> None:
    rules = SceneRules(show.scenes["all"], show.filters)
    signals = {"bass": 0.25, "mid": 0.75, "high": 0.5, "silence": 1.0}
    values = rules.controls(signals, {name: term.rest for name, term in MASTER_CONTROLS.items()}, 0.0, 0.0)
    driven = ("edge.amount", "print.opacity", "title.x", "pair.bypass")
    assert [values[name] for name in driven] == [0.25, 0.75, 0.0, 1.0]
    resting = ("cam.bypass", "title.solo", "print.amount", "pair.opacity", "soft.opacity")
    assert [values[name] for name in resting] == [1.0, 1.0, 0.1, 0.7, 1.0]


def test_groups_end_somewhere(tmp_path: Path) -> None:
    inner = "{name: haze, shader: generators/haze}"
    for n in range(6):
        inner = f"{{name: g{n}, layers: [{inner}]}}"
    with pytest.raises(ShowError, match="groups more than 4 deep"):
        load(tmp_path, f"show: Deep\nscenes: {{a: {{layers: [{inner}]}}}}\n")


def test_a_dream_in_a_group_draws_from_nothing(tmp_path: Path) -> None:
    layers = (
        "[{name: haze, shader: generators/haze}, {name: g, layers: [{name: d, model: {style: ink}, source: haze}]}]"
    )
    with pytest.raises(ShowError, match="found `haze`, expected a shader's or image's layer below this one"):
        load(tmp_path, f"show: Deep\nmodel: prism\nscenes: {{a: {{layers: {layers}}}}}\n")


def test_images_are_bound_to_inputs_that_are_there(tmp_path: Path) -> None:
    layers = "[{name: haze, shader: generators/haze, images: {logo: own.ttf}}]"
    with pytest.raises(ShowError, match="found the unknown image input `logo`"):
        load(tmp_path, f"show: Deep\nscenes: {{a: {{layers: {layers}}}}}\n")
