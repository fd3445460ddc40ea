"""What a rig file may say of each kind of output, as data. Opens nothing and imports no device."""

from __future__ import annotations

import re
from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

MAX_UNIVERSE = 63_999
"""E1.31-2018 section 6.2.7: universes 1 to 63999 carry data."""

MAX_PORT_ADDRESS = 32_767
"""Art-Net 4: a Port-Address is 7 bits of net, 4 of subnet, 4 of universe."""

SLOTS_PER_UNIVERSE = 512

RECORDINGS = (".mp4", ".mov")


def _address(text: str) -> str:
    try:
        IPv4Address(text)
    except ValueError:
        raise ValueError("expected the IPv4 address of a network card, such as 10.0.0.5") from None
    return text


def _host(text: str) -> str:
    """What can be told of a host without asking the network for it."""
    if text.count(":") > 1:
        raise ValueError("expected an IPv4 address or a name: IPv6 is not spoken here")
    if ":" in text:
        raise ValueError(f"expected `{text.partition(':')[0]}` and beside it `port: {text.partition(':')[2]}`")
    if not re.fullmatch(r"[\w.-]+", text):
        raise ValueError("expected an IPv4 address such as 10.0.0.20, or a name")
    if re.fullmatch(r"[\d.]+", text):
        try:
            IPv4Address(text)
        except ValueError:
            raise ValueError("expected four numbers of 0 to 255, such as 10.0.0.20") from None
    return text


def _hosts(hosts: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(hosts)) < len(hosts):
        raise ValueError("expected each host once")
    return hosts


Size = tuple[int, int]
Port = Annotated[int, Field(ge=1, le=65_535)]
Host = Annotated[str, Field(min_length=1, max_length=253), AfterValidator(_host)]
Interface = Annotated[str, AfterValidator(_address)]
Hosts = Host | Annotated[tuple[Host, ...], Field(min_length=1, max_length=64), AfterValidator(_hosts)]

Order = Literal[
    "RGB", "RBG", "GRB", "GBR", "BRG", "BGR",
    "RGBW", "RBGW", "GRBW", "GBRW", "BRGW", "BGRW",
    "WRGB", "WRBG", "WGRB", "WGBR", "WBRG", "WBGR",
]  # fmt: skip


class Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    def misfit(self, size: Size) -> str:
        """What of a wall of `size` (width, height) this output cannot carry; "" for nothing."""
        return ""


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


class PixelSettings(Settings):
    """How LEDs hang on the wire: what every network output takes.

    `order` is the order of a pixel's colours; with a W the white LED takes what red, green and blue
    have in common, and they keep the rest. The wire begins in the corner `start`, runs along rows or
    columns, and with `zigzag` every second one runs back. `host` is one receiver or several, each of
    which gets all. `interface` is the address of the card of ours that it leaves by.
    """

    host: Hosts | None = None
    interface: Interface | None = None
    order: Order = "RGB"
    start: Literal["top left", "top right", "bottom left", "bottom right"] = "top left"
    along: Literal["rows", "columns"] = "rows"
    zigzag: bool = False

    @property
    def hosts(self) -> tuple[str, ...]:
        return (self.host,) if isinstance(self.host, str) else self.host or ()


class UniverseSettings(PixelSettings):
    """Pixels in universes of 512 channels.

    The first pixel takes `channel` (1 to 512) of the first universe; every further universe is filled
    from its first. A pixel lies in one universe as a whole, unless `split`. `rate_hz` is the most
    packets a universe gets in a second; DMX512 carries 44.
    """

    channel: Annotated[int, Field(ge=1, le=SLOTS_PER_UNIVERSE)] = 1
    split: bool = False
    rate_hz: Annotated[float, Field(ge=2.0, le=44.0)] = 44.0

    @property
    def first(self) -> int:
        """The number of the first universe."""
        raise NotImplementedError

    @property
    def last_possible(self) -> int:
        raise NotImplementedError

    def misfit(self, size: Size) -> str:
        free = SLOTS_PER_UNIVERSE - self.channel + 1
        if len(self.order) > free and not self.split:
            return f"found channel {self.channel}, where no pixel of {self.order} fits, expected less or `split: true`"
        count = universes(size, self)
        if self.first + count - 1 > self.last_possible:
            return f"found {count} universes from {self.first}, expected the last at {self.last_possible}"
        return ""


class SacnSettings(UniverseSettings):
    """Streaming ACN, ANSI E1.31-2018. Without `host` each universe goes to its multicast group.

    With `sync`, a universe of that number tells the receivers to show all at once.
    """

    port: Port = 5568
    universe: Annotated[int, Field(ge=1, le=MAX_UNIVERSE)] = 1
    priority: Annotated[int, Field(ge=0, le=200)] = 100
    sync: Annotated[int, Field(ge=1, le=MAX_UNIVERSE)] | None = None

    @property
    def first(self) -> int:
        return self.universe

    @property
    def last_possible(self) -> int:
        return MAX_UNIVERSE


class ArtnetSettings(UniverseSettings):
    """Art-Net 4 to `host`: an address, several, or the broadcast address of the network.

    `net`, `subnet` and `universe` count from 0, as desks show them: 0.0.0 is the first. `sync` tells
    the nodes to show all universes of a picture at once.
    """

    host: Hosts
    port: Port = 6454
    net: Annotated[int, Field(ge=0, le=127)] = 0
    subnet: Annotated[int, Field(ge=0, le=15)] = 0
    universe: Annotated[int, Field(ge=0, le=15)] = 0
    sync: bool = True

    @property
    def first(self) -> int:
        return self.net << 8 | self.subnet << 4 | self.universe

    @property
    def last_possible(self) -> int:
        return MAX_PORT_ADDRESS


class DdpSettings(PixelSettings):
    """Distributed Display Protocol to `host`; `id` is the device behind it, 1 the default one."""

    host: Hosts
    port: Port = 4048
    id: Annotated[int, Field(ge=1, le=249)] = 1
    rate_hz: Annotated[float, Field(ge=2.0, le=240.0)] = 60.0


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
    def _it_is_a_file_that_can_be(self) -> Self:
        if Path(self.file).is_dir():
            raise ValueError(f"found the folder `{self.file}`, expected a file to write")
        if not self.file.lower().endswith(RECORDINGS):
            raise ValueError(f"expected a file ending in {' or '.join(RECORDINGS)}, not `{self.file}`")
        return self

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
    "artnet": ArtnetSettings,
    "ddp": DdpSettings,
    "record": RecordSettings,
    "ndi": NdiSettings,
}


def universes(size: Size, settings: UniverseSettings | None = None) -> int:
    """How many universes a wall of `size` (width, height) takes."""
    settings = settings or SacnSettings()
    pixels, channels, taken = size[0] * size[1], len(settings.order), settings.channel - 1
    if settings.split:
        return -(-(taken + pixels * channels) // SLOTS_PER_UNIVERSE)
    in_first = (SLOTS_PER_UNIVERSE - taken) // channels
    return 1 + -(-max(0, pixels - in_first) // (SLOTS_PER_UNIVERSE // channels))
