"""A save is noticed however an editor does it, once, and nothing else is."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from visuals.clock import monotonic, sleep
from visuals.saving import POLL_S, SaveWatch


def in_place(path: Path) -> None:
    path.write_text(path.read_text() + "more")


def by_rename(path: Path) -> None:
    fresh = path.with_name(".fresh")
    fresh.write_text("new")
    fresh.replace(path)


def away_and_back(path: Path) -> None:
    path.rename(path.with_name("backup"))
    path.write_text("new")


def the_same_text(path: Path) -> None:
    path.write_text(path.read_text())


def saved(watch: SaveWatch, within_s: float) -> bool:
    deadline = monotonic() + within_s
    while monotonic() < deadline:
        if watch.saved():
            return True
        sleep(0.01)
    return False


@pytest.mark.parametrize("save", [in_place, by_rename, away_and_back, the_same_text], ids=lambda f: f.__name__)
def test_a_save_is_told_once(tmp_path: Path, save: Callable[[Path], None]) -> None:
    path = tmp_path / "a.fs"
    path.write_text("old")
    with SaveWatch([path]) as watch:
        assert not saved(watch, 3 * POLL_S)
        save(path)
        assert saved(watch, 3.0)
        assert not saved(watch, 4 * POLL_S)


def test_many_quick_saves_are_told_at_their_end(tmp_path: Path) -> None:
    path = tmp_path / "a.fs"
    path.write_text("")
    with SaveWatch([path]) as watch:
        for n in range(20):
            path.write_text("x" * n)
            assert not watch.saved()
            sleep(0.02)
        assert saved(watch, 3.0)
        assert not saved(watch, 4 * POLL_S)


def test_a_file_that_goes_is_no_save_and_one_that_comes_is(tmp_path: Path) -> None:
    there, coming = tmp_path / "a.fs", tmp_path / "b.vs"
    there.write_text("")
    with SaveWatch([there, coming]) as watch:
        there.unlink()
        assert not saved(watch, 4 * POLL_S)
        coming.write_text("")
        assert saved(watch, 3.0)


def test_a_link_is_followed_to_what_it_names(tmp_path: Path) -> None:
    real, link = tmp_path / "real.fs", tmp_path / "link.fs"
    real.write_text("old")
    link.symlink_to(real)
    with SaveWatch([link]) as watch:
        real.write_text("newer")
        assert saved(watch, 3.0)
        other = tmp_path / "other.fs"
        other.write_text("another one")
        link.unlink()
        os.symlink(other, link)
        assert saved(watch, 3.0)


def test_what_is_followed_may_change(tmp_path: Path) -> None:
    first, second = tmp_path / "a.fs", tmp_path / "b.fs"
    for path in (first, second):
        path.write_text("old")
    with SaveWatch([first]) as watch:
        watch.follow([second])
        assert not saved(watch, 4 * POLL_S), "to begin to follow is no save"
        in_place(first)
        assert not saved(watch, 4 * POLL_S)
        in_place(second)
        assert saved(watch, 3.0)
