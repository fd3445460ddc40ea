"""Senders of MIDI Time Code."""

from __future__ import annotations

from collections.abc import Iterable

from visuals.control.midi.messages import Parser
from visuals.control.timecode.mtc import MtcReader, quarter_frames
from visuals.timecode import Reading, Timecode


def quarters(first: Timecode, count: int, start: float, speed: float = 1.0) -> list[tuple[float, bytes, float]]:
    """(time, message, true position) of a tape that is at `first` (forwards) or comes down to its set first."""
    way = 1 if speed > 0 else -1
    quarter = float(1 / first.rate.fps) / 4.0
    sent = []
    for number in range(count):
        place = number if way > 0 else 7 - number
        frame = Timecode.of_index(first.index + place // 8 * 2, first.rate)
        position = float(frame.elapsed) + place % 8 * quarter
        sent.append((start + number * quarter / abs(speed), quarter_frames(frame)[place % 8], position))
    return sent


def taken(reader: MtcReader, sent: Iterable[tuple[float, bytes]]) -> list[Reading]:
    """The readings of bytes that arrive at their times."""
    parser = Parser()
    found = (reader.take(message, time) for time, wire in sent for message in parser.feed(wire))
    return [reading for reading in found if reading is not None]
