"""What desks and keyboards send, and what that does."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Tag, model_validator

from visuals.show.schema.actions import CueAction, FollowAction, GoAction, PressAction, PulseAction, SetAction
from visuals.show.schema.entry import Entry, by
from visuals.show.schema.values import Address, Command, Name


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
