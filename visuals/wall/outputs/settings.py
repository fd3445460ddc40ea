"""What a rig file may say of each kind of output, as data. Opens nothing and imports no device."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

MAX_UNIVERSE = 63_999
"""E1.31-2018 section 6.2.7: universes 1 to 63999 carry data."""

PIXELS_PER_UNIVERSE = 170
"""512 slots hold 170 RGB pixels; a pixel never straddles two universes."""


class Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NullSettings(Settings):
    """Sends nothing out."""


class WindowSettings(Settings):
    """A window; full screen on `monitor`, named as `visuals devices` names it.

    Walls of one `span` share a window over all the monitors they name, over all there are when they name
    none, and are drawn 1:1, at `position` counted from their monitor's top left. `scale`: `fit` keeps the
    shape, `stretch` fills, `pixel` maps 1:1 from the top left, as LED processors cut it. `size` and
    `position` of a plain window are pixels of the desktop.
    """

    monitor: str | None = None
    span: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    scale: Literal["fit", "stretch", "pixel"] = "fit"
    size: tuple[Annotated[int, Field(ge=16, le=16_384)], Annotated[int, Field(ge=16, le=16_384)]] | None = None
    position: tuple[int, int] | None = None

    @model_validator(mode="after")
    def _span_is_1_to_1(self) -> Self:
        if self.span and (self.size or self.scale == "stretch"):
            raise ValueError("a wall of a span is drawn 1:1, expected neither `size` nor `scale: stretch`")
        return self


class SacnSettings(Settings):
    """Streaming ACN, ANSI E1.31-2018. Without `host` each universe goes to its multicast group.

    `interface` is the address of the network card multicast leaves by. `rate_hz` is the most packets
    a universe gets in a second; DMX512 carries 44.
    """

    host: str | None = None
    port: Annotated[int, Field(ge=1, le=65_535)] = 5568
    universe: Annotated[int, Field(ge=1, le=MAX_UNIVERSE)] = 1
    priority: Annotated[int, Field(ge=0, le=200)] = 100
    interface: str | None = None
    rate_hz: Annotated[float, Field(ge=2.0, le=44.0)] = 44.0


class RecordSettings(Settings):
    """A file: H.264 and AAC in an MP4, or ProRes 422 HQ and PCM in a `.mov`, which is also what its ending chooses.

    A file that is there is kept and another one is begun beside it, unless told to `replace` it.
    """

    file: Annotated[str, Field(min_length=1)]
    codec: Literal["h264", "prores"] | None = None
    replace: bool = False

    @property
    def codec_name(self) -> str:
        return self.codec or ("prores" if self.file.lower().endswith(".mov") else "h264")

    @model_validator(mode="after")
    def _prores_lies_in_a_mov(self) -> Self:
        if self.codec_name == "prores" and not self.file.lower().endswith(".mov"):
            raise ValueError(f"expected a file ending in .mov for ProRes, not `{self.file}`")
        return self


class NdiSettings(Settings):
    """An NDI source, called as the wall unless it has a `name`; `groups` are NDI's, with commas between."""

    name: Annotated[str, Field(min_length=1, max_length=60)] | None = None
    groups: str = ""


KINDS: dict[str, type[Settings]] = {
    "null": NullSettings,
    "window": WindowSettings,
    "sacn": SacnSettings,
    "record": RecordSettings,
    "ndi": NdiSettings,
}


def universes(size: tuple[int, int]) -> int:
    """How many universes a wall of `size` (width, height) takes."""
    return -(-size[0] * size[1] // PIXELS_PER_UNIVERSE)
