"""The rig file's form: what keys it may have and what may stand behind each.

Titles and descriptions are what an editor shows while the file is written.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from visuals.types import FlashLimit, Gaps, Light
from visuals.wall.layout.values import (
    Degrees,
    Delay,
    Extent,
    Gap,
    Id,
    Latency,
    Length,
    Millimetres,
    Name,
    Nits,
    Offset,
    Reason,
    Share,
    Watts,
    Window,
)
from visuals.wall.outputs.settings import KINDS, Settings

Cable = Literal["rows", "columns", "rows zigzag", "columns zigzag"]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def key(default: Any, text: str, **more: Any) -> Any:
    """A key that may be left out, and what an editor says of it."""
    return Field(default, description=text, **more)


def need(text: str, **more: Any) -> Any:
    """A key that must be there."""
    return Field(description=text, **more)


class CabinetKind(Part):
    """The kind of LED panel that a wall is built of."""

    size: tuple[Extent, Extent] = need("Pixels: [width, height], the panel upright.")
    mm: tuple[Length, Length] | None = key(None, "Size in mm; left out, a pixel counts as one mm.")
    nits: Nits | None = key(None, "Peak brightness in cd/m2.")
    watts: Watts = key(0.0, "Power at full white.")


class GridPart(Part):
    """Cabinets in rows and columns: A1 top left, A2 to its right, B1 below it."""

    columns: Annotated[int, Field(ge=1, le=256)] = need("Cabinets side by side.")
    rows: Annotated[int, Field(ge=1, le=256)] = need("Cabinets on top of each other.")
    gap: Gap | tuple[Gap, Gap] = key(0.0, "mm between cabinets: one number, or [between columns, between rows].")
    holes: Annotated[tuple[Id, ...], Field(max_length=2048)] = key((), "Places without a cabinet, by id.")
    turn: Degrees = key(0, "How all cabinets hang: degrees clockwise, as the audience sees it.")
    cable: Cable = key("rows", "The way the cable takes, from the top left.")


class CabinetPart(Part):
    """One cabinet; beside a grid, what is different about the one of this id."""

    id: Id = need("Its name on the plan and on the test pattern.")
    raster: tuple[Offset, Offset] | None = key(None, "Where its top left pixel lies in the wall's raster: [x, y].")
    stage: tuple[Millimetres, Millimetres] | None = key(None, "Where its top left hangs on the wall: [x, y] in mm.")
    turn: Degrees | None = key(None, "Degrees clockwise, as the audience sees it.")
    enabled: bool = key(True, "false keeps it dark.")
    port: Annotated[int, Field(ge=1, le=1024)] | None = key(None, "The processor's port it hangs on.")
    size: tuple[Extent, Extent] | None = key(None, "Pixels, where it is not the wall's kind.")
    mm: tuple[Length, Length] | None = key(None, "Size in mm, where it is not the wall's kind.")


class PortsPart(Part):
    """The ports of the processor."""

    pixels: Annotated[int, Field(ge=1, le=100_000_000)] = need("What one port drives, e.g. 525000 on 1 Gbit/s.")
    cabinets: Annotated[int, Field(ge=1, le=1024)] | None = key(
        None, "Cabinets on one cable; as many as fit if left out."
    )


class PowerPart(Part):
    """What the wall may draw."""

    limit: Annotated[float, Field(gt=0.0, le=10_000_000.0)] = need("Watts that must not be exceeded.")
    watts: Watts | None = key(None, "Watts at full white; the sum of the cabinets' if left out.")
    abl: bool = key(False, "Automatic brightness limiting: dims the wall when a picture would draw more.")
    window: Window = key(Light().window, "How long the limit may be exceeded until it is dimmed.")


def _optional(model: type[Settings]) -> Any:
    """Nothing may follow a kind that needs no settings."""
    needed = any(field.is_required() for field in model.model_fields.values())
    return model if needed else model | None


if TYPE_CHECKING:
    OutputPart = BaseModel
else:
    OutputPart = create_model(
        "OutputPart",
        __base__=Part,
        __doc__="Where the wall's picture goes: one kind of output and its settings.",
        **{f"{kind}_": (_optional(model), Field(None, alias=kind)) for kind, model in KINDS.items()},
    )


class WallPart(Part):
    """One LED surface."""

    name: Name = need("The wall's name in messages, on the plan and for `--wall`.")
    canvas: tuple[Offset, Offset, Extent, Extent] = need("What it shows of the show's canvas: [x, y, width, height].")
    size: tuple[Extent, Extent] | None = key(
        None, "LED pixels [width, height]: the raster its processor cuts; the cabinets', else the canvas rectangle's."
    )
    cabinet: CabinetKind | None = key(None, "The kind of cabinet it is built of.")
    grid: GridPart | None = key(None, "Its cabinets in rows and columns.")
    cabinets: Annotated[tuple[CabinetPart, ...], Field(max_length=2048)] = key(
        (), "Its cabinets one by one, in the order of the cable; beside a grid, those that differ."
    )
    gaps: Gaps = key("content", "content: the picture goes on behind the gaps; skip: the gaps are left out of it.")
    fold: Extent | None = key(None, "A long ribbon is cut into strips of this many pixels, stacked in the raster.")
    ports: PortsPart | None = key(None, "The processor's ports.")
    stage: tuple[Millimetres, Millimetres] | tuple[Millimetres, Millimetres, Length, Length] | None = key(
        None, "Where it stands as the audience sees it: [x, y] in mm, without cabinets [x, y, width, height]."
    )
    gamma: Annotated[float, Field(ge=0.2, le=5.0)] = key(
        1.0, "1 where a processor decodes the picture, 2.2 for bare LEDs, whose light follows the drive."
    )
    white: Annotated[float, Field(ge=2000.0, le=12_000.0)] = key(6500.0, "Colour temperature of white in K.")
    gain: tuple[Share, Share, Share] = key((1.0, 1.0, 1.0), "Shares of light of [red, green, blue].")
    brightness: Share = key(1.0, "Share of the wall's light.")
    lift: Annotated[float, Field(ge=0.0, le=0.2)] = key(0.0, "The least light of what is not black, as a share.")
    nits: Nits | None = key(None, "Peak brightness in cd/m2; the cabinet's, else 200, if left out.")
    dither: bool = key(False, "Spreads over time what 8 bits cannot tell: smoother in the dark.")
    power: PowerPart | None = key(None, "The power it may draw.")
    latency: Latency = key(0.0, "How long a picture takes from the engine to the light, e.g. 40ms.")
    delay: Delay = key(0.0, "How long it is kept, so that quick walls wait for slow ones.")
    output: OutputPart = need("Where its picture goes.")


class SoundPart(Part):
    """How a room sounds, in dB, as `visuals calibrate audio` measures it."""

    gain: Annotated[float, Field(ge=-40.0, le=46.0)] | None = None
    noise: Annotated[float, Field(ge=-120.0, le=0.0)] | None = None


class FlashPart(Part):
    """What the venue allows to flash."""

    flashes: Annotated[int, Field(ge=0, le=3)] = key(FlashLimit().flashes, "Flashes in any second, at most 3.")
    distance: Annotated[float, Field(ge=0.5, le=500.0)] = key(
        FlashLimit().distance, "m to the nearest of the audience."
    )
    reference: Nits | None = key(None, "White that changes are held against, cd/m2; the wall's peak, at most 200.")
    waived: Reason | None = key(None, "Lets through what fails: the venue's reason, in words.")


class RigPart(Part):
    """A rig file: the walls of one venue."""

    rig: Annotated[str, Field(min_length=1, max_length=200)] = need("The rig's name.")
    sound: SoundPart = key(SoundPart(), "How the room sounds.")
    flash: FlashPart = key(FlashPart(), "The flash guard of this venue.")
    walls: Annotated[tuple[WallPart, ...], Field(max_length=64)] = need("The walls.")


def schema_json() -> str:
    """The JSON Schema of a rig file, for the completion of editors."""
    schema = RigPart.model_json_schema(by_alias=True, mode="validation")
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}, indent=1) + "\n"
