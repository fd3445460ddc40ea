"""Shaders by name, of every dialect, and the files that make a difference to them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from visuals.library import ROOT, Library
from visuals.render.isf import load

ISF = '/*{"INPUTS": [{"NAME": "x", "TYPE": "float"}]}*/\nvoid main() { gl_FragColor = vec4(x); }\n'
PLAIN = "uniform float x;\nvoid main() { gl_FragColor = vec4(x); }\n"
TOY = "void mainImage(out vec4 c, in vec2 p) { c = vec4(1.0); }\n"
EXPORT = json.dumps({"Shader": {"info": {"name": "t"}, "renderpass": [{"type": "image", "code": TOY, "inputs": []}]}})
TEXTS = {".fs": ISF, ".isf": ISF, ".frag": PLAIN, ".glsl": TOY, ".json": EXPORT}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shaders" / "mine").mkdir(parents=True)
    return tmp_path


@pytest.mark.parametrize("suffix", TEXTS)
def test_a_shader_of_any_dialect_is_found_by_name(folder: Path, suffix: str) -> None:
    path = folder / "shaders" / "mine" / f"one{suffix}"
    path.write_text(TEXTS[suffix])
    library = Library(folder, folder)
    assert library.shader_path("mine/one") == path
    assert library.shaders() == ["mine/one"]
    assert library.shader("mine/one") is not None


def test_a_folder_of_tabs_is_one_shader(folder: Path) -> None:
    tabs = folder / "shaders" / "mine" / "tunnel"
    tabs.mkdir()
    for name in ("Image", "Buffer A", "Common"):
        (tabs / f"{name}.glsl").write_text(TOY if name != "Common" else "")
    library = Library(folder, folder)
    assert library.shader_path("mine/tunnel") == tabs / "Image.glsl"
    assert library.shaders() == ["mine/tunnel"]
    assert {tabs / "Buffer A.glsl", tabs / "Common.glsl"} <= library.files()


def test_of_two_of_one_name_the_first_is_taken_and_that_is_said(folder: Path) -> None:
    for suffix in (".json", ".frag", ".fs"):
        (folder / "shaders" / "mine" / f"one{suffix}").write_text(TEXTS[suffix])
    library = Library(folder, folder)
    assert library.notes() == []
    taken = library.shader_path("mine/one")
    assert taken == folder / "shaders" / "mine" / "one.fs"
    assert library.notes() == [f"{taken}: taken for `mine/one`, not one.frag, one.json beside it"]


def test_the_shows_own_comes_before_the_projects_without_a_word(folder: Path) -> None:
    (folder / "shaders" / "generators").mkdir()
    (folder / "shaders" / "generators" / "haze.frag").write_text(PLAIN)
    library = Library(folder)
    assert library.shader_path("generators/haze") == folder / "shaders" / "generators" / "haze.frag"
    assert library.notes() == []
    assert Library(folder.parent).shader_path("generators/haze") == ROOT / "shaders" / "generators" / "haze.fs"


def test_json_that_is_no_shader_is_none(folder: Path) -> None:
    (folder / "shaders" / "mine" / "one.json").write_text('{"a": 1}')
    assert Library(folder, folder).shader_path("mine/one") is None


def test_files_are_all_that_make_a_difference_there_or_not(folder: Path) -> None:
    path = folder / "shaders" / "mine" / "one.fs"
    path.write_text('/*{"IMPORTED": {"p": {"PATH": "p.png"}}}*/\nvoid main() { gl_FragColor = IMG_THIS_PIXEL(p); }')
    library = Library(folder, folder)
    assert library.files() == frozenset()
    library.shader("mine/one")
    library.shader("mine/other")
    names = {file.relative_to(folder / "shaders" / "mine").as_posix() for file in library.files()}
    assert {"one.fs", "one.vs", "one.vert", "p.png", "other.fs", "other.json", "other/Image.glsl"} <= names
    assert set(load(path).files) <= library.files()
