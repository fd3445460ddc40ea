"""The whole file."""

from __future__ import annotations

import json
from typing import Annotated, Literal

from pydantic import Field

from visuals.show.schema.actions import ThroughEntry
from visuals.show.schema.desk import AnyKey, AnyMidi
from visuals.show.schema.entry import Entry
from visuals.show.schema.layers import AnyLayer, FilterEntry
from visuals.show.schema.network import AnyFeedback, DmxEntry, MscEntry, OscEntry
from visuals.show.schema.rules import AnyRule
from visuals.show.schema.values import (
    Bpm,
    Conductors,
    CueNumber,
    FrameLabel,
    FrameRate,
    Key,
    Metre,
    Moment,
    Name,
    Offset,
    Prompt,
    Time,
)
from visuals.types import CUT, Chasing, Duration, Listening


class SceneEntry(Entry):
    """Layers, bottom first, how they meet, and the rules that move them; `linear` is as light adds up.

    `dark` scenes may be black for a while; of any other, a black picture is taken for a fault.
    """

    layers: Annotated[list[AnyLayer], Field(min_length=1, max_length=32)]
    blending: Literal["display", "linear"] = "display"
    dark: bool = False
    rules: Annotated[list[AnyRule], Field(max_length=500)] = Field(default_factory=list)


class CueEntry(Entry):
    """What GO fires, and the timecode if there is one."""

    cue: CueNumber
    scene: Name
    fade: Time = CUT
    through: str | ThroughEntry | None = None
    at: Moment = "now"
    timecode: FrameLabel | None = None


class Audio(Entry):
    """The sound a show is rendered with."""

    track: str


class Tempo(Entry):
    """What is known of the music's tempo. The narrower the range, the surer the beat is not half or double."""

    range: tuple[Bpm, Bpm] = Listening().bpm_range
    prior: Bpm | None = None
    metre: Metre = Field(default=None, json_schema_extra={"default": "auto"})
    follow: Conductors = Field(default_factory=lambda: list(Listening().follow))


class Timecode(Entry):
    """Where timecode comes from, and how it counts."""

    source: Literal["mtc", "ltc"]
    rate: FrameRate = Chasing("mtc").rate
    freewheel: Time = Duration(Chasing("mtc").freewheel)
    offset: Offset = "00:00:00:00"
    input: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    channel: Annotated[int, Field(ge=1, le=2)] | None = None


class Flash(Entry):
    """How often the picture may flash in any second: as often as the venue allows, or less."""

    flashes: int = Field(ge=0, le=3)


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
    timecode: Timecode | None = None
    failover: Literal["auto", "latched"] = "auto"
    safe: bool = False
    flash: Flash | None = None
    filters: list[FilterEntry] = Field(default_factory=list, max_length=16)
    scenes: dict[Name, SceneEntry] = Field(min_length=1, max_length=500)
    cues: list[CueEntry] = Field(default_factory=list, max_length=5000)
    midi: list[AnyMidi] = Field(default_factory=list, max_length=2000)
    keys: dict[Key, AnyKey] = Field(default_factory=dict)
    msc: MscEntry | None = None
    osc: OscEntry | None = None
    dmx: DmxEntry | None = None
    feedback: AnyFeedback = Field(default_factory=list)


def schema_json() -> str:
    """The JSON Schema of a show file, for the completion of editors."""
    schema = ShowFile.model_json_schema(by_alias=True, mode="validation")
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}, indent=1) + "\n"
