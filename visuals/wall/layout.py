"""The walls of a venue: reads a rig file. Knows rectangles and light, not what the picture is nor where it goes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, create_model

from visuals.document import Document, read, validate
from visuals.errors import Problem, RigError
from visuals.types import Light, Rig, Wall
from visuals.wall.outputs.settings import KINDS, Settings

Extent = Annotated[int, Field(ge=1, le=16_384)]
Offset = Annotated[int, Field(ge=0, le=16_384)]


def _latency(value: object) -> float:
    """Seconds of `40ms` or `0.04s`."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?) ?(ms|s)", value.strip()) if isinstance(value, str) else None
    seconds = float(found[1]) * (0.001 if found[2] == "ms" else 1.0) if found else -1.0
    if not 0.0 <= seconds <= 1.0:
        raise ValueError("expected a time such as 40ms or 0.04s, at most 1s")
    return seconds


Latency = Annotated[float, PlainValidator(_latency)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _optional(model: type[Settings]) -> Any:
    """Nothing may follow a kind that needs no settings."""
    needed = any(field.is_required() for field in model.model_fields.values())
    return model if needed else model | None


OutputPart = create_model(
    "OutputPart",
    __base__=_Part,
    **{f"{kind}_": (_optional(model), Field(None, alias=kind)) for kind, model in KINDS.items()},  # type: ignore[call-overload]
)
"""`{kind: settings}`: one optional key per kind of output."""


class WallPart(_Part):
    """One wall as the rig file writes it; `size` left out means the rectangle's own."""

    name: Annotated[str, Field(min_length=1, max_length=40)]
    canvas: tuple[Offset, Offset, Extent, Extent]
    size: tuple[Extent, Extent] | None = None
    gamma: Annotated[float, Field(ge=0.2, le=5.0)] = 1.0
    brightness: Annotated[float, Field(ge=0.0, le=1.0)] = 1.0
    latency: Latency = 0.0
    output: OutputPart  # type: ignore[valid-type]


class SoundPart(_Part):
    """How a room sounds, in dB, as `visuals calibrate audio` measures it."""

    gain: Annotated[float, Field(ge=-40.0, le=46.0)] | None = None
    noise: Annotated[float, Field(ge=-120.0, le=0.0)] | None = None


class RigPart(_Part):
    """A rig file."""

    rig: Annotated[str, Field(min_length=1)]
    sound: SoundPart = SoundPart()
    walls: Annotated[tuple[WallPart, ...], Field(max_length=64)]


def load_rig(path: Path) -> Rig:
    """Read a rig file. Raises RigError with every problem at its line and column."""
    document = read(path, RigError)
    part = validate(document, RigPart)
    problems = [p for i in range(len(part.walls)) for p in _wall_problems(document, part, i)]
    if not part.walls:
        problems.append(document.problem(("walls",), "found no wall, expected one or more"))
    if problems:
        raise RigError(problems=problems)
    return Rig(part.rig, tuple(_wall(wall) for wall in part.walls), part.sound.gain, part.sound.noise)


def fit_problems(rig: Rig, canvas: tuple[int, int]) -> list[str]:
    """What of a rig lies outside a canvas of (width, height) pixels, a line each."""
    return [text for wall in rig.walls if (text := misfit(wall, canvas))]


def misfit(wall: Wall, canvas: tuple[int, int]) -> str:
    """What of a wall lies outside a canvas of (width, height) pixels; "" for nothing."""
    x, y, width, height = wall.canvas
    if x + width <= canvas[0] and y + height <= canvas[1]:
        return ""
    return (
        f"wall `{wall.name}`: found canvas {list(wall.canvas)}, which reaches to {x + width} x {y + height}, "
        f"expected at most {canvas[0]} x {canvas[1]}"
    )


def _wall_problems(document: Document, part: RigPart, index: int) -> list[Problem]:
    wall, at = part.walls[index], ("walls", index)
    problems = []
    if wall.name in [w.name for w in part.walls[:index]]:
        problems.append(document.problem((*at, "name"), f"found a second wall `{wall.name}`, expected another name"))
    given = list(document.node((*at, "output")).inside)
    if len(given) != 1:
        found = " and ".join(map(str, given)) or "nothing"
        problems.append(document.problem((*at, "output"), f"found {found}, expected one of {', '.join(KINDS)}"))
        return problems
    kind, settings = _output(wall)
    if text := settings.misfit(_size(wall)):
        problems.append(document.problem((*at, "output", kind), text))
    return problems


def _output(wall: WallPart) -> tuple[str, Settings]:
    """The kind that is given, its defaults when nothing follows it."""
    for kind in wall.output.model_fields_set:  # type: ignore[attr-defined]
        name = kind.removesuffix("_")
        return name, getattr(wall.output, kind) or KINDS[name]()
    raise AssertionError("an output was checked to be there")


def _size(wall: WallPart) -> tuple[int, int]:
    return wall.size or (wall.canvas[2], wall.canvas[3])


def _wall(wall: WallPart) -> Wall:
    kind, settings = _output(wall)
    fields: Mapping[str, object] = settings.model_dump()
    light = Light(wall.gamma, wall.brightness)
    return Wall(wall.name, wall.canvas, _size(wall), (kind, fields), light, wall.latency)
