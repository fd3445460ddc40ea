from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visuals.render.isf import header


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": [1, 2,],}', {"a": [1, 2]}),
        ('{"a": .5, "b": 1., "c": +3, "d": 007, "e": -.5}', {"a": 0.5, "b": 1.0, "c": 3, "d": 7, "e": -0.5}),
        ('{"a": 1, // why\n "b": 2}', {"a": 1, "b": 2}),
        ('{"a": "x, ] // .5",}', {"a": "x, ] // .5"}),
        ('{"a": 1, // last,\n}', {"a": 1}),
        ('{"a": [1 2 .5]\n"b c": "x"\n"d": [{} {}]}', {"a": [1, 2, 0.5], "b c": "x", "d": [{}, {}]}),
        ('{"a": ["x" "y: 1 2"] "b": true "c": null}', {"a": ["x", "y: 1 2"], "b": True, "c": None}),
        ('{"a": "tab\there"}', {"a": "tab\there"}),
    ],
)
def test_mends(text: str, expected: object) -> None:
    assert header.loads(text) == expected


def test_the_line_of_a_fault_stays() -> None:
    with pytest.raises(json.JSONDecodeError) as caught:
        header.loads('{\n"a": [1,],\n"b" 2\n}')
    assert caught.value.lineno == 3


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=8))
def test_what_is_json_stays_as_it_is(value: object) -> None:
    assert header.loads(json.dumps(value)) == value
