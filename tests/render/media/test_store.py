"""Which pictures are kept and which are due: all of it computed, no file."""

from __future__ import annotations

import numpy as np
import pytest

from visuals.render.media.store import Course, Span, Store

N = 40
RATE_HZ = 20.0
DURATION = N / RATE_HZ


def span(n: int) -> Span:
    return Span(n / RATE_HZ, (n + 1) / RATE_HZ, np.full((1, 1, 4), n, np.uint8))


def fill(store: Store, course: Course, limit: int = 10 * N) -> int:
    """Decode what is due, one after the other; how many it were."""
    for count in range(limit):
        due = store.missing(course)
        if due is None:
            return count
        store.add(span(int(due * RATE_HZ + 1e-9 if course.forward else due * RATE_HZ)), course)
    pytest.fail("never enough")


def at_hand(store: Store) -> set[int]:
    found = (store.find((n + 0.5) / RATE_HZ) for n in range(N))
    return {n for n, got in enumerate(found) if got is not None and got.pixels[0, 0, 0] == n}


def test_a_short_clip_is_decoded_once_and_whole() -> None:
    store = Store(DURATION, N)
    assert fill(store, Course(at=1.01)) == N
    assert store.is_whole
    for at in np.linspace(0.0, DURATION, 97, endpoint=False):
        assert store.missing(Course(float(at), bool(int(at * 10) % 2))) is None


def test_a_clip_one_picture_too_long_is_never_whole() -> None:
    store = Store(DURATION, N - 1)
    fill(store, Course())
    assert not store.is_whole
    assert len(store) == N - 1


@pytest.mark.parametrize("forward", [True, False])
def test_round_and_round_the_picture_is_at_hand_before_its_time(forward: bool) -> None:
    store, course = Store(DURATION, 12), Course(0.0, forward)
    fill(store, course)
    for step in range(3 * N):
        n = step % N if forward else -step % N
        course = course.on((n + 0.5) / RATE_HZ, DURATION)
        assert course.forward == forward
        assert n in at_hand(store)
        fill(store, course)
        assert len(store) <= 12
        ahead = {(n + k if forward else n - k) % N for k in range(6)}
        assert ahead <= at_hand(store)


def test_a_beat_put_right_by_a_little_finds_the_picture_before() -> None:
    store, course = Store(DURATION, 12), Course()
    for n in range(N):
        course = course.on((n + 0.5) / RATE_HZ, DURATION)
        fill(store, course)
    assert N - 2 in at_hand(store)
    back = course.on(course.at - 0.06, DURATION)
    assert back.forward
    assert store.missing(back) is None


def test_a_course_turns_when_it_goes_back_for_long() -> None:
    course = Course().on(1.0, DURATION)
    turned = [(course := course.on(1.0 - 0.02 * n, DURATION)).forward for n in range(1, 9)]
    assert turned == [True] * 5 + [False] * 3
    assert course.on(course.at + 0.15, DURATION).forward


def test_a_jump_is_no_turn() -> None:
    assert Course(1.5, True, 1.5).on(0.7, DURATION).forward
    assert not Course(0.7, False, 0.7).on(1.5, DURATION).forward


def test_the_end_of_a_clip_is_no_turn() -> None:
    assert Course(1.99, True, 1.99).on(0.01, DURATION).forward
    assert not Course(0.01, False, 0.01).on(1.99, DURATION).forward


def test_after_a_jump_the_place_jumped_to_is_due() -> None:
    store = Store(DURATION, 12)
    fill(store, Course())
    course = Course().on(1.25, DURATION)
    assert store.missing(course) == 1.25
    fill(store, course)
    assert set(range(25, 31)) <= at_hand(store)


def test_on_the_way_back_only_the_nearest_pictures_before_are_wanted() -> None:
    store, course = Store(DURATION, 8), Course(1.99, False, 1.99)
    fill(store, course)
    assert not store.wants(0.5, 0.55, course)
    assert store.wants(1.95, 2.0, course)
    assert store.wants(0.0, 0.05, course)  # just behind, by the clip's end
