"""JSON as shader artists write it, with the line of what is wrong.

Strict JSON first; else trailing commas, `//` comments, `.5`, `1.`, `+1` and `007` are mended, line
breaks kept, and it is tried once more. It does not know what the keys mean.
"""

from __future__ import annotations

import json
import re
from typing import Any

PIECE = re.compile(
    r'("(?:[^"\\\n]|\\.)*")|(//[^\n]*)|(,)(?=(?:\s|//[^\n]*\n)*[}\]])|([+-]?\d*\.?\d+\.?(?:[eE][+-]?\d+)?)'
)


def loads(text: str) -> Any:
    """Parse; raises json.JSONDecodeError with the line within `text`."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return json.loads(PIECE.sub(_mend, text))


def _mend(piece: re.Match[str]) -> str:
    string, _, _, number = piece.groups()
    if string is not None:
        return string
    return "" if number is None else _number(number)


def _number(text: str) -> str:
    try:
        return repr(int(text)) if text.lstrip("+-").isdigit() else repr(float(text))
    except ValueError:
        return text
