"""A shader is judged once: what decides is its text, its files, the driver and the size."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.render.conftest import Write
from visuals.errors import MediaError, Problem
from visuals.render.gpu import Gpu
from visuals.render.isf import load
from visuals.render.isf.glsl import WAYS
from visuals.render.isf.program import Program
from visuals.render.judging.judge import Judge
from visuals.render.judging.verdicts import Verdict, Verdicts, digest, place

SIZE = (32, 16)
GOOD = "gl_FragColor = vec4(1.0);"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("verdicts")


@pytest.fixture(scope="module")
def judge(store: Path) -> Iterator[Judge]:
    with Judge(SIZE, Verdicts(store)) as judge:
        yield judge


def test_a_good_one_says_what_it_costs(judge: Judge, write: Write) -> None:
    verdict = judge.judge(load(write("{}", GOOD)))
    assert (verdict.kind, verdict.problems, WAYS[verdict.way]) == ("good", (), WAYS[0])
    assert min(verdict.compile_ms, verdict.first_ms, verdict.frame_ms) > 0.0


def test_the_way_a_driver_took_is_tried_first_by_who_comes_after(judge: Judge, gpu: Gpu, write: Write) -> None:
    path = write("{}", "float smooth = 0.5; gl_FragColor = vec4(smooth);")
    verdict = judge.judge(load(path))
    assert verdict.kind == "good"
    assert WAYS[verdict.way].mended, "a reserved word as a name is mended"
    program = Program(gpu, load(path), WAYS[verdict.way])
    assert program.way == WAYS[verdict.way]
    program.release()


def test_the_second_start_compiles_nothing(judge: Judge, store: Path, gpu: Gpu, write: Write) -> None:
    shaders = [load(write("{}", f"gl_FragColor = vec4(0.{n});", f"{n}.fs")) for n in range(3)]
    verdicts = [judge.judge(isf) for isf in shaders]
    with Judge(SIZE, Verdicts(store)) as second:
        assert [second.judge(isf) for isf in shaders] == verdicts
        assert second.tried == 0


def test_another_text_size_or_driver_is_tried(judge: Judge, store: Path, write: Write) -> None:
    isf = load(write("{}", GOOD))
    key = digest(isf)
    judge.judge(isf)
    assert digest(load(write('{"CREDIT": "x"}', GOOD))) != key, "a header decides too: sizes and defaults are in it"
    known = Verdicts(store)
    with Judge(SIZE) as other:
        driver = other._child().driver
    assert known.find(isf, key, place(driver, SIZE)) is not None
    assert known.find(isf, key, place(driver, (33, 16))) is None
    assert known.find(isf, key, place("another driver", SIZE)) is None


def test_pictures_and_vertex_shaders_decide_too(write: Write) -> None:
    path = write('{"IMPORTED": {"p": {"PATH": "p.png"}}}', "gl_FragColor = IMG_THIS_PIXEL(p);")
    keys = {digest(load(path))}
    for colour in ((255, 0, 0), (0, 255, 0)):
        Image.new("RGB", (2, 2), colour).save(path.with_name("p.png"))
        keys.add(digest(load(path)))
    path.with_suffix(".vs").write_text("void main() { isf_vertShaderInit(); }")
    keys.add(digest(load(path)))
    assert len(keys) == 4


def test_a_bad_one_says_where_and_shows_the_line(judge: Judge, store: Path, write: Write) -> None:
    path = write("{}", "float x = 1.0;\n  gl_FragColor = vec4(oops);")
    for _ in range(2):
        verdict = judge.judge(load(path))
        assert verdict.kind == "bad"
        first = str(verdict.problems[0]).splitlines()
        assert first[0].startswith(f"{path}:4: ")
        assert "oops" in first[0]
        assert first[1] == "    gl_FragColor = vec4(oops);"
    with Judge(SIZE, Verdicts(store)) as second:
        copy = path.with_name("copy.fs")
        copy.write_text(path.read_text())
        assert second.judge(load(copy)).problems[0].file == str(copy), "the same text elsewhere is told of elsewhere"
        assert second.tried == 0


def test_a_picture_that_is_none_is_a_fault_of_the_shader(judge: Judge, write: Write) -> None:
    path = write('{"IMPORTED": {"p": {"PATH": "p.png"}}}', "gl_FragColor = IMG_THIS_PIXEL(p);")
    path.with_name("p.png").write_text("no picture")
    verdict = judge.judge(load(path))
    assert verdict.kind == "bad"
    assert "p.png: not a picture" in verdict.problems[0].text


def test_pictures_are_read_in_the_child(judge: Judge, tmp_path: Path) -> None:
    Image.new("RGB", (2, 2)).save(tmp_path / "good.png")
    judge.see(tmp_path / "good.png")
    (tmp_path / "bad.png").write_text("no picture")
    with pytest.raises(MediaError, match=r"bad\.png: not a picture"):
        judge.see(tmp_path / "bad.png")


def test_a_file_that_changes_under_the_judge_is_told_and_not_remembered(
    judge: Judge, store: Path, write: Write
) -> None:
    path = write("{}", "gl_FragColor = vec4(0.75);")
    before = load(path)
    write("{}", "gl_FragColor = vec4(0.85);")
    verdict = judge.judge(before)
    assert "saved again while it was tried" in verdict.problems[0].text
    assert not (store / f"{digest(before)}.json").exists()


def test_checking_lifts_quarantine_for_every_size(store: Path, gpu: Gpu, write: Write) -> None:
    path = write("{}", "gl_FragColor = vec4(0.65);")
    isf, verdicts = load(path), Verdicts(store)
    with Judge(SIZE, verdicts) as judge:
        driver = judge._child().driver
        slow = Verdict("quarantined", problems=(Problem(str(path), 0, 0, "gave no picture within 2 s"),))
        verdicts.keep(isf, digest(isf), place(driver, (640, 360)), slow)
        assert judge.judge(isf).kind == "quarantined"
        assert judge.tried == 0
    with Judge(SIZE, verdicts) as judge:
        assert judge.judge(isf, again=True).kind == "good"
    assert verdicts.find(isf, digest(isf), place(driver, (640, 360))) is None


def told(**changed: object) -> str:
    verdict = {"kind": "good", "way": 0, "problems": [], "compile_ms": 1.0, "first_ms": 1.0, "frame_ms": 1.0}
    return json.dumps({"here 32x16": verdict | changed})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"x": 3}',
        '{"here 32x16": {"kind": "good"}}',
        told(kind="fine"),
        told(way=99),
        told(first_ms="soon"),
        told(kind="bad", problems=[[7, 1, 1, "x", ""]]),
        told(kind="bad"),
        "[" * 100_000,
    ],
)
def test_what_is_damaged_on_disk_is_not_known(tmp_path: Path, write: Write, text: str) -> None:
    isf, verdicts = load(write("{}", GOOD)), Verdicts(tmp_path / "kept")
    verdicts.keep(isf, "key", "here 32x16", Verdict("good", 0, (), 1.0, 2.0, 3.0))
    assert verdicts.find(isf, "key", "here 32x16") is not None
    (tmp_path / "kept" / "key.json").write_text(text)
    assert verdicts.find(isf, "key", "here 32x16") is None


def test_the_oldest_are_forgotten(tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("visuals.render.judging.verdicts.MOST", 3)
    isf, verdicts = load(write("{}", GOOD)), Verdicts(tmp_path / "kept")
    for n in range(3):
        verdicts.keep(isf, f"key{n}", "here 32x16", Verdict("good"))
    assert verdicts.find(isf, "key0", "here 32x16"), "what is asked for is not old"
    verdicts.keep(isf, "key3", "here 32x16", Verdict("good"))
    assert sorted(path.stem for path in (tmp_path / "kept").iterdir()) == ["key0", "key2", "key3"]


def test_where_nothing_can_be_written_it_is_known_for_now(tmp_path: Path, write: Write) -> None:
    (tmp_path / "file").write_text("")
    isf, verdicts = load(write("{}", GOOD)), Verdicts(tmp_path / "file" / "kept")
    verdicts.keep(isf, "key", "here 32x16", Verdict("good"))
    assert verdicts.find(isf, "key", "here 32x16") == Verdict("good")


def test_what_is_kept_is_small_and_whole(store: Path) -> None:
    for path in store.iterdir():
        assert path.suffix == ".json"
        assert path.stat().st_size < 1 << 14
        json.loads(path.read_text())
