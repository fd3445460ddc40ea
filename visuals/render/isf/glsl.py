"""From an ISF body to GLSL: the prelude, the artist's text, and a `main` that keeps NaN off the wall.

The artist's lines keep their numbers (`#line`), so the driver's complaints map back to the file.
It does not know headers or drivers' objects.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from visuals.render.isf import compat, prelude

UNIFORMS = {
    "float": "float",
    "bool": "bool",
    "event": "bool",
    "long": "int",
    "point2D": "vec2",
    "point3D": "vec3",
    "long2D": "ivec2",
    "color": "vec4",
    "image": "sampler2D",
    "audio": "sampler2D",
    "audioFFT": "sampler2D",
    "cube": "samplerCube",
    "sound": "sampler2D",
}
"""Input types and the uniforms they become: ISF 2's, and what other dialects have besides."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way of putting a shader to the driver."""

    version: int
    mended: bool = False


WAYS = (Way(330), Way(450), Way(330, True), Way(450, True))
"""In the order they are tried: a few shaders lean on the newer version's implicit conversions, others on
drivers that take more than the standard allows."""

WIDEST = 160
"""Letters of a line that are shown."""
ALWAYS = ("TIME", "RENDERSIZE", "PASSINDEX", "FRAMEINDEX", "TIMEDELTA", "DATE")
EXTENSION = re.compile(r"^[ \t]*#[ \t]*extension[^\n]*", re.MULTILINE)
VERSION = re.compile(r"^[ \t]*#[ \t]*version[^\n]*", re.MULTILINE)
INCLUDE = re.compile(r"#[ \t]*include\b")
OUTPUT = re.compile(
    r"^[ \t]*(?:layout[ \t]*\([^()\n]*\)[ \t]*)?out[ \t]+(?:(?:highp|mediump|lowp)[ \t]+)?vec4[ \t]+(\w+)[ \t]*;",
    re.MULTILINE,
)
"""A fragment shader's own name for its colour, as newer GLSL has it."""
OWN_COORD = re.compile(r"\b(?:varying|in|out)\s+(?:(?:highp|mediump|lowp)\s+)?vec2\s+(?:isf|vv)_FragNormCoord\s*;")
CORE_EXTENSIONS = ("OES_standard_derivatives", "shader_texture_lod", "texture_rectangle")
COMPLAINT = re.compile(r"(?:ERROR: )?\d+(?::(\d+)(?:\(\d+\))?|\((\d+)\))\s*:\s*(.*)")


FILE_LINES = 10_000_000
"""How far apart the lines of a shader's files are numbered: Mesa forgets `#line`'s number of the file."""


