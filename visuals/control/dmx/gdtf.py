"""The fixture as a GDTF file: an archive with one description, which desks and visualisers read.

Pure: bytes in memory. Source: GDTF 1.2 (DIN SPEC 15800), tables numbered as in gdtf-spec.md of the project
mvrdevelopment/spec; predefined attributes of annex B, characters of names of annex C.
"""

from __future__ import annotations

import io
import string
import uuid
import zipfile
from collections.abc import Sequence
from typing import NamedTuple
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from visuals.control.dmx.fixture import CHANNELS, MOST_SCENES, ON, Channel

DATA_VERSION = "1.2"
MANUFACTURER = "visuals"
GEOMETRY = "Body"
MODE = "Show"

NAME_CHARACTERS = frozenset(string.ascii_letters + string.digits + " \"#%'()*+-/:;<=>@_")
"""Annex C: what of ASCII a name may have; all beyond ASCII it may."""

FAMILY = uuid.UUID("6f1d6c7e-5d5b-4f0e-9f0a-3d0a0f7c2b11")
"""Fixture types of one show with the same scenes and channels have the same id, whenever they are written."""

WRITTEN = (2026, 1, 1, 0, 0, 0)
"""Date inside the archive: the same show gives the same bytes."""


class Attribute(NamedTuple):
    """An attribute of annex B: its name, pretty name, feature, unit, what 0 and the highest level are in that unit,
    and whether a group's or the grand master moves it."""

    name: str
    pretty: str
    feature: str
    unit: str = "None"
    low: float = 0.0
    high: float = 1.0
    master: str = "None"


ATTRIBUTES: dict[str, Attribute] = {
    "scene": Attribute("MediaContent1", "Scene", "Gobo.Media"),
    "master": Attribute("Dimmer", "Dim", "Dimmer.Dimmer", master="Grand"),
    "speed": Attribute("PlaySpeed", "Speed", "Gobo.Media", "Percent", 0.0, 200.0),
    "hue": Attribute("VideoHueShift", "Hue", "Color.HSBC_Shift", "Angle", 0.0, 360.0),
    "blackout": Attribute("Control1", "Blackout", "Control.Control"),
    "freeze": Attribute("Control2", "Freeze", "Control.Control"),
    **{f"assign.{n}": Attribute(f"VideoEffect1Parameter{n}", f"Assign {n}", "Video.Video") for n in range(1, 9)},
}
"""Channel of the fixture -> attribute."""


