from __future__ import annotations

import io
import re
import zipfile
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visuals.control.dmx.fixture import CHANNELS, FOOTPRINT, Channel, labelled
from visuals.control.dmx.gdtf import ATTRIBUTES, description, gdtf, name

SCENES = ["dawn", "inferno", "tide"]

CHILDREN: dict[str, tuple[tuple[str, bool], ...]] = {
    "GDTF": (("FixtureType", True),),
    "FixtureType": (  # table 4, order mandatory
        ("AttributeDefinitions", True),
        ("Wheels", False),
        ("PhysicalDescriptions", False),
        ("Models", False),
        ("Geometries", True),
        ("DMXModes", True),
        ("Revisions", False),
        ("FTPresets", False),
        ("Protocols", False),
    ),
    "AttributeDefinitions": (("ActivationGroups", False), ("FeatureGroups", True), ("Attributes", True)),  # table 5
    "FeatureGroups": (("FeatureGroup", True),),
    "FeatureGroup": (("Feature", True),),
    "Attributes": (("Attribute", True),),
    "Geometries": (("Geometry", True),),
    "DMXModes": (("DMXMode", True),),
    "DMXMode": (("DMXChannels", True), ("Relations", False), ("FTMacros", False)),  # table 57
    "DMXChannels": (("DMXChannel", True),),
    "DMXChannel": (("LogicalChannel", True),),
    "LogicalChannel": (("ChannelFunction", True),),
    "ChannelFunction": (("ChannelSet", False), ("SubChannelSet", False)),
    "Protocols": (("RDM", False), ("Art-Net", False), ("sACN", False)),  # table 69
}
"""Node -> its children in their order, and whether one must be there. What is not here has none."""

XML_ATTRIBUTES: dict[str, set[str]] = {
    "GDTF": {"DataVersion"},
    "FixtureType": {
        *("Name", "ShortName", "LongName", "Manufacturer", "Description", "FixtureTypeID", "Thumbnail"),
        *("ThumbnailOffsetX", "ThumbnailOffsetY", "RefFT", "CanHaveChildren"),
    },
    "FeatureGroup": {"Name", "Pretty"},
    "Feature": {"Name"},
    "Attribute": {"Name", "Pretty", "ActivationGroup", "Feature", "MainAttribute", "PhysicalUnit", "Color"},
    "Geometry": {"Name", "Model", "Position"},
    "DMXMode": {"Name", "Description", "Geometry"},
    "DMXChannel": {"DMXBreak", "Offset", "InitialFunction", "Highlight", "Geometry"},
    "LogicalChannel": {"Attribute", "Snap", "Master", "MibFade", "DMXChangeTimeLimit"},
    "ChannelFunction": {
        *("Name", "Attribute", "OriginalAttribute", "DMXFrom", "Default", "PhysicalFrom", "PhysicalTo"),
        *("RealFade", "RealAcceleration", "ModeMaster", "ModeFrom", "ModeTo", "Min", "Max", "CustomName"),
    },
    "ChannelSet": {"Name", "DMXFrom", "PhysicalFrom", "PhysicalTo", "WheelSlotIndex"},
}
"""Tables 2, 3, 7, 8, 9, 35, 56 and 58 to 61."""

NAME = re.compile(r"""[ "#%'()*+\-/0-9:;<=>@A-Z_a-z\u0080-\U0010ffff]*""")
"""Annex C, and no full stop: it divides the names of a link."""


def read(show: str = "First Light", scenes: list[str] = SCENES, channels: tuple[Channel, ...] = CHANNELS) -> Element:
    with zipfile.ZipFile(io.BytesIO(gdtf(show, scenes, channels))) as archive:
        assert archive.namelist() == ["description.xml"]
        assert archive.testzip() is None
        assert archive.infolist()[0].compress_type == zipfile.ZIP_STORED
        written = archive.read("description.xml")
    assert written.startswith(b"<?xml version='1.0' encoding='UTF-8'?>")
    return ElementTree.fromstring(written)


def proven(node: Element) -> None:
    """A node and all under it against the tables."""
    assert set(node.attrib) <= XML_ATTRIBUTES.get(node.tag, set()), node.tag
    assert NAME.fullmatch(node.get("Name", "")), node.get("Name")
    allowed = CHILDREN.get(node.tag, ())
    order = [tag for tag, _ in allowed]
    places = [order.index(child.tag) for child in node]
    assert places == sorted(places), node.tag
    assert {tag for tag, needed in allowed if needed} <= {child.tag for child in node}, node.tag
    for child in node:
        proven(child)


def level(text: str) -> tuple[int, int]:
    value, count = re.fullmatch(r"(\d+)/(\d)", text).groups()  # type: ignore[union-attr]
    return int(value), int(count)


