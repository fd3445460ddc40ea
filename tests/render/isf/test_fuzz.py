"""Nothing but ShaderError comes out of reading, and nothing a shader does ends the process that sweeps.

`VISUALS_FUZZ=10000` raises the number of examples.
"""

from __future__ import annotations

import json
import os
import random
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from visuals.errors import ShaderError
from visuals.render.isf import glsl, load, sizes, terms
from visuals.render.isf.inputs import FILL
from visuals.render.judging.sweep import Sweep

COUNT = int(os.environ.get("VISUALS_FUZZ", "0"))
FIXTURES = sorted(
    path for path in (Path(__file__).parent / "fixtures").rglob("*") if path.suffix in (".fs", ".vs", ".glsl")
)
WORDS = (
    "/* */ { } [ ] , : // # #define #include #if #endif #line #version main void float vec4 uniform varying out in 007 "
    'gl_FragColor isf_FragNormCoord IMG_THIS_PIXEL texture2D PASSINDEX TIME RENDERSIZE 0 -1 1e999 .5 NaN null true " '
    '"INPUTS": "PASSES": "IMPORTED": "TYPE": "TARGET": "WIDTH": while for(;;) discard struct mainImage transition \0'
)
SIZES = "$WIDTH $n 1 2e9 .5 + - * / ( ) , max pow sqrt round floor"

some = settings(max_examples=COUNT or 60, suppress_health_check=[HealthCheck.function_scoped_fixture])
numbers = st.integers() | st.floats() | st.sampled_from([10**400, 2**31, 1e308])
texts = st.text(max_size=8) | st.sampled_from(
    ["a" * 5000, "../../x", "/etc/hostname", "$WIDTH / 0", "pow(-8, 0.5)", "m.png"]
)
leaves = st.none() | st.booleans() | numbers | texts | st.sampled_from([*FILL, "x", "inputImage", "smooth"])
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=6) | st.dictionaries(texts, inner, max_size=3), max_leaves=6
)
KEYS = {
    "INPUTS": ["NAME", "TYPE", "DEFAULT", "MIN", "MAX", "VALUES", "LABELS", "LABEL"],
    "PASSES": ["TARGET", "PERSISTENT", "FLOAT", "WIDTH", "HEIGHT"],
    "IMPORTED": ["NAME", "PATH", "TYPE"],
    "PERSISTENT_BUFFERS": ["NAME", "WIDTH", "HEIGHT"],
}


def entry(key: str) -> st.SearchStrategy[dict[str, Any]]:
    likely = {
        "NAME": st.sampled_from(["a", "b", "smooth"]),
        "TYPE": st.sampled_from([*FILL]),
        "PATH": texts | st.lists(texts, min_size=6, max_size=6),
        "VALUES": st.lists(leaves),
        **dict.fromkeys(("WIDTH", "HEIGHT"), texts | numbers),
    }
    return st.fixed_dictionaries({}, optional={k: likely.get(k, values) | values for k in KEYS[key]})


headers = st.fixed_dictionaries(
    {},
    optional={
        **{key: st.lists(entry(key), max_size=3) | values | st.dictionaries(texts, entry(key)) for key in KEYS},
        **dict.fromkeys(("DESCRIPTION", "CREDIT", "CATEGORIES", "ISFVSN"), values),
    },
)


def mutated(data: bytes, chance: random.Random) -> bytes:
    """A file with another number, and perhaps a piece cut out, doubled or put in."""
    for _ in range(chance.randint(0, 2)):
        a = chance.randrange(len(data) + 1)
        piece, word = data[a : a + chance.choice([1, 4, 40])], chance.choice(WORDS.split(" ")).encode()
        put = chance.choice([b"", piece * 2, word, b" " + word + b" ", bytes([chance.randrange(256)])])
        data = data[:a] + put + data[a + len(piece) :]
    places = [found.span() for found in re.finditer(rb"\d+", data)] or [(0, 0)]
    a, b = chance.choice(places)
    return data[:a] + chance.choice([b"0", b"1", b"7", b"64", b"99999999", b"1e999", b"-1", b"(0.0 / 0.0)"]) + data[b:]


def read(path: Path) -> bool:
    """Whether a file can be read; what can be is told to the last word."""
    try:
        isf = load(path)
    except ShaderError:
        return False
    assert all(term.rest == term.rest for term in terms(isf).values())
    for n, step in enumerate(isf.passes):
        for way in glsl.WAYS:
            assert "isf_artist_main" in isf.fragment(n, way) + (isf.vertex(n, way) or "")
        names = {"WIDTH": 64.0, "HEIGHT": 32.0, **{i.name: 0.0 for i in isf.inputs}}
        assert 1 <= sizes.pixels(step.width, names) <= 4096
    return True


@some
@given(headers)
def test_any_header_is_read_or_refused(tmp_path: Path, header: dict[str, Any]) -> None:
    path = tmp_path / "any.fs"
    path.write_text(f"/*{json.dumps(header).replace('*/', '')}*/\nvoid main() {{}}")
    read(path)


@some
@given(st.sampled_from(FIXTURES), st.sampled_from([".fs", ".glsl", ".frag", ".json"]), st.randoms())
def test_any_text_is_read_or_refused(tmp_path: Path, fixture: Path, suffix: str, chance: random.Random) -> None:
    path = tmp_path / f"any{suffix}"
    path.write_bytes(mutated(fixture.read_bytes(), chance))
    read(path)


@some
@given(st.text(max_size=600) | st.lists(st.sampled_from(SIZES.split(" "))).map(" ".join))
def test_any_size_is_read_or_refused(text: str) -> None:
    try:
        expression, names = sizes.parse(text)
    except ValueError:
        return
    assert 1 <= sizes.pixels(expression, dict.fromkeys(names, 3.0)) <= 4096


@pytest.mark.timeout(180 + COUNT)
def test_what_is_read_may_only_hurt_a_child(tmp_path: Path) -> None:
    chance, paths = random.Random(7), []
    while len(paths) < (COUNT or 40):
        path = tmp_path / f"{len(paths)}.fs"
        path.write_bytes(mutated(chance.choice(FIXTURES).read_bytes(), chance))
        paths += [path] if read(path) else []
    sweep = Sweep(tmp_path, limit_s=20.0)
    results = list(sweep.run(paths))
    found = [result.category for result in results]
    assert not [result for result in results if "with exit code" in result.text], "a child may die of a signal only"
    assert len(found) == len(paths)
    assert {"ok", "compile"} <= set(found)
    print(f"{len(found)} read, {sweep.deaths} deaths of the child: { ({c: found.count(c) for c in set(found)}) }")
