from __future__ import annotations

from pathlib import Path

import pytest

from tests.render.conftest import Write
from visuals.errors import ShaderError
from visuals.render.isf import load, terms
from visuals.vocabulary import Term

EVERY_INPUT = """{"INPUTS": [
  {"NAME": "a", "TYPE": "float"},
  {"NAME": "b", "TYPE": "float", "MIN": -2, "MAX": 2, "DEFAULT": 9, "LABEL": "bee"},
  {"NAME": "c", "TYPE": "bool"},
  {"NAME": "d", "TYPE": "event"},
  {"NAME": "e", "TYPE": "long", "VALUES": [3, 1, 7], "DEFAULT": 7},
  {"NAME": "f", "TYPE": "long", "VALUES": ["low", "high"], "DEFAULT": "high"},
  {"NAME": "g", "TYPE": "point2D"},
  {"NAME": "h", "TYPE": "color", "DEFAULT": [0.1, 0.2, 0.3, 1]},
  {"NAME": "i", "TYPE": "image"},
  {"NAME": "j", "TYPE": "audio"},
  {"NAME": "k", "TYPE": "audioFFT"}
]}"""


def test_terms_are_flat(write: Write) -> None:
    found = terms(load(write(EVERY_INPUT, "")))
    assert list(found) == ["a", "b", "c", "d", "e", "f", "g.x", "g.y", "h.r", "h.g", "h.b", "h.a"]
    assert found["a"] == Term(0.0, 1.0, "", 0.5, "a")
    assert found["b"] == Term(-2.0, 2.0, "", 2.0, "bee")
    assert (found["c"].rest, found["d"].rest) == (1.0, 0.0)
    assert found["e"] == Term(1.0, 7.0, "", 7.0, "e")
    assert found["f"].rest == 1.0
    assert found["g.x"] == Term(None, None, "", 0.0, "g")
    assert found["h.b"] == Term(0.0, 1.0, "", 0.3, "h")


@pytest.mark.parametrize(
    ("inputs", "kind"),
    [
        ("", "generator"),
        ('{"NAME": "inputImage", "TYPE": "image"}', "filter"),
        ('{"NAME": "startImage", "TYPE": "image"}, {"NAME": "endImage", "TYPE": "image"}', "generator"),
        (
            '{"NAME": "startImage", "TYPE": "image"}, {"NAME": "endImage", "TYPE": "image"},'
            '{"NAME": "progress", "TYPE": "float"}',
            "transition",
        ),
        (
            '{"NAME": "inputImage", "TYPE": "image"}, {"NAME": "to", "TYPE": "image"},'
            '{"NAME": "progress", "TYPE": "float"}',
            "transition",
        ),
        ('{"NAME": "inputImage", "TYPE": "image"}, {"NAME": "progress", "TYPE": "float"}', "filter"),
    ],
)
def test_kind(write: Write, inputs: str, kind: str) -> None:
    assert load(write(f'{{"INPUTS": [{inputs}]}}', "")).kind == kind


@pytest.mark.parametrize(
    ("header", "line", "words"),
    [
        ('{\n"INPUTS": [\n{"NAME": "a", "TYPE": "flaot"}]}', 3, "unknown TYPE 'flaot'"),
        ('{\n"INPUTS": [\n{"NAME": "a b", "TYPE": "float"}]}', 3, "expected a NAME"),
        ('{\n"INPUTS": [\n\n{"NAME": "a", "TYPE": "float", "MIN": "low", "MAX": 1}]}', 4, "MIN: expected a number"),
        ('{"INPUTS": [{"NAME": "a", "TYPE": "color",\n "DEFAULT": [1, 2]}]}', 1, "expected 4 numbers"),
        ('{\n"IMPORTED": {"x": {"PATH": 5}}}', 2, "IMPORTED x: expected a PATH"),
        ('{\n"IMPORTED": {"x": {"PATH": "../../x.png"}}}', 2, "leads out of"),
        ('{\n\n"INPUTS": 5}', 3, "expected a list"),
        ('{"PASSES": [{"TARGET": "t",\n"WIDTH": "$WIDHT"}]}', 2, "unknown $WIDHT"),
        ('{"PASSES": [{"TARGET": "t",\n"WIDTH": "1 +"}]}', 2, "unknown 'end'"),
        ('{\n"INPUTS": [{"NAME": "t", "TYPE": "float"}],\n"PASSES": [{"TARGET": "t"}]}', 2, "declared twice"),
        ('{\n"a": 1,\n"b" 2}', 3, "header"),
        ("[1]", 1, "expected a JSON object"),
        ("[" * 100_000, 1, "header"),
    ],
)
def test_faults_have_a_line(write: Write, header: str, line: int, words: str) -> None:
    path = write(header, "")
    with pytest.raises(ShaderError) as caught:
        load(path)
    assert f"{path}:{line}:" in str(caught.value)
    assert words in str(caught.value)


def test_all_faults_at_once(write: Write) -> None:
    with pytest.raises(ShaderError) as caught:
        load(write('{"INPUTS": [{"NAME": "a", "TYPE": "x"}, {"NAME": "b", "TYPE": "y"}]}', ""))
    assert len(caught.value.problems) == 2


def test_no_header_and_no_file(write: Write) -> None:
    path = write("{}", "")
    path.write_text("void main() {}")
    with pytest.raises(ShaderError, match="expected JSON in the first comment"):
        load(path)
    with pytest.raises(ShaderError, match="cannot be read: No such file"):
        load(path.with_name("none.fs"))


def test_odd_encodings(write: Write) -> None:
    path = write("{}", "")
    path.write_bytes(b'\xef\xbb\xbf/*{"CREDIT": "Zo\xc3\xab"}*/\r\nvoid main() {}\r\n')
    isf = load(path)
    assert (isf.credit, isf.body.line, "\r" in isf.body.text) == ("Zoë", 1, False)
    path.write_bytes(b'/*{"CREDIT": "Zo\xeb"}*/')
    assert load(path).credit == "Zoë"


def test_a_name_that_no_file_can_have_is_missing(write: Write) -> None:
    assert len(load(write(f'{{"IMPORTED": {{"mask": {{"PATH": "{"a" * 5000}"}}}}}}', "")).notes) == 1


def test_what_is_missing_is_noted(write: Write) -> None:
    isf = load(write('{\n"IMPORTED": {"mask": {"PATH": "m.png"},\n"bare": {}}}', ""))
    assert [(note.line, note.text) for note in isf.notes] == [
        (2, "IMPORTED mask: no picture m.png, drawn as transparent"),
        (3, "IMPORTED bare: no PATH, left out"),
    ]


def test_a_picture_outside_the_pack_is_refused_also_through_a_link(write: Write, tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    (tmp_path / "m.png").write_bytes(b"")
    (tmp_path / "pack" / "link.png").symlink_to(tmp_path / "m.png")
    for told in ("../m.png", "link.png", "/etc/hostname"):
        path = write(f'{{"IMPORTED": {{"mask": {{"PATH": "{told}"}}}}}}', "", "pack/fixture.fs")
        with pytest.raises(ShaderError, match="leads out of"):
            load(path)
    assert load(write('{"IMPORTED": {"mask": {"PATH": "../m.png"}}}', "", "pack/fixture.fs"), tmp_path).imports
