"""The only door to rtmidi: which MIDI systems there are, and which ports they have.

Knows nothing of what is heard or sent there. What holds a port open runs in a process of its own, `process`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, NamedTuple

from visuals.control.midi import jack
from visuals.errors import DeviceError

Api = Literal["auto", "alsa", "jack"]

LOOK_S = 0.2
QUEUE = 8192

CLIENT, ENDER, SENDER = "visuals", "visuals-end", "visuals-lights"
"""How this program is called at a MIDI system: what listens, what ends sysex, what sends."""
_ALSA_SEQUENCER = Path("/dev/snd/seq")
_ALSA_ADDRESS = re.compile(r" \d+:\d+$")


@dataclass(frozen=True, slots=True)
class System:
    """A MIDI system: how rtmidi calls it, how to tell that it is there, what makes a client new."""

    name: Literal["alsa", "jack"]
    constant: str
    identity: Callable[[], int | None]
    client_identity: Callable[[str], int]
    sticks: bool = False
    """Whether rtmidi keeps all that comes after a sysex that was begun to itself, until one ends: see `Ender`."""


SYSTEMS = (
    System("alsa", "API_LINUX_ALSA", lambda: 1 if _ALSA_SEQUENCER.exists() else None, lambda port: 0),
    System("jack", "API_UNIX_JACK", jack.server_identity, jack.client_identity, sticks=True),
)


def systems(api: Api) -> tuple[System, ...]:
    """The systems that `api` means, the preferred one first."""
    chosen = tuple(s for s in SYSTEMS if api in ("auto", s.name))
    if not chosen:
        raise DeviceError(f"no MIDI system is called {api!r}: expected auto, alsa or jack")
    return chosen


def rtmidi() -> ModuleType:
    """Import rtmidi, whose wheel needs the system's libasound2."""
    try:
        import rtmidi as module
    except ImportError as error:
        raise DeviceError(f"MIDI needs a system library ({error}): apt-get install -y libasound2") from error
    return module  # type: ignore[no-any-return]


@contextmanager
def refusals(what: str) -> Iterator[None]:
    """Turn what rtmidi raises into a DeviceError that names what was refused."""
    try:
        yield
    except rtmidi().RtMidiError as error:
        raise DeviceError(f"MIDI {what}: {error}") from error


def listener(system: System) -> Any:
    module = rtmidi()
    with refusals(system.name):
        return module.MidiIn(getattr(module, system.constant), name=CLIENT, queue_size_limit=QUEUE)


def listed(lister: Any) -> tuple[str, ...]:
    """The inputs there are, without what this program itself says there."""
    return tuple(name for name in lister.get_ports() if not name.startswith((ENDER, SENDER)))


def sender(system: System, name: str = SENDER) -> Any:
    module = rtmidi()
    with refusals(system.name):
        return module.MidiOut(getattr(module, system.constant), name=name)


def listed_outputs(lister: Any) -> tuple[str, ...]:
    """The outputs there are, without what this program itself listens with."""
    return tuple(name for name in lister.get_ports() if not name.startswith(CLIENT))


def matches(pattern: str | None, name: str) -> bool:
    """Whether a port is meant: by part of its name or by a * ? pattern, in any case; of several between commas one.

    None means every port but ALSA's loop-back. ALSA's address at the end (`Desk:MIDI 1 20:0`), which
    changes when a device is plugged in again, need not be part of a pattern.
    """
    low = name.casefold()
    if pattern is None:
        return "midi through" not in low
    plain = _ALSA_ADDRESS.sub("", low)
    return any(part in low or fnmatch(low, part) or fnmatch(plain, part) for part in patterns(pattern.casefold()))


def patterns(pattern: str) -> list[str]:
    """Those between commas; the empty one, which every port matches, where there is none."""
    return [part for part in map(str.strip, pattern.split(",")) if part] or [""]


class Port(NamedTuple):
    """One start of one input port: unequal to a port of the same name that came back."""

    name: str
    client: int


def ports(api: Api = "auto") -> list[str]:
    """Names of the input ports there are now. For commands that end soon, not for a running show."""
    return _named(api, listener, listed)


def outputs(api: Api = "auto") -> list[str]:
    """Names of the output ports there are now. For commands that end soon, not for a running show."""
    return _named(api, sender, listed_outputs)


def _named(api: Api, opened: Callable[[System], Any], names: Callable[[Any], tuple[str, ...]]) -> list[str]:
    rtmidi()
    found: list[str] = []
    for system in systems(api):
        if system.identity() is not None:
            lister = opened(system)
            found += names(lister)
            lister.delete()
    return found
