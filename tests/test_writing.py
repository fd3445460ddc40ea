"""A file that a person wrote gets one new entry; all else of it stays to the letter."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from visuals.document.writing import amend, amend_list, amended, with_item
from visuals.errors import RigError
from visuals.wall.layout import load_rig

RIG = """\
# My club.
rig: Club            # the small one

# The screen.
walls:
  - {name: main, canvas: [0, 0, 512, 256], output: {window: {}}}   # left of the bar
"""
NEW = "sound: {gain: 12, noise: -62}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", NEW),
        ("sound: {gain: 3}\n", NEW),
        ("sound: {gain: 3}   # by ear\n", f"{NEW}   # by ear"),
        ("sound: {gain: 3,\n        noise: -40}\n", NEW),
        ("sound:\n  gain: 3\n  noise: -40\n", NEW),
    ],
    ids=["none", "one line", "with a comment", "two lines", "a block"],
)
def test_one_entry_changes_and_nothing_else(before: str, after: str) -> None:
    head, tail = RIG.split("\n\n")
    text = f"{head}\n{before}\n{tail}"
    assert amended(text, "sound", "{gain: 12, noise: -62}") == f"{head}\n{after}\n\n{tail}"


def test_the_first_entry_may_be_a_long_one() -> None:
    assert amended("walls:\n- {name: a}\n  # odd\nrig: x\n", "sound", "{}") == (
        "walls:\n- {name: a}\n  # odd\nsound: {}\nrig: x\n"
    )


def test_a_file_without_a_last_newline_is_whole() -> None:
    assert amended("rig: x", "sound", "{}") == "rig: x\nsound: {}\n"
    assert amended("rig: x\nsound: {gain: 1}", "sound", "{}") == "rig: x\nsound: {}"


def test_the_new_file_takes_the_old_ones_place(tmp_path: Path) -> None:
    path = tmp_path / "club.yaml"
    path.write_text(RIG)
    path.chmod(0o640)
    link = tmp_path / "link.yaml"
    link.symlink_to(path)
    amend(link, "sound", "{gain: 12, noise: -62}", load_rig)
    rig = load_rig(path)
    assert (rig.gain_db, rig.noise_db) == (12.0, -62.0)
    assert path.stat().st_mode & 0o777 == 0o640
    assert link.is_symlink()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["club.yaml", "link.yaml"]


def test_what_would_be_broken_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "club.yaml"
    path.write_text(RIG)
    with pytest.raises(RigError):
        amend(path, "sound", "{gain: 900}", load_rig)
    assert path.read_text() == RIG
    assert [p.name for p in tmp_path.iterdir()] == ["club.yaml"]


ITEM = "{note: 1/36, go: dawn}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("show: x\n", "show: x\nmidi:\n  - NEW\n"),
        ("show: x", "show: x\nmidi:\n  - NEW\n"),
        ("midi: []\nshow: x\n", "midi:\n  - NEW\nshow: x\n"),
        ("midi: []   # none yet\nshow: x\n", "midi:   # none yet\n  - NEW\nshow: x\n"),
        ("midi: [{cc: 1/7, drive: master}]  # mine\n", "midi: [{cc: 1/7, drive: master}, NEW]  # mine\n"),
        ("midi: [\n  {cc: 1/7, drive: master}, # mine\n]\n", "midi: [\n  {cc: 1/7, drive: master}, NEW, # mine\n]\n"),
        (
            "midi:\n  - {cc: 1/7, drive: master}  # mine\n\n# the end\nkeys: {b: blackout}\n",
            "midi:\n  - {cc: 1/7, drive: master}  # mine\n  - NEW\n\n# the end\nkeys: {b: blackout}\n",
        ),
        (
            "midi:\n- cc: 1/7\n  drive: master # mine\nshow: x",
            "midi:\n- cc: 1/7\n  drive: master # mine\n- NEW\nshow: x",
        ),
        ("midi:\n    - {cc: 1/7, drive: a - b}", "midi:\n    - {cc: 1/7, drive: a - b}\n    - NEW"),
        ("midi:\r\n  - {cc: 1/7}\r\nshow: x\r\n", "midi:\r\n  - {cc: 1/7}\r\n  - NEW\r\nshow: x\r\n"),
        ("midi:\n  - a: |\n      text\n\nshow: x\n", "midi:\n  - a: |\n      text\n  - NEW\n\nshow: x\n"),
    ],
)
def test_an_item_comes_to_a_list_and_nothing_else_changes(before: str, after: str) -> None:
    assert with_item(before, "midi", ITEM) == after.replace("NEW", ITEM)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("midi:\n  - {cc: 1/7} # a\n  - {cc: 1/8} # b\n", "midi:\n  - {cc: 1/7} # a\n  - NEW # b\n"),
        ("midi: [{cc: 1/7}, {cc: 1/8}]\n", "midi: [{cc: 1/7}, NEW]\n"),
        ("midi:\n- cc: 1/7\n- cc: 1/8\n  drive: x # b\nshow: x\n", "midi:\n- cc: 1/7\n- NEW # b\nshow: x\n"),
    ],
)
def test_an_item_takes_the_place_of_another(before: str, after: str) -> None:
    assert with_item(before, "midi", ITEM, 1) == after.replace("NEW", ITEM)


def test_a_list_is_kept_only_where_the_check_agrees(tmp_path: Path) -> None:
    path = tmp_path / "show.yaml"
    path.write_bytes(b"show: x\r\n")

    def refuse(fresh: Path) -> None:
        assert ITEM in fresh.read_text()
        raise RigError("no")

    with pytest.raises(RigError):
        amend_list(path, "midi", ITEM, refuse)
    assert path.read_bytes() == b"show: x\r\n"
    assert [p.name for p in tmp_path.iterdir()] == ["show.yaml"]
    amend_list(path, "midi", ITEM, lambda fresh: None)
    assert path.read_bytes() == f"show: x\r\nmidi:\r\n  - {ITEM}\r\n".encode()


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        (
            "a: 1\nlist:\n- x: 1      # one\n  y: 'a # b'   # two\n- z\n",
            "a: 1\nlist:\n- {x: 2}  # one   # two\n- z\n",
        ),
        ("list:\r\n  - {x: 1,  # one\r\n     y: 2}  # two\r\n", "list:\r\n  - {x: 2}  # one  # two\r\n"),
        ("list: [{x: 1, # one\n  y: 2}, z] # two\n", "list: [ # one\n    {x: 2}, z] # two\n"),
    ],
)
def test_comments_inside_what_is_replaced_stay(text: str, changed: str) -> None:
    assert with_item(text, "list", "{x: 2}", 0) == changed
    assert YAML(typ="safe").load(changed)["list"][0] == {"x": 2}
