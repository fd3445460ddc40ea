"""Linear timecode out of sound: a biphase mark decoder for any level, polarity, direction and speed.

Source: SMPTE ST 12-1, linear timecode, modulation method: the signal turns at every bit's start, and once
more in the middle of a one. Knows nothing of sound cards, nor which input carries the code.
"""

from __future__ import annotations

from collections import deque
from math import log

from visuals.audio.ltc.codeword import (
    BITS,
    SYNC,
    SYNC_AT,
    SYNC_BACKWARDS,
    SYNC_BITS,
    backwards,
    frame_number,
    is_dropped,
    timecode_of,
)
from visuals.audio.ltc.turns import Turns
from visuals.timecode import RATES, Rate, Reading
from visuals.types import SAMPLE_RATE_HZ, Float32s

NOMINAL_RATES: dict[int, Rate] = {24: RATES["24"], 25: RATES["25"], 30: RATES["30"]}
"""What is meant by a tape without the drop flag, which cannot tell 29.97 from 30."""

SPEEDS = (0.4, 2.5)
"""Of play: what is decoded."""

_LONG, _GAP = 0.75, 1.5  # of a bit: what is longer is a whole one, or no bit
_FOLLOW = 0.25  # of what a bit's length is off: a tape may double its speed in a few frames


class LtcReader:
    """Takes one channel of sound, block by block, and gives every whole frame in it.

    `rate` is what the code counts by. Without it the drop flag and the frame numbers tell: 24, 25,
    29.97df or 30, sure after the first second. Never raises, whatever the samples are.
    """

    def __init__(self, rate: Rate | None = None, sample_rate_hz: int = SAMPLE_RATE_HZ) -> None:
        self._counting = Counting(rate)
        self._turns = Turns(sample_rate_hz)
        self._hz = float(sample_rate_hz)
        self._shortest = self._hz / (30 * BITS * SPEEDS[1])
        self._longest = self._hz / (24 * BITS * SPEEDS[0])
        self._bit = self._hz / (25 * BITS)  # its length in samples, as measured
        self._in_one, self._middle = False, 0.0  # the middle of a one is past, its end awaited
        self._word = 0
        self._edges: deque[float] = deque([0.0], maxlen=BITS + 1)  # where bits began and end, in samples
        self._since: int | None = None  # bits since a frame, None where they were lost

    def feed(self, time: float, samples: Float32s) -> list[Reading]:
        """The frames that end in a block [n] whose first sample is of `time`.

        A frame's reading is of the moment its bit 0 starts, and, backwards, of the moment that bit ends.
        """
        zero = time - self._turns.position / self._hz
        readings = (self._turn(place, zero) for place in self._turns.feed(samples))
        return [reading for reading in readings if reading is not None]

    def _turn(self, place: float, zero: float) -> Reading | None:
        """A reading, where this turn ends the last bit of a frame."""
        begun = self._middle if self._in_one else self._edges[-1]
        length = place - begun
        is_long = length > _LONG * self._bit
        is_gap = length > _GAP * self._bit
        self._measure(length if is_long else 2.0 * length)
        if is_gap:
            self._lose(place)
        elif is_long and self._in_one:  # what was taken for a one's middle was a bit's edge
            self._lose(begun)
            return self._take(0, place, zero)
        elif is_long:
            return self._take(0, place, zero)
        elif self._in_one:
            return self._take(1, place, zero)
        else:
            self._in_one, self._middle = True, place
        return None

    def _measure(self, length: float) -> None:
        followed = self._bit + _FOLLOW * (min(length, self._longest) - self._bit)
        self._bit = min(self._longest, max(self._shortest, followed))

    def _lose(self, edge: float) -> None:
        self._edges.clear()
        self._edges.append(edge)
        self._in_one, self._since = False, None

    def _take(self, bit: int, place: float, zero: float) -> Reading | None:
        self._in_one = False
        self._word = self._word >> 1 | bit << BITS - 1
        self._edges.append(place)
        if self._since is not None:
            self._since += 1
        if len(self._edges) <= BITS:
            return None
        if self._word >> SYNC_AT == SYNC:
            return self._frame(self._word, 1, zero + self._edges[0] / self._hz)
        if self._word & (1 << SYNC_BITS) - 1 == SYNC_BACKWARDS:
            return self._frame(backwards(self._word), -1, zero + place / self._hz)
        return None

    def _frame(self, word: int, direction: int, time: float) -> Reading | None:
        in_order, self._since = self._since == BITS, 0
        duration = (self._edges[-1] - self._edges[0]) / self._hz
        timecode = timecode_of(word, self._counting.rate_of(word, direction, duration, in_order))
        return None if timecode is None else Reading(time, timecode, direction=direction)


class Counting:
    """Finds by which rate a tape counts, unless it was told."""

    def __init__(self, rate: Rate | None) -> None:
        self._told = rate
        self._nominal: int | None = None
        self._last = (-1, 0)  # frame number, direction

    def rate_of(self, word: int, direction: int, duration: float, in_order: bool) -> Rate:
        """The rate that a frame counts by which lasted `duration` seconds; `in_order`: right after the last one."""
        if self._told is not None:
            return self._told
        number, (last, way) = frame_number(word), self._last
        self._last = number, direction
        if is_dropped(word):
            return RATES["29.97df"]
        if self._nominal is None:  # the second's end will tell; until then, what it would be at play speed
            self._nominal = min(NOMINAL_RATES, key=lambda nominal: abs(log(nominal * duration)))
        if in_order and direction == way:
            highest, lowest = (last, number) if direction > 0 else (number, last)
            if lowest == 0 and highest + 1 in NOMINAL_RATES:
                self._nominal = highest + 1
        self._nominal = next((n for n in NOMINAL_RATES if n >= self._nominal and n > number), 30)
        return NOMINAL_RATES[self._nominal]
