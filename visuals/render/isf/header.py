"""JSON as shader artists write it, with the line of what is wrong.

Strict JSON first; else trailing commas, `//` comments, `.5`, `1.`, `+1` and `007` are mended, and then
commas set where a value ends and the next begins. Line breaks stay. It does not know what the keys mean.
"""

from __future__ import annotations

import json
import re
from typing import Any

PIECE = re.compile(
    r'("(?:[^"\\\n]|\\.)*")|(//[^\n]*)|(,)(?=(?:\s|//[^\n]*\n)*[}\]])|([+-]?\d*\.?\d+\.?(?:[eE][+-]?\d+)?)'
)
TOKEN = re.compile(r'("(?:[^"\\\n]|\\.)*"|[\w.+-]+|[}\]])(?=(\s*)(.?))', re.DOTALL)
"""A string, a word or the end of a list or object; the space after it; what comes then."""


def loads(text: str) -> Any:
    """Parse; raises json.JSONDecodeError with the line within `text`."""
    mended = PIECE.sub(_mend, text)
    for tried in (text, mended):
        try:
            return json.loads(tried, strict=False)
        except json.JSONDecodeError:
            pass
    return json.loads(TOKEN.sub(_parted, mended), strict=False)


def _mend(piece: re.Match[str]) -> str:
    string, _, _, number = piece.groups()
    if string is not None:
        return string
    return "" if number is None else _number(number)


def _parted(found: re.Match[str]) -> str:
    """A token, with a comma where the next value follows at once."""
    token, space, after = found.groups()
    follows = after in tuple('"{[') or (space and (after.isalnum() or after == "."))
    return f"{token}," if follows else token


def _number(text: str) -> str:
    try:
        return repr(int(text)) if text.lstrip("+-").isdigit() else repr(float(text))
    except ValueError:
        return text
