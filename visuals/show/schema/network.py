"""Where desks on the network are listened to. Without one of these no port is opened."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, WithJsonSchema, model_validator

from visuals.show.durations import parse_duration
from visuals.show.schema.entry import Entry
from visuals.types import FeedbackSettings, MscFollower, MscSettings, OscSettings
from visuals.vocabulary import DMX_CHANNELS, MSC_FORMATS, PALETTES, list_number

LAST_DEVICE, LAST_GROUP = 111, 15
"""MMA RP-002, section 2.2."""

LAST_UNIVERSE = 63_999
"""E1.31, section 6.2.7."""

PARTS = (127, 15, 15)
"""Art-Net 4, Port-Address: the highest net, sub-net and universe."""

LAST_ADDRESS = 512 - sum(DMX_CHANNELS.values()) + 1
"""The last slot at which there is room for all channels."""

TREES = ("/show", "/composition")
QUERY_HOST = "127.0.0.1"

_ADDRESS = r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}"
_DOOR = re.compile(rf"(?:({_ADDRESS}):)?([0-9]{{1,5}})")
_LISTENER = re.compile(rf"({_ADDRESS}):([0-9]{{1,5}})(/[a-z]+)?")


def _is_address(text: str) -> bool:
    try:
        IPv4Address(text)
    except ValueError:
        return False
    return True


def _host(text: str) -> str:
    """An address and no name: nobody waits for a name to be looked up."""
    if not _is_address(text):
        raise ValueError("expected an address such as 10.0.0.5")
    return text


def _query(value: object) -> tuple[str, int]:
    found = None if isinstance(value, bool) else _DOOR.fullmatch(str(value))
    host = (found[1] if found else None) or QUERY_HOST
    if found is None or not _is_address(host) or not 0 < int(found[2]) < 65_536:
        raise ValueError("expected a port such as 7080, or address:port such as 0.0.0.0:7080")
    return host, int(found[2])


def _listener(text: object) -> tuple[str, int, str]:
    found = _LISTENER.fullmatch(text) if isinstance(text, str) else None
    if found is None or not _is_address(found[1]) or not 0 < int(found[2]) < 65_536:
        raise ValueError("expected address:port such as 10.0.0.5:9000")
    tree = found[3] or TREES[0]
    if tree not in TREES:
        raise ValueError(f"expected address:port, address:port{TREES[0]} or address:port{TREES[1]}")
    return found[1], int(found[2]), tree


def _universe(value: object) -> int:
    """An Art-Net Port-Address, as a number or as net:sub-net:universe."""
    highest = (PARTS[0] << 8) + 255
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= highest:
        return value
    parts = [int(p) for p in value.split(":")] if isinstance(value, str) and re.fullmatch(r"\d+:\d+:\d+", value) else []
    if len(parts) != 3 or any(part > most for part, most in zip(parts, PARTS, strict=True)):
        raise ValueError(f"expected 0 to {highest}, or net:sub-net:universe, 0:0:0 to {':'.join(map(str, PARTS))}")
    return parts[0] << 8 | parts[1] << 4 | parts[2]


HELD: dict[str, float] = {"hold": math.inf, "release": 0.0}


def _hold(value: object) -> float:
    if isinstance(value, str) and value in HELD:
        return HELD[value]
    try:
        length = parse_duration(value)
    except ValueError:
        length = None
    if length is None or length.unit != "s":
        raise ValueError("expected hold, release, or how long it is held such as 10s")
    return length.amount


def _text(check: Callable[[str], str]) -> AfterValidator:
    return AfterValidator(check)


PortNumber = Annotated[int, Field(ge=1, le=65_535)]
Host = Annotated[str, _text(_host)]
Device = Annotated[int, Field(ge=0, le=LAST_DEVICE)]
Group = Annotated[int, Field(ge=1, le=LAST_GROUP)]
Query = Annotated[
    tuple[str, int],
    PlainValidator(_query),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1, "maximum": 65_535}, {"type": "string"}]}),
]
Listener = Annotated[
    tuple[str, int, str], PlainValidator(_listener), WithJsonSchema({"type": "string", "examples": ["10.0.0.5:9000"]})
]
Universe = Annotated[
    int,
    PlainValidator(_universe),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "examples": ["0:0:1"]}]}),
]
Hold = Annotated[
    float, PlainValidator(_hold), WithJsonSchema({"type": "string", "examples": [*HELD, "10s"], "default": "hold"})
]
if TYPE_CHECKING:
    Format = str
    PaletteName = str
else:
    Format = Literal[MSC_FORMATS]
    PaletteName = Literal[PALETTES]


def _several(example: str) -> Callable[[Any], Any]:
    """One entry is short for a list of one."""

    def listed(value: Any) -> Any:
        if not isinstance(value, dict | list):
            raise ValueError(f"expected {example}, or a list of them")
        return [value] if isinstance(value, dict) else value

    return listed


def _cue_list(value: object) -> str:
    number = None if isinstance(value, bool) else list_number(str(value))
    if number is None:
        raise ValueError("expected the number of a cue list such as 1")
    return number


CueList = Annotated[
    str, PlainValidator(_cue_list), WithJsonSchema({"anyOf": [{"type": "number", "minimum": 0}, {"type": "string"}]})
]


class FollowerEntry(Entry):
    """Who is told GO when a cue is fired: a MIDI output by part of its name, or an address as grandMA2 hears it."""

    port: str | None = Field(None, min_length=1, max_length=200)
    host: Host | None = None
    udp: PortNumber | None = None
    device: Device | None = None
    format: Format = MscFollower().format
    list: CueList | None = None

    @model_validator(mode="after")
    def _one_way_there(self) -> FollowerEntry:
        if (self.port is None) == (self.host is None):
            raise ValueError("expected either `port` or `host`")
        if self.udp is not None and self.host is None:
            raise ValueError("expected `host` beside `udp`")
        return self


Followers = Annotated[
    list[FollowerEntry],
    Field(max_length=8),
    BeforeValidator(_several("{port: Desk}"), json_schema_input_type=FollowerEntry | list[FollowerEntry]),
]


class MscEntry(Entry):
    """Whose MIDI Show Control is obeyed, the UDP port that grandMA2 and dot2 send it to, and who is told of cues."""

    device: Device | None = None
    devices: list[Device] = Field(default_factory=list, max_length=112)
    groups: list[Group] = Field(default_factory=list, max_length=15)
    formats: list[Format] = Field(default_factory=lambda: sorted(MscSettings().formats), min_length=1, max_length=8)
    udp: PortNumber | None = None
    host: Host | None = None
    send: Followers = Field(default_factory=list)

    @model_validator(mode="after")
    def _one_way_to_say_it(self) -> MscEntry:
        if self.device is not None and self.devices:
            raise ValueError("expected either `device` or `devices`")
        if self.groups and self.device is None and not self.devices:
            raise ValueError("expected `device` or `devices` beside `groups`: without them everybody's is obeyed")
        if self.host is not None and self.udp is None:
            raise ValueError("expected `udp: 6004` beside `host`")
        return self


class OscEntry(Entry):
    """OSC over UDP and TCP; `query` describes the addresses over HTTP, `tell` is who hears of changes."""

    port: PortNumber = OscSettings().port
    host: Host = OscSettings().host
    query: Query | None = None
    tell: list[Listener] = Field(default_factory=list, max_length=16)


class SacnEntry(Entry):
    """A universe over sACN (E1.31)."""

    universe: int = Field(1, ge=1, le=LAST_UNIVERSE)
    interface: str = Field("", max_length=64)


class ArtnetEntry(Entry):
    """A universe over Art-Net."""

    universe: Universe = 0


class DmxEntry(Entry):
    """The show as a fixture of a lighting desk, and what becomes of its last look when the desk is gone."""

    sacn: SacnEntry | None = None
    artnet: ArtnetEntry | None = None
    address: int = Field(1, ge=1, le=LAST_ADDRESS)
    hold: Hold = math.inf

    @model_validator(mode="after")
    def _one_protocol(self) -> DmxEntry:
        if (self.sacn is None) == (self.artnet is None):
            raise ValueError("expected either `sacn` or `artnet`")
        return self


class FeedbackEntry(Entry):
    """A controller that is shown what is on: its MIDI output by part of its name, and its family."""

    port: str = Field(min_length=1, max_length=200)
    palette: PaletteName = FeedbackSettings("").palette


AnyFeedback = Annotated[
    list[FeedbackEntry],
    Field(max_length=8),
    BeforeValidator(
        _several("{port: APC, palette: apc-mini}"), json_schema_input_type=FeedbackEntry | list[FeedbackEntry]
    ),
]
