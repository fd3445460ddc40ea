"""Which kind a file is, told by what is in it, before it is read as one."""

from __future__ import annotations

from pathlib import Path

import pytest

from visuals.checking import check_files

RIG = "rig: Club\nwalls:\n  - {name: a, canvas: [0, 0, 8, 8], output: {null: {}}}\n"


@pytest.mark.parametrize(
    "text",
    [
        RIG,
        "\ufeff" + RIG,
        RIG.replace("rig:", '"rig":'),
        '{"rig": "Club", "walls": [{"name": "a", "canvas": [0, 0, 8, 8], "output": {"null": {}}}]}',
    ],
    ids=["plain", "byte order mark", "quoted", "JSON"],
)
def test_a_rig_is_taken_for_one_however_it_was_saved(tmp_path: Path, text: str) -> None:
    path = tmp_path / "club.yaml"
    path.write_text(text)
    assert check_files([str(path)]).problems == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (RIG.partition("\n")[2], "`rig` is missing"),
        (RIG.replace("rig:", "Rig:"), "nearest is `rig`"),
        (RIG.replace("name: a", 'name: "a\\nb"'), "expected a name in one line"),
    ],
)
def test_what_is_wrong_with_a_rig_is_told_as_of_a_rig(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "club.yaml"
    path.write_text(text)
    problems = "\n".join(check_files([str(path)]).problems)
    assert told in problems
    assert "scenes" not in problems
