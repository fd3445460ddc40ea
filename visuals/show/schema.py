"""The show file's form: what keys it may have and what may stand behind each.

One class per kind of entry. It does not know which names exist: `load` asks the catalogue.
A further kind of desk message is one more address in `Midi`, a further action one more class.
"""

from __future__ import annotations

import json
import re
import sys
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PlainValidator,
    Tag,
    WithJsonSchema,
    model_validator,
)
from typing_extensions import TypeAliasType

from visuals.show.durations import DURATION_PATTERN, parse_duration
from visuals.types import CUT, Duration, Listening
from visuals.vocabulary import COMMANDS, ENGINE_SIGNALS, EVENTS, MODEL_CONTROLS, SHOW_EVENTS, SIGNALS

NAME_PATTERN = r"^[A-Za-z_][A-Za-z0-9_]*$"
CUE_PATTERN = r"^[0-9]{1,6}(\.[0-9]{1,6})?$"
ADDRESS_PATTERN = r"^([1-9]|1[0-6])/([0-9]{1,3})$"
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
    if isinstance(value, bool) or not re.match(CUE_PATTERN, text):
        raise ValueError("expected a cue number such as 1 or 2.5")
    whole, _, part = text.partition(".")
    return ".".join(p for p in (str(int(whole)), part.rstrip("0")) if p)


def _address(text: str) -> str:
    match = re.match(ADDRESS_PATTERN, text)
    if match is None or int(match[2]) > 127:
        raise ValueError("expected channel/number such as 1/36: channel 1 to 16, number 0 to 127")
    return f"{match[1]}/{int(match[2])}"


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
Address = Annotated[str, AfterValidator(_address), WithJsonSchema({"type": "string", "pattern": ADDRESS_PATTERN})]
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
Weights = str | Annotated[dict[str, Annotated[float, Field(ge=0.0, le=1.0)]], Field(min_length=1)]
Prompt = Annotated[str, Field(min_length=1, max_length=1000)]
Blend = Literal["normal", "add", "screen", "multiply"]
Curve = Literal["linear", "square", "cube", "root", "smooth", "invert"]
if TYPE_CHECKING:
    Command = str
else:
    Command = Literal[tuple(COMMANDS)]


class Entry(BaseModel):
    """Something in the file with fixed keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# ---- layers -------------------------------------------------------------------------------------


class Dream(BaseModel):
    """What a model layer dreams: a style, or one of the show's prompts, or weights of several, and base values."""

    model_config = ConfigDict(
        extra="allow",
        frozen=True,
        json_schema_extra=lambda schema: schema["properties"].update(
            {
                name: {"type": "number", "description": term.about}
                | ({"minimum": term.low} if term.low is not None else {})
                | ({"maximum": term.high} if term.high is not None else {})
                for name, term in MODEL_CONTROLS.items()
            }
        ),
    )
    __pydantic_extra__: dict[str, float]
    style: Weights | None = None
    prompt: Weights | None = None


class LayerEntry(Entry):
    name: Name
    blend: Blend = "normal"
    opacity: float = Field(1.0, ge=0.0, le=1.0)


class ModelLayer(LayerEntry):
    """A picture the model dreams; `source` is a layer below, which `strength` under 1 mixes in (0.5 if unsaid)."""

    model: Dream
    source: Name | None = None


class ShaderLayer(LayerEntry):
    """A picture a shader draws; `inputs` are base values of its inputs."""

    shader: str
    inputs: dict[str, Value] = Field(default_factory=dict)


class ImageLayer(LayerEntry):
    """A picture file from the show's folder."""

    image: str


# ---- actions ------------------------------------------------------------------------------------


class PulseAction(Entry):
    """Add to a control and let it fall back."""

    pulse: str
    amount: float = 1.0
    decay: Time = Duration(0.25, "beat")


class SetAction(Entry):
    """Give a control a new base value."""

    set: str
    to: float
    fade: Time = CUT


class GoAction(Entry):
    """Crossfade to a scene; a cut without `fade`."""

    go: Name
    fade: Time | None = None


class CueAction(Entry):
    """Fire a cue."""

    cue: CueNumber


class FollowAction(Entry):
    """A control follows the desk's value."""

    drive: str
    range: Range = (0.0, 1.0)


class PressAction(Entry):
    """An operator's word."""

    press: Command


# ---- rules --------------------------------------------------------------------------------------


class DriveRule(Entry):
    """A control follows an expression."""

    drive: str
    source: Source = Field(alias="from")
    range: Range = (0.0, 1.0)
    curve: Curve = "linear"
    attack: Time | None = None
    release: Time | None = None
    smooth: Time | None = None

    @model_validator(mode="after")
    def _one_smoothing(self) -> DriveRule:
        if self.smooth is not None and (self.attack is not None or self.release is not None):
            raise ValueError("expected either `smooth` or `attack` and `release`")
        return self


class WhenRule(Entry):
    """What a `when` rule has beside its action."""

    when: Happening
    condition: Source | None = Field(None, alias="if")
    cooldown: Time = CUT
    at: Literal["now", "beat", "bar"] = "now"


class PulseRule(WhenRule, PulseAction):
    """When an event comes, pulse a control."""


class SetRule(WhenRule, SetAction):
    """When an event comes, set a control."""


class GoRule(WhenRule, GoAction):
    """When an event comes, go to a scene."""


class CueRule(WhenRule, CueAction):
    """When an event comes, fire a cue."""


# ---- the desk and the keyboard ------------------------------------------------------------------


