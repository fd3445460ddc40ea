"""MIDI ports in, events out: the only door to rtmidi.

Opens every input whose name matches, takes a port back when it returns, and gives the notes, control
changes and program changes that came since the last look. Does not know what a show binds to them.

rtmidi notices nothing when a sender or a JACK server vanishes (measured: `is_port_open()` stays True
and the dead server's ports stay listed), so a thread looks every `POLL_S` and reopens by name. It
looks through one client it keeps: to open a JACK client holds the interpreter for 8 ms.
"""

from __future__ import annotations

import logging
import re
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, Literal, NamedTuple, Self

from visuals.clock import Clock
from visuals.control import jack
from visuals.control.messages import Parser, event_of
from visuals.errors import DeviceError
from visuals.types import Event

Api = Literal["auto", "alsa", "jack"]

POLL_S = 0.1
QUEUE = 8192
CLIENT = "visuals"
_ALSA_SEQUENCER = Path("/dev/snd/seq")
_ALSA_ADDRESS = re.compile(r" \d+:\d+$")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class System:
    """A MIDI system: how rtmidi calls it, how to tell that it is there, what makes a client new."""

    name: str
    constant: str
    identity: Callable[[], int | None]
    client_identity: Callable[[str], int]


class Port(NamedTuple):
    """One start of one input port: it compares unequal to the same port after it was gone."""

    system: System
    name: str
    server: int
    client: int


class Heard(NamedTuple):
    """What a callback copies: show time (s), port name, the bytes as they came."""

    time: float
    port: str
    data: bytes


SYSTEMS = (
    System("alsa", "API_LINUX_ALSA", lambda: 1 if _ALSA_SEQUENCER.exists() else None, lambda port: 0),
    System("jack", "API_UNIX_JACK", jack.server_identity, jack.client_identity),
)


class Listing:
    """The ports of one system, seen through a client that is renewed when the system restarts."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._client: Any = None
        self._identity: int | None = None

    def ports(self) -> list[Port]:
        """The ports there are now, none while the system is away."""
        system, identity = self._system, self._system.identity()
        if identity != self._identity:
            self.close()
            self._identity = identity
        if identity is None:
            return []
        if self._client is None:
            self._client = _client(system)
        with _refusals(system.name):
            names = self._client.get_ports()
        return [Port(system, name, identity, system.client_identity(name)) for name in names]

    def close(self) -> None:
        if self._client is not None:
            self._client.delete()
            self._client = None


def _rtmidi() -> ModuleType:
    """Import rtmidi, whose wheel needs the system's libasound2."""
    try:
        import rtmidi
    except ImportError as error:
        raise DeviceError(f"MIDI needs a system library ({error}): apt-get install -y libasound2") from error
    return rtmidi  # type: ignore[no-any-return]


@contextmanager
def _refusals(what: str) -> Iterator[None]:
    """Turn what rtmidi raises into a DeviceError that names what was refused."""
    try:
        yield
    except _rtmidi().RtMidiError as error:
        raise DeviceError(f"MIDI {what}: {error}") from error


def _client(system: System) -> Any:
    rtmidi = _rtmidi()
    with _refusals(system.name):
        return rtmidi.MidiIn(getattr(rtmidi, system.constant), name=CLIENT)


def _chosen(api: Api) -> tuple[System, ...]:
    systems = tuple(s for s in SYSTEMS if api in ("auto", s.name))
    if not systems:
        raise DeviceError(f"no MIDI system is called {api!r}: expected auto, alsa or jack")
    return systems


def ports(api: Api = "auto") -> list[str]:
    """Names of the input ports there are now, in the order the systems list them."""
    _rtmidi()
    return [port.name for system in _chosen(api) for port in _look_once(system)]


def _look_once(system: System) -> list[Port]:
    listing = Listing(system)
    try:
        return listing.ports()
    finally:
        listing.close()


def matches(pattern: str | None, name: str) -> bool:
    """Whether a port is meant: by part of its name or by a * ? pattern, in any case.

    None means every port but ALSA's loop-back. ALSA's address at the end (`Desk:MIDI 1 20:0`), which
    changes when a device is plugged in again, need not be part of a pattern.
    """
    low = name.casefold()
    if pattern is None:
        return "midi through" not in low
    wanted = pattern.casefold()
    return wanted in low or fnmatch(low, wanted) or fnmatch(_ALSA_ADDRESS.sub("", low), wanted)