def gdtf(show: str, scenes: Sequence[str], channels: Sequence[Channel] = CHANNELS) -> bytes:
    """The archive for a show, whose channels may be `fixture.labelled`. Its file is to be called
    `visuals@<show>.gdtf`."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_STORED) as archive:
        entry = zipfile.ZipInfo("description.xml", WRITTEN)
        entry.external_attr = 0o644 << 16
        archive.writestr(entry, description(show, scenes, channels))
    return held.getvalue()


def description(show: str, scenes: Sequence[str], channels: Sequence[Channel] = CHANNELS) -> bytes:
    """The description alone, as UTF-8."""
    root = Element("GDTF", DataVersion=DATA_VERSION)
    own = [f"{channel.name} {channel.what}" for channel in channels if channel not in CHANNELS]
    kind = SubElement(
        root,
        "FixtureType",  # table 3; children in the order of table 4
        Name=name(show),
        ShortName=name(show)[:16],
        LongName=f"{name(show)} ({len(scenes)} scenes)",
        Manufacturer=MANUFACTURER,
        Description="A show as a fixture: scenes, master, speed and channels of its own",
        FixtureTypeID=str(uuid.uuid5(FAMILY, "\n".join([show, *scenes, *own]))).upper(),
        CanHaveChildren="No",
    )
    _attributes(SubElement(kind, "AttributeDefinitions"), channels)
    for empty in ("Wheels", "PhysicalDescriptions", "Models"):
        SubElement(kind, empty)
    SubElement(SubElement(kind, "Geometries"), "Geometry", Name=GEOMETRY)
    mode = SubElement(SubElement(kind, "DMXModes"), "DMXMode", Name=MODE, Geometry=GEOMETRY)
    slots = SubElement(mode, "DMXChannels")
    for channel in channels:
        _channel(slots, channel, scenes)
    for empty in ("Relations", "FTMacros"):
        SubElement(mode, empty)
    SubElement(kind, "Revisions")
    protocols = SubElement(kind, "Protocols")
    for protocol in ("Art-Net", "sACN"):
        SubElement(protocols, protocol)
    ElementTree.indent(root)
    written: bytes = ElementTree.tostring(root, "UTF-8", xml_declaration=True)
    return written


def _attributes(definitions: Element, channels: Sequence[Channel]) -> None:
    """Tables 5 to 9. What a show does with a channel is what desks write at its encoder."""
    SubElement(definitions, "ActivationGroups")
    groups: dict[str, list[str]] = {}
    for attribute in ATTRIBUTES.values():
        group, _, feature = attribute.feature.partition(".")
        if feature not in groups.setdefault(group, []):
            groups[group].append(feature)
    featured = SubElement(definitions, "FeatureGroups")
    for group, features in groups.items():
        node = SubElement(featured, "FeatureGroup", Name=group, Pretty=group)
        for feature in features:
            SubElement(node, "Feature", Name=feature)
    listed = SubElement(definitions, "Attributes")
    for channel in channels:
        a = ATTRIBUTES[channel.name]
        pretty = a.pretty if channel in CHANNELS else name(channel.what)
        SubElement(listed, "Attribute", Name=a.name, Pretty=pretty, Feature=a.feature, PhysicalUnit=a.unit)


def _channel(slots: Element, channel: Channel, scenes: Sequence[str]) -> None:
    """Tables 58 to 61."""
    attribute = ATTRIBUTES[channel.name]
    function = name(channel.what)
    node = SubElement(
        slots,
        "DMXChannel",
        DMXBreak="1",
        Offset=",".join(str(channel.slot + n) for n in range(channel.slots)),
        InitialFunction=f"{GEOMETRY}_{attribute.name}.{attribute.name}.{function}",
        Highlight=f"{256**channel.slots - 1}/{channel.slots}" if channel.name == "master" else "None",
        Geometry=GEOMETRY,
    )
    logical = SubElement(
        node,
        "LogicalChannel",
        Attribute=attribute.name,
        Snap="No" if channel.kind == "level" else "Yes",
        Master=attribute.master,
    )
    described = SubElement(
        logical,
        "ChannelFunction",
        Name=function,
        Attribute=attribute.name,
        OriginalAttribute=function,
        DMXFrom=f"0/{channel.slots}",
        Default=f"{channel.rest}/{channel.slots}",
        PhysicalFrom=f"{attribute.low:.6f}",
        PhysicalTo=f"{attribute.high:.6f}",
    )
    for value, label in sets(channel, scenes):
        SubElement(described, "ChannelSet", Name=label, DMXFrom=f"{value}/{channel.slots}")


def sets(channel: Channel, scenes: Sequence[str]) -> list[tuple[int, str]]:
    """Named ranges of a channel: where each begins and what it is; each ends where the next begins."""
    if channel.kind == "switch":
        return [(0, "Off"), (ON, "On")]
    if channel.kind == "level":
        return []
    calls = [(n, name(scene)) for n, scene in enumerate(scenes[:MOST_SCENES], 1)]
    rest = [(len(calls) + 1, "")] if len(calls) < MOST_SCENES else []
    return [(0, "None"), *calls, *rest]


def name(text: str) -> str:
    """A text with no character that annex C forbids in names."""
    return "".join(c if c in NAME_CHARACTERS or (ord(c) > 127 and c.isprintable()) else "-" for c in text) or "-"
