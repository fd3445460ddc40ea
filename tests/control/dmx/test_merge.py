from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from visuals.control.dmx.e131 import LOSS_S, is_late
from visuals.control.dmx.merge import SLOTS, SOURCES_LIMIT, Merge


def merge(hold: float = math.inf) -> Merge:
    return Merge(LOSS_S, is_late, hold)


def levels(merged: Merge, now: float) -> tuple[int, ...] | None:
    look = merged.look(now)
    return None if look.slots is None else tuple(look.slots[:3])


def test_nobody_has_the_universe_at_first() -> None:
    look = merge().look(0.0)
    assert (look.slots, look.link) == (None, "none")


def test_one_source() -> None:
    merged = merge()
    merged.take("a", "desk", b"\1\2\3", 100, 0, 0.0)
    look = merged.look(0.0)
    assert (look.link, look.source) == ("live", "desk")
    assert look.slots == b"\1\2\3" + bytes(SLOTS - 3)
    assert merged.look(1.0) is look  # nothing changed


def test_the_highest_priority_has_it_and_equals_share_by_the_highest_level() -> None:
    merged = merge()
    merged.take("a", "a", b"\x10\x90\0", 100, 0, 0.0)
    merged.take("b", "b", b"\x80\x20\0", 100, 0, 0.0)
    assert levels(merged, 0.0) == (0x80, 0x90, 0)
    merged.take("c", "c", b"\1\1\1", 150, 0, 1.0)
    assert levels(merged, 1.0) == (1, 1, 1)
    merged.take("c", "c", b"\1\1\1", 0, 1, 1.1)  # it steps back
    assert levels(merged, 1.1) == (0x80, 0x90, 0)


def test_a_source_that_falls_silent_leaves_the_rest() -> None:
    merged = merge()
    merged.take("main", "main", b"\xff", 150, 0, 0.0)
    for n in range(40):
        merged.take("backup", "backup", b"\x40", 100, n, n / 10)
        assert levels(merged, n / 10) == ((0xFF if n / 10 <= LOSS_S else 0x40), 0, 0)


def test_a_source_that_says_that_it_ends_is_gone_at_once() -> None:
    merged = merge()
    merged.take("main", "main", b"\xff", 150, 0, 0.0)
    merged.take("backup", "backup", b"\x40", 100, 0, 0.0)
    merged.end("main")
    merged.end("main")
    assert levels(merged, 0.1) == (0x40, 0, 0)


def test_late_packets_count_for_nothing_and_a_new_start_does() -> None:
    merged = merge()
    merged.take("a", "a", b"\1", 100, 50, 0.0)
    merged.take("a", "a", b"\2", 100, 45, 0.1)
    assert levels(merged, 0.1) == (1, 0, 0)
    assert merged.late == 1
    merged.take("a", "a", b"\3", 100, 10, 0.2)
    assert levels(merged, 0.2) == (3, 0, 0)


def test_the_last_look_is_held_for_good() -> None:
    merged = merge()
    merged.take("a", "a", b"\7", 100, 0, 0.0)
    merged.look(0.0)
    look = merged.look(1e6)
    assert (look.link, look.source, levels(merged, 1e6)) == ("held", "a", (7, 0, 0))


def test_the_last_look_is_held_for_a_while() -> None:
    merged = merge(hold=10.0)
    merged.take("a", "a", b"\7", 100, 0, 0.0)
    for n in range(120):
        now = n / 10
        link = merged.look(now).link
        assert link == ("live" if now <= LOSS_S else "held")
    assert merged.look(12.6).link == "none"
    merged.take("a", "a", b"\x08", 100, 0, 20.0)
    assert levels(merged, 20.0) == (8, 0, 0)


def test_the_last_look_is_let_go_at_once() -> None:
    merged = merge(hold=0.0)
    merged.take("a", "a", b"\7", 100, 0, 0.0)
    merged.look(2.0)
    assert merged.look(2.6).slots is None


def test_there_are_so_many_sources_and_priority_finds_room() -> None:
    merged = merge()
    for n in range(SOURCES_LIMIT + 50):
        merged.take(n, str(n), bytes([n]), 100, 0, 0.0)
    assert levels(merged, 0.0) == (SOURCES_LIMIT - 1, 0, 0)
    merged.take("main", "main", b"\xff", 101, 0, 0.0)
    assert levels(merged, 0.0) == (0xFF, 0, 0)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 40), st.binary(max_size=600), st.integers(0, 200), st.integers(0, 255), st.floats(0.0, 5.0)
        ),
        max_size=60,
    )
)
def test_whatever_comes_a_look_is_512_levels_or_none(packets: list[tuple[int, bytes, int, int, float]]) -> None:
    merged, now = merge(hold=3.0), 0.0
    for source, slots, priority, sequence, passed in packets:
        now += passed
        merged.take(source, "s", slots, priority, sequence, now)
        look = merged.look(now)
        assert look.slots is None or len(look.slots) == SLOTS
        assert (look.slots is None) == (look.link == "none")
