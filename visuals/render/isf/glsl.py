"""From an ISF body to GLSL: the prelude, the artist's text, and a `main` that keeps NaN off the wall.

The artist's lines keep their numbers (`#line`), so the driver's complaints map back to the file.
It does not know headers or drivers' objects.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from visuals.render.compose import COMPOSE
from visuals.render.isf import compat

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

OLD_WORDS = """
#define texture2D texture
#define texture2DRect texture
#define textureCube texture
#define texture2DProj textureProj
#define texture2DLod textureLod
#define texture2DLodEXT textureLod
#define textureCubeLod textureLod
#define textureCubeLodEXT textureLod
#define texture2DGrad textureGrad
#define texture2DGradEXT textureGrad
#define sampler2DRect sampler2D
#define vv_FragNormCoord isf_FragNormCoord
"""
"""Names of older GLSL and of ISF 1."""

SHARED = """
uniform int FRAMEINDEX;
uniform vec2 RENDERSIZE;
uniform float TIME;
uniform float TIMEDELTA;
uniform vec4 DATE;
vec2 isf_FragNormCoord;
vec2 IMG_SIZE(sampler2D image) { return vec2(textureSize(image, 0)); }
vec4 IMG_NORM_PIXEL(sampler2D image, vec2 at) { return texture(image, at); }
vec4 IMG_PIXEL(sampler2D image, vec2 at) { return texture(image, at / IMG_SIZE(image)); }
vec4 IMG_THIS_PIXEL(sampler2D image) { return texture(image, isf_FragNormCoord); }
vec4 IMG_THIS_NORM_PIXEL(sampler2D image) { return texture(image, isf_FragNormCoord); }
"""

FRAGMENT = """
out vec4 isf_out;
vec4 isf_color;
vec4 isf_data[1];
vec4 isf_position() { return gl_FragCoord; }
vec4 IMG_NORM_PIXEL(sampler2D image, vec2 at, float bias) { return texture(image, at, bias); }
vec4 IMG_PIXEL(sampler2D image, vec2 at, float bias) { return texture(image, at / IMG_SIZE(image), bias); }
#define gl_FragColor isf_color
#define gl_FragData isf_data
#define varying in
"""

# Comparisons, not isnan(): they reject NaN and both infinities at once, and no driver folds them away.
FRAGMENT_END = """
#undef main
float isf_finite(float x) {{ return x > -1.0e30 && x < 1.0e30 ? x : 0.0; }}
void main() {{
    isf_FragNormCoord = {place};
    isf_color = vec4(0.0);
    {begin}
    isf_artist_main();
    vec4 c = {colour};
    isf_out = isf_compose(vec4(isf_finite(c.r), isf_finite(c.g), isf_finite(c.b), isf_finite(c.a)));
}}
"""

# A quad, not one large triangle: what a vertex shader clamps at the corners must be at the corners.
VERTEX = """
out vec2 isf_place;
vec2 isf_fragCoord;
vec4 IMG_NORM_PIXEL(sampler2D image, vec2 at, float bias) { return textureLod(image, at, bias); }
vec4 IMG_PIXEL(sampler2D image, vec2 at, float bias) { return textureLod(image, at / IMG_SIZE(image), bias); }
vec4 isf_corner() { return vec4(float(gl_VertexID & 1), float(gl_VertexID >> 1), 0.0, 1.0); }
void isf_vertShaderInit() {
    gl_Position = isf_corner() * vec4(2.0, 2.0, 1.0, 1.0) - vec4(1.0, 1.0, 0.0, 0.0);
    isf_FragNormCoord = isf_corner().xy;
    isf_fragCoord = isf_FragNormCoord * RENDERSIZE;
}
#define vv_vertShaderInit isf_vertShaderInit
#define vv_fragCoord isf_fragCoord
#define varying out
#define attribute in
#define gl_Vertex (isf_corner() * vec4(RENDERSIZE, 1.0, 1.0))
#define ftransform() gl_Position
#define gl_MultiTexCoord0 isf_corner()
"""
VERTEX_END = """
#undef main
void main() {
    isf_vertShaderInit();
    isf_artist_main();
    isf_place = isf_FragNormCoord;
}
"""

WIDEST = 160
"""Letters of a line that are shown."""
EXTENSION = re.compile(r"^[ \t]*#[ \t]*extension[^\n]*", re.MULTILINE)
VERSION = re.compile(r"^[ \t]*#[ \t]*version[^\n]*", re.MULTILINE)
OWN_COORD = re.compile(r"\b(?:varying|in|out)\s+(?:(?:highp|mediump|lowp)\s+)?vec2\s+(?:isf|vv)_FragNormCoord\s*;")
CORE_EXTENSIONS = ("OES_standard_derivatives", "shader_texture_lod", "texture_rectangle")
COMPLAINT = re.compile(r"(?:ERROR: )?(\d+)(?::(\d+)(?:\(\d+\))?|\((\d+)\))\s*:\s*(.*)")


@dataclass(frozen=True, slots=True)
class Source:
    """GLSL as its artist wrote it, from `line` of a file, and what a host puts around it.

    `before` may begin another file's text with `#line 1 n`: `others` are those files, from n = 1.
    """

    path: Path
    text: str
    line: int = 1
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    others: tuple[Path, ...] = ()

    def file(self, string: int) -> Path:
        """The file of a driver's source string number."""
        return (self.path, *self.others)[string] if string <= len(self.others) else self.path

    def quote(self, string: int, line: int) -> str:
        """What its artist wrote in a line of a source string, without its margin; empty where there is no such line."""
        mark = f"#line 1 {string}"
        text, first = self.text, self.line
        if mark in self.before:
            text, first = self.before[self.before.index(mark) + 1], 1
        lines = text.split("\n")
        return printable(lines[line - first]) if 0 <= line - first < len(lines) else ""


