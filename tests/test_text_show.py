"""A show whose model is told a text, from its file to its frames; and what `check` says of one that is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.generator.text import tiny
from visuals.checking import check_files
from visuals.library import open_show
from visuals.offline import frames
from visuals.session import Session, dream_names, plan
from visuals.types import Rig

SHOW = """\
show: Told
canvas: [64, 64]
model: {model}
prompts: {{sea: the sea, fire: fire}}
scenes:
  one:
    layers:
      - {{name: level, shader: generators/level, inputs: {{level: {level}}}}}
      - {{name: dream, model: {{prompt: sea, strength: {strength}}}, source: level}}
    rules:
      - {{drive: dream.prompt.fire, from: time}}
"""
SHADER = """\
/*{"ISFVSN": "2", "CATEGORIES": ["Generator"], "INPUTS": [
  {"NAME": "level", "TYPE": "float", "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.5}
]}*/
void main() { gl_FragColor = vec4(vec3(isf_FragNormCoord.x > level ? 1.0 : 0.0), 1.0); }
"""


@pytest.fixture(scope="module")
def turbo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.build(tmp_path_factory.mktemp("away") / "turbo")


def write(folder: Path, model: str, strength: float = 0.3, level: float = 0.5) -> Path:
    (folder / "shaders" / "generators").mkdir(parents=True, exist_ok=True)
    (folder / "shaders" / "generators" / "level.fs").write_text(SHADER)
    path = folder / "show.yaml"
    path.write_text(SHOW.format(model=model, strength=strength, level=level))
    return path


def render(path: Path) -> list[np.ndarray]:
    show, library = open_show(path, None, thorough=False)
    return [frame.pixels for frame, _ in frames(show, library, "none", 10 / show.fps)]


def test_a_show_plays_and_draws_from_its_layer(turbo: Path, tmp_path: Path) -> None:
    seen = render(write(tmp_path, str(turbo)))
    assert len(seen) == 10
    assert seen[-1][..., :3].std() > 5.0
    assert [p.tobytes() for p in seen] == [p.tobytes() for p in render(write(tmp_path, str(turbo)))]
    moved = render(write(tmp_path, str(turbo), level=0.1))
    assert np.abs(seen[-1].astype(int) - moved[-1]).mean() > 0.2
    blind = [render(write(tmp_path, str(turbo), strength=1.0, level=level))[-1] for level in (0.1, 0.5)]
    assert (blind[0] == blind[1]).all()


def test_a_model_is_named_by_its_path_or_by_its_name(turbo: Path, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "mine").symlink_to(turbo)
    for name in (str(turbo), "../" * len(tmp_path.parts) + str(turbo)[1:]):
        show, library = open_show(write(tmp_path, name), None, thorough=False)
        assert library.model_path(name) == turbo
        assert {"walk", "shift.y", "prompt.sea", "prompt.fire"} <= set(dream_names(show, library))
        assert "hue" not in dream_names(show, library)


def test_the_generator_is_told_the_prompts_and_a_size_of_the_canvas_shape(turbo: Path, tmp_path: Path) -> None:
    path = write(tmp_path, str(turbo))
    show, _ = open_show(path, None, thorough=False)
    children, rings = plan(Session(path, show, Rig("none", ()), "none", 1.0))
    generator = children[-1]
    settings = generator.arguments(0)[0]
    assert (settings.folder, settings.prompts) == (turbo, {"sea": "the sea", "fire": "fire"})
    assert settings.size[0] == settings.size[1] >= 64
    assert {rings[name].shape for name in ("dream", "source")} == {(*settings.size[::-1], 4)}
    assert {"alive", "controls", "dream", "source"} == set(generator.rings) <= set(rings)


def test_check_tells_what_is_wrong_at_the_model(turbo: Path, tmp_path: Path) -> None:
    path = write(tmp_path, str(turbo))
    config = turbo / "unet" / "config.json"
    kept = config.read_text()
    try:
        config.write_text(json.dumps(json.loads(kept) | {"block_out_channels": [8, 32]}))
        problems = check_files([str(path)]).problems
    finally:
        config.write_text(kept)
    assert len(problems) == 1
    assert problems[0].startswith(f"{path}:3:8: {turbo}/unet/diffusion_pytorch_model.safetensors: tensor ")
    assert "by config.json beside it" in problems[0]
    (turbo / "pytorch_model.bin").touch()
    try:
        problems = check_files([str(path)]).problems
    finally:
        (turbo / "pytorch_model.bin").unlink()
    expected = f"{path}:3:8: {turbo}/pytorch_model.bin: refused, expected weights as .safetensors only"
    assert [line.startswith(expected) for line in problems] == [True]
