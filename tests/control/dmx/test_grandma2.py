from __future__ import annotations

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from visuals.control.dmx.fixture import CHANNELS, FOOTPRINT
from visuals.control.dmx.grandma2 import ATTRIBUTES, NAMESPACE, grandma2

MA = f"{{{NAMESPACE}}}"


def read(show: str = "First Light", scenes: tuple[str, ...] = ("dawn", "tide")) -> ElementTree.Element:
    return ElementTree.fromstring(grandma2(show, scenes))


def test_the_elements_are_those_of_a_fixture_type_that_ma_ships() -> None:
    root = read()
    assert root.tag == MA + "MA"
    assert {"major_vers", "minor_vers", "stream_vers"} <= set(root.attrib)
    (kind,) = root
    assert (kind.tag, kind.get("name"), kind.get("mode")) == (MA + "FixtureType", "First Light", "Show")
    expected = ["short_name", "manufacturer", "short_manufacturer", "Modules", "Instances", "Wheels"]
    assert [child.tag.removeprefix(MA) for child in kind] == expected
    (instance,) = kind.iter(MA + "Instance")
    assert (instance.get("module_index"), instance.get("patch")) == ("0", "1")


def test_the_channels_are_those_of_the_fixture() -> None:
    nodes = [*read().iter(MA + "ChannelType")]
    assert [(n.get("attribute"), int(n.get("coarse", ""))) for n in nodes] == [
        (ATTRIBUTES[c.name].name, c.slot) for c in CHANNELS
    ]
    slots = sorted(int(n.get(kind, "")) for n in nodes for kind in ("coarse", "fine") if kind in n.attrib)
    assert slots == list(range(1, FOOTPRINT + 1))
    rests = [float(n.get("default", "")) for n in nodes]
    assert rests[:4] == [0.0, 255.0, 128.0, 0.0]
    snapping = [node.get("attribute") for node in nodes if node.get("snap") == "true"]
    assert snapping == ["SCENE", "SHOWBLACKOUT", "SHOWFREEZE"]
    for node in nodes:
        (function,) = node
        assert function.get("max_dmx_24") == str(2**24 - 1)
        assert function.get("attribute") == node.get("attribute")


def test_sets_name_scenes_and_switches() -> None:
    found = {
        node.get("attribute"): [
            (s.get("name"), s.get("from_dmx"), s.get("to_dmx")) for s in node.iter(MA + "ChannelSet")
        ]
        for node in read().iter(MA + "ChannelType")
    }
    assert found["SCENE"] == [("None", "0", "0"), ("dawn", "1", "1"), ("tide", "2", "2")]
    assert found["SHOWBLACKOUT"] == [("Off", "0", "127"), ("On", "128", "255")]
    assert found["DIM"] == []


@given(st.text(max_size=30), st.lists(st.text(max_size=20), max_size=300))
def test_any_names_give_a_file_that_can_be_read(show: str, scenes: list[str]) -> None:
    read(show, tuple(scenes))
