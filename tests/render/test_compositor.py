"""Looks whose right picture can be computed: exact to one step of 255."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.render.stage import (
    ABOVE,
    BELOW,
    SOLID,
    a_show,
    compositor,
    materials,
    near,
    one,
    pictures,
    solid,
    take,
)
from visuals.errors import MediaError, ShaderError, ShowError
from visuals.render.compositor import Compositor
from visuals.render.gpu import Gpu
from visuals.render.isf import load
from visuals.render.materials import Materials
from visuals.types import Flag, Frame, Layer, Look, Part


@pytest.mark.parametrize(
    ("blend", "law"),
    [
        ("normal", lambda b, s, a: b * (1 - a) + s * a),
        ("add", lambda b, s, a: min(b + s * a, 1.0)),
        ("screen", lambda b, s, a: 1 - (1 - b) * (1 - s * a)),
        ("multiply", lambda b, s, a: b * (1 - a + s * a)),
    ],
)
@pytest.mark.parametrize("opacity", [1.0, 0.6])
def test_blends(
    gpu: Gpu, folder: Path, blend: str, opacity: float, law: Callable[[float, float, float], float]
) -> None:
    show = a_show(folder, a=(solid("below", **BELOW), solid("above", blend, **ABOVE)))
    expected = [law(BELOW[c], ABOVE[c], ABOVE["a"] * opacity) for c in "rgb"]
    near(one(gpu, show, {"above.opacity": opacity}), *expected, steps=1.5)  # two roundings: the source, the blend


def test_controls_beat_base_values_beat_defaults(gpu: Gpu, folder: Path) -> None:
    show = a_show(folder, a=(solid("x", g=0.4, b=0.2),))
    near(one(gpu, show, {"x.tint.b": 0.6, "y.tint.r": 0.0}), 1.0, 0.4, 0.6)


def test_a_layer_without_opacity_is_not_drawn(gpu: Gpu, folder: Path) -> None:
    show = a_show(folder, a=(solid("below", **BELOW), solid("above", opacity=0.0)))
    near(one(gpu, show), *BELOW.values())


def test_a_filter_sees_what_lies_below(gpu: Gpu, folder: Path) -> None:
    layers = (solid("below", **BELOW), Layer("inv", "shader", "invert"))
    near(one(gpu, a_show(folder, a=layers)), 0.8, 0.4, 0.6)
    near(one(gpu, a_show(folder, a=layers), {"inv.opacity": 0.5}), 0.5, 0.5, 0.5)


def test_master_dims(gpu: Gpu, folder: Path) -> None:
    near(one(gpu, a_show(folder, a=(solid("x", **BELOW),)), master=0.5), 0.1, 0.3, 0.2)


def test_crossfade_is_linear_in_light(gpu: Gpu, folder: Path) -> None:
    show = a_show(folder, a=(solid("x", r=0.0, g=1.0, b=0.5),), b=(solid("x", r=1.0, g=1.0, b=0.5),))
    with compositor(gpu, show) as stage:
        look = Look(0.0, (Part("a", 0.75, {}), Part("b", 0.25, {})))
        near(pictures(stage, look)[0].pixels, 1.055 * 0.25 ** (1 / 2.4) - 0.055, 1.0, 0.5)
        near(pictures(stage, replace(look, master=0.5))[0].pixels, (1.055 * 0.25 ** (1 / 2.4) - 0.055) / 2, 0.5, 0.25)


def test_no_scene_is_black_and_unknown_scenes_are_passed_over(gpu: Gpu, folder: Path) -> None:
    with compositor(gpu, a_show(folder, a=(solid("x"),))) as stage:
        near(pictures(stage, Look(0.0, ()))[0].pixels, 0.0, 0.0, 0.0)
        near(pictures(stage, Look(0.0, (Part("gone", 0.5, {}), Part("a", 0.5, {}))))[0].pixels, 1.0, 0.0, 0.0)


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_frames_come_home_in_order_with_their_time_and_flags(gpu: Gpu, folder: Path, depth: int) -> None:
    with compositor(gpu, a_show(folder, a=(Layer("c", "shader", "clock"),)), depth) as stage:
        looks = [Look(n / 50, (Part("a", 1.0, {}),), flags=Flag.BLACKOUT if n == 2 else Flag.NONE) for n in range(5)]
        home = [stage.render(look, None, None) for look in looks]
        assert home[: depth - 1] == [None] * (depth - 1)
        frames = [frame for frame in home if frame] + stage.flush()
    assert [(f.index, f.time) for f in frames] == [(n, n / 50) for n in range(5)]
    assert [f.flags for f in frames] == [Flag.NONE, Flag.NONE, Flag.BLACKOUT, Flag.NONE, Flag.NONE]
    assert [int(f.pixels[0, 0, 1]) for f in frames] == pytest.approx([n * 2.55 for n in range(5)], abs=1.0)
    assert frames[0].pixels[0, 0, 2] > 245 > 10 > frames[0].pixels[-1, 0, 2]
    assert frames[0].pixels.shape == (32, 64, 4)


def test_layers_keep_their_own_time(gpu: Gpu, folder: Path) -> None:
    """At double speed for 1 s, off the air for 1 s, a stall of a minute: 2 s and then a quarter."""
    show = a_show(folder, a=(Layer("c", "shader", "clock"),), b=(solid("x"),))
    on, off = (Part("a", 1.0, {}),), (Part("b", 1.0, {}),)
    with compositor(gpu, show) as stage:
        frames = pictures(
            stage,
            *(Look(n / 10, on, speed=2.0) for n in range(11)),
            *(Look(1.0 + n / 10, off) for n in range(1, 11)),
            Look(62.0, on),
        )
    assert frames[10].pixels[0, 0, 0] == pytest.approx(0.2 * 255, abs=1)
    assert frames[-1].pixels[0, 0, 0] == pytest.approx(0.225 * 255, abs=1)


def test_a_scene_that_comes_back_starts_with_empty_buffers(gpu: Gpu, folder: Path) -> None:
    show = a_show(folder, a=(Layer("c", "shader", "count"),), b=(solid("x"),))
    scenes = "aaabaa"
    with compositor(gpu, show) as stage:
        frames = pictures(stage, *(Look(n / 60, (Part(s, 1.0, {}),)) for n, s in enumerate(scenes)))
    reds = [int(f.pixels[0, 0, 0]) for f in frames]
    assert reds == pytest.approx([25.5, 51.0, 76.5, 255.0, 25.5, 51.0], abs=1.0)


def test_pictures_fill_the_canvas_row_0_on_top(gpu: Gpu, folder: Path) -> None:
    Image.fromarray(np.array([[[0, 255, 0]], [[0, 0, 255]]], np.uint8)).save(folder / "flag.png")
    picture = one(gpu, a_show(folder, a=(Layer("p", "image", "flag.png", fit="stretch"),)))
    near(picture[:8], 0.0, 1.0, 0.0)
    near(picture[-8:], 0.0, 0.0, 1.0)
    with pytest.raises(MediaError, match=r"none\.png: no such picture"):
        compositor(gpu, a_show(folder, a=(Layer("p", "image", "none.png"),)))
    with pytest.raises(MediaError, match="not a picture"):
        compositor(gpu, a_show(folder, a=(Layer("p", "image", "solid.fs"),)))


def test_an_edit_takes_over_and_keeps_what_did_not_change(gpu: Gpu, folder: Path) -> None:
    show = a_show(folder, a=(Layer("c", "shader", "count"),))
    edited = a_show(folder, a=(Layer("c", "shader", "count"), solid("top", "add", r=0.0, g=0.4)), b=(solid("x"),))
    look = Look(0.0, (Part("a", 1.0, {}),))
    with compositor(gpu, show) as stage:
        pictures(stage, look, look)
        take(stage, edited)
        near(pictures(stage, look)[0].pixels, 0.3, 0.4, 0.0)


def test_a_broken_edit_changes_nothing(gpu: Gpu, folder: Path) -> None:
    show = a_show(folder, a=(Layer("c", "shader", "count"),))
    (folder / "broken.fs").write_text("/*{}*/\nvoid main() {\n gl_FragColor = oops; }")
    look = Look(0.0, (Part("a", 1.0, {}),))
    with compositor(gpu, show) as stage:
        pictures(stage, look)
        for bad in ("broken", "none"):
            with pytest.raises(ShaderError, match=bad):
                take(stage, a_show(folder, a=(Layer("c", "shader", "count"), solid("s"), Layer("d", "shader", bad))))
        with pytest.raises(ShowError, match="canvas cannot change"):
            take(stage, replace(show, canvas=(8, 8)))
        near(pictures(stage, look)[0].pixels, 0.2, 0.0, 0.0)


def test_a_broken_shader_is_found_at_the_start(gpu: Gpu, folder: Path) -> None:
    (folder / "broken.fs").write_text("/*{}*/\nvoid main() {\n gl_FragColor = oops; }")
    with pytest.raises(ShaderError, match=r"broken\.fs:3: .*oops"):
        compositor(gpu, a_show(folder, a=(solid("x"),), b=(Layer("x", "shader", "broken"),)))


@pytest.mark.expects_warnings
def test_a_lenient_start_leaves_out_what_is_broken(gpu: Gpu, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Torn, missing, of the wrong kind, no picture: each is told in a line, and all else plays."""
    (folder / "broken.fs").write_text("/*{}*/\nvoid main() {\n gl_FragColor = oops; }")
    (folder / "torn.fs").write_text("/*{")
    (folder / "flag.png").write_bytes(b"torn")
    bad = [Layer(name, "shader", name) for name in ("broken", "torn", "none")] + [Layer("flag", "image", "flag.png")]
    show = a_show(folder, a=(bad[0], solid("x", **BELOW), *bad[1:], Layer("inv", "shader", "invert")), b=(solid("y"),))
    on = Look(0.0, (Part("a", 1.0, {}),))
    with Compositor(gpu, materials(show), lenient=True) as stage:
        near(pictures(stage, on)[0].pixels, *(1.0 - v for v in BELOW.values()))
        near(pictures(stage, Look(0.0, (Part("b", 1.0, {}),)))[0].pixels, 1.0, 0.0, 0.0)
        told = [r.getMessage() for r in caplog.records if r.levelname == "ERROR"]
        assert [line.split(": ")[:2] for line in told] == [["scene a", f"left out the layer {la.name}"] for la in bad]
        assert f"{folder}/broken.fs:3: " in told[0]
        assert not any("\n" in line for line in told)

        with pytest.raises(ShaderError, match=r"broken\.fs:3: .*oops"):
            take(stage, show)
        near(pictures(stage, on)[0].pixels, *(1.0 - v for v in BELOW.values()))
        (folder / "broken.fs").write_text(SOLID)
        mended = a_show(folder, a=(solid("x", **BELOW), Layer("broken", "shader", "broken")))
        take(stage, mended)
        near(pictures(stage, on)[0].pixels, 1.0, 0.0, 0.0)


