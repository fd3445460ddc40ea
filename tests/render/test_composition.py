"""Groups, filters, masks, switches and feedback: pictures that can be computed."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.render.stage import BELOW, CANVAS, a_show, compositor, near, one, pictures, solid, take
from visuals.errors import ShaderError
from visuals.render.gpu import Gpu
from visuals.types import Change, Cue, Layer, Look, Mask, Part, Show, Through

INVERTED = tuple(1.0 - c for c in BELOW.values())
RED = solid("red", r=1.0, g=0.0, b=0.0)
GREEN = solid("green", r=0.0, g=1.0, b=0.0)


def invert(name: str = "inv", opacity: float = 1.0) -> Layer:
    return Layer(name, "shader", "invert", opacity=opacity)


def test_a_layer_goes_through_its_filters_and_no_other_does(gpu: Gpu, folder: Path) -> None:
    show = a_show(folder, a=(RED, solid("top", opacity=0.5, **BELOW)))
    top = replace(show.scenes["a"].layers[1], filters=(invert(),))
    filtered = a_show(folder, a=(RED, top))
    near(one(gpu, filtered), *(0.5 * c + 0.5 * r for c, r in zip(INVERTED, (1, 0, 0), strict=True)), steps=1.5)
    near(one(gpu, filtered, {"inv.bypass": 1.0}), 0.6, 0.3, 0.2, steps=1.5)


def test_filters_follow_each_other_and_mix_dry_with_wet(gpu: Gpu, folder: Path) -> None:
    twice = replace(solid("x", **BELOW), filters=(invert("one"), invert("two")))
    near(one(gpu, a_show(folder, a=(twice,))), *BELOW.values())
    near(
        one(gpu, a_show(folder, a=(twice,)), {"two.opacity": 0.25}),
        *(0.75 * i + 0.25 * b for i, b in zip(INVERTED, BELOW.values(), strict=True)),
        steps=1.5,
    )


def test_a_filter_takes_alpha_with_it(gpu: Gpu, folder: Path) -> None:
    """A clear layer, inverted half: what is half there is half opaque."""
    clear = replace(solid("x", r=0.0, g=0.0, b=0.0, a=0.0), filters=(invert(opacity=0.5),))
    near(one(gpu, a_show(folder, a=(GREEN, clear))), 0.5, 1.0, 0.5)


@pytest.mark.parametrize("inverted", [False, True])
def test_a_mask_lets_its_light_through(gpu: Gpu, folder: Path, inverted: bool) -> None:
    masked = replace(GREEN, mask=Mask(Layer("m", "shader", "ramp"), inverted))
    picture = one(gpu, a_show(folder, a=(RED, masked)))
    share = (np.arange(CANVAS[0]) + 0.5) / CANVAS[0]
    share = 1.0 - share if inverted else share
    assert np.abs(picture[..., 1] - 255.0 * share).max() <= 1.5
    assert np.abs(picture[..., 0] - 255.0 * (1.0 - share)).max() <= 1.5


def test_a_mask_is_weighed_by_luminance_and_may_be_filtered(gpu: Gpu, folder: Path) -> None:
    green = replace(solid("m", r=0.0, g=1.0, b=0.0), filters=(invert(opacity=0.0),))
    near(one(gpu, a_show(folder, a=(replace(RED, mask=Mask(green)),))), 0.7152, 0.0, 0.0)
    near(one(gpu, a_show(folder, a=(replace(RED, mask=Mask(green)),)), {"inv.opacity": 1.0}), 0.2848, 0.0, 0.0)


def test_a_group_is_one_layer(gpu: Gpu, folder: Path) -> None:
    """Half of two overlapping layers at once is not the same as half of each."""
    group = Layer("g", "group", "", opacity=0.5, layers=(RED, GREEN))
    near(one(gpu, a_show(folder, a=(solid("blue", r=0.0, g=0.0, b=1.0), group))), 0.0, 0.5, 0.5)
    nested = Layer("outer", "group", "", "add", layers=(group,), filters=(invert(opacity=0.0),))
    near(one(gpu, a_show(folder, a=(solid("blue", r=0.0, g=0.0, b=1.0), nested))), 0.0, 0.5, 1.0)


def test_a_filter_in_a_group_sees_the_group_alone(gpu: Gpu, folder: Path) -> None:
    group = Layer("g", "group", "", layers=(solid("x", **BELOW, a=0.5), invert(opacity=0.5)))
    # The filter gives an opaque picture; half of it takes the place of half of what is half clear.
    alpha, rgb = 0.75, [0.5 * (0.5 * b) + 0.5 * i for b, i in zip(BELOW.values(), INVERTED, strict=True)]
    near(one(gpu, a_show(folder, a=(RED, group))), rgb[0] + 1.0 - alpha, rgb[1], rgb[2], steps=2.0)


def test_switches(gpu: Gpu, folder: Path) -> None:
    show = a_show(
        folder, a=(RED, solid("green", "add", r=0.0, g=1.0, b=0.0), solid("blue", "add", r=0.0, g=0.0, b=1.0))
    )
    near(one(gpu, show), 1.0, 1.0, 1.0)
    near(one(gpu, show, {"green.bypass": 1.0}), 1.0, 0.0, 1.0)
    near(one(gpu, show, {"green.solo": 1.0}), 0.0, 1.0, 0.0)
    near(one(gpu, show, {"green.solo": 1.0, "blue.solo": 1.0, "blue.bypass": 1.0}), 0.0, 1.0, 0.0)


def test_solo_in_a_group_shows_the_group_and_nothing_else(gpu: Gpu, folder: Path) -> None:
    group = Layer("g", "group", "", "add", layers=(GREEN, solid("blue", "add", r=0.0, g=0.0, b=1.0)))
    near(one(gpu, a_show(folder, a=(RED, group)), {"blue.solo": 1.0}), 0.0, 0.0, 1.0)


@pytest.mark.parametrize("fps", [30, 120])
def test_feedback_fades_by_the_clock(gpu: Gpu, folder: Path, fps: int) -> None:
    """White for one frame; a second later what the time constant leaves, at any frame rate, down to black."""
    echo = Layer("echo", "feedback", "", controls={"fade": 0.5})
    show = a_show(folder, a=(echo, solid("flash", "add", r=1.0, g=1.0, b=1.0)))
    with compositor(gpu, show) as stage:

        def look(n: int) -> Look:
            return Look(n / fps, (Part("a", 1.0, {"flash.opacity": float(n == 0)}),))

        frames = pictures(stage, *(look(n) for n in range(6 * fps + 1)))
    near(frames[fps].pixels, *[math.exp(-1.0 / 0.5)] * 3, steps=2.0)
    near(frames[6 * fps].pixels, 0.0, 0.0, 0.0)


def test_feedback_moves(gpu: Gpu, folder: Path) -> None:
    """A ramp that is shown once, then drifts to the right by a half of the width in a second."""
    echo = Layer("echo", "feedback", "", controls={"fade": 60.0, "shift.x": 0.5})
    show = a_show(folder, a=(echo, Layer("ramp", "shader", "ramp")))
    with compositor(gpu, show) as stage:
        looks = (Look(n / 30, (Part("a", 1.0, {"ramp.opacity": float(n == 0)}),)) for n in range(31))
        picture = pictures(stage, *looks)[-1].pixels[16, :, 0] / 255.0
    expected = np.maximum((np.arange(64) + 0.5) / 64 - 0.5, 0.0) * math.exp(-1.0 / 60.0)
    assert np.abs(picture - expected)[36:].max() < 0.02
    assert picture[:28].max() == 0.0


def test_pictures_are_placed(gpu: Gpu, folder: Path) -> None:
    Image.fromarray(np.full((16, 16, 3), 255, np.uint8)).save(folder / "square.png")
    base = {"x": 0.25, "scale": 0.5}
    contained = Layer("p", "image", "square.png", fit="contain", controls=base)
    picture = one(gpu, a_show(folder, a=(contained,)))[..., 0]
    expected = np.zeros((32, 64))
    expected[8:24, 40:56] = 255  # half of 32 pixels high, its middle a quarter to the right of the canvas' own
    assert np.abs(picture - expected).max() == 0
    turned = one(gpu, a_show(folder, a=(contained,)), {"p.rotate": 0.125})[..., 0]
    assert abs(turned.astype(float).sum() - expected.sum()) / expected.sum() < 0.02
    assert turned[16, 48 + 9] == 255  # a corner reaches out
    assert turned[9, 41] == 0  # and where one was there is none


def through(folder: Path, **scenes: Layer) -> Show:
    return a_show(folder, **{name: (layer,) for name, layer in scenes.items()})


@pytest.mark.parametrize("backwards", [False, True])
def test_a_change_goes_through_its_transition(gpu: Gpu, folder: Path, backwards: bool) -> None:
    show = with_cue(through(folder, a=RED, b=GREEN))
    parts = (Part("a", 0.75, {}), Part("b", 0.25, {}))
    with compositor(gpu, show) as stage:
        look = Look(0.0, parts, change=Change(Through("wipe", {"gain": 0.4}), 0.25, backwards))
        picture = pictures(stage, look)[0].pixels
    first, second = (picture[..., 1], picture[..., 0]) if backwards else (picture[..., 0], picture[..., 1])
    assert [np.unique(half).tolist() for half in (second[:, :16], second[:, 16:])] == [[102], [0]]
    assert [np.unique(half).tolist() for half in (first[:, :16], first[:, 16:])] == [[0], [102]]
    assert (picture[..., 3] == 255).all()


def with_cue(show: Show) -> Show:
    return replace(show, cues=(Cue("1", "b", through=Through("wipe")),))


def test_only_transitions_are_gone_through(gpu: Gpu, folder: Path) -> None:
    show = replace(through(folder, a=RED), cues=(Cue("1", "a", through=Through("invert")),))
    with pytest.raises(ShaderError, match=r"invert\.fs:1: found a filter, expected a transition here"):
        compositor(gpu, show)


def test_the_shows_own_filters_see_every_scene_and_the_change(gpu: Gpu, folder: Path) -> None:
    show = replace(
        through(folder, a=solid("x", r=1.0, g=1.0, b=0.0), b=solid("x", r=1.0, g=1.0, b=1.0)), filters=(invert(),)
    )
    with compositor(gpu, show) as stage:
        half = Look(0.0, (Part("a", 0.5, {}), Part("b", 0.5, {})), master=0.5)
        near(pictures(stage, half)[0].pixels, 0.0, 0.0, (1.0 - (1.055 * 0.5 ** (1 / 2.4) - 0.055)) / 2)
        mixed = Look(0.0, (Part("a", 0.5, {"inv.opacity": 1.0}), Part("b", 0.5, {"inv.opacity": 0.0})))
        near(pictures(stage, mixed)[0].pixels[..., :4], 0.5, 0.5, 0.5, steps=1.5)


def test_nothing_is_left_behind(gpu: Gpu, folder: Path) -> None:
    """Pipelines of a stage that is gone are gone; a show taken over keeps what it shares and no more."""
    group = Layer(
        "g", "group", "", "overlay", layers=(RED, Layer("e", "feedback", "")), mask=Mask(Layer("m", "shader", "ramp"))
    )
    show = with_cue(through(folder, a=replace(group, filters=(invert(),)), b=GREEN))
    before = gpu.objects
    with compositor(gpu, show) as stage:
        pictures(stage, Look(0.0, (Part("a", 0.5, {}), Part("b", 0.5, {}))))
        during = gpu.objects
        for n in range(4):
            take(stage, through(folder, a=RED) if n % 2 == 0 else show)
        pictures(stage, Look(0.1, (Part("a", 0.5, {}), Part("b", 0.5, {}))))
        assert gpu.objects == during
    assert gpu.objects == before


def test_a_picture_that_was_saved_again_takes_over_and_one_that_was_not_stays(gpu: Gpu, folder: Path) -> None:
    def paint(name: str, *rgb: int) -> None:
        Image.fromarray(np.full((4, 8, 3), rgb, np.uint8)).save(folder / name)

    paint("a.png", 255, 0, 0)
    paint("b.png", 0, 0, 255)
    show = a_show(folder, a=(Layer("a", "image", "a.png"), Layer("b", "image", "b.png", "add")))
    with compositor(gpu, show) as stage:
        near(pictures(stage, Look(0.0, (Part("a", 1.0, {}),)))[0].pixels, 1.0, 0.0, 1.0)
        was = {place: made.picture for place, made in stage._stage.pictures.items()}
        paint("a.png", 0, 255, 0)
        take(stage, show)
        near(pictures(stage, Look(0.1, (Part("a", 1.0, {}),)))[0].pixels, 0.0, 1.0, 1.0)
        now = {place: made.picture for place, made in stage._stage.pictures.items()}
    assert [now[place] is was[place] for place in (("a", "a"), ("a", "b"))] == [False, True]
