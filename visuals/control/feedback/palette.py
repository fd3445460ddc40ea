"""How controllers are lit: the value that makes a button green, told by a data file per family.

The files lie in `palettes/` and name their source. Knows no ports, and nothing of what a light stands for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from visuals.document import read, validate
from visuals.types import Binding
from visuals.vocabulary import LIGHTS

FOLDER = Path(__file__).parent / "palettes"

STATUS = {"note": 0x90, "cc": 0xB0}
"""MIDI 1.0, table II."""

_BUTTON = re.compile(r"midi\.(note|cc)\.(\d+)/(\d+)")

Byte = Annotated[int, Field(ge=0, le=127)]


class Area(BaseModel):
    """Buttons that are lit alike: a range of notes or controllers; by colour, or just `on`.

    `channel` is the one they are lit on, where that is another than they send on.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    notes: tuple[Byte, Byte] | None = None
    controls: tuple[Byte, Byte] | None = None
    channel: int | None = Field(None, ge=1, le=16)
    off: Byte = 0
    on: Byte | None = None
    colors: dict[str, Byte] | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Area:
        if (self.notes is None) == (self.controls is None):
            raise ValueError("expected either `notes` or `controls`")
        if (self.on is None) == (self.colors is None):
            raise ValueError("expected either `on` or `colors`")
        if self.colors is not None and set(self.colors) != set(LIGHTS):
            raise ValueError(f"expected a value for each of {', '.join(LIGHTS)}")
        return self

    def holds(self, kind: str, number: int) -> bool:
        ends = self.notes if kind == "note" else self.controls
        return ends is not None and ends[0] <= number <= ends[1]

    def value(self, light: str | None) -> int:
        if light is None:
            return self.off
        return self.colors[light] if self.colors is not None else self.on or 0

    def color(self, light: str) -> str:
        """The colour that stands for `light` here; "" where there is but one. Of those with one value it is the first
        of `LIGHTS`."""
        return "" if self.colors is None else next(c for c in LIGHTS if self.colors[c] == self.colors[light])


class Sheet(BaseModel):
    """A palette's file. `hello` are sysex messages, in hex, that a controller is told when its port opens."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    palette: str
    source: str
    hello: list[Annotated[str, Field(pattern=r"^F0( [0-7][0-9A-F])+ F7$")]] = Field(default_factory=list)
    areas: Annotated[list[Area], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Palette:
    """How one family of controllers is lit: the first area that holds a button counts."""

    areas: tuple[Area, ...]
    hello: tuple[bytes, ...] = ()

    def message(self, event: str, light: str | None) -> bytes | None:
        """What lights an event's button in a colour of `vocabulary.LIGHTS`, or darkens it; None: it has no light."""
        found = _BUTTON.fullmatch(event)
        area = self.area(event)
        if found is None or area is None:
            return None
        kind, channel, number = found[1], int(found[2]), int(found[3])
        return bytes([STATUS[kind] | (area.channel or channel) - 1, number, area.value(light)])

    def area(self, event: str) -> Area | None:
        """Where an event's button is; None: it has no light."""
        found = _BUTTON.fullmatch(event)
        if found is None:
            return None
        return next((area for area in self.areas if area.holds(found[1], int(found[3]))), None)


def open_palette(name: str) -> Palette:
    """Read a palette. Raises VisualsError where there is none of that name, or its file is wrong."""
    sheet = validate(read(FOLDER / f"{name}.yaml"), Sheet)
    return Palette(tuple(sheet.areas), tuple(bytes.fromhex(text) for text in sheet.hello))


def otherwise(bindings: Sequence[Binding], palettes: Sequence[str]) -> Iterator[str]:
    """Buttons that none of these palettes lights as the show asks for, and what becomes of them; a line for all that
    are alike."""
    opened = {name: open_palette(name) for name in palettes}
    found: dict[str, list[int]] = {}
    for binding in bindings:
        areas = {name: palette.area(binding.event) for name, palette in opened.items()}
        colors = {name: area.color(binding.light) for name, area in areas.items() if area and binding.light}
        if not opened or not binding.light or binding.light in colors.values():
            continue
        name, color = next(iter(colors.items()), (next(iter(opened)), None))
        told = {None: f"but {name} has no light there", "": f"but {name} has one colour there"}
        text = f"found `light: {binding.light}`, {told.get(color, f'which {name} shows as {color}')}"
        found.setdefault(text, []).append(binding.line)
    for text, lines in found.items():
        yield f"line{'s' * (len(lines) > 1)} {', '.join(map(str, lines))}: {text}"
