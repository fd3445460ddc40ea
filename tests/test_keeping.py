"""An engine on its way up has the shaders that it was told of, however often is saved meanwhile."""

from __future__ import annotations

from pathlib import Path

from visuals.keeping import COPIES, Keeper


def saved(folder: Path, text: str) -> Path:
    shader = folder / "shaders" / "solid.fs"
    shader.parent.mkdir(exist_ok=True)
    shader.write_text(text)
    return shader


def test_what_was_kept_last_outlives_the_next_saves_and_old_copies_go(tmp_path: Path) -> None:
    with Keeper() as keeper:
        folders = []
        for n in range(COPIES + 5):
            keeper.keep(tmp_path, [saved(tmp_path, str(n))])
            assert keeper.folder is not None
            folders.append(keeper.folder)
        there = [n for n, folder in enumerate(folders) if folder.exists()]
        assert there == list(range(5, COPIES + 5))
        assert [(folders[n] / "shaders" / "solid.fs").read_text() for n in there] == [str(n) for n in there]
    assert not any(folder.exists() for folder in folders)


def test_where_nothing_can_be_kept_the_copy_before_counts(tmp_path: Path) -> None:
    with Keeper() as keeper:
        keeper.keep(tmp_path, [saved(tmp_path, "good")])
        good = keeper.folder
        shader = saved(tmp_path, "torn")
        assert good is not None
        (good.parent / "2").write_text("in the way")
        keeper.keep(tmp_path, [shader])
        assert keeper.folder == good
