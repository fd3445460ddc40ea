"""Any shader file a VJ owns, told apart by what is in it: ISF, Shadertoy, gl-transitions, plain fragments."""

from __future__ import annotations

import re
from pathlib import Path

from visuals.errors import Problem, ShaderError
from visuals.render.isf import plain, reading, shadertoy, transitions
from visuals.render.isf.nouns import Isf

SUFFIXES = (".fs", ".isf", ".frag", ".glsl", ".json")
TABS = tuple(f"{name}{shadertoy.SUFFIX}" for name in ("Image", "image"))
"""The tab of a folder of Shadertoy tabs that stands for all of them."""
HEADER = re.compile(r"/\*\s*\{")
MAIN = re.compile(r"\bvoid\s+main\s*\(")


def named(name: str) -> tuple[str, ...]:
    """The files that a shader of this name may be, in the order in which they are looked for."""
    return (*(name + suffix for suffix in SUFFIXES), *(f"{name}/{tab}" for tab in TABS))


def is_shader(path: Path) -> bool:
    """Whether a file may be one, by its ending; JSON only where it is a Shadertoy export."""
    if path.suffix.lower() not in SUFFIXES or not path.is_file():
        return False
    if path.suffix.lower() != ".json":
        return True
    with path.open("rb") as file:
        return b'"renderpass"' in file.read(1 << 16)


def tabs(path: Path) -> bool:
    """Whether a file is a tab of a shader that another file stands for."""
    return path.name not in TABS and path.suffix == shadertoy.SUFFIX and any((path.parent / t).exists() for t in TABS)


def load(path: Path, root: Path | None = None) -> Isf:
    """Read a shader file of any dialect; see `reading.load`. Raises ShaderError."""
    if path.suffix.lower() in (".fs", ".isf"):
        return reading.load(path, root)
    text = reading.read_text(path)
    if path.suffix.lower() == ".json":
        return shadertoy.export(path, text)
    if HEADER.search(text):
        return reading.load(path, root)
    if shadertoy.HAS.search(text):
        return shadertoy.isf(path, text, root or path.parent)
    for read, has in ((transitions.isf, transitions.HAS), (plain.isf, MAIN)):
        if has.search(text):
            return read(path, text)
    said = "found no ISF header, no mainImage(), no transition() and no main(), expected one of them"
    raise ShaderError(problems=[Problem(str(path), 1, 0, said)])