class MidiIn:
    """A `Source` of events from every MIDI input that matches `pattern`, for as long as it is entered.

    Events: `midi.note.<channel>/<number>` with velocity / 127, `midi.cc.<channel>/<number>` with
    value / 127, `midi.program.<channel>/<number>`; `source` is the port's name. With `auto`, JACK's
    ports are used where ALSA has none that match, so that a bridged desk is not heard twice.

    Entering raises DeviceError when rtmidi cannot be loaded, and with `required` when no port
    matches; otherwise ports are waited for.
    """

    def __init__(self, pattern: str | None, clock: Clock, api: Api = "auto", *, required: bool = False) -> None:
        self._pattern, self._clock, self._required = pattern, clock, required
        self._systems = _chosen(api)
        self._listings = [Listing(system) for system in self._systems]
        self._open: dict[Port, Any] = {}
        self._parsers: dict[str, Parser] = {}
        self._heard: deque[Heard] = deque(maxlen=QUEUE)
        self._ending = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="midi ports", daemon=True)
        self._trouble = ""

    @property
    def connected(self) -> tuple[str, ...]:
        """Names of the ports that are open now."""
        return tuple(port.name for port in tuple(self._open))

    def __enter__(self) -> Self:
        _rtmidi()
        self._look()
        if self._required and not self._open:
            self._close()
            raise DeviceError(self._nothing_found())
        self._watcher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        self._watcher.join(2.0)
        self._close()

    def drain(self) -> Sequence[Event]:
        """What came since the last call, oldest first; of each controller only its newest value."""
        return newest_controls([event for heard in self._pop() for event in self._parse(heard)])

    def _pop(self) -> Iterator[Heard]:
        # Only what is there now: a sender faster than this loop must not keep it going.
        for _ in range(len(self._heard)):
            yield self._heard.popleft()

    def _parse(self, heard: Heard) -> Iterator[Event]:
        parser = self._parsers.setdefault(heard.port, Parser())
        for message in parser.feed(heard.data):
            event = event_of(message, heard.time, heard.port)
            if event is not None:
                yield event

    def _watch(self) -> None:
        while not self._ending.wait(POLL_S):
            try:
                self._look()
                self._trouble = ""
            except DeviceError as error:
                if str(error) != self._trouble:
                    logger.warning("%s; trying again", error)
                self._trouble = str(error)

    def _look(self) -> None:
        """Close the ports that are gone, open those that are new."""
        wanted = self._wanted()
        for port in [port for port in self._open if port not in wanted]:
            self._open.pop(port).delete()
            logger.info("MIDI port gone: %s", port.name)
        for port in [port for port in wanted if port not in self._open]:
            client = self._connect(port)
            if client is not None:
                self._open[port] = client
                logger.info("MIDI port open: %s", port.name)

    def _wanted(self) -> list[Port]:
        for listing in self._listings:
            found = [port for port in listing.ports() if matches(self._pattern, port.name)]
            if found:
                return found
        return []

    def _connect(self, port: Port) -> Any:
        """An rtmidi client that listens to the port; None if the port has gone meanwhile."""
        client = _client(port.system)
        names = client.get_ports()
        if port.name not in names:
            client.delete()
            return None
        client.ignore_types(sysex=True, timing=True, active_sense=True)
        client.set_callback(self._on_message, port.name)
        with _refusals(port.name):
            client.open_port(names.index(port.name), "in")
        return client

    def _on_message(self, message: tuple[list[int], float], port: Any) -> None:
        """Runs in the driver's thread: copy and return."""
        self._heard.append(Heard(self._clock.now(), port, bytes(message[0])))

    def _close(self) -> None:
        for client in self._open.values():
            client.delete()
        self._open.clear()
        for listing in self._listings:
            listing.close()

    def _nothing_found(self) -> str:
        wanted = "no MIDI input" if self._pattern is None else f"no MIDI input matches {self._pattern!r}"
        there = [port.name for system in self._systems for port in _look_once(system)]
        if there:
            return f"{wanted}; there are: {', '.join(there)}"
        if any(system.identity() is not None for system in self._systems):
            return f"{wanted}; there are none"
        return f"{wanted}: neither ALSA ({_ALSA_SEQUENCER}) nor a JACK server ({jack.server_name()}) is there"


def newest_controls(events: Sequence[Event]) -> list[Event]:
    """Leave out control changes that a later one of the same controller overrides; keep all else."""
    seen: set[str] = set()
    kept: list[Event] = []
    for event in reversed(events):
        if event.name in seen:
            continue
        if event.name.startswith("midi.cc."):
            seen.add(event.name)
        kept.append(event)
    return kept[::-1]
