"""What a file may do to us (nothing), and where its faults are said to be."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from visuals.document import MAX_BYTES, Document, plain_value, read, validate
from visuals.errors import RigError


class Wall(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    size: tuple[int, int] | None = None
    gamma: float = Field(1.0, ge=0.1, le=4.0)
    mix: str | dict[str, float] = ""
    order: Literal["rgb", "grb"] = "rgb"


class Rig(BaseModel):
    model_config = ConfigDict(extra="forbid")
    rig: str
    walls: list[Wall] = Field(min_length=1)


def document(folder: Path, text: str | bytes) -> Document:
    path = folder / "rig.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read(path, RigError)


def problems(folder: Path, text: str | bytes) -> list[str]:
    with pytest.raises(RigError) as raised:
        validate(document(folder, text), Rig)
    return [f"{p.line}:{p.column} {p.text}" for p in raised.value.problems]


def test_a_good_file(tmp_path: Path) -> None:
    text = "# a rig\nrig: Nord\nwalls:\n  - {name: 'main', size: [128, 64], gamma: 2}\n"
    made = document(tmp_path, text)
    assert validate(made, Rig) == Rig(rig="Nord", walls=[Wall(name="main", size=(128, 64), gamma=2.0)])
    assert made.place(("walls", 0, "size", 1)) == (4, 32)
    assert made.key_place(("walls", 0, "gamma")) == (4, 37)
    assert made.place(("walls", 0, "name"), 2) == (4, 15)
    assert made.place(("walls", 0, "missing")) == (4, 5)


WRONG = [
    ("rig: a\nwalls: [{name: x, gama: 2}]", "2:19 found the unknown key `gama`", "nearest is `gamma`"),
    ("rig: a\nwalls: [{name: x, size: [1, a]}]", "2:29 found `a`, expected a whole number", ""),
    ("rig: a\nwalls: [{name: x, size: [1]}]", "2:25 item 2 is missing", ""),
    ("rig: a\nwalls: [{name: x, gamma: 9}]", "2:26 found `9`, expected 4.0 or less", ""),
    ("rig: a\nwalls: [{name: x, gamma: '2'}]", "2:26 found `2`, expected a number", ""),
    ("rig: a\nwalls: [{name: x, order: gbr}]", "2:26 found `gbr`, expected one of rgb, grb", "nearest is `rgb`"),
    ("rig: a\nwalls: [{name: x, mix: {a: b}}]", "2:28 found `b`, expected a number", ""),
    ("rig: a\nwalls: [{name: x, mix: 3}]", "2:24 found `3`, expected text or a mapping", ""),
    ("rig: a\nwalls: []", "2:8 found a list, expected at least 1", ""),
    ("rig: a", "1:1 `walls` is missing", ""),
    ("rig: true\nwalls: [{name: x}]", "1:6 found `true`, expected text", ""),
    ("rig:\nwalls: [{name: x}]", "1:1 found nothing, expected text", ""),
    ("", "0:0 found an empty file", ""),
    ("- a", "1:1 found a list, expected a mapping", ""),
    ("rig: a\n\twalls: 3", "2:1 found a tab, expected spaces", ""),
    ("rig: 'a\nwalls: []", "2:10 not YAML", ""),
    ("rig: a\nrig: b\nwalls: [{name: x}]", "2:1 `rig` stands twice, first in line 1", ""),
    ("rig: !!python/object:os.system x", "1:6 found the tag `tag:yaml.org,2002:python/object:os.system`", ""),
    ("rig: a\nwalls: [{name: x, gamma: .NaN}]", "2:26 found .NaN, expected a finite number", ""),
    ("rig: a\nwalls: [{name: x, gamma: -.inf}]", "2:26 found -.inf, expected a finite number", ""),
    ("rig: a\nwalls: [{name: x, gamma: 1e999}]", "2:26 found 1e999, expected a finite number", ""),
    ("rig: a\nwalls: [{name: x, gamma: 99999999999999999999}]", "2:26 found 99999999999999999999, expected", ""),
    ("rig: &r [*r]", "1:10 `*r` stands inside itself: a cycle", ""),
    ("rig: *r", "1:6 found `*r`, expected an anchor `&r` before", ""),
    ("rig: a\n---\nrig: b", "2:1 found a second document", ""),
    ("rig: a\n? [b]\n: c", "2:3 found a key that is no plain text", ""),
    (b"rig: a\nwalls: \xff", "2:8 found bytes that are no UTF-8", ""),
    ("rig: a\x07", "1:7 found the character #x07", ""),
    ('rig: "\\ud800"', "1:6 found half a surrogate pair", ""),
    ("x: " + "[" * 900 + "]" * 900, "1:35 nested more than 32 deep", ""),
    ("rig: " + "a" * MAX_BYTES, "0:0 larger than 1 MB", ""),
    ("x: [" + "1," * 50_001 + "]", "1:100005 unfolds to more than 50000", ""),
]


@pytest.mark.parametrize(("text", "start", "end"), WRONG, ids=[w[1][:40] for w in WRONG])
def test_faults_have_a_place(tmp_path: Path, text: str | bytes, start: str, end: str) -> None:
    found = problems(tmp_path, text)
    assert found[0].startswith(start)
    assert end in found[0]


def test_every_fault_at_once(tmp_path: Path) -> None:
    found = problems(tmp_path, "walls:\n  - {name: 1, order: rgbw}\n  - {gama: 2}\n")
    assert [f.split()[0] for f in found] == ["1:1", "2:12", "2:22", "3:5", "3:6"]


def test_aliases_that_unfold_without_end(tmp_path: Path) -> None:
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 8)}]" for n in range(1, 30)]
    assert "unfolds to more than 50000 values" in problems(tmp_path, "\n".join(lines))[0]


def test_an_alias_is_placed_where_it_was_written(tmp_path: Path) -> None:
    made = document(tmp_path, "rig: a\nwalls:\n  - &w {name: x, gamma: 1.5}\n  - *w\n")
    assert len(validate(made, Rig).walls) == 2
    assert made.place(("walls", 1, "gamma")) == (3, 25)


def test_a_file_that_is_not_there_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "club.yaml").write_text("rig: a")
    with pytest.raises(RigError, match=r"no such file, expected one of club\.yaml; nearest is"):
        read(tmp_path / "clubb.yaml", RigError)


CORE = [
    *[(t, None) for t in ("", "~", "null", "NULL")],
    *[("true", True), ("False", False), ("yes", "yes"), ("on", "on"), ("1_000", "1_000"), ("2020-01-01", "2020-01-01")],
    *[("0o14", 12), ("014", 14), ("0xff", 255), ("-3", -3), ("1e3", 1000.0), (".5", 0.5), ("1/36", "1/36")],
]


@pytest.mark.parametrize(("text", "value"), CORE)
def test_core_schema(text: str, value: object) -> None:
    assert plain_value(text) == value
    assert type(plain_value(text)) is type(value)


def test_core_schema_of_no_numbers() -> None:
    assert math.isnan(plain_value(".nan"))  # type: ignore[arg-type]
    assert plain_value("-.inf") in (math.inf, -math.inf)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.text(), st.binary(), st.text("[]{}:,-&*!|>'\"#?%@ \n\tab1.")))
def test_no_file_does_more_than_be_refused(tmp_path: Path, text: str | bytes) -> None:
    data = text if isinstance(text, bytes) else text.encode("utf-8", "replace")
    try:
        validate(document(tmp_path, data), Rig)
    except RigError as e:
        assert e.problems  # noqa: PT017 (a file that happens to be right raises nothing)