@dataclass(frozen=True, slots=True)
class Declared:
    """What the host declares for a shader: (ISF type, name) of inputs, pictures and targets."""

    names: tuple[tuple[str, str], ...]

    def lines(self) -> Iterator[str]:
        for kind, name in self.names:
            yield f"uniform {UNIFORMS[kind]} {uniform(name)};"
            if uniform(name) != name:
                yield f"#define {name} {uniform(name)}"
            if UNIFORMS[kind] == "sampler2D":
                yield f"#define _{name}_imgRect vec4(0.0, 0.0, 1.0, 1.0)"
                yield f"#define _{name}_imgSize vec2(textureSize({name}, 0))"
                yield f"#define _{name}_flip false"

    def again(self) -> re.Pattern[str]:
        """Declarations of the same names in a shader's own text: against the standard, and common."""
        known = [name for _, name in self.names]
        names = "|".join(map(re.escape, (*known, "TIME", "RENDERSIZE", "PASSINDEX", "FRAMEINDEX", "TIMEDELTA", "DATE")))
        return re.compile(rf"\buniform\s+(?:(?:highp|mediump|lowp)\s+)?\w+\s+(?:{names})\s*;")


def printable(text: str) -> str:
    """As much of a line as is fit to be shown in a terminal, which obeys some characters."""
    return "".join(letter if letter.isprintable() else " " for letter in text.strip()[:WIDEST])


def uniform(name: str) -> str:
    """What an input is called in GLSL: its own name, unless that is a word of the language."""
    return f"isf_input_{name}" if name in compat.RESERVED else name


def fragment(body: Source, declared: Declared, index: int, way: Way, after_vertex: bool = False) -> str:
    """The fragment shader of pass `index`.

    PASSINDEX is a constant: software rasterisers run both sides of a branch, so a uniform would make
    each pass pay for all (a four-pass glow: 12 ms instead of 2).
    """
    place = "isf_place" if after_vertex else "gl_FragCoord.xy / RENDERSIZE"
    colour = "isf_data[0]" if "gl_FragData" in body.text else "isf_color"
    stage = ("in vec2 isf_place;" if after_vertex else "") + FRAGMENT + COMPOSE
    mended = _mended(body, declared, way)
    end = FRAGMENT_END.format(place=place, colour=colour, begin=" ".join(mended.begin))
    return _translate(mended, body, declared, index, way, stage, end)


def vertex(body: Source, declared: Declared, index: int, way: Way) -> str:
    """The vertex shader of pass `index`, of a strip of four corners without any attribute."""
    return _translate(_mended(body, declared, way), body, declared, index, way, VERTEX, VERTEX_END)


def _mended(body: Source, declared: Declared, way: Way) -> compat.Mended:
    if not way.mended:
        return compat.Mended(body.text)
    return compat.mend(body.text, body.line, {name for _, name in declared.names})


def _translate(
    mended: compat.Mended, source: Source, declared: Declared, index: int, way: Way, stage: str, end: str
) -> str:
    body = mended.body
    extensions = [e for e in EXTENSION.findall(body) if not any(core in e for core in CORE_EXTENSIONS)]
    for own in (VERSION, EXTENSION, OWN_COORD, declared.again()):
        body = own.sub(lambda found: "\n" * found[0].count("\n"), body)
    return "\n".join(
        [
            f"#version {way.version}",
            *extensions,
            f"const int PASSINDEX = {index};",
            SHARED,
            stage,
            OLD_WORDS,
            *declared.lines(),
            *mended.before,
            "#define main isf_artist_main",
            *source.before,
            f"#line {source.line} 0",
            body,
            *source.after,
            end,
        ]
    )


def complaints(log: str) -> Iterator[tuple[int, int, str]]:
    """(source string, line, reason) of each error in a driver's log.

    Mesa writes `0:12(3): error: …`, NVIDIA `0(12) : error C1503: …`, Apple `ERROR: 0:12: …`.
    """
    for line in log.splitlines():
        found = COMPLAINT.match(line.strip())
        if found and not found[4].startswith("warning"):
            reason = found[4].removeprefix("error: ").removeprefix("error ")
            yield int(found[1]), int(found[2] or found[3]), printable(reason)