def test_a_frame_makes_nothing_new(gpu: Gpu, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the start and the first dream, no texture, target or pipeline is built, scene change or not."""
    a = (Layer("d", "model", ""), Layer("c", "shader", "count", "screen"), Layer("i", "shader", "invert"))
    with compositor(gpu, a_show(folder, a=a, b=(solid("x"),))) as stage:
        dreams = [Frame(n, 0.0, np.full((8, 16, 4), n, np.uint8)) for n in range(4)]
        stage.render(Look(0.0, (Part("a", 1.0, {}),)), dreams[0], None)
        for making in ("texture", "target", "pipeline", "readback"):
            monkeypatch.delattr(Gpu, making)
        for n in range(1, 8):
            parts = (Part("a", 1 - n / 8, {}), Part("b", n / 8, {}))
            assert stage.render(Look(n / 60, parts, master=1 - n / 80), dreams[n // 2], None)
        monkeypatch.undo()


def test_same_looks_same_bytes(gpu: Gpu, folder: Path) -> None:
    shaders = Path(__file__).parents[2] / "shaders"
    show = a_show(
        folder,
        a=(
            Layer("dream", "model", ""),
            Layer("haze", "shader", "generators/haze", "screen"),
            Layer("trails", "shader", "filters/trails"),
        ),
    )
    rng = np.random.default_rng(3)
    dreams = [Frame(n, 0.0, rng.integers(0, 256, (16, 32, 4), np.uint8)) for n in range(4)]

    def play() -> list[bytes]:
        with Compositor(gpu, Materials(show, lambda source: load(shaders / f"{source}.fs"))) as stage:
            frames = [stage.render(Look(n / 60, (Part("a", 1.0, {}),)), dreams[n // 2], None) for n in range(8)]
            return [f.pixels.tobytes() for f in (*frames, *stage.flush()) if f]

    first, second = play(), play()
    assert len(first) == 8
    assert first == second
    assert len(set(first)) == 8
