"""What a channel message means after those before it: 14-bit controllers, parameters, banks.

Pure. One `Channels` per port. Knows nothing of what a show binds. Source: MIDI 1.0 Detailed Specification
4.2.1, table III and its notes on controllers, bank select and registered parameters.

Beside the events of `messages.event_of`, which keep their names:

    midi.cc14.<channel>/<number>   controllers 0..31 with 14 bits, from the first low half on that came after a high one
    midi.program.<channel>/<bank * 128 + program>   once a bank was selected; bank 0 is the plain name
"""

from __future__ import annotations

from dataclasses import dataclass, field

from visuals.control.midi.messages import CHANNELS, FULL_14_BIT, Message, event_of
from visuals.types import Event

PAIRS = 32
"""Table III: controllers 0..31 are high halves, those 32 above them their low halves. They are so only where both come:
there are faders and knobs of 7 bits that have the numbers of low halves."""

BANK_HIGH, BANK_LOW = 0, 32

PARAMETER_NUMBERS = {98: "NRPN low", 99: "NRPN high", 100: "RPN low", 101: "RPN high"}
PARAMETER_DATA = {6: "entry high", 38: "entry low", 96: "increment", 97: "decrement"}
"""Table III: what is set once both halves of a parameter's number have come."""

NO_PARAMETER = 127
"""Both halves of the number that ends a parameter."""


@dataclass(slots=True)
class Parameter:
    """Whether a channel's data controllers belong to a parameter, and so to no fader.

    They do only where both halves of its number came just before: there are desks whose knobs have those numbers.
    """

    is_open: bool = False
    last: tuple[int, int] = (-1, -1)

    def takes(self, number: int, value: int) -> bool:
        """Whether this controller is a parameter's data."""
        if number in PARAMETER_DATA and self.is_open:
            return True
        follows = self.is_open or self.last[0] == number ^ 1
        ends = value == self.last[1] == NO_PARAMETER
        self.is_open = number in PARAMETER_NUMBERS and follows and not ends
        self.last = (number, value)
        return False


@dataclass(slots=True)
class Channel:
    """What was sent on one channel: 14-bit values of the high halves seen, the low halves that came to them, a bank."""

    values: dict[int, int] = field(default_factory=dict)
    paired: set[int] = field(default_factory=set)
    parameter: Parameter = field(default_factory=Parameter)
    bank: int = 0
    selecting: dict[int, int] = field(default_factory=dict)

    def control(self, number: int, value: int) -> int | None:
        """Note a half; gives the pair's number if its 14 bits have a new value, else None."""
        pair = number % PAIRS
        if number < PAIRS:
            self.values[pair] = _with_high(self.values.get(pair, 0), value)
        elif number < 2 * PAIRS and pair in self.values:
            self.values[pair] = self.values[pair] & ~0x7F | value
            self.paired.add(pair)
        return pair if number < 2 * PAIRS and pair in self.paired else None

    def select(self, message: Message) -> None:
        """Note halves of a bank, which count only right before a program change."""
        is_bank = message.kind == "control_change" and message.data[0] in (BANK_HIGH, BANK_LOW)
        if is_bank:
            self.selecting[message.data[0]] = message.data[1]
        else:
            self.selecting.clear()

    def program(self, number: int) -> int:
        """bank * 128 + program. A bank sent in both halves holds, as the standard has it; one half may be a
        fader that has its number, and counts once."""
        high = self.selecting.get(BANK_HIGH, self.bank >> 7)
        low = self.selecting.get(BANK_LOW, 0 if self.selecting else self.bank & 0x7F)
        bank = high << 7 | low
        if len(self.selecting) == 2:
            self.bank = bank
        return bank << 7 | number


def _with_high(before: int, high: int) -> int:
    """The 14 bits between a high half and its low half: of what it may mean, what is nearest to before.

    So a fader that crosses a step does not jump back for a frame. Where both ends lie it goes there at once,
    for senders that leave low halves out.
    """
    if high == before >> 7:
        return before
    if high in (0, 127):
        return FULL_14_BIT if high else 0
    return high << 7 if before < high << 7 else high << 7 | 0x7F


class Channels:
    """The events of one port's messages, in the order they came."""

    def __init__(self) -> None:
        self._channels = {number: Channel() for number in CHANNELS}

    def events(self, message: Message, time: float, source: str) -> list[Event]:
        """What a message says, after those before it; nothing for what a show cannot bind."""
        event = event_of(message, time, source)
        if event is None:
            return []
        channel = self._channels[message.channel]
        if message.kind == "program_change":
            number = channel.program(message.data[0])
            channel.selecting.clear()
            return [Event(time, f"midi.program.{message.channel}/{number}", event.value, source)]
        channel.select(message)
        return self._controls(channel, message, event) if message.kind == "control_change" else [event]

    def _controls(self, channel: Channel, message: Message, event: Event) -> list[Event]:
        number, value = message.data
        if channel.parameter.takes(number, value):
            return []
        pair = channel.control(number, value)
        if pair is None:
            return [event]
        level = channel.values[pair] / FULL_14_BIT
        return [event, Event(event.time, f"midi.cc14.{message.channel}/{pair}", level, event.source)]
