"""A show's place outlives its machine for ten minutes, and a clean end leaves none."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from visuals.bookmark import EVERY_S, FRESH_S, Bookmark, place
from visuals.library import open_show
from visuals.shm import Latest
from visuals.show.director import Director
from visuals.wire import Lines, memo_layout

SHOW = Path(__file__).parents[1] / "shows" / "first-light" / "show.yaml"
BAD_HANDS = '{"t": 1, "memo": {"scene": "dawn", "since": 1, "hands": {"haze.density": "much"}}}'


@pytest.fixture
def ring() -> Iterator[Latest]:
    ring = Latest(memo_layout(""), create=True)
    yield ring
    ring.close()
    ring.unlink()


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "visuals" / "bookmarks"


def test_the_next_director_goes_on_where_the_last_one_was(ring: Latest) -> None:
    show, _ = open_show(SHOW, None)
    cue = show.cues[-1]
    director = Director(replace(show, bindings=()))
    director.step([], [], 5.0)
    director.restore({"scene": cue.scene, "cue": cue.number, "since": 40.0, "flags": 1})
    Lines(ring).write(director.memo())
    Bookmark(SHOW).note(ring, 100.0)

    memo = Bookmark(SHOW).read()
    assert memo is not None
    successor = Director(show)
    successor.restore(memo)
    assert successor.memo()["scene"] == cue.scene
    assert successor.memo()["cue"] == cue.number
    assert successor.memo()["since"] == pytest.approx(-60.0), "the scene is a minute old, as it was"
    assert successor.memo()["flags"] == 0
    assert place(memo) == f"scene {cue.scene}, cue {cue.number}"
    assert Bookmark(SHOW.with_name("another.yaml")).read() is None


def test_an_old_place_a_broken_one_and_that_of_a_clean_end_count_for_nothing(ring: Latest, cache: Path) -> None:
    mark = Bookmark(SHOW)
    assert mark.read() is None
    Lines(ring).write({"scene": "dawn", "since": 0.0})
    mark.note(ring, 10.0)
    assert mark.read() is not None
    (file,) = cache.iterdir()
    told = os.stat(file).st_mtime
    for age, good in ((FRESH_S - 60.0, True), (FRESH_S + 1.0, False), (-3600.0, False)):
        os.utime(file, (told - age, told - age))
        assert (mark.read() is not None) == good
    for text in ("", "[]", '{"t": 1}', '{"t": "x", "memo": {"since": 1}}', BAD_HANDS, "\x00"):
        file.write_text(text)
        assert mark.read() is None
    mark.note(ring, 10.0 + EVERY_S)
    assert mark.read() is not None
    mark.remove()
    assert mark.read() is None


def test_a_place_that_cannot_be_kept_is_no_fault(ring: Latest, cache: Path) -> None:
    cache.parent.mkdir(parents=True)
    cache.write_text("in the way")
    Lines(ring).write({"scene": "dawn", "since": 0.0})
    mark = Bookmark(SHOW)
    mark.note(ring, 10.0)
    assert mark.read() is None
    mark.remove()