class Midi(Entry):
    """A desk's message, as channel/number; `name` publishes its value as the signal `midi.<name>`."""

    note: Address | None = None
    cc: Address | None = None
    program: Address | None = None
    name: Name | None = None

    @property
    def event(self) -> str:
        kind = next(k for k in MIDI_KINDS if getattr(self, k) is not None)
        return f"midi.{kind}.{getattr(self, kind)}"

    @model_validator(mode="after")
    def _one_address(self) -> Midi:
        if sum(getattr(self, kind) is not None for kind in MIDI_KINDS) != 1:
            raise ValueError(f"expected exactly one of {', '.join(MIDI_KINDS)}")
        return self


MIDI_KINDS = ("note", "cc", "program")


class NamedMidi(Midi):
    """A desk's value that only rules read."""

    name: Name


class PulseMidi(Midi, PulseAction):
    """A desk's message that pulses a control."""


class SetMidi(Midi, SetAction):
    """A desk's message that sets a control."""


class GoMidi(Midi, GoAction):
    """A desk's message that goes to a scene."""


class CueMidi(Midi, CueAction):
    """A desk's message that fires a cue."""


class FollowMidi(Midi, FollowAction):
    """A fader."""


class PressMidi(Midi, PressAction):
    """A button for an operator's word."""


# ---- which class an entry is, by the key it has --------------------------------------------------


def _by(*keys: str) -> Discriminator:
    """Takes the class of the first of `keys` that the entry has, or else nearly has."""

    def tag(entry: Any) -> str | None:
        if not isinstance(entry, dict):
            return f"<{keys[0]}>"
        exact = [key for key in keys if key in entry]
        near = [close for key in entry for close in get_close_matches(str(key), keys, 1, 0.7)]
        return f"<{(exact or near)[0]}>" if exact or near else None

    text = f"an entry with {', '.join(f'`{k}`' for k in keys[:-1])} or `{keys[-1]}`"
    return Discriminator(tag, custom_error_type="entry", custom_error_message=text)


def _pressed(value: Any) -> Any:
    """A bare word behind a key is short for `press`."""
    return {"press": value} if isinstance(value, str) else value


AnyLayer = Annotated[
    Annotated[ModelLayer, Tag("<model>")]
    | Annotated[ShaderLayer, Tag("<shader>")]
    | Annotated[ImageLayer, Tag("<image>")],
    _by("model", "shader", "image"),
]
AnyRule = Annotated[
    Annotated[DriveRule, Tag("<drive>")]
    | Annotated[PulseRule, Tag("<pulse>")]
    | Annotated[SetRule, Tag("<set>")]
    | Annotated[GoRule, Tag("<go>")]
    | Annotated[CueRule, Tag("<cue>")],
    _by("drive", "pulse", "set", "go", "cue"),
]
AnyMidi = Annotated[
    Annotated[PulseMidi, Tag("<pulse>")]
    | Annotated[SetMidi, Tag("<set>")]
    | Annotated[GoMidi, Tag("<go>")]
    | Annotated[CueMidi, Tag("<cue>")]
    | Annotated[FollowMidi, Tag("<drive>")]
    | Annotated[PressMidi, Tag("<press>")]
    | Annotated[NamedMidi, Tag("<name>")],
    _by("pulse", "set", "go", "cue", "drive", "press", "name"),
]
KeyAction = Annotated[
    Annotated[PulseAction, Tag("<pulse>")]
    | Annotated[SetAction, Tag("<set>")]
    | Annotated[GoAction, Tag("<go>")]
    | Annotated[CueAction, Tag("<cue>")]
    | Annotated[PressAction, Tag("<press>")],
    _by("pulse", "set", "go", "cue", "press"),
]
AnyKey = Annotated[KeyAction, BeforeValidator(_pressed, json_schema_input_type=Command | KeyAction)]


# ---- the whole file -----------------------------------------------------------------------------


class SceneEntry(Entry):
    """Layers, bottom first, and the rules that move them."""

    layers: Annotated[list[AnyLayer], Field(min_length=1, max_length=32)]
    rules: Annotated[list[AnyRule], Field(max_length=500)] = Field(default_factory=list)


class CueEntry(Entry):
    """What GO fires."""

    cue: CueNumber
    scene: Name
    fade: Time = CUT


class Audio(Entry):
    """The sound a show is rendered with."""

    track: str


class Tempo(Entry):
    """What is known of the music's tempo. The narrower the range, the surer the beat is not half or double."""

    range: tuple[Bpm, Bpm] = Listening().bpm_range
    prior: Bpm | None = None
    metre: Metre = Field(default=None, json_schema_extra={"default": "auto"})


class ShowFile(Entry):
    """A show, as artists write it."""

    show: str = Field(min_length=1, max_length=200)
    canvas: tuple[Annotated[int, Field(ge=8, le=8192)], Annotated[int, Field(ge=8, le=8192)]] = (512, 256)
    fps: float = Field(60.0, ge=1.0, le=240.0)
    seed: int = Field(0, ge=0, le=2**32 - 1)
    model: str | None = None
    prompts: dict[Name, Prompt] = Field(default_factory=dict, max_length=64)
    audio: Audio | None = None
    tempo: Tempo | None = None
    scenes: dict[Name, SceneEntry] = Field(min_length=1, max_length=500)
    cues: list[CueEntry] = Field(default_factory=list, max_length=5000)
    midi: list[AnyMidi] = Field(default_factory=list, max_length=2000)
    keys: dict[Key, AnyKey] = Field(default_factory=dict)


def schema_json() -> str:
    """The JSON Schema of a show file, for the completion of editors."""
    schema = ShowFile.model_json_schema(by_alias=True, mode="validation")
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}, indent=1) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema_json())
