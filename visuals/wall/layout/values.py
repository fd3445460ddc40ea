"""What may stand behind a key of a rig file: lengths, times, shares, turns, reasons."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema

from visuals.types import Turn

TIME_PATTERN = r"^[0-9]+(\.[0-9]+)? ?(ms|s)$"
ID = r"^[A-Za-z0-9._-]{1,12}$"
TURNS: tuple[Turn, ...] = (0, 90, 180, 270)


def _time(least: float, most: float) -> Any:
    """Seconds of `40ms` or `0.04s`, between `least` and `most`."""

    def parse(value: object) -> float:
        found = re.fullmatch(r"(\d+(?:\.\d+)?) ?(ms|s)", value.strip()) if isinstance(value, str) else None
        seconds = float(found[1]) * (0.001 if found[2] == "ms" else 1.0) if found else -1.0
        if not least <= seconds <= most:
            lowest = f"at least {1000 * least:g}ms and " if least else ""
            raise ValueError(f"expected a time such as 40ms or 0.04s, {lowest}at most {most:g}s")
        return seconds

    return Annotated[float, PlainValidator(parse), WithJsonSchema({"type": "string", "pattern": TIME_PATTERN})]


def _turn(value: object) -> Turn:
    for turn in TURNS:
        if value == turn and not isinstance(value, bool):
            return turn
    raise ValueError("expected 0, 90, 180 or 270 degrees, clockwise as the audience sees it")


def _words(least: int) -> Callable[[str], str]:
    def check(text: str) -> str:
        if len(text.split()) < least:
            raise ValueError(f"expected a reason in at least {least} words, which goes into the log")
        return text

    return check


def _readable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("expected a name in one line, without control characters")
    return text


def _id(text: str) -> str:
    if not re.match(ID, text):
        raise ValueError("expected letters, digits, `.`, `_` or `-`, such as A1")
    return text


Extent = Annotated[int, Field(ge=1, le=16_384)]
Offset = Annotated[int, Field(ge=0, le=16_384)]
Millimetres = Annotated[float, Field(ge=-1_000_000.0, le=1_000_000.0)]
Length = Annotated[float, Field(gt=0.0, le=1_000_000.0)]
Gap = Annotated[float, Field(ge=0.0, le=100_000.0)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Watts = Annotated[float, Field(ge=0.0, le=10_000_000.0)]
Nits = Annotated[float, Field(ge=1.0, le=20_000.0)]
Name = Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_readable)]
Id = Annotated[
    str, Field(min_length=1, max_length=12), AfterValidator(_id), WithJsonSchema({"type": "string", "pattern": ID})
]
Degrees = Annotated[Turn, PlainValidator(_turn), WithJsonSchema({"enum": list(TURNS)})]
Reason = Annotated[str, Field(max_length=300), AfterValidator(_words(3))]
Latency: Any = _time(0.0, 1.0)
Delay: Any = _time(0.0, 0.5)
Window: Any = _time(0.05, 10.0)
