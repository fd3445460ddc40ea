"""gl-transitions (gl-transitions.com, specification v1) as ISF transitions.

A function `transition(vec2)` between `getFromColor` and `getToColor`, with `progress` and `ratio`.
"""

from __future__ import annotations

import re
from pathlib import Path

from visuals.render.isf import uniforms
from visuals.render.isf.glsl import Source
from visuals.render.isf.nouns import Input, Isf, Pass

HAS = re.compile(r"\bvec4\s+transition\s*\(")
SAID = re.compile(r"^//\s*(author|license|name)\s*:\s*(.+)$", re.IGNORECASE | re.MULTILINE)

HOST = ("progress", "ratio", "from", "to")
BEFORE = (
    "float ratio = RENDERSIZE.x / RENDERSIZE.y;",
    "vec4 getFromColor(vec2 at) { return texture(startImage, at); }",
    "vec4 getToColor(vec2 at) { return texture(endImage, at); }",
)
AFTER = ("void main() { gl_FragColor = transition(isf_FragNormCoord); }",)


def isf(path: Path, text: str) -> Isf:
    """A transition from its text."""
    own = (found.input for found in uniforms.find(text) if found.name not in HOST)
    said = {key.lower(): value.strip() for key, value in SAID.findall(text)}
    return Isf(
        path=path,
        kind="transition",
        description=said.get("name", path.stem),
        credit=", ".join(said[key] for key in ("author", "license") if key in said),
        categories=("transition",),
        inputs=(
            Input("startImage", "image", "from"),
            Input("endImage", "image", "to"),
            Input("progress", "float", "progress", (0.0,), (0.0,), (1.0,)),
            *(item for item in own if item is not None),
        ),
        passes=(Pass(),),
        imports=(),
        body=Source(path, uniforms.without(text), 1, BEFORE, AFTER),
    )
