"""How problems name things: values in short, the nearest of the names that are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any


def nearest(name: str, names: Sequence[str] | Mapping[str, object]) -> str:
    """`, expected one of a, b; nearest is `a``, as much of it as can be said."""
    known = sorted(names)
    expected = f", expected one of {', '.join(known) if len(known) <= 12 else f'{len(known)} known'}" if known else ""
    close = get_close_matches(name, known, 1)
    return expected + (f"; nearest is `{close[0]}`" if close else "")


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
