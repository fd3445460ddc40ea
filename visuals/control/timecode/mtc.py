"""MIDI Time Code: quarter frames and full messages to readings, and back. Knows nothing of ports.

Source: MIDI Time Code, MMA RP-004/RP-008 (4.2.1), pages 3 to 7.
"""

from __future__ import annotations

from visuals.control.midi.messages import Message
from visuals.timecode import RATES, Rate, Reading, Timecode, misfit

TYPES: tuple[Rate, ...] = (RATES["24"], RATES["25"], RATES["29.97df"], RATES["30"])
"""Page 4, time code type. There is none for 29.97 without dropped frames: such code says 30."""

PIECES: tuple[tuple[str, int], ...] = (
    ("frames", 0),
    ("frames", 4),
    ("seconds", 0),
    ("seconds", 4),
    ("minutes", 0),
    ("minutes", 4),
    ("hours", 0),
    ("hours", 4),
)
"""Page 3, message type -> the field it is a nibble of, and its lowest bit."""

FIELD_BITS = {"frames": 0x1F, "seconds": 0x3F, "minutes": 0x3F, "hours": 0x1F}
"""Page 4: what is above these is reserved and to be ignored; above the hours are the two bits of the type."""

TYPE_SHIFT, TYPE_BITS = 5, 0x03

FULL_MESSAGE = bytes.fromhex("7F 00 01 01")
"""Page 7: real time, device, MIDI Time Code, full message; the device is not looked at."""

FRAMES_PER_SET, QUARTERS = 2, 4
LONGEST_PAUSE_S = 0.1
"""Quarter frames that came this far apart are of two runs, and the second may be elsewhere."""


class MtcReader:
    """Takes what comes on one port and says where the tape is, at every quarter frame that is sure.

    Piece n of a set stands n quarters after the frame the set names, in both directions (page 5), so
    that the two frames which a set takes to arrive are no lag. Never raises.
    """

    def __init__(self) -> None:
        self._nibbles = [0] * len(PIECES)
        self._last, self._time = 0, 0.0
        self._direction, self._run = 0, 0
        self._first: Timecode | None = None  # the frame that the present set names, once it is sure

    def take(self, message: Message, time: float) -> Reading | None:
        """What a message that arrived at `time` tells; None for others and while nothing is sure."""
        if message.kind == "quarter_frame" and message.data:
            return self._quarter(message.data[0] >> 4 & 7, message.data[0] & 0x0F, time)
        if message.kind == "sysex":
            return self._full(message.data, time)
        return None

    def _full(self, data: bytes, time: float) -> Reading | None:
        if len(data) != 8 or data[0] != FULL_MESSAGE[0] or data[2:4] != FULL_MESSAGE[2:]:
            return None
        hours, minutes, seconds, frames = data[4:]
        found = _timecode(hours, minutes, seconds, frames)
        if found is None:
            return None
        self._first, self._run = None, 0
        return Reading(time, found, direction=0)

    def _quarter(self, piece: int, nibble: int, time: float) -> Reading | None:
        self._follow(piece, time)
        self._nibbles[piece] = nibble
        if self._run >= len(PIECES) and piece == (len(PIECES) - 1 if self._direction > 0 else 0):
            self._first = self._assembled()
        elif self._first is not None and _nibble(self._first, piece) != nibble:
            self._first = None  # the tape is elsewhere: where, the next whole set will tell
        if self._first is None:
            return None
        frame = Timecode.of_index(self._first.index + piece // QUARTERS, self._first.rate)
        return Reading(time, frame, piece % QUARTERS / QUARTERS, self._direction)

    def _follow(self, piece: int, time: float) -> None:
        """Count the pieces that came in order; step to the next set where one ends."""
        step = {1: 1, 7: -1}.get((piece - self._last) % len(PIECES), 0)
        if not step or not 0.0 <= time - self._time <= LONGEST_PAUSE_S:
            self._first, self._run, self._direction = None, 0, 0
        else:
            if step == -self._direction:
                self._run = 0
            self._direction = step
        if self._first is not None and abs(piece - self._last) > 1:
            self._first = Timecode.of_index(self._first.index + step * FRAMES_PER_SET, self._first.rate)
        self._run += 1
        self._last, self._time = piece, time

    def _assembled(self) -> Timecode | None:
        fields = dict.fromkeys(FIELD_BITS, 0)
        for (name, shift), nibble in zip(PIECES, self._nibbles, strict=True):
            fields[name] |= nibble << shift
        return _timecode(fields["hours"], fields["minutes"], fields["seconds"], fields["frames"])


def _timecode(hours: int, minutes: int, seconds: int, frames: int) -> Timecode | None:
    rate = TYPES[hours >> TYPE_SHIFT & TYPE_BITS]
    hours, minutes = hours & FIELD_BITS["hours"], minutes & FIELD_BITS["minutes"]
    seconds, frames = seconds & FIELD_BITS["seconds"], frames & FIELD_BITS["frames"]
    if misfit(hours, minutes, seconds, frames, rate):
        return None
    return Timecode(hours, minutes, seconds, frames, rate)


def _typed_hours(timecode: Timecode) -> int:
    kind = TYPES.index(timecode.rate) if timecode.rate in TYPES else TYPES.index(RATES["30"])
    return timecode.hours | kind << TYPE_SHIFT


def _nibble(timecode: Timecode, piece: int) -> int:
    name, shift = PIECES[piece]
    value = _typed_hours(timecode) if name == "hours" else int(getattr(timecode, name))
    return value >> shift & 0x0F


def quarter_frames(timecode: Timecode) -> list[bytes]:
    """The eight messages of the two frames from `timecode` on, as they are sent forwards."""
    return [bytes([0xF1, piece << 4 | _nibble(timecode, piece)]) for piece in range(len(PIECES))]


def full_message(timecode: Timecode) -> bytes:
    """The message that sends everyone to `timecode`."""
    fields = (_typed_hours(timecode), timecode.minutes, timecode.seconds, timecode.frames)
    return bytes([0xF0, 0x7F, 0x7F, 0x01, 0x01, *fields, 0xF7])
