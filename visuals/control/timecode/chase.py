"""One running position out of whatever timecode arrives. Knows nothing of wires, tapes or cues."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, isfinite
from typing import Literal

from visuals.control.tempo.line import Line
from visuals.timecode import Rate, Reading, Timecode

FREEWHEEL_S = 1.0
"""How long a tape is believed to play on that is not heard: stopped and drop-out look the same."""

LOCK_READINGS, LOCK_FRAMES = 3, 2.0
"""So many readings in one direction, over so many frames, are a tape that runs."""

SPEEDS = (0.25, 4.0)
"""Of play, either way: what is no speed of a tape is no run."""

TOLERANCE_S = 0.1
"""A reading this near to the position is of the same run, and the position is drawn to it smoothly."""

JUMP_S = 0.5
"""A new run further off than this is a jump, which cues are told of; nearer, a turn or a hiccup. A tape that was
stopped and goes on has not jumped, either, though the wheel ran on."""

SILENCE_S = 0.2
"""A frame at half speed is read whole 0.17 s after its start: without one for longer, the wheel is free."""

_MEMORY_S = 0.25
_PULL_S = 0.3  # with TOLERANCE_S, the position keeps two thirds of its speed while it is drawn back

State = Literal["locked", "freewheel", "stopped"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the tape is: seconds since 00:00:00:00, and how it runs (1 at play, negative backwards, 0 stopped).

    `jumps` counts how often it was suddenly elsewhere; midnight counts as well.
    """

    position: float
    speed: float
    state: State
    jumps: int
    rate: Rate

    @property
    def timecode(self) -> Timecode:
        return Timecode.of_elapsed(self.position, self.rate)


