"""How a desk's messages are addressed: channel and number, list and cue, a channel of the show as a fixture, a path."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from visuals.document import nearest
from visuals.vocabulary import DMX_CHANNELS, DMX_STATES, MSC_COMMANDS, cue_number, list_number

ADDRESS_PATTERN = r"^([1-9]|1[0-6])/([0-9]{1,3})$"
PROGRAM_PATTERN = r"^([1-9]|1[0-6])/([0-9]{1,7})$"
PRESSURE_PATTERN = r"^([1-9]|1[0-6])(?:/([0-9]{1,3}))?$"
HIGHEST, HIGHEST_PAIR, HIGHEST_PROGRAM = 127, 31, 2**21 - 1
"""Of notes and controllers; of controllers with 14 bits; of programs, counted through all banks."""

MOST_SCENES = 255

_CUE = "a cue such as 5 or 1/5 (list/cue)"
_EXAMPLES = f"expected {_CUE} or a command such as fire/64"


def _numbered(pattern: str, highest: int) -> Callable[[object], str]:
    def checked(value: object) -> str:
        match = re.match(pattern, value) if isinstance(value, str) else None
        if match is None or int(match[2]) > highest:
            example = "1/36" if highest > 36 else "1/7"
            raise ValueError(f"expected channel/number such as {example}: channel 1 to 16, number 0 to {highest}")
        return f"{match[1]}/{int(match[2])}"

    return checked


def _channel(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 16:
        raise ValueError("expected a channel, 1 to 16")
    return str(value)


def _pressure(value: object) -> str:
    match = None if isinstance(value, bool) else re.match(PRESSURE_PATTERN, str(value))
    if match is None or int(match[2] or 0) > HIGHEST:
        raise ValueError("expected a channel such as 1, or channel/note such as 1/36")
    return match[1] if match[2] is None else f"{match[1]}/{int(match[2])}"


# ---- show control


def msc_name(value: object) -> str:
    """What the event of a show control address is called behind `msc.`: of `1/5.0` it is `go.1/5`.

    Raises ValueError, which says what was expected.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(_EXAMPLES)
    text = str(value)
    command, slash, what = text.partition("/") if text[:1].isalpha() else ("go", "/", text)
    if command not in MSC_COMMANDS:
        raise ValueError(f"{_EXAMPLES}; {nearest(command, MSC_COMMANDS).removeprefix(', ')}")
    if slash and not what:
        raise ValueError(_EXAMPLES)
    behind, highest, _ = MSC_COMMANDS[command]
    found = {"cue": _cue, "number": _number, "list": _list, "nothing": _nothing}[behind](command, what, highest)
    return f"{command}.{found}" if found else command


def _cue(command: str, what: str, _: int) -> str:
    """Cue 0 of what runs is no cue of its own: desks write it where they mean whichever runs."""
    place, slash, cue = what.rpartition("/")
    numbers = [_place(place) if slash else "", cue_number(cue) if cue else ""]
    if None in numbers:
        raise ValueError(f"expected {command}, {command}/5 or {command}/1/5, with list and cue as numbers")
    cue = "" if command in ("stop", "resume", "go_off") and numbers[1] == "0" else str(numbers[1])
    return f"{numbers[0]}/{cue}" if slash else cue


def _place(text: str) -> str | None:
    """A list, or a list and a path of it where their numbers are no plain ones: `3.1:1.9`."""
    parts = [list_number(part) for part in text.split(":")]
    return None if None in parts or len(parts) > 2 else ":".join(map(str, parts))


def _number(command: str, what: str, highest: int) -> str:
    if not re.fullmatch("[0-9]{1,6}", what) or int(what) > highest:
        raise ValueError(f"expected {command}/number, 0 to {highest}")
    return str(int(what))


def _list(command: str, what: str, _: int) -> str:
    number = list_number(what)
    if number is None:
        raise ValueError(f"expected {command}/3, with the list's number")
    return number


def _nothing(command: str, what: str, _: int) -> str:
    if what:
        raise ValueError(f"expected {command} alone, which is for the whole show")
    return ""


# ---- the show as a fixture


def _dmx(value: object) -> str:
    text = str(value)
    scene = re.fullmatch(r"scene\.([1-9][0-9]{0,2})", text)
    names = (*(name for name in DMX_CHANNELS if name != "scene"), *DMX_STATES)
    if text not in names and (scene is None or int(scene[1]) > MOST_SCENES):
        hint = nearest(text, ("scene.1", *names)).split("; ")[1:]
        raise ValueError("; ".join([f"expected {_LISTED}", *hint]))
    return text


_LISTED = ", ".join(
    [
        "scene.1 to that of the last scene",
        *(name for name in DMX_CHANNELS if name != "scene" and not name.startswith("assign.")),
        "assign.1 to assign.8",
        *(f"{name} ({about})" for name, about in DMX_STATES.items()),
    ]
)


# ---- OSC

OSC_BYTES = 200
TAKEN = ("/show/subscribe", "/show/unsubscribe")


def _osc(value: object) -> str:
    """OSC 1.0: printable characters of ASCII, without those that patterns are made of."""
    if not isinstance(value, str) or not re.fullmatch(r"(/[^/ #*,?\[\]{}]+)+", value) or not value.isascii():
        raise ValueError("expected an address such as /1/fader1")
    if not value.isprintable() or len(value) > OSC_BYTES:
        raise ValueError(f"expected an address of at most {OSC_BYTES} printable characters")
    if value in TAKEN:
        raise ValueError("expected another address: this one is for who wants to be told of changes")
    return value


def _written(*forms: Any) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": list(forms)})


_TEXT: dict[str, Any] = {"type": "string"}
_CHANNEL: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": 16}

Address = Annotated[
    str, PlainValidator(_numbered(ADDRESS_PATTERN, HIGHEST)), WithJsonSchema({**_TEXT, "pattern": ADDRESS_PATTERN})
]
Pair = Annotated[
    str, PlainValidator(_numbered(ADDRESS_PATTERN, HIGHEST_PAIR)), WithJsonSchema({**_TEXT, "pattern": ADDRESS_PATTERN})
]
Program = Annotated[
    str,
    PlainValidator(_numbered(PROGRAM_PATTERN, HIGHEST_PROGRAM)),
    WithJsonSchema({**_TEXT, "pattern": PROGRAM_PATTERN}),
]
Channel = Annotated[str, PlainValidator(_channel), WithJsonSchema(_CHANNEL)]
Pressure = Annotated[str, PlainValidator(_pressure), _written(_CHANNEL, {**_TEXT, "pattern": PRESSURE_PATTERN})]
Msc = Annotated[str, PlainValidator(msc_name), _written({"type": "number", "minimum": 0}, _TEXT)]
Dmx = Annotated[
    str,
    PlainValidator(_dmx),
    WithJsonSchema({**_TEXT, "examples": ["scene.1", *[n for n in DMX_CHANNELS if n != "scene"], *DMX_STATES]}),
]
Osc = Annotated[str, PlainValidator(_osc), WithJsonSchema({**_TEXT, "pattern": "^/", "examples": ["/1/fader1"]})]
