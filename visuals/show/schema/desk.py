"""What desks and keyboards send, and what that does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Tag, model_validator

from visuals.show.knobs import Relative
from visuals.show.schema.actions import CueAction, FollowAction, GoAction, PressAction, PulseAction, SetAction
from visuals.show.schema.addresses import Address, Channel, Dmx, Msc, Osc, Pair, Pressure, Program
from visuals.show.schema.entry import Entry, by
from visuals.show.schema.values import Command, Name
from visuals.types import SWITCHES, PressMode
from visuals.vocabulary import LIGHTS

if TYPE_CHECKING:
    Light = str
else:
    Light = Literal[LIGHTS]


class Midi(Entry):
    """A desk's message: MIDI as channel/number, `msc` as list/cue or command, `dmx` as a channel of the fixture,
    `osc` as its address.

    `name` publishes its value as the signal `midi.<name>`.
    """

    note: Address | None = None
    cc: Address | None = None
    cc14: Pair | None = None
    program: Program | None = None
    bend: Channel | None = None
    pressure: Pressure | None = None
    msc: Msc | None = None
    dmx: Dmx | None = None
    osc: Osc | None = None
    name: Name | None = None

    @property
    def event(self) -> str:
        kind = next(k for k in MIDI_KINDS if getattr(self, k) is not None)
        event = f"{kind}.{getattr(self, kind)}"
        return event if kind in ("msc", "dmx", "osc") else f"midi.{event}"

    @model_validator(mode="after")
    def _one_address(self) -> Midi:
        if sum(getattr(self, kind) is not None for kind in MIDI_KINDS) != 1:
            raise ValueError(f"expected exactly one of {', '.join(MIDI_KINDS)}")
        return self


MIDI_KINDS = ("note", "cc", "cc14", "program", "bend", "pressure", "msc", "dmx", "osc")


class NamedMidi(Midi):
    """A desk's value that only rules read."""

    name: Name


class PulseMidi(Midi, PulseAction):
    """A desk's message that pulses a control."""


class SetMidi(Midi, SetAction):
    """A desk's message that sets a control."""


class Button(Midi):
    """A button that is lit while what it does is on; `light` is its colour."""

    light: Light | None = None

    @model_validator(mode="after")
    def _what_is_lit_is_a_button(self) -> Button:
        if self.light is not None and self.note is None and self.cc is None:
            raise ValueError("expected `light` only for a `note` or a `cc`: nothing else is a button with a light")
        return self


class GoMidi(Button, GoAction):
    """A desk's message that goes to a scene."""


class CueMidi(Button, CueAction):
    """A desk's message that fires a cue."""


class FollowMidi(Midi, FollowAction):
    """A fader, which with `pickup` moves nothing before it met the value; or a knob, by how it writes its turns."""

    relative: Relative | None = None
    pickup: bool = False

    @model_validator(mode="after")
    def _what_turns_is_a_knob(self) -> FollowMidi:
        if self.relative is not None and self.cc is None:
            raise ValueError("expected `cc` for what is `relative`: endless knobs are controllers")
        if self.relative is not None and self.pickup:
            raise ValueError("expected either `relative` or `pickup`: an endless knob stands nowhere")
        return self


class PressMidi(Button, PressAction):
    """A button for an operator's word; `mode` is for words that are on or off."""

    mode: PressMode = "toggle"

    @model_validator(mode="after")
    def _what_is_held_is_a_switch(self) -> PressMidi:
        if "mode" in self.model_fields_set and self.press not in SWITCHES:
            raise ValueError(f"expected `mode` only for {', '.join(SWITCHES)}: `{self.press}` is not on or off")
        return self


def _pressed(value: Any) -> Any:
    """A bare word behind a key is short for `press`."""
    return {"press": value} if isinstance(value, str) else value


AnyMidi = Annotated[
    Annotated[PulseMidi, Tag("<pulse>")]
    | Annotated[SetMidi, Tag("<set>")]
    | Annotated[GoMidi, Tag("<go>")]
    | Annotated[CueMidi, Tag("<cue>")]
    | Annotated[FollowMidi, Tag("<drive>")]
    | Annotated[PressMidi, Tag("<press>")]
    | Annotated[NamedMidi, Tag("<name>")],
    by("pulse", "set", "go", "cue", "drive", "press", "name"),
]
KeyAction = Annotated[
    Annotated[PulseAction, Tag("<pulse>")]
    | Annotated[SetAction, Tag("<set>")]
    | Annotated[GoAction, Tag("<go>")]
    | Annotated[CueAction, Tag("<cue>")]
    | Annotated[PressAction, Tag("<press>")],
    by("pulse", "set", "go", "cue", "press"),
]
AnyKey = Annotated[KeyAction, BeforeValidator(_pressed, json_schema_input_type=Command | KeyAction)]
