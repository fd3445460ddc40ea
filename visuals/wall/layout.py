"""The walls of a venue: reads a rig file, and cuts each wall's pixels out of the canvas.

It knows rectangles and light, not what the picture is nor where it goes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, PlainValidator, create_model

from visuals.document import Document, read, validate
from visuals.errors import Problem, RigError
from visuals.types import Pixels, Rig, Wall
from visuals.wall.outputs.settings import KINDS, MAX_UNIVERSE, SacnSettings, universes

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


OutputPart = create_model(
    "OutputPart",
    __base__=_Part,
    **{f"{kind}_": (model | None, Field(None, alias=kind)) for kind, model in KINDS.items()},  # type: ignore[call-overload]
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
    return [text for wall in rig.walls if (text := _misfit(wall, canvas))]


def _misfit(wall: Wall, canvas: tuple[int, int]) -> str:
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
    if isinstance(settings, SacnSettings) and settings.universe + universes(_size(wall)) - 1 > MAX_UNIVERSE:
        text = f"found {universes(_size(wall))} universes from {settings.universe}, expected the last at {MAX_UNIVERSE}"
        problems.append(document.problem((*at, "output", kind), text))
    return problems


def _output(wall: WallPart) -> tuple[str, BaseModel]:
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
    return Wall(wall.name, wall.canvas, _size(wall), (kind, fields), wall.gamma, wall.brightness, wall.latency)


# ---- canvas to wall -----------------------------------------------------------------------------


class Mapper:
    """Cuts a wall's rectangle out of the canvas, area-averages it to LEDs, applies gamma and brightness.

    A LED's drive is `brightness * v ** gamma`, alpha becomes 255. `canvas` is (width, height).
    Raises RigError when the rectangle lies outside. Owns its buffers: what `map` gives holds until
    the next call; where nothing is to be done it is the canvas itself.
    """

    def __init__(self, wall: Wall, canvas: tuple[int, int]) -> None:
        if text := _misfit(wall, canvas):
            raise RigError(text)
        x, y, width, height = wall.canvas
        self._crop = (slice(y, y + height), slice(x, x + width))
        self._light = _light(wall.gamma, wall.brightness)
        self._resize = None if wall.size == (width, height) else _Area((width, height), wall.size)
        self._same = (
            wall.canvas == (0, 0, *canvas) and self._resize is None and wall.gamma == 1.0 and wall.brightness == 1.0
        )
        self._out: Pixels = np.zeros((wall.size[1], wall.size[0], 4), np.uint8)

    def map(self, canvas: Pixels) -> Pixels:
        """Wall pixels [height, width, 4] of canvas pixels [height, width, 4]."""
        if self._same:
            return canvas
        cut = canvas[self._crop]
        if self._resize is not None:
            cut = self._resize(cut)
        if self._light is None:
            np.copyto(self._out, cut)
        else:
            np.take(self._light, cut, out=self._out, mode="clip")
        self._out[..., 3] = 255
        return self._out


def _light(gamma: float, brightness: float) -> npt.NDArray[np.uint8] | None:
    """The table of 256 drives, or None where it would change nothing."""
    if gamma == 1.0 and brightness == 1.0:
        return None
    return np.rint(255.0 * brightness * (np.arange(256) / 255.0) ** gamma).astype(np.uint8)


class _Area:
    """Area average from `source` to `target`, both (width, height): rows first, then columns.

    A target pixel is the mean of all it covers, parts counted as parts; enlarging repeats pixels.
    Each pass adds one tap after another over the whole picture, so it costs about one reading of the
    source and allocates nothing.
    """

    def __init__(self, source: tuple[int, int], target: tuple[int, int]) -> None:
        (width, _), (new_width, new_height) = source, target
        self._rows = _taps(source[1], target[1])
        self._columns = _taps(width, new_width)
        self._taken: Pixels = np.zeros((new_height, width, 4), np.uint8)
        self._row_term = np.zeros((new_height, width, 4), np.float32)
        self._row_sum = np.zeros((new_height, width, 4), np.float32)
        self._column_term = np.zeros((new_height, new_width, 4), np.float32)
        self._column_sum = np.zeros((new_height, new_width, 4), np.float32)
        self._out: Pixels = np.zeros((new_height, new_width, 4), np.uint8)

    def __call__(self, pixels: Pixels) -> Pixels:
        self._row_sum.fill(0.0)
        for index, weight in self._rows:
            np.take(pixels, index, axis=0, out=self._taken, mode="clip")
            np.multiply(self._taken, weight[:, None, None], out=self._row_term)
            self._row_sum += self._row_term
        self._column_sum.fill(0.5)
        for index, weight in self._columns:
            np.take(self._row_sum, index, axis=1, out=self._column_term, mode="clip")
            self._column_term *= weight[None, :, None]
            self._column_sum += self._column_term
        np.copyto(self._out, self._column_sum, casting="unsafe")
        return self._out


def _taps(source: int, target: int) -> list[tuple[npt.NDArray[np.intp], npt.NDArray[np.float32]]]:
    """For each tap, the source pixel and its weight of every target pixel; weights add to 1."""
    step = source / target
    start = np.arange(target) * step
    first = np.floor(start + 1e-9).astype(np.intp)
    taps = []
    for k in range(int(np.ceil(step)) + 1):
        index = first + k
        covered = np.minimum(index + 1, start + step) - np.maximum(index, start)
        weight = np.clip(covered / step, 0.0, 1.0).astype(np.float32)
        if weight.max() > 1e-6:
            taps.append((np.minimum(index, source - 1), weight))
    return taps
