"""From an ISF body to GLSL: the prelude, the artist's text, and a `main` that keeps NaN off the wall.

The artist's lines keep their numbers (`#line`), so the driver's complaints map back to the file.
It does not know headers or drivers' objects.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

VERSIONS = (330, 450)
"""GLSL versions in the order they are tried: a few shaders lean on the newer one's implicit conversions."""

UNIFORMS = {
    "float": "float",
    "bool": "bool",
    "event": "bool",
    "long": "int",
    "point2D": "vec2",
    "color": "vec4",
    "image": "sampler2D",
    "audio": "sampler2D",
    "audioFFT": "sampler2D",
}
"""ISF 2 input types and the uniforms they become."""

PRELUDE = """
uniform int FRAMEINDEX;
uniform vec2 RENDERSIZE;
uniform float TIME;
uniform float TIMEDELTA;
uniform vec4 DATE;
out vec4 isf_out;
vec4 isf_color;
vec2 isf_FragNormCoord;
#define vv_FragNormCoord isf_FragNormCoord
#define gl_FragColor isf_color
#define texture2D texture
#define varying in
vec2 IMG_SIZE(sampler2D image) { return vec2(textureSize(image, 0)); }
vec4 IMG_NORM_PIXEL(sampler2D image, vec2 at) { return texture(image, at); }
vec4 IMG_NORM_PIXEL(sampler2D image, vec2 at, float bias) { return texture(image, at, bias); }
vec4 IMG_PIXEL(sampler2D image, vec2 at) { return texture(image, at / IMG_SIZE(image)); }
vec4 IMG_PIXEL(sampler2D image, vec2 at, float bias) { return texture(image, at / IMG_SIZE(image), bias); }
vec4 IMG_THIS_PIXEL(sampler2D image) { return texture(image, isf_FragNormCoord); }
vec4 IMG_THIS_NORM_PIXEL(sampler2D image) { return texture(image, isf_FragNormCoord); }
"""

# What a layer's colour is to the blend factors of the draw: straight, premultiplied, or a factor.
# The dither is half a step of an 8-bit target either way, so values that fit the target stay exact.
COMPOSE = """
uniform int isf_blend;
uniform float isf_opacity;
uniform float isf_step;
vec4 isf_compose(vec4 c) {
    float a = clamp(c.a, 0.0, 1.0) * isf_opacity;
    vec4 result = isf_blend == 0 ? c : isf_blend == 1 ? vec4(clamp(c.rgb, 0.0, 1.0) * a, a)
        : vec4(mix(vec3(1.0), clamp(c.rgb, 0.0, 1.0), a), 1.0);
    float grain = fract(52.9829189 * fract(dot(gl_FragCoord.xy, vec2(0.06711056, 0.00583715))));
    return result + (grain - 0.5) * isf_step;
}
"""
BLEND_MODES = {"replace": 0, "over": 1, "add": 1, "screen": 1, "multiply": 2}

# Comparisons, not isnan(): they reject NaN and both infinities at once, and no driver folds them away.
EPILOGUE = """
#undef main
float isf_finite(float x) { return x > -1.0e30 && x < 1.0e30 ? x : 0.0; }
void main() {
    isf_FragNormCoord = gl_FragCoord.xy / RENDERSIZE;
    isf_color = vec4(0.0);
    isf_artist_main();
    vec4 c = isf_color;
    isf_out = isf_compose(vec4(isf_finite(c.r), isf_finite(c.g), isf_finite(c.b), isf_finite(c.a)));
}
"""

EXTENSION = re.compile(r"^[ \t]*#[ \t]*extension[^\n]*", re.MULTILINE)
VERSION = re.compile(r"^[ \t]*#[ \t]*version[^\n]*", re.MULTILINE)
CORE_EXTENSIONS = ("OES_standard_derivatives", "shader_texture_lod", "texture_rectangle")
COMPLAINT = re.compile(r"(?:ERROR: )?\d+(?::(\d+)(?:\(\d+\))?|\((\d+)\))\s*:\s*(.*)")


def translate(
    body: str,
    first_line: int,
    uniforms: Iterable[tuple[str, str]],
    samplers: Iterable[str],
    index: int,
    version: int = VERSIONS[0],
) -> str:
    """The fragment shader of pass `index` of an ISF body that starts on `first_line` of its file.

    PASSINDEX is a constant: software rasterisers run both sides of a branch, so a uniform would make
    each pass pay for all (a four-pass glow: 12 ms instead of 2).

    `uniforms` are (ISF type, name) of the inputs, `samplers` the names of targets.
    """
    extensions = [e for e in EXTENSION.findall(body) if not any(core in e for core in CORE_EXTENSIONS)]
    body = VERSION.sub("", EXTENSION.sub("", body))
    declared = [*uniforms, *(("image", name) for name in samplers)]
    return "\n".join(
        [
            f"#version {version}",
            *extensions,
            f"const int PASSINDEX = {index};",
            PRELUDE,
            COMPOSE,
            *(line for kind, name in declared for line in _declare(kind, name)),
            "#define main isf_artist_main",
            f"#line {first_line}",
            body,
            EPILOGUE,
        ]
    )


def _declare(kind: str, name: str) -> Iterator[str]:
    yield f"uniform {UNIFORMS[kind]} {name};"
    if UNIFORMS[kind] == "sampler2D":
        yield f"#define _{name}_imgRect vec4(0.0, 0.0, 1.0, 1.0)"
        yield f"#define _{name}_imgSize vec2(textureSize({name}, 0))"
        yield f"#define _{name}_flip false"


def complaints(log: str) -> Iterator[tuple[int, str]]:
    """(line, reason) of each error in a driver's log.

    Mesa writes `0:12(3): error: …`, NVIDIA `0(12) : error C1503: …`, Apple `ERROR: 0:12: …`.
    """
    for line in log.splitlines():
        found = COMPLAINT.match(line.strip())
        if found and not found[3].startswith("warning"):
            yield int(found[1] or found[2]), found[3].removeprefix("error: ").removeprefix("error ")
