"""The show file's form: what keys it may have and what may stand behind each.

One class per kind of entry. It does not know which names exist: `load` asks the catalogue.
A further kind of desk message is one more address in `Midi`, a further action one more class.
"""

from visuals.show.schema.actions import (
    CueAction,
    FollowAction,
    GoAction,
    PressAction,
    PulseAction,
    SetAction,
    ThroughEntry,
)
from visuals.show.schema.addresses import ADDRESS_PATTERN, PRESSURE_PATTERN, PROGRAM_PATTERN
from visuals.show.schema.desk import AnyKey, AnyMidi, Button, FollowMidi, Midi, NamedMidi, PressMidi
from visuals.show.schema.entry import Entry
from visuals.show.schema.file import CueEntry, SceneEntry, ShowFile, Tempo, Timecode, schema_json
from visuals.show.schema.layers import (
    AnyLayer,
    CameraLayer,
    Dream,
    FeedbackLayer,
    FilterEntry,
    GroupLayer,
    ImageLayer,
    LayerEntry,
    ModelLayer,
    PlacedLayer,
    ShaderLayer,
    TextLayer,
    VideoLayer,
)
from visuals.show.schema.network import DmxEntry, MscEntry, OscEntry
from visuals.show.schema.rules import AnyRule, DriveRule, WhenRule
from visuals.show.schema.values import KEY_NAMES, Command, Curve

__all__ = [
    "ADDRESS_PATTERN",
    "KEY_NAMES",
    "PRESSURE_PATTERN",
    "PROGRAM_PATTERN",
    "AnyKey",
    "AnyLayer",
    "AnyMidi",
    "AnyRule",
    "Button",
    "CameraLayer",
    "Command",
    "CueAction",
    "CueEntry",
    "Curve",
    "DmxEntry",
    "Dream",
    "DriveRule",
    "Entry",
    "FeedbackLayer",
    "FilterEntry",
    "FollowAction",
    "FollowMidi",
    "GoAction",
    "GroupLayer",
    "ImageLayer",
    "LayerEntry",
    "Midi",
    "ModelLayer",
    "MscEntry",
    "NamedMidi",
    "OscEntry",
    "PlacedLayer",
    "PressAction",
    "PressMidi",
    "PulseAction",
    "SceneEntry",
    "SetAction",
    "ShaderLayer",
    "ShowFile",
    "Tempo",
    "TextLayer",
    "ThroughEntry",
    "Timecode",
    "VideoLayer",
    "WhenRule",
    "schema_json",
]
