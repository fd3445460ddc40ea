"""What to do with a picture that is none: drop it, make the model anew, give up. Pure; told times, knows no model."""

from __future__ import annotations

import math
from enum import Enum

from visuals.types import Pixels

IN_A_ROW = 3
RELOADS_APART_S = 60.0
"""A model that needs to be made anew more often is broken: a new process may not be."""


def is_picture(pixels: Pixels) -> bool:
    """Whether there is anything to see in [h, w, 4]: more than one colour."""
    colours = pixels[..., :3]
    few = colours[::8, ::8]
    return bool((few != few[0, 0]).any() or (colours != colours[0, 0]).any())


class Verdict(Enum):
    KEEP = "keep"
    DROP = "drop"
    RELOAD = "reload"
    END = "end"


class Guard:
    """Counts pictures that are none.

    Each is dropped. The third in a row asks to make the model anew; when that was done less than
    `RELOADS_APART_S` ago, to end.
    """

    def __init__(self) -> None:
        self._bad = 0
        self._reloaded = -math.inf

    def judge(self, good: bool, now: float) -> Verdict:
        """What becomes of the picture made at `now` (s)."""
        self._bad = 0 if good else self._bad + 1
        if self._bad < IN_A_ROW:
            return Verdict.KEEP if good else Verdict.DROP
        self._bad = 0
        if now - self._reloaded < RELOADS_APART_S:
            return Verdict.END
        self._reloaded = now
        return Verdict.RELOAD
