from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from visuals.control.timecode.timeline import RESUME_S, REWIND_S, Timeline


def test_cues_are_given_once_and_in_order() -> None:
    timeline = Timeline([(12.0, "c"), (10.0, "a"), (11.0, "b")])
    assert timeline.advance(9.9) == []
    assert timeline.advance(10.0) == ["a"]
    assert timeline.advance(10.0) == []
    assert timeline.advance(12.5) == ["b", "c"]
    assert timeline.advance(99.0) == []


def test_the_first_call_gives_the_newest_cue_up_to_there() -> None:
    assert Timeline([(10.0, "a"), (11.0, "b"), (12.0, "c")]).advance(11.5) == ["b"]
    assert Timeline([(10.0, "a")]).advance(9.0) == []
    assert Timeline[str]([]).advance(9.0) == []


def test_a_jump_gives_only_the_newest_cue_before_it() -> None:
    timeline = Timeline([(10.0, "a"), (20.0, "b"), (30.0, "c"), (40.0, "d")])
    assert timeline.advance(5.0, 1) == []
    assert timeline.advance(35.0, 2) == ["c"]
    assert timeline.advance(41.0, 2) == ["d"]
    assert timeline.advance(22.0, 3) == ["b"]
    assert timeline.advance(30.0, 3) == ["c"]


def test_a_jump_ahead_over_no_cue_gives_none_again_and_one_back_gives_where_it_is() -> None:
    """As after a tape that was not heard for longer than it is believed."""
    timeline = Timeline([(10.0, "a"), (20.0, "b"), (30.0, "c")])
    assert timeline.advance(12.0, 1) == ["a"]
    assert timeline.advance(19.0, 2) == []
    assert timeline.advance(20.0, 2) == ["b"]
    assert timeline.advance(12.0, 3) == ["a"]
    assert timeline.advance(35.0, 4) == ["c"]
    assert timeline.advance(36.0, 5) == []


def test_one_that_was_left_for_a_moment_gives_what_passed_meanwhile() -> None:
    cues = [(10.0, "a"), (11.0, "b"), (12.0, "c"), (100.0, "d")]
    for there, passed in (
        (12.5, ["b", "c"]),
        (10.4, []),
        (9.9, []),
        (10.0 + RESUME_S, ["b", "c"]),
        (99.0, ["c"]),
        (5.0, []),
    ):
        timeline = Timeline(cues)
        timeline.resume(10.2)
        assert timeline.advance(there, 1) == passed
    earlier = Timeline(cues)
    earlier.resume(50.0)
    assert earlier.advance(11.5, 1) == ["b"]
    assert earlier.advance(12.5, 1) == ["c"]


def test_one_that_takes_over_gives_only_what_comes() -> None:
    last, timeline = Timeline([(10.0, "a")]), Timeline([(9.0, "x"), (10.0, "a"), (11.0, "b")])
    last.advance(9.5, 3)
    last.advance(10.5, 3)
    timeline.succeed(last)
    assert timeline.advance(10.6, 3) == []
    assert timeline.advance(11.0, 3) == ["b"]


def test_backwards_gives_none_and_forwards_again_gives_them_anew() -> None:
    timeline = Timeline([(10.0, "a"), (11.0, "b")])
    timeline.advance(9.0)
    assert timeline.advance(11.5) == ["a", "b"]
    assert [timeline.advance(11.5 - 0.1 * n) for n in range(20)] == [[]] * 20
    assert timeline.advance(9.7) == []
    assert timeline.advance(10.2) == ["a"]
    assert timeline.advance(11.2) == ["b"]


def test_a_tape_that_rocks_gives_a_cue_once() -> None:
    timeline = Timeline([(10.0, "a")])
    assert timeline.advance(9.9) == []
    given = [timeline.advance(position) for position in (10.1, 9.9, 10.1, 10.0 - REWIND_S / 2, 10.2)]
    assert given == [["a"], [], [], [], []]


def test_the_offset_moves_all_cues() -> None:
    timeline = Timeline([(10.0, "a"), (11.0, "b")], offset=-2.5)
    assert timeline.advance(7.4) == []
    assert timeline.advance(7.5) == ["a"]
    assert timeline.advance(8.5) == ["b"]


@given(st.lists(st.floats(0.0, 100.0), max_size=20), st.lists(st.floats(0.0, 5.0), max_size=40))
def test_forwards_every_cue_is_given_exactly_once(times: list[float], steps: list[float]) -> None:
    timeline = Timeline([(time, n) for n, time in enumerate(times)])
    position, given = -1.0, list(timeline.advance(-1.0))
    for step in steps:
        position += step
        given += timeline.advance(position)
    assert given == [n for n, time in sorted(enumerate(times), key=lambda cue: cue[1]) if time <= position]


@given(
    st.lists(st.floats(0.0, 100.0), max_size=10),
    st.lists(st.tuples(st.floats(0.0, 100.0), st.integers(0, 2)), max_size=40),
)
def test_no_walk_gives_a_cue_ahead_of_it(times: list[float], walk: list[tuple[float, int]]) -> None:
    timeline = Timeline([(time, time) for time in times])
    for position, jumps in walk:
        assert all(time <= position for time in timeline.advance(position, jumps))