def test_the_structure_is_that_of_the_tables() -> None:
    root = read()
    assert root.attrib == {"DataVersion": "1.2"}
    proven(root)
    assert re.fullmatch(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", root[0].get("FixtureTypeID", ""))


@pytest.mark.parametrize("channels", [CHANNELS, labelled({"assign.1": "haze density", "hue": "a.b|c", "scene": ""})])
def test_every_link_leads_somewhere(channels: tuple[Channel, ...]) -> None:
    root = read(channels=channels)
    features = {f"{g.get('Name')}.{f.get('Name')}" for g in root.iter("FeatureGroup") for f in g}
    attributes = {a.get("Name") for a in root.iter("Attribute")}
    geometries = {g.get("Name") for g in root.iter("Geometry")}
    assert {a.get("Feature") for a in root.iter("Attribute")} <= features
    assert {m.get("Geometry") for m in root.iter("DMXMode")} <= geometries
    for channel in root.iter("DMXChannel"):
        assert channel.get("Geometry") in geometries
        (logical,) = channel
        (function,) = logical
        assert logical.get("Attribute") == function.get("Attribute")
        assert function.get("Attribute") in attributes
        path = f"{channel.get('Geometry')}_{logical.get('Attribute')}.{logical.get('Attribute')}.{function.get('Name')}"
        assert channel.get("InitialFunction") == path


def test_the_channels_are_those_of_the_fixture() -> None:
    channels = [*read().iter("DMXChannel")]
    offsets = [[int(n) for n in c.get("Offset", "").split(",")] for c in channels]
    assert [slot for offset in offsets for slot in offset] == list(range(1, FOOTPRINT + 1))
    for node, channel in zip(channels, CHANNELS, strict=True):
        function = node[0][0]
        assert level(function.get("Default", "")) == (channel.rest, channel.slots)
        assert level(function.get("DMXFrom", "")) == (0, channel.slots)
        assert node[0].get("Snap") == ("No" if channel.kind == "level" else "Yes")


def test_a_desk_shows_what_the_show_does_with_a_channel() -> None:
    root = read(channels=labelled({"assign.1": "haze.density", "hue": "tint"}))
    pretty = {a.get("Name"): a.get("Pretty") for a in root.iter("Attribute")}
    functions = {f.get("Attribute"): f.get("Name") for f in root.iter("ChannelFunction")}
    for told in (pretty, functions):
        assert told["VideoEffect1Parameter1"] == "haze-density"
        assert told["VideoEffect1Parameter2"] == "Assign 2"
        assert told["VideoHueShift"] == "tint"
    assert pretty["Dimmer"] == "Dim"
    assert root[0].get("FixtureTypeID") != read()[0].get("FixtureTypeID")


def test_units_are_those_of_table_9() -> None:
    units = {"None", "Percent", "Angle"}
    assert {a.get("PhysicalUnit") for a in read().iter("Attribute")} <= units
    assert set(ATTRIBUTES) == {channel.name for channel in CHANNELS}
    assert len({a.name for a in ATTRIBUTES.values()}) == len(CHANNELS)


def test_scenes_are_named_one_value_each() -> None:
    (scene, *_) = read().iter("DMXChannel")
    sets = [(level(s.get("DMXFrom", ""))[0], s.get("Name")) for s in scene.iter("ChannelSet")]
    assert sets == [(0, "None"), (1, "dawn"), (2, "inferno"), (3, "tide"), (4, "")]


def test_more_scenes_than_a_channel_has_values() -> None:
    (scene, *_) = read(scenes=[f"s{n}" for n in range(1, 400)]).iter("DMXChannel")
    sets = [level(s.get("DMXFrom", ""))[0] for s in scene.iter("ChannelSet")]
    assert sets == list(range(256))


def test_the_same_show_gives_the_same_bytes_and_another_another_id() -> None:
    assert gdtf("First Light", SCENES) == gdtf("First Light", SCENES)
    assert read()[0].get("FixtureTypeID") != read(scenes=["dawn"])[0].get("FixtureTypeID")


@pytest.mark.parametrize(
    ("text", "safe"), [("a.b,c", "a-b-c"), ("Für & <x>", "Für - <x>"), ("", "-"), ("\x00\n", "--")]
)
def test_names_have_only_characters_of_annex_c(text: str, safe: str) -> None:
    assert name(text) == safe


@given(st.text(max_size=30), st.lists(st.text(max_size=20), max_size=5))
def test_any_names_give_a_valid_file(show: str, scenes: list[str]) -> None:
    proven(ElementTree.fromstring(description(show, scenes)))
