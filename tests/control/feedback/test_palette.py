from __future__ import annotations

import pytest

from visuals.control.feedback.palette import open_palette, otherwise
from visuals.types import Binding, Go
from visuals.vocabulary import LIGHTS, PALETTES


@pytest.mark.parametrize(
    ("palette", "true"),
    [
        ("apc-mini", {"green", "red", "yellow"}),
        ("apc40", {"green", "red", "yellow"}),
        ("launchpad", {"green", "red", "yellow", "orange"}),
        ("apc-mini-mk2", set(LIGHTS)),
        ("launchpad-x", set(LIGHTS)),
        ("plain", set()),
    ],
)
def test_the_colours_that_a_controller_has(palette: str, true: set[str]) -> None:
    area = open_palette(palette).area("midi.note.1/55")
    assert area is not None
    assert {light for light in LIGHTS if area.color(light) == light} == true


def button(where: str, light: str, line: int) -> Binding:
    return Binding(where, Go("dawn"), line, light)


BUTTONS = [
    button("midi.note.1/0", "blue", 4),
    button("midi.note.1/1", "blue", 5),
    button("midi.note.1/2", "red", 6),
    button("midi.note.1/3", "", 7),
    button("midi.note.1/64", "blue", 8),
    button("midi.note.1/99", "pink", 9),
    button("midi.cc.1/5", "red", 10),
]


def test_a_colour_that_no_controller_has_is_told_once_with_what_is_lit_instead() -> None:
    assert list(otherwise(BUTTONS, ["apc-mini"])) == [
        "lines 4, 5: found `light: blue`, which apc-mini shows as green",
        "line 8: found `light: blue`, but apc-mini has one colour there",
        "line 9: found `light: pink`, but apc-mini has no light there",
        "line 10: found `light: red`, but apc-mini has no light there",
    ]


def test_a_colour_that_one_of_the_controllers_has_is_right() -> None:
    assert list(otherwise(BUTTONS[:4], ["apc-mini", "launchpad-x"])) == [
        "lines 4, 5: found `light: blue`, which apc-mini shows as green"  # the pads of a Launchpad begin at 11
    ]
    assert list(otherwise([button("midi.note.1/11", "blue", 4)], ["apc-mini", "launchpad-x"])) == []
    assert list(otherwise(BUTTONS, [])) == []


@pytest.mark.parametrize("palette", PALETTES)
def test_without_a_colour_nothing_is_said(palette: str) -> None:
    assert (
        list(otherwise([button(f"midi.{kind}.1/{n}", "", 1) for kind in ("note", "cc") for n in range(128)], [palette]))
        == []
    )