@dataclass(frozen=True, slots=True)
class Source:
    """GLSL as its artist wrote it, from `line` of a file, and what a host puts around it.

    `before` may begin another file's text with `#line`: the first of `others` begins at `FILE_LINES`, and so on.
    """

    path: Path = field(compare=False)
    text: str
    line: int = 1
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    others: tuple[Path, ...] = field(default=(), compare=False)

    def place(self, line: int) -> tuple[Path, int]:
        """The file and its line that a driver's line is."""
        files = (self.path, *self.others)
        at = min(line // FILE_LINES, len(self.others))
        last = self.line + self.text.count("\n") if at == 0 else FILE_LINES
        return files[at], min(line % FILE_LINES, last)  # what is missing at the end is told of what we put after it

    def quote(self, line: int) -> str:
        """What its artist wrote in a driver's line, without its margin; empty where there is no such line."""
        text, first, at = self.text, self.line, line % FILE_LINES
        mark = f"#line {line - at + 1}"
        if mark in self.before:
            text, first = self.before[self.before.index(mark) + 1], 1
        lines = text.split("\n")
        return printable(lines[at - first]) if 0 <= at - first < len(lines) else ""


@dataclass(frozen=True, slots=True)
class Declared:
    """What the host declares for a shader: (ISF type, name) of inputs, pictures and targets."""

    names: tuple[tuple[str, str], ...]

    def lines(self) -> Iterator[str]:
        for kind, name in self.names:
            yield f"uniform {UNIFORMS[kind]} {uniform(name)};"
            if name in compat.RESERVED:
                yield f"#define {name} {uniform(name)}"
            if UNIFORMS[kind] == "sampler2D":
                yield f"#define _{name}_imgRect vec4(0.0, 0.0, 1.0, 1.0)"
                yield f"#define _{name}_imgSize vec2(textureSize({uniform(name)}, 0))"
                yield f"#define _{name}_flip false"

    def again(self) -> re.Pattern[str]:
        """Declarations of the same names in a shader's own text: against the standard, and common."""
        known = [name for _, name in self.names]
        images = [f"_{name}_{end}" for name in known for end in ("imgRect", "imgSize", "flip")]
        names = "|".join(map(re.escape, (*known, *images, *ALWAYS)))
        return re.compile(rf"\buniform\s+(?:(?:highp|mediump|lowp)\s+)?\w+\s+(?:{names})\s*;")


def printable(text: str) -> str:
    """As much of a line as is fit to be shown in a terminal, which obeys some characters."""
    return "".join(letter if letter.isprintable() else " " for letter in text.strip()[:WIDEST])


def uniform(name: str) -> str:
    """What an input is called in GLSL: its own name, unless that is a word of the language or hides a function."""
    return f"isf_input_{name}" if name in compat.RESERVED or name in compat.BUILT_IN else name


def fragment(body: Source, declared: Declared, index: int, way: Way, after_vertex: bool = False) -> str:
    """The fragment shader of pass `index`.

    PASSINDEX is a constant: software rasterisers run both sides of a branch, so a uniform would make
    each pass pay for all (a four-pass glow: 12 ms instead of 2).
    """
    if found := OUTPUT.search(body.text):
        given = f"#define {found[1]} gl_FragColor", *body.before
        text = OUTPUT.sub(lambda other: "" if other[1] == found[1] else other[0], body.text)
        body = replace(body, text=text, before=given)
    return _translate(body, declared, index, way, prelude.AFTER_VERTEX if after_vertex else prelude.FRAGMENT)


def vertex(body: Source, declared: Declared, index: int, way: Way) -> str:
    """The vertex shader of pass `index`, of a strip of four corners without any attribute."""
    return _translate(body, declared, index, way, prelude.VERTEX)


def _mended(body: Source, declared: Declared, way: Way) -> compat.Mended:
    if not way.mended:
        return compat.Mended(body.text)
    return compat.mend(body.text, body.line, {name for _, name in declared.names})


def _translate(source: Source, declared: Declared, index: int, way: Way, stage: prelude.Stage) -> str:
    mended = _mended(source, declared, way)
    extensions = [e for e in EXTENSION.findall(mended.body) if not any(core in e for core in CORE_EXTENSIONS)]
    text = "\n".join(
        [
            f"#version {way.version}",
            *extensions,
            f"const int PASSINDEX = {index};",
            stage.before,
            *declared.lines(),
            *mended.before,
            "#define main isf_artist_main",
            *source.before,
            f"#line {source.line}",
            _without(mended.body, declared),
            *source.after,
            stage.after,
        ]
    )
    return INCLUDE.sub("#error expected all of a shader in one file, found include", text)


def _without(body: str, declared: Declared) -> str:
    """The text without what the host says itself; lines keep their numbers."""
    for own in (VERSION, EXTENSION, OWN_COORD, declared.again()):
        body = own.sub(lambda found: "\n" * found[0].count("\n"), body)
    for name in {name for _, name in declared.names} & compat.BUILT_IN.keys():
        body = re.sub(rf"\b{name}\b(?!\s*\()", uniform(name), body)
    return body


def complaints(log: str) -> Iterator[tuple[int, str]]:
    """(line, reason) of each error in a driver's log, without its lists of what it would have taken.

    Mesa writes `0:12(3): error: …`, NVIDIA `0(12) : error C1503: …`, Apple `ERROR: 0:12: …`.
    """
    for line in log.splitlines():
        found = COMPLAINT.match(line.strip())
        reason = found[3].removeprefix("error: ").removeprefix("error ") if found else " "
        if found and not reason.startswith(("warning", " ")):
            yield int(found[1] or found[2]), printable(reason.replace("isf_artist_main", "main"))
