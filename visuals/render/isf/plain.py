"""Plain fragment shaders, as glslViewer, The Book of Shaders and GLSL Sandbox have them: `main` and a few uniforms.

What the host knows under another name is given it; every other uniform becomes an input.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from visuals.render.isf import uniforms
from visuals.render.isf.glsl import Source
from visuals.render.isf.nouns import Input, Isf, Kind, Pass

MOUSE = Input("mouse", "point2D", "pointer, 0 to 1", (0.5, 0.5), (0.0, 0.0), (1.0, 1.0))
IMAGES = ("u_tex0", "u_texture_0", "u_texture", "tex0", "texture0", "inputImage")
"""Names by which these hosts hand a picture in."""
HOST: Mapping[str, Mapping[str, str]] = {
    "float": {
        **dict.fromkeys(("u_time", "time", "iTime", "iGlobalTime"), "TIME"),
        **dict.fromkeys(("u_delta", "iTimeDelta"), "TIMEDELTA"),
    },
    "int": dict.fromkeys(("u_frame", "iFrame"), "FRAMEINDEX"),
    "vec2": {
        **dict.fromkeys(("u_resolution", "resolution", "iResolution"), "RENDERSIZE"),
        "u_mouse": "(mouse * RENDERSIZE)",
        "mouse": "",
    },
    "vec3": {"iResolution": "vec3(RENDERSIZE, 1.0)"},
    "vec4": dict.fromkeys(("u_date", "iDate"), "DATE"),
}
"""By GLSL type, what such a uniform is here; empty where our input has its name."""


def isf(path: Path, text: str) -> Isf:
    """A generator, or a filter where it wants a picture."""
    found = list(uniforms.find(text))
    known = {u.name: HOST[u.glsl][u.name] for u in found if u.name in HOST.get(u.glsl, {})}
    others = [u.input for u in found if u.name not in known and u.input is not None]
    pictures = [item.name for item in others if item.type == "image"]
    image = next((name for name in IMAGES if name in pictures), None)
    kind: Kind = "filter" if image else "generator"
    renamed = {} if image in (None, "inputImage") else {image: "inputImage"}
    inputs = (Input("inputImage", "image", "picture") if i.name == image else i for i in others)
    uses_mouse = any("mouse" in (name, words) or "mouse *" in words for name, words in known.items())
    defines = (f"#define {name} {words}" for name, words in {**known, **renamed}.items() if words)
    return Isf(
        path=path,
        kind=kind,
        description=path.stem,
        credit="",
        categories=(),
        inputs=(*((MOUSE,) if uses_mouse else ()), *inputs),
        passes=(Pass(),),
        imports=(),
        body=Source(path, uniforms.without(text), 1, tuple(defines)),
    )
