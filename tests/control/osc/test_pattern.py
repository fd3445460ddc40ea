from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visuals.clock import monotonic
from visuals.control.osc.pattern import is_pattern, matches, pieces_of


def fits(part: str, name: str) -> bool:
    pieces = pieces_of(part)
    return pieces is not None and matches(pieces, name)


@pytest.mark.parametrize(
    ("part", "fitting", "others"),
    [
        # OSC 1.0, "OSC Message Dispatching and Pattern Matching", rule by rule.
        ("?", ["a", "9"], ["", "ab"]),
        ("d?wn", ["dawn", "down"], ["dwn", "daawn"]),
        ("*", ["", "a", "anything"], []),
        ("d*", ["d", "dawn"], ["", "ad"]),
        ("*n", ["n", "dawn"], ["dawns"]),
        ("d*n*", ["dn", "dawn", "dawns"], ["daw"]),
        ("[abc]", ["a", "c"], ["d", "", "ab"]),
        ("[a-f]x", ["ax", "fx"], ["gx", "-x"]),
        ("[!a-f]", ["g", "-"], ["a", "f"]),
        ("[a-]", ["a", "-"], ["b"]),
        ("[a!]", ["a", "!"], ["b"]),
        ("layer[0-9][0-9]", ["layer07"], ["layer7", "layer077"]),
        ("{dawn,tide}", ["dawn", "tide"], ["inferno", "", "dawntide"]),
        ("{,x}y", ["y", "xy"], ["x"]),
        ("{a,ab}{c,bc}", ["ac", "abc", "abbc"], ["ab", "bc"]),
        ("*{wn,de}", ["dawn", "tide"], ["inferno"]),
        ("dawn", ["dawn"], ["Dawn", "dawn2"]),
        ("[", [], ["["]),
        ("{a", [], ["a", "{a"]),
        ("a]", [], ["a]", "a"]),
        ("[]", [], ["", "a"]),
    ],
)
def test_the_rules_of_the_specification(part: str, fitting: list[str], others: list[str]) -> None:
    assert [name for name in fitting if not fits(part, name)] == []
    assert [name for name in others if fits(part, name)] == []


def test_what_is_no_pattern() -> None:
    assert not is_pattern("/show/scene/dawn")
    assert all(is_pattern(f"/show/{c}") for c in "*?[]{}")


@given(st.text("ab*?", max_size=10), st.text("ab", max_size=10))
def test_wildcards_match_as_regular_expressions_do(part: str, name: str) -> None:
    expression = part.replace("*", "[ab]*").replace("?", "[ab]")
    assert fits(part, name) == bool(re.fullmatch(expression, name))


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_pattern_raises(part: str, name: str) -> None:
    fits(part, name)


def test_the_worst_patterns_take_no_time() -> None:
    began = monotonic()
    assert not fits("*a" * 125 + "b", "a" * 200)
    assert not fits("{a,aa}" * 40 + "b", "a" * 200)
    assert monotonic() - began < 0.5
