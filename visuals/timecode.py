"""Hours, minutes, seconds and frames, and which moment they name. Knows nothing of wires or tapes.

Source: SMPTE ST 12-1, time representation in 30, 25 and 24 frame systems, drop frame compensation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Self

from visuals.errors import ShowError

HOURS_PER_DAY = 24
DROPPED = 2
"""Frame numbers 00 and 01 are left out at the start of every minute but each tenth."""

_TEXT = re.compile(r"([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})([:;])([0-9]{1,2})")
_SLACK = Fraction(1, 1_000_000)
"""Of a frame: a float of a frame's start may lie just before it."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How frames are counted (`nominal` numbers a second) and how many there really are a second."""

    name: str
    nominal: int
    fps: Fraction
    drop: bool = False

    @property
    def frames_per_minute(self) -> int:
        return 60 * self.nominal - DROPPED * self.drop

    @property
    def frames_per_ten_minutes(self) -> int:
        return 10 * self.frames_per_minute + DROPPED * self.drop

    @property
    def frames_per_day(self) -> int:
        return 6 * HOURS_PER_DAY * self.frames_per_ten_minutes

    @property
    def day(self) -> float:
        """Seconds that it takes to count from 00:00:00:00 to there again."""
        return self.frames_per_day * self.fps.denominator / self.fps.numerator


NTSC = Fraction(30_000, 1_001)

RATES: dict[str, Rate] = {
    "24": Rate("24", 24, Fraction(24)),
    "25": Rate("25", 25, Fraction(25)),
    "29.97df": Rate("29.97df", 30, NTSC, drop=True),
    "29.97": Rate("29.97", 30, NTSC),
    "30": Rate("30", 30, Fraction(30)),
}


@dataclass(frozen=True, slots=True)
class Timecode:
    """The number of a frame. Only numbers without a `misfit` exist: 00:01:00;00 does not."""

    hours: int
    minutes: int
    seconds: int
    frames: int
    rate: Rate

    @classmethod
    def of_index(cls, index: int, rate: Rate) -> Self:
        """The frame that comes `index` frames after 00:00:00:00; a day later it is the same again."""
        tens, rest = divmod(index % rate.frames_per_day, rate.frames_per_ten_minutes)
        number = tens * 10 * 60 * rate.nominal + rest
        if rate.drop and rest >= DROPPED:
            number += DROPPED * ((rest - DROPPED) // rate.frames_per_minute)
        seconds, frames = divmod(number, rate.nominal)
        minutes, seconds = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        return cls(hours, minutes, seconds, frames, rate)

    @classmethod
    def of_elapsed(cls, elapsed: float | Fraction, rate: Rate) -> Self:
        """The frame that is shown `elapsed` real seconds after the start of 00:00:00:00."""
        return cls.of_index(floor(Fraction(elapsed) * rate.fps + _SLACK), rate)

    @classmethod
    def parse(cls, text: str, rate: Rate) -> Self:
        """`01:02:03:04`, or `01:02:03;04` where frames are dropped. Raises ShowError."""
        found = _TEXT.fullmatch(text.strip())
        if found is None:
            raise ShowError(f"timecode `{text}`: expected hours:minutes:seconds:frames, like 01:02:03:04")
        hours, minutes, seconds, frames = (int(found[group]) for group in (1, 2, 3, 5))
        if found[4] == ";" and not rate.drop:
            raise ShowError(f"timecode `{text}`: `;` means drop-frame, but the rate is {rate.name}")
        if why := misfit(hours, minutes, seconds, frames, rate):
            raise ShowError(f"timecode `{text}`: {why}")
        return cls(hours, minutes, seconds, frames, rate)

    @property
    def index(self) -> int:
        """Frames since 00:00:00:00."""
        minutes = 60 * self.hours + self.minutes
        number = (60 * minutes + self.seconds) * self.rate.nominal + self.frames
        return number - DROPPED * self.rate.drop * (minutes - minutes // 10)

    @property
    def elapsed(self) -> Fraction:
        """Real seconds from the start of 00:00:00:00 to the start of this frame, exactly."""
        return self.index / self.rate.fps

    def __str__(self) -> str:
        mark = ";" if self.rate.drop else ":"
        return f"{self.hours:02}:{self.minutes:02}:{self.seconds:02}{mark}{self.frames:02}"


def label_event(label: str) -> str:
    """The event of a frame that passes, by which its cues are bound."""
    return f"timecode {label}"


def misfit(hours: int, minutes: int, seconds: int, frames: int, rate: Rate) -> str:
    """Why there is no frame of this number; "" if there is."""
    fields = (
        ("hours", hours, HOURS_PER_DAY),
        ("minutes", minutes, 60),
        ("seconds", seconds, 60),
        ("frames", frames, rate.nominal),
    )
    for name, found, count in fields:
        if not 0 <= found < count:
            return f"{found} {name}, expected 0 to {count - 1}" + (f" at {rate.name}" if name == "frames" else "")
    if rate.drop and seconds == 0 and frames < DROPPED and minutes % 10:
        return f"drop-frame leaves this number out, the minute begins at {hours:02}:{minutes:02}:00;02"
    return ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a wire or a tape said: at `time` the position was `timecode` and `part` (0..1) of its frame.

    `direction`: 1 forwards, -1 backwards, 0 for a place that was gone to and where nothing runs yet.
    """

    time: float
    timecode: Timecode
    part: float = 0.0
    direction: int = 1

    @property
    def position(self) -> float:
        """Seconds since 00:00:00:00."""
        fps = self.timecode.rate.fps  # a fraction's own arithmetic would cost ten times as much
        return (self.timecode.index + self.part) * fps.denominator / fps.numerator
