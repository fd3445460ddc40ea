"""Durations as artists write them: `10ms`, `0.3s`, `1/4 beat`, `2 bars`, `cut`."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Literal

from visuals.types import CUT, Duration

Unit = Literal["s", "beat", "bar"]

UNITS: dict[str, tuple[Unit, float]] = {
    "ms": ("s", 0.001),
    "s": ("s", 1.0),
    "min": ("s", 60.0),
    "beat": ("beat", 1.0),
    "beats": ("beat", 1.0),
    "bar": ("bar", 1.0),
    "bars": ("bar", 1.0),
}
MAX_AMOUNT = 3600.0
EXAMPLES = "a duration such as 10ms, 0.3s, 1/4 beat, 2 bars or cut"

_NUMBER = r"[0-9]{1,6}(\.[0-9]{1,6})?"
DURATION_PATTERN = rf"^(cut|{_NUMBER}(/[0-9]{{1,4}})? ?({'|'.join(UNITS)}))$"
_PARTS = re.compile(rf"({_NUMBER})(?:/([0-9]{{1,4}}))?\s*([A-Za-z]*)")


def parse_duration(value: object) -> Duration:
    """The duration `value` writes. Raises ValueError, which says what was expected."""
    if value == "cut":
        return CUT
    match = _PARTS.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"expected {EXAMPLES}")
    number, divisor, unit = float(match[1]), float(match[3] or 1), match[4]
    if unit not in UNITS:
        close = get_close_matches(unit, UNITS, 1, 0.5)
        raise ValueError(f"expected {EXAMPLES}" + (f"; nearest unit is `{close[0]}`" if close else ""))
    kind, factor = UNITS[unit]
    if divisor == 0.0 or number * factor / divisor > MAX_AMOUNT:
        raise ValueError("expected a duration of at most an hour")
    return Duration(number * factor / divisor, kind)
