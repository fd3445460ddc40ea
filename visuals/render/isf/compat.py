"""GLSL that only some drivers take, mended as a second try: the text says what it means, in words all accept.

Lines keep their numbers. It knows GLSL, neither ISF's headers nor a driver.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from visuals.render.isf import leftovers

RESERVED = frozenset(
    [
        "active",
        "buffer",
        "case",
        "cast",
        "centroid",
        "class",
        "coherent",
        "common",
        "default",
        "double",
        "dvec2",
        "dvec3",
        "dvec4",
        "enum",
        "extern",
        "external",
        "filter",
        "fixed",
        "flat",
        "fvec2",
        "fvec3",
        "fvec4",
        "goto",
        "half",
        "hvec2",
        "hvec3",
        "hvec4",
        "inline",
        "input",
        "interface",
        "invariant",
        "long",
        "namespace",
        "noinline",
        "noperspective",
        "output",
        "packed",
        "partition",
        "patch",
        "precise",
        "precision",
        "public",
        "readonly",
        "resource",
        "restrict",
        "row_major",
        "sample",
        "sampler",
        "shared",
        "short",
        "sizeof",
        "smooth",
        "static",
        "subroutine",
        "superp",
        "switch",
        "template",
        "texture2DRect",
        "this",
        "typedef",
        "union",
        "unsigned",
        "using",
        "volatile",
        "writeonly",
    ]
)
"""Words of GLSL 4.6's table of keywords (section 3.6) that shaders for older versions use as names."""

DEFINE = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(\w+)[^\n]*", re.MULTILINE)
COMMENT = re.compile(r"//[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
WRITES_COORD = re.compile(r"\bgl_FragCoord(?:\.\w+)?\s*(?:[-+*/]?=)(?!=)")
PRECISION = re.compile(r"\bprecision\s+(?:highp|mediump|lowp)\s+\w+\s*;")
SWITCH = re.compile(r"\bswitch\s*\(")
FUNCTION = re.compile(r"\b[A-Za-z_]\w*\s+([A-Za-z_]\w*)\s*\([^()]*\)\s*\{")
QUALIFIER = re.compile(r"\b(smooth|flat|noperspective|centroid|invariant|precise)\s+(?:in|out|varying|gl_\w+)\b")

GEN = ("float", "vec2", "vec3", "vec4")
VECTORS = GEN[1:]


def _each(*parameters: str, result: str = "G", over: Iterable[str] = GEN) -> list[tuple[str, tuple[str, ...]]]:
    """(result, parameters) with `G` standing for each type of `over`."""
    return [(t if result == "G" else result, tuple(t if p == "G" else p for p in parameters)) for t in over]


_ONE = _each("G")
_TWO = _each("G", "G")
_TWO_OR_FLOAT = [*_TWO, *_each("G", "float", over=VECTORS)]
BUILT_IN: Mapping[str, list[tuple[str, tuple[str, ...]]]] = {
    **dict.fromkeys(
        [
            "radians",
            "degrees",
            "sin",
            "cos",
            "tan",
            "asin",
            "acos",
            "sinh",
            "cosh",
            "tanh",
            "exp",
            "log",
            "exp2",
            "log2",
            "sqrt",
            "inversesqrt",
            "abs",
            "sign",
            "floor",
            "trunc",
            "round",
            "ceil",
            "fract",
            "normalize",
        ],
        _ONE,
    ),
    "pow": _TWO,
    "reflect": _TWO,
    "mod": _TWO_OR_FLOAT,
    "min": [*_TWO_OR_FLOAT, ("int", ("int", "int"))],
    "max": [*_TWO_OR_FLOAT, ("int", ("int", "int"))],
    "step": [*_TWO, *_each("float", "G", over=VECTORS)],
    "atan": [*_ONE, *_TWO],
    "clamp": [*_each("G", "G", "G"), *_each("G", "float", "float", over=VECTORS), ("int", ("int", "int", "int"))],
    "mix": [*_each("G", "G", "G"), *_each("G", "G", "float", over=VECTORS)],
    "smoothstep": [*_each("G", "G", "G"), *_each("float", "float", "G", over=VECTORS)],
    "length": _each("G", result="float"),
    "distance": _each("G", "G", result="float"),
    "dot": _each("G", "G", result="float"),
    "cross": [("vec3", ("vec3", "vec3"))],
    "refract": _each("G", "G", "float"),
}
"""Built-in functions that shaders overload, with what GLSL 3.30 (chapter 8) has of each."""


@dataclass(frozen=True)
class Mended:
    """A body, and what has to stand before it."""

    body: str
    before: tuple[str, ...] = ()


def mend(body: str, first_line: int, declared: Collection[str] = ()) -> Mended:
    """The body as stricter drivers take it; `first_line` is where it starts, `declared` has its name already."""
    body = leftovers.HOST.sub("", PRECISION.sub("", body))
    bare = COMMENT.sub(" ", body)
    for name in set(FUNCTION.findall(bare)) & set(declared):
        body = re.sub(rf"\b{name}(?=\s*\()", f"isf_own_{name}", body)
    before = [*_names(bare, declared), *leftovers.lines(bare, declared), *_overloads(bare)]
    if WRITES_COORD.search(bare):
        before += ["vec4 isf_FragCoord = gl_FragCoord;", "#define gl_FragCoord isf_FragCoord"]
    return Mended(_redefined(body, first_line), tuple(before))


def _names(bare: str, declared: Collection[str]) -> Iterator[str]:
    """Reserved words that stand as names are given another."""
    words = (set(re.findall(r"[A-Za-z_]\w*", bare)) & RESERVED) - set(declared)
    words -= {found[1] for found in (*QUALIFIER.finditer(bare), *DEFINE.finditer(bare))}
    words -= {"case", "default", "switch"} if SWITCH.search(bare) else set()
    for word in sorted(words):
        yield f"#define {word} isf_word_{word}"


def _overloads(bare: str) -> Iterator[str]:
    """A user's overload of a built-in hides all of them in Mesa: theirs and ours go by a name of our own."""
    for name, signatures in BUILT_IN.items():
        own = {_types(found) for found in re.findall(rf"\b\w+\s+{name}\s*\(([^()]*)\)\s*\{{", bare)}
        if not own:
            continue
        for result, parameters in signatures:
            if parameters not in own:
                names = "abc"[: len(parameters)]
                listed = ", ".join(f"{kind} {n}" for kind, n in zip(parameters, names, strict=True))
                yield f"{result} isf_own_{name}({listed}) {{ return {name}({', '.join(names)}); }}"
        yield f"#define {name} isf_own_{name}"


def _types(parameters: str) -> tuple[str, ...]:
    """`in vec2 a, float b` as (vec2, float)."""
    words = (p.split() for p in parameters.split(",") if p.strip() not in {"", "void"})
    kept = ([w for w in p if w not in {"in", "const", "highp", "mediump", "lowp"}] for p in words)
    return tuple(p[0] for p in kept if p)


def _redefined(body: str, first_line: int) -> str:
    """A macro that is defined again is undefined first."""
    seen: set[str] = set()

    def once(found: re.Match[str]) -> str:
        name = found[1]
        if name not in seen:
            seen.add(name)
            return found[0]
        line = first_line + body.count("\n", 0, found.start())
        return f"#undef {name}\n#line {line}\n{found[0]}"

    return DEFINE.sub(once, body)
