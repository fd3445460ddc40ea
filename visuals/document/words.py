"""How problems name things: values in short, the nearest of the names that are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

MOST_LISTED = 30
"""Names that are all told where none is near: without them there would be nothing to go by."""


def nearest(name: str, names: Sequence[str] | Mapping[str, object]) -> str:
    """`, expected one of a, b; nearest is `a``, as much of it as can be said."""
    known = sorted(names)
    close = _namesakes(name, known) or _in_any_case(name, known) or get_close_matches(name, known, 1)
    listed = len(known) <= (12 if close else MOST_LISTED)
    expected = f", expected one of {', '.join(known) if listed else f'{len(known)} known'}" if known else ""
    return expected + (f"; nearest is `{close[0]}`" if close else "")


def _namesakes(name: str, known: Sequence[str]) -> list[str]:
    """Those that differ in their folder alone, nearest first: `generators/tunnel` for `tunnel`."""
    same = [k for k in known if k.rpartition("/")[2] == name.rpartition("/")[2]]
    return get_close_matches(name, same, len(same), 0.0) if same else []


def _in_any_case(name: str, known: Sequence[str]) -> list[str]:
    return [k for k in known if k.casefold() == name.casefold()]


def show(value: Any) -> str:
    """A value as an error names it: short, and a collection by its kind."""
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    if value is None:
        return "nothing"
    return f"`{short(str(value).lower() if isinstance(value, bool) else str(value))}`"


def short(text: str) -> str:
    """At most 60 characters of a text, on one line."""
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "…"
