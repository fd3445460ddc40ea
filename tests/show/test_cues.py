"""Scenes come and go smoothly, forwards and back; cues follow each other."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visuals.show.cues import Playback
from visuals.types import Change, Cue, Layer, Scene, Show, Through


def show(*names: str) -> Show:
    layers = (Layer("haze", "shader", "generators/haze"),)
    cues = tuple(Cue(str(n + 1), name) for n, name in enumerate(names))
    return Show("s", Path(), (8, 8), 60.0, 0, None, None, {n: Scene(n, layers) for n in names}, cues)


def test_the_first_scene_is_on() -> None:
    assert Playback(show("a", "b")).weights(0.0) == [("a", 1.0)]


def test_a_fade_is_smooth() -> None:
    playback = Playback(show("a", "b"))
    assert playback.go("b", 2.0, 1.0)
    assert playback.weights(1.0) == [("a", 1.0), ("b", 0.0)]
    assert playback.weights(2.0) == [("a", 0.5), ("b", 0.5)]
    assert dict(playback.weights(1.5))["b"] == pytest.approx(0.15625)
    assert playback.weights(3.0) == [("b", 1.0)]


def test_a_cut_is_at_once_and_a_scene_that_is_on_stays() -> None:
    playback = Playback(show("a", "b"))
    assert playback.go("b", 0.0, 1.0)
    assert playback.weights(1.0) == [("b", 1.0)]
    assert not playback.go("b", 2.0, 1.5)


def test_turning_back_begins_where_the_fade_is() -> None:
    playback = Playback(show("a", "b"))
    playback.go("b", 2.0, 0.0)
    before = dict(playback.weights(0.6))
    playback.go("a", 2.0, 0.6)
    assert dict(playback.weights(0.6)) == pytest.approx(before)
    assert playback.weights(1.3) == [("a", 1.0)]
    assert playback.since == 0.0


def test_a_third_scene_fades_in_over_the_one_that_shows_most() -> None:
    playback = Playback(show("a", "b", "c"))
    playback.go("b", 2.0, 0.0)
    playback.go("c", 2.0, 0.5)
    assert playback.weights(0.5) == [("a", 1.0), ("c", 0.0)]
    playback.weights(9.0)
    playback.go("a", 2.0, 10.0)
    playback.go("b", 2.0, 11.5)
    assert playback.weights(11.5) == [("a", 1.0), ("b", 0.0)]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 3), st.floats(0, 3)), max_size=20))
def test_shares_add_to_one(moves: list[tuple[str, float, float]]) -> None:
    playback, now = Playback(show("a", "b", "c")), 0.0
    for scene, fade, wait in moves:
        playback.go(scene, fade, now)
        now += wait
        weights = playback.weights(now)
        assert sum(w for _, w in weights) == pytest.approx(1.0)
        assert len({s for s, _ in weights}) == len(weights) <= 2
        assert weights[-1][0] == scene


def test_cues_follow_the_list_and_end() -> None:
    playback = Playback(show("a", "b", "c"))
    assert [c.number for _ in range(4) if (c := playback.next())] == ["1", "2", "3"]
    playback.fire("1")
    following = playback.next()
    assert following is not None
    assert following.scene == "b"


WIPE = Through("wipe", {"angle": 0.5})


def test_a_change_through_a_transition_goes_evenly() -> None:
    playback = Playback(show("a", "b"))
    playback.go("b", 2.0, 1.0, WIPE)
    assert [playback.change(t) for t in (1.5, 2.5)] == [Change(WIPE, 0.25), Change(WIPE, 0.75)]
    assert playback.change(3.0) is None
    playback.weights(3.0)
    playback.go("a", 2.0, 4.0)
    assert playback.change(5.0) is None


def test_a_change_that_is_turned_back_plays_in_reverse() -> None:
    playback = Playback(show("a", "b"))
    playback.go("b", 2.0, 0.0, WIPE)
    playback.go("a", 2.0, 0.6)
    assert playback.change(0.6) == Change(WIPE, pytest.approx(0.3), True)  # first of all b: what comes is a
    assert playback.change(0.9) == Change(WIPE, pytest.approx(0.15), True)
    assert playback.weights(0.6)[-1][0] == "a"
    playback.go("b", 2.0, 0.9)
    assert playback.change(0.9) == Change(WIPE, pytest.approx(0.15))
