"""Uniforms that a shader of another dialect declares for itself, as inputs: type, name, and the value in its comment.

`uniform vec2 size; // = vec2(10.0, 4)` is how gl-transitions says it. Nothing is executed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from visuals.render.isf import sizes
from visuals.render.isf.nouns import COMPONENTS, Input, Numbers

DECLARED = re.compile(
    r"(?:^|(?<=;))[ \t]*uniform[ \t]+(?:(?:highp|mediump|lowp)[ \t]+)?(\w+)[ \t]+(\w+(?:[ \t]*,[ \t]*\w+)*)[ \t]*;"
    r"(?:[ \t]*//[ \t]*=[ \t]*([^\n;]+))?",
    re.MULTILINE,
)
TYPES = {
    "float": "float",
    "int": "long",
    "bool": "bool",
    "vec2": "point2D",
    "vec3": "point3D",
    "vec4": "color",
    "ivec2": "long2D",
    "sampler2D": "image",
    "samplerCube": "cube",
}
REST: dict[str, Numbers] = {"float": (0.5,), "bool": (0.0,), "long": (1.0,)}


@dataclass(frozen=True, slots=True)
class Uniform:
    """One declaration: an input, or a GLSL type no input has."""

    name: str
    glsl: str
    input: Input | None


def find(text: str) -> Iterator[Uniform]:
    """Every uniform that `text` declares."""
    for found in DECLARED.finditer(text):
        kind = TYPES.get(found[1])
        for name in re.split(r"[ \t]*,[ \t]*", found[2]):
            yield Uniform(name, found[1], None if kind is None else _input(name, kind, found[3] or ""))


def without(text: str) -> str:
    """The text without them; lines keep their numbers."""
    return DECLARED.sub("", text)


def _input(name: str, kind: str, told: str) -> Input:
    count = len(COMPONENTS[kind])
    rest = _numbers(told, count) or REST.get(kind, (0.0,) * count)
    if kind == "float":
        return Input(name, kind, name, rest, (min(0.0, rest[0]),), (max(1.0, 2.0 * rest[0]),))
    if kind == "bool":
        return Input(name, kind, name, rest, (0.0,), (1.0,))
    return Input(name, kind, name, rest)


def _numbers(told: str, count: int) -> Numbers:
    """`vec2(10.0, 4)`, `true`, `-.5`, `1.0 / 3.0`: one number for each component; empty when it is none of these."""
    text = told.split("//")[0].strip()
    if text in ("true", "false"):
        return (float(text == "true"),)
    call = re.fullmatch(r"i?vec[234]\s*\((.*)\)", text)
    try:
        parts = tuple(_number(part) for part in (call[1] if call else text).split(","))
    except (ValueError, ArithmeticError):
        return ()
    return parts * count if len(parts) == 1 else parts if len(parts) == count else ()


def _number(text: str) -> float:
    expression, names = sizes.parse(text.strip().rstrip("fF"))
    if names:
        raise ValueError(text)
    return float(expression({}))