class Chase:
    """Takes readings, of one tape, and tells the position at any time.

    Between two readings the position is a straight line and an offset that decays: at play speed
    jitter neither stops it nor turns it back. Times must not decrease from call to call of `at`.
    """

    def __init__(self, freewheel: float = FREEWHEEL_S) -> None:
        self._freewheel = freewheel
        self._rate: Rate | None = None
        self._line: Line | None = None  # None while it stands
        self._stands = 0.0
        self._left: float | None = (
            None  # where the tape was last heard, if the wheel went on from there and came to rest
        )
        self._offset, self._offset_time = 0.0, 0.0
        self._heard = 0.0
        self._now = float("-inf")
        self._jumps = 0
        self._run: Run | None = None  # what may become the line

    def take(self, reading: Reading) -> None:
        """A reading of the tape; those that fit nothing are left out until others confirm them."""
        if not isfinite(reading.time):
            return
        if reading.direction == 0:
            self._locate(reading)
        elif not self._follow(reading):
            self._consider(reading)

    def at(self, now: float) -> Place | None:
        """The place at `now`; None as long as nothing was ever locked on or gone to."""
        self._now = now = max(now, self._now)
        if self._rate is None:
            return None
        if self._line is not None and now > self._heard + self._freewheel:
            self._stand(self._place(self._heard + self._freewheel), left=self._place(self._heard))
        days, position = divmod(self._place(now), self._rate.day)
        speed = 0.0 if self._line is None else self._line.slope
        position %= self._rate.day  # the rest of a hair's breadth before midnight rounds to a whole day
        return Place(position, speed, self._state(now), self._jumps + int(days), self._rate)

    def _state(self, now: float) -> State:
        if self._line is None:
            return "stopped"
        return "locked" if now - self._heard < SILENCE_S else "freewheel"

    # ---- the run that is believed

    def _place(self, time: float) -> float:
        """The position, on past midnight."""
        if self._line is None:
            return self._stands
        return self._line.at(time) + self._offset * exp(-max(0.0, time - self._offset_time) / _PULL_S)

    def _off(self, reading: Reading) -> float:
        """How far a reading is from the position, the short way round the day."""
        return _apart(reading.position, self._place(reading.time), reading.timecode.rate.day)

    def _follow(self, reading: Reading) -> bool:
        """Draw the position to a reading of the same run; False if it is of another."""
        if self._line is None or reading.direction * self._line.slope <= 0.0:
            return False
        off = self._off(reading)
        if abs(off) > TOLERANCE_S:
            return False
        when = max(reading.time, self._now, self._offset_time)
        placed = self._place(when)
        kept = exp(-max(0.0, reading.time - self._heard) / _MEMORY_S)
        self._line.add(reading.time, self._place(reading.time) + off, kept)
        self._line.bound(*_speeds(reading.direction))
        self._offset, self._offset_time = placed - self._line.at(when), when
        self._heard, self._rate, self._run = max(self._heard, reading.time), reading.timecode.rate, None
        return True

    def _stand(self, position: float, left: float | None = None) -> None:
        self._line, self._stands, self._left = None, position, left

    def _is_jump(self, reading: Reading, off: float) -> bool:
        """Whether a tape there is neither the one that was followed nor goes on where that one was stopped."""
        if abs(off) <= JUMP_S:
            return False
        return self._left is None or abs(_apart(reading.position, self._left, reading.timecode.rate.day)) > JUMP_S

    def _locate(self, reading: Reading) -> None:
        """The tape stands where the reading says."""
        if self._rate is None or self._is_jump(reading, self._off(reading)):
            self._jump(reading)
        self._rate, self._run = reading.timecode.rate, None
        self._stand(reading.position)

    def _jump(self, reading: Reading) -> None:
        self._jumps += 1 + int(self._place(self._heard) // reading.timecode.rate.day)

    # ---- another run

    def _consider(self, reading: Reading) -> None:
        """A reading that does not fit: a tape elsewhere, if others follow it."""
        if self._run is None or not self._run.goes_on(reading):
            self._run = Run(reading)
        if self._run.is_sure():
            self._lock(self._run, reading)
        elif self._run.stands():
            self._locate(reading)

    def _lock(self, run: Run, reading: Reading) -> None:
        off = self._off(reading) if self._rate is not None else JUMP_S * 2.0
        when, was = max(reading.time, self._now), self._line
        placed = self._place(when)
        if self._is_jump(reading, off):
            self._jump(reading)
            run.line.shift(reading.position - run.position)
        else:
            run.line.shift(self._place(reading.time) + off - run.position)
        is_same = was is not None and was.slope * run.line.slope > 0.0 and abs(off) <= TOLERANCE_S
        self._line, self._run, self._rate, self._heard = run.line, None, reading.timecode.rate, reading.time
        self._offset, self._offset_time = placed - self._line.at(when) if is_same else 0.0, when
        self._left = None


class Run:
    """Readings in a row that may be a tape which runs."""

    def __init__(self, reading: Reading) -> None:
        self._last = reading
        self.position = self._begun = reading.position
        self.line = Line(reading.time, reading.position, float(reading.direction))

    def goes_on(self, reading: Reading) -> bool:
        """Take the next reading; False if no tape could be there after the last one."""
        last, rate = self._last, reading.timecode.rate
        way, duration = reading.direction, reading.time - last.time
        step = _apart(reading.position, last.position, rate.day)
        frame = float(1 / rate.fps)
        if way != last.direction or rate != last.timecode.rate or not 0.0 <= duration <= JUMP_S:
            return False
        if not -frame <= way * step <= SPEEDS[1] * duration + frame:
            return False
        self._last, self.position = reading, self.position + step
        self.line.add(reading.time, self.position, exp(-duration / _MEMORY_S))
        return True

    def stands(self) -> bool:
        """Some senders repeat the frame that they stopped at."""
        return self.line.count >= LOCK_READINGS and self.position == self._begun

    def is_sure(self) -> bool:
        frames = abs(self.position - self._begun) * float(self._last.timecode.rate.fps)
        least, most = _speeds(self._last.direction)
        enough = self.line.count >= LOCK_READINGS and frames > LOCK_FRAMES - 0.01
        return enough and least <= self.line.slope <= most


def _apart(a: float, b: float, day: float) -> float:
    """a - b, the short way round the day."""
    return (a - b + day / 2.0) % day - day / 2.0


def _speeds(direction: int) -> tuple[float, float]:
    """The slowest and fastest slope this way, the lower number first."""
    return SPEEDS if direction > 0 else (-SPEEDS[1], -SPEEDS[0])
