"""A show is proven shader by shader, every fault at once; the engine lets through only what was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from visuals.errors import MediaError, ShaderError
from visuals.library import Library
from visuals.proof import Gate, prove
from visuals.render.compositor import Compositor
from visuals.render.gpu import Gpu
from visuals.render.isf import load
from visuals.render.isf.glsl import WAYS
from visuals.render.judging.judge import Judge
from visuals.render.judging.verdicts import Verdicts
from visuals.render.materials import Materials
from visuals.types import Layer, Lettering, Scene, Show

CANVAS = (48, 24)
GOOD = "/*{}*/\nvoid main() { gl_FragColor = vec4(1.0); }\n"


def a_show(folder: Path, *shaders: str, images: Mapping[str, str] | None = None) -> Show:
    layers = [Layer(name, "shader", name) for name in shaders]
    layers += [Layer(name, "image", path) for name, path in (images or {}).items()]
    return Show("t", folder, CANVAS, 60.0, 1, None, None, {"only": Scene("only", tuple(layers))})


@pytest.fixture(scope="module")
def gpu() -> Iterator[Gpu]:
    with Gpu() as gpu:
        yield gpu


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "shaders").mkdir()
    return tmp_path


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / "shaders" / name
    path.write_text(text)
    return path


def test_every_fault_is_told_at_once_with_its_line(folder: Path) -> None:
    first = write(folder, "first.fs", "/*{}*/\nvoid main() {\n    gl_FragColor = vec4(oops);\n}\n")
    second = write(folder, "second.frag", "void main() { gl_FragColor = oh; }\n")
    broken = write(folder, "third.fs", "/*{*/\n")
    write(folder, "good.fs", GOOD)
    (folder / "p.png").write_text("no picture")
    names = ("first", "good", "second", "third")
    with pytest.raises(ShaderError) as caught:
        prove(a_show(folder, *names, images={"p": "p.png"}))
    text = str(caught.value)
    for start in (f"{first}:3: ", f"{second}:1: ", f"{broken}:1:", f"{folder}/p.png: "):
        assert sum(line.startswith(start) for line in text.splitlines()) >= 1, (start, text)
    assert "\n    gl_FragColor = vec4(oops);\n" in text
    assert "good.fs" not in text


def test_pictures_are_proven_too(folder: Path) -> None:
    Image.new("RGB", (4, 4)).save(folder / "p.png")
    prove(a_show(folder, images={"p": "p.png"}))
    with pytest.raises(MediaError, match=r"q\.png"):
        prove(a_show(folder, images={"p": "p.png", "q": "q.png"}))


def test_only_what_was_found_good_as_it_is_passes(folder: Path, gpu: Gpu) -> None:
    path = write(folder, "good.fs", GOOD)
    write(folder, "bad.fs", GOOD.replace("1.0", "oops"))
    show = a_show(folder, "good", "bad")
    with Judge(CANVAS, Verdicts(folder / "verdicts"), driver=gpu.driver) as judge:
        gate = Gate(Library(folder), judge)
        with pytest.raises(ShaderError, match="was not tried"):
            gate.shader("good")
        assert {Path(problem.file).name for problem in gate.faults(show)} == {"bad.fs"}
        assert (gate.shader("good"), gate.shader("good").way) == (load(path), WAYS[0])
        with pytest.raises(ShaderError, match="oops"):
            gate.shader("bad")
        path.write_text(GOOD.replace("1.0", "0.5"))
        with pytest.raises(ShaderError, match="was not tried"):
            gate.shader("good")


@pytest.mark.expects_warnings
def test_a_lenient_stage_leaves_out_what_does_not_pass(
    folder: Path, gpu: Gpu, caplog: pytest.LogCaptureFixture
) -> None:
    write(folder, "good.fs", GOOD)
    write(folder, "bad.fs", GOOD.replace("1.0", "oops"))
    show = a_show(folder, "good", "bad")
    with Judge(CANVAS, Verdicts(folder / "verdicts"), driver=gpu.driver) as judge:
        gate = Gate(Library(folder), judge)
        gate.faults(show)
        with Compositor(gpu, Materials(show, gate.shader), lenient=True):
            left_out = [record.getMessage() for record in caplog.records]
    assert len(left_out) == 1
    assert "left out the layer bad" in left_out[0]


def test_a_restarted_engine_knows_without_a_child(folder: Path, gpu: Gpu) -> None:
    write(folder, "good.fs", GOOD)
    show = a_show(folder, "good")
    prove(show)
    with Judge(CANVAS, driver=gpu.driver) as judge:
        assert Gate(Library(folder), judge).faults(show) == []
        assert judge.tried == 0


def test_videos_and_fonts_are_proven_too(folder: Path) -> None:
    for name in ("v.mp4", "f.ttf"):
        (folder / name).write_text("neither")
    layers = (
        Layer("v", "video", "v.mp4"),
        Layer("t", "text", "A", lettering=Lettering(folder / "f.ttf")),
    )
    show = replace(a_show(folder), scenes={"a": Scene("a", (Layer("g", "group", "", layers=layers),))})
    with pytest.raises(MediaError) as caught:
        prove(show)
    lines = str(caught.value).splitlines()
    assert len(lines) == 2
    assert all(any(name in line for line in lines) for name in ("v.mp4", "f.ttf"))
