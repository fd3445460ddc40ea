"""The 80 bits of a frame of linear timecode. Knows nothing of sound.

Source: SMPTE ST 12-1, linear timecode, codeword format. A codeword is an int whose bit n is the n-th that a
tape playing forwards gives.
"""

from __future__ import annotations

from visuals.timecode import Rate, Timecode, misfit

BITS, SYNC_BITS = 80, 16

UNITS: dict[str, tuple[int, int]] = {"frames": (0, 4), "seconds": (16, 4), "minutes": (32, 4), "hours": (48, 4)}
TENS: dict[str, tuple[int, int]] = {"frames": (8, 2), "seconds": (24, 3), "minutes": (40, 3), "hours": (56, 2)}
"""Field -> first bit and number of bits of a decimal digit; what lies between are user bits and flags."""

DROP_FLAG = 10
SYNC_AT = 64
SYNC = int("0011111111111101"[::-1], 2)
"""Bits 64 to 79, written in the order of time."""

SYNC_BACKWARDS = int("1011111111111100"[::-1], 2)
"""The same as a tape gives it that plays backwards: it begins the 80 bits."""

PARITY: dict[int, int] = {24: 27, 25: 59, 30: 27}
"""Nominal rate -> the polarity correction bit, which makes the number of ones even."""


def codeword(timecode: Timecode) -> int:
    """The bits of a frame; user bits and the other flags are 0."""
    word = SYNC << SYNC_AT | timecode.rate.drop << DROP_FLAG
    for name, (first, _) in UNITS.items():
        word |= int(getattr(timecode, name)) % 10 << first
    for name, (first, _) in TENS.items():
        word |= int(getattr(timecode, name)) // 10 << first
    return word | word.bit_count() % 2 << PARITY[timecode.rate.nominal]


def is_dropped(word: int) -> bool:
    return bool(word >> DROP_FLAG & 1)


def frame_number(word: int) -> int:
    return _digits(word, "frames")


def timecode_of(word: int, rate: Rate) -> Timecode | None:
    """The frame that a codeword names at this rate; None for digits and frames that do not exist."""
    hours, minutes, seconds, frames = (_digits(word, name) for name in ("hours", "minutes", "seconds", "frames"))
    if misfit(hours, minutes, seconds, frames, rate):
        return None
    return Timecode(hours, minutes, seconds, frames, rate)


def _digits(word: int, name: str) -> int:
    """A field's value; -1 where its units are no decimal digit."""
    units, tens = (word >> first & (1 << count) - 1 for first, count in (UNITS[name], TENS[name]))
    return 10 * tens + units if units < 10 else -1


def backwards(word: int) -> int:
    """The 80 bits in the opposite order."""
    return int(f"{word:0{BITS}b}"[::-1], 2)
