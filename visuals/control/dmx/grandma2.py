"""The fixture as a grandMA2 fixture type: one XML file for the desk's library.

Pure: bytes in memory. The desk's schema is not public; elements and attributes are those of the files that MA ships
(`generic@dimmer@00`), so a desk's own editor may say more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from visuals.control.dmx.fixture import CHANNELS, Channel
from visuals.control.dmx.gdtf import MANUFACTURER, name, sets

NAMESPACE = "http://schemas.malighting.de/grandma2/xml/MA"
VERSION = {"major_vers": "2", "minor_vers": "8", "stream_vers": "123"}
SCHEMA = f"{NAMESPACE} http://schemas.malighting.de/grandma2/xml/2.8.123/MA.xsd"
MODE = "Show"
HIGHEST_24 = 256**3 - 1


class Attribute(NamedTuple):
    """What the desk sorts a channel by; attributes it does not know yet it adds to the show."""

    name: str
    feature: str = "CONTROL"
    preset: str = "CONTROL"


ATTRIBUTES: dict[str, Attribute] = {
    "scene": Attribute("SCENE"),
    "master": Attribute("DIM", "DIMMER", "DIMMER"),
    "speed": Attribute("SHOWSPEED"),
    "hue": Attribute("SHOWHUE"),
    "blackout": Attribute("SHOWBLACKOUT"),
    "freeze": Attribute("SHOWFREEZE"),
    **{f"assign.{n}": Attribute(f"SHOWASSIGN{n}") for n in range(1, 9)},
}
"""Channel of the fixture -> attribute."""


def grandma2(show: str, scenes: Sequence[str], channels: Sequence[Channel] = CHANNELS) -> bytes:
    """The file for a show, whose channels may be `fixture.labelled`, to be called `visuals@<show>@show.xml`."""
    root = Element(
        "MA",
        {
            "xmlns": NAMESPACE,
            "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
            "xsi:schemaLocation": SCHEMA,
            **VERSION,
        },
    )
    kind = SubElement(root, "FixtureType", name=name(show), mode=MODE)
    for element, text in (
        ("short_name", name(show)[:16]),
        ("manufacturer", MANUFACTURER),
        ("short_manufacturer", MANUFACTURER),
    ):
        SubElement(kind, element).text = text
    module = SubElement(SubElement(kind, "Modules"), "Module", {"name": "Main Module", "class": "None"})
    for channel in channels:
        _channel(module, channel, scenes)
    SubElement(SubElement(kind, "Instances"), "Instance", module_index="0", patch="1", locked="true")
    SubElement(kind, "Wheels")
    ElementTree.indent(root, "\t")
    written: bytes = ElementTree.tostring(root, "utf-8", xml_declaration=True)
    return written


def _channel(module: Element, channel: Channel, scenes: Sequence[str]) -> None:
    attribute = ATTRIBUTES[channel.name]
    sorting = {"attribute": attribute.name, "feature": attribute.feature, "preset": attribute.preset}
    highest = 256**channel.slots - 1
    slots = {"coarse": str(channel.slot)} | ({"fine": str(channel.slot + 1)} if channel.slots == 2 else {})
    # The desk counts levels in 255ths of a channel, whatever its resolution.
    rest = {"default": f"{255 * channel.rest / highest:g}"}
    highlight = {"highlight_value": "100"} if channel.name == "master" else {}
    snap = {"snap": "true"} if channel.kind != "level" else {}  # a cue's fade calls no scene on its way
    node = SubElement(module, "ChannelType", {**sorting, **slots, **rest, **highlight, **snap})
    function = SubElement(
        node,
        "ChannelFunction",
        {
            "name": name(channel.what),
            "from": "0",
            "to": "100",
            "min_dmx_24": "0",
            "max_dmx_24": str(HIGHEST_24),
            "physfrom": "0",
            "physto": "1",
            "subattribute": attribute.name,
            **sorting,
        },
    )
    named = sets(channel, scenes)
    ends = [start - 1 for start, _ in named[1:]] + [highest]
    for (start, label), end in zip(named, ends, strict=False):
        if label:
            SubElement(function, "ChannelSet", name=label, from_dmx=str(start), to_dmx=str(end))
