"""What may stand behind a key: names, times, numbers of cues, words from closed lists."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema
from typing_extensions import TypeAliasType

from visuals.show.durations import DURATION_PATTERN, parse_duration
from visuals.types import Duration
from visuals.vocabulary import COMMANDS, ENGINE_SIGNALS, EVENTS, SHOW_EVENTS, SIGNALS, cue_number

NAME_PATTERN = r"^[A-Za-z_][A-Za-z0-9_]*$"
CUE_PATTERN = r"^[0-9]{1,6}(\.[0-9]{1,6})?$"
KEY_NAMES = (
    *("space", "enter", "escape", "tab", "backspace", "delete", "insert", "home", "end"),
    *("page_up", "page_down", "left", "right", "up", "down"),
    *(f"f{n}" for n in range(1, 13)),
)
"""Keys that write no character; every other key is the character it writes."""


def _name(text: str) -> str:
    if not re.match(NAME_PATTERN, text) or len(text) > 64:
        raise ValueError("expected a name: a letter, then letters, digits or _")
    return text


def _cue_number(value: object) -> str:
    """A cue's number as a decimal without idle zeros, so that 1, 1.0 and "1.00" are one cue."""
    text = str(value)
    number = cue_number(text)
    if isinstance(value, bool) or number is None or not re.match(CUE_PATTERN, text):
        raise ValueError("expected a cue number such as 1 or 2.5")
    return number


def _key(text: str) -> str:
    if len(text) != 1 and text not in KEY_NAMES:
        close = get_close_matches(text, KEY_NAMES, 1)
        raise ValueError("expected a character or a key's name" + (f"; nearest is `{close[0]}`" if close else ""))
    return text


def _source(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("expected an expression such as 0.7*bass + 0.3*mid")
    return str(value)


def _metre(value: object) -> int | None:
    if value == "auto":
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 2 <= value <= 7:
        raise ValueError("expected auto, or 2 to 7 beats in a bar")
    return value


Name = Annotated[str, AfterValidator(_name), WithJsonSchema({"type": "string", "pattern": NAME_PATTERN})]
Time = Annotated[
    Duration, PlainValidator(parse_duration), WithJsonSchema({"type": "string", "pattern": DURATION_PATTERN})
]
CueNumber = Annotated[
    str,
    PlainValidator(_cue_number),
    WithJsonSchema({"anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": CUE_PATTERN}]}),
]
Key = Annotated[str, AfterValidator(_key)]
_TO_READ = "Arithmetic over signals; what each is for: SIGNALS.md, or `visuals signals`."
_TO_WAIT_FOR = "An event of the ears, the show or the operator, or a desk's message such as midi.note.1/36."
Source = TypeAliasType(
    "Source",
    Annotated[
        str,
        PlainValidator(_source),
        WithJsonSchema(
            {
                "description": _TO_READ,
                "anyOf": [{"type": "string", "examples": [*SIGNALS, *ENGINE_SIGNALS]}, {"type": "number"}],
            }
        ),
    ],
)
Happening = TypeAliasType(
    "Happening",
    Annotated[
        str,
        WithJsonSchema({"description": _TO_WAIT_FOR, "type": "string", "examples": [*EVENTS, *SHOW_EVENTS, *COMMANDS]}),
    ],
)
"""Named types stand in the schema once, with the names that editors complete."""
Bpm = Annotated[float, Field(ge=20.0, le=400.0)]
Metre = Annotated[
    int | None,
    PlainValidator(_metre),
    WithJsonSchema({"anyOf": [{"const": "auto"}, {"type": "integer", "minimum": 2, "maximum": 7}]}),
]
Range = tuple[float, float]
Value = float | bool | list[float]
Inputs = dict[str, Value]
Images = dict[str, str]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Weights = str | Annotated[dict[str, Annotated[float, Field(ge=0.0, le=1.0)]], Field(min_length=1)]
Prompt = Annotated[str, Field(min_length=1, max_length=1000)]
Curve = Literal["linear", "square", "cube", "root", "smooth", "invert"]
if TYPE_CHECKING:
    Command = str
else:
    Command = Literal[tuple(COMMANDS)]
