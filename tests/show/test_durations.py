"""Durations read what they say and refuse the rest."""

from __future__ import annotations

import re

import pytest

from visuals.show.durations import DURATION_PATTERN, parse_duration
from visuals.types import CUT, Duration

GOOD = [
    ("10ms", Duration(0.01)),
    ("0.3s", Duration(0.3)),
    ("2 min", Duration(120.0)),
    ("1/4 beat", Duration(0.25, "beat")),
    ("2 bars", Duration(2.0, "bar")),
    ("3/2 bar", Duration(1.5, "bar")),
    ("0s", CUT),
    ("cut", CUT),
]


@pytest.mark.parametrize(("text", "duration"), GOOD)
def test_good(text: str, duration: Duration) -> None:
    assert parse_duration(text) == duration
    assert re.match(DURATION_PATTERN, text)


@pytest.mark.parametrize(
    "value", ["", "10", "ms", "-1s", "1/0 beat", "2 h", "99999s", "1e3s", "1s2s", 0.3, 3, True, None, []]
)
def test_refused(value: object) -> None:
    with pytest.raises(ValueError, match="expected a duration"):
        parse_duration(value)


def test_the_nearest_unit_is_named() -> None:
    with pytest.raises(ValueError, match="nearest unit is `beat`"):
        parse_duration("1/4 beet")
