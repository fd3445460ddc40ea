"""Where light goes. Each output takes a wall's pixels; none knows of the show.

A kind's module is imported when the first of its kind opens, so that a rig without windows needs no
display library.
"""

from __future__ import annotations

from collections.abc import Callable

from pydantic import ValidationError

from visuals.errors import OutputError
from visuals.shm import Layout
from visuals.types import Output, Wall
from visuals.wall.outputs.settings import (
    KINDS,
    ArtnetSettings,
    DdpSettings,
    NdiSettings,
    RecordSettings,
    SacnSettings,
    Settings,
    WindowSettings,
)


def open_output(wall: Wall, *, rig: str = "", rate_hz: float = 60.0, sound: Layout | None = None) -> Output:
    """Make a wall's output; it opens when its context is entered.

    `rig` and the wall's name identify network streams across restarts; `sound` is the ring a
    recording takes its sound from. Raises OutputError for settings nobody can use, DeviceError for a
    device that is not there.
    """
    kind, fields = wall.output
    if kind not in KINDS:
        raise OutputError(f"wall `{wall.name}`: found the output `{kind}`, expected one of {', '.join(KINDS)}")
    try:
        settings = KINDS[kind].model_validate(dict(fields))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, (kind, *first["loc"])))
        raise OutputError(f"wall `{wall.name}`: {place}: found {first['input']!r}: {first['msg']}") from error
    return _OPENERS[kind](wall, settings, rig, rate_hz, sound)


def _null(wall: Wall, settings: Settings, rig: str, rate_hz: float, sound: Layout | None) -> Output:
    from visuals.wall.outputs.null import Null

    return Null()


def _window(wall: Wall, settings: Settings, rig: str, rate_hz: float, sound: Layout | None) -> Output:
    from visuals.wall.outputs.window import Window

    assert isinstance(settings, WindowSettings)
    return Window(wall.size, settings, wall.name)


def _sacn(wall: Wall, settings: Settings, rig: str, rate_hz: float, sound: Layout | None) -> Output:
    from visuals.wall.outputs.sacn import Sacn

    assert isinstance(settings, SacnSettings)
    return Sacn(wall.size, settings, f"{rig} {wall.name}".strip())


def _artnet(wall: Wall, settings: Settings, rig: str, rate_hz: float, sound: Layout | None) -> Output:
    from visuals.wall.outputs.artnet import Artnet

    assert isinstance(settings, ArtnetSettings)
    return Artnet(wall.size, settings, f"{rig} {wall.name}".strip())


def _ddp(wall: Wall, settings: Settings, rig: str, rate_hz: float, sound: Layout | None) -> Output:
    from visuals.wall.outputs.ddp import Ddp

    assert isinstance(settings, DdpSettings)
    return Ddp(wall.size, settings, f"{rig} {wall.name}".strip())


def _record(wall: Wall, settings: Settings, rig: str, rate_hz: float, sound: Layout | None) -> Output:
    from visuals.wall.outputs.record import Record

    assert isinstance(settings, RecordSettings)
    return Record(wall.size, settings, rate_hz, sound)


def _ndi(wall: Wall, settings: Settings, rig: str, rate_hz: float, sound: Layout | None) -> Output:
    from visuals.wall.outputs.ndi import Ndi

    assert isinstance(settings, NdiSettings)
    return Ndi(wall.size, settings, wall.name, rate_hz)


_OPENERS: dict[str, Callable[[Wall, Settings, str, float, Layout | None], Output]] = {
    "null": _null,
    "window": _window,
    "sacn": _sacn,
    "artnet": _artnet,
    "ddp": _ddp,
    "record": _record,
    "ndi": _ndi,
}
