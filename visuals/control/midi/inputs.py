"""MIDI in: events from every input whose name matches, however often it goes and comes.

The ports live in processes of their own. Does not know what a show binds to a message.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from types import TracebackType
from typing import NamedTuple, Self

from visuals.clock import Clock, monotonic, sleep
from visuals.control.midi import jack, messages
from visuals.control.midi.channels import Channels
from visuals.control.midi.messages import Message, Parser, newest_controls
from visuals.control.midi.ports import Api
from visuals.control.midi.processes import MOST_TIMING, Listeners
from visuals.control.msc.message import Receiver, decode, event_of
from visuals.errors import DeviceError
from visuals.types import Event

FIRST_REPORT_S = 5.0
MOVING = (*messages.MOVING, "msc.set.")


class Timed(NamedTuple):
    """A message that tells time, and the show time at which it came to its port, give or take a fetch."""

    time: float
    port: str
    message: Message


class MidiIn:
    """A `Source` of events from every MIDI input that matches `pattern`, for as long as it is entered.

    Events: those of `channels`, such as `midi.note.<channel>/<number>` with velocity / 127, and for the show
    control that `receiver` answers to those of `msc`; `source` is the port's name. `midi.lost`, 0, is a port's that
    is gone. `counted` are the names of controllers whose every message counts: endless knobs. With `auto`, JACK's
    ports count where ALSA has none that match, so that a bridged desk is not heard twice.

    Entering raises DeviceError when rtmidi cannot be loaded, and with `required` when no port
    matches; otherwise ports are waited for.
    """

    def __init__(
        self,
        pattern: str | None,
        clock: Clock,
        api: Api = "auto",
        *,
        required: bool = False,
        receiver: Receiver | None = None,
        everything: bool = False,
    ) -> None:
        self._pattern, self._clock, self._required = pattern, clock, required
        self._asked = ([] if pattern is None else [f"--in={pattern}"]) + (["--all"] if everything else [])
        self._receiver = receiver or Receiver()
        self.counted: Collection[str] = ()
        self._listeners = Listeners(api, "midi")
        self._heard: dict[str, tuple[Parser, Channels]] = {}
        self._timing: deque[Timed] = deque(maxlen=MOST_TIMING)

    @property
    def connected(self) -> tuple[str, ...]:
        """Names of the ports that are heard, as of the last `drain`."""
        return self._listeners.open

    def __enter__(self) -> Self:
        self._listeners.start(*self._asked)
        try:
            if self._required:
                self._await_port()
        except BaseException:
            self._listeners.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listeners.close()

    def drain(self) -> Sequence[Event]:
        """What came since the last call; of each controller only its newest value, if it is not counted."""
        heard = self.heard()
        came = [*self._lost(), *(event for said in heard for event in self._events(*said))]
        return newest_controls(came, MOVING, self.counted)

    def _lost(self) -> Iterator[Event]:
        """The ports that are gone; who comes back by that name begins anew, with no bank and no half of a fader."""
        for listener in self._listeners.all:
            for port in sorted(listener.lost):
                self._heard.pop(port, None)
                yield Event(self._clock.now(), "midi.lost", 0.0, port)
            listener.lost.clear()

    def heard(self) -> Sequence[tuple[float, str, bytes]]:
        """In `drain`'s place: when and where what messages came, as bytes; `everything` with clocks."""
        heard = [(listener, list(listener.lines())) for listener in self._listeners.all]
        lines = next((lines for listener, lines in heard if listener.open), [])
        show_time = self._clock.now() - monotonic()
        self._keep_time(show_time)
        return [(time + show_time, port, bytes.fromhex(data)) for time, port, data in lines]

    def timing(self) -> Sequence[Timed]:
        """The clocks and timecode of all ports that the last `drain`s brought; of those that pile up the newest."""
        timing = list(self._timing)
        self._timing.clear()
        return timing

    def _keep_time(self, show_time: float) -> None:
        leading = self._listeners.leading
        for time, port, data in leading.timing if leading else ():
            # A run of whole messages each, so no state is kept from one to the next.
            messages = Parser().feed(bytes.fromhex(data))
            self._timing.extend(Timed(time + show_time, port, message) for message in messages)
        for listener in self._listeners.all:
            listener.timing.clear()

    def _events(self, time: float, port: str, data: bytes) -> Iterator[Event]:
        parser, channels = self._heard.setdefault(port, (Parser(), Channels()))
        for message in parser.feed(data):
            if message.kind != "sysex":
                yield from channels.events(message, time, port)
            elif (control := decode(message.data)) is not None and self._receiver.hears(control):
                yield event_of(control, time, port)

    def _await_port(self) -> None:
        """Wait for the first report of every system that is there."""
        deadline = monotonic() + FIRST_REPORT_S
        there = [listener for listener in self._listeners.all if listener.system.identity() is not None]
        while not all(listener.reported for listener in there) and monotonic() < deadline:
            self.drain()
            sleep(0.005)
        if not self.connected:
            raise DeviceError(self._nothing_found(bool(there)))

    def _nothing_found(self, any_system: bool) -> str:
        wanted = "no MIDI input" if self._pattern is None else f"no MIDI input matches {self._pattern!r}"
        there = [name for listener in self._listeners.all for name in listener.there]
        if there:
            return f"{wanted}; there are: {', '.join(there)}"
        if any_system:
            return f"{wanted}; there are none"
        return f"{wanted}: neither ALSA (/dev/snd/seq) nor a JACK server ({jack.server_name()}) is there"
