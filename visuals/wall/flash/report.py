"""Judges a whole video: what fails, when, where and by which rule; what is long at the limit is a warning.

It is no medical guarantee and certifies nothing.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from visuals.types import FlashLimit, Light, Pixels, Wall
from visuals.wall.flash.detect import Detector, Judgement
from visuals.wall.flash.field import venue, windows
from visuals.wall.flash.light import Eye, Mask
from visuals.wall.flash.turns import DOWN, EDGE_S, UP, WINDOW_S, Indices, Offer, Turns

Standard = Literal["trace", "wcag", "broadcast"]
Kind = Literal["general", "red"]
Level = Literal["fail", "extended"]

FIELD_PX: dict[Standard, tuple[int, int] | None] = {"trace": (416, 416), "wcag": (341, 256), "broadcast": None}
"""How many pixels of a screen 1920 wide fill a field of view: Trace 2024; WCAG 2.2; BT.1702, the whole screen."""

REFERENCE_PX = 1920
EXTENDED_TURNS, EXTENDED_S, EXTENDED_WINDOW_S = 4, 4.0, 5.0
"""Two flashes a second or more for four of five seconds: at the limit for so long, it tires."""

SAMPLES = 520_000
"""Four times the guard's: there is time, and patterns may be fine."""

LEAST = 0.01
"""How much of a field must have had too many turns: what a codec does to single pixels is no flash."""

STRAY = 1.0
"""Percent of what fails on either side that does not say where it is: a codec's noise is anywhere."""

JOINED_S = 1.0
DISCLAIMER = "This follows published guidelines. It is no medical guarantee and certifies nothing."


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong from `start` to `end` (s), in a part (left, top, right, bottom, 0..1) of the picture."""

    level: Level
    kind: Kind
    start: float
    end: float
    where: tuple[float, float, float, float]

    def __str__(self) -> str:
        """One plain line."""
        left, top, right, bottom = (round(100 * side) for side in self.where)
        colour = "red flashes" if self.kind == "red" else "flashes"
        rule = f"more than 3 {colour} in a second" if self.level == "fail" else f"2 to 3 {colour} a second for 4 s"
        return f"{self.start:.2f} s to {self.end:.2f} s: {rule}, {left}-{right} % across, {top}-{bottom} % down"


class Analysis:
    """Follows a video of `size` (width, height) by a standard, on a display of `nits` peak."""

    def __init__(self, size: tuple[int, int], standard: Standard = "trace", nits: float = 200.0) -> None:
        wall = Wall("video", (0, 0, *size), size, ("null", {}), Light(nits=nits))
        limit, field = FlashLimit(), FIELD_PX[standard]
        self._eye = Eye([wall], limit, SAMPLES)
        self._grid = self._eye.grids[0]
        scale = size[0] / REFERENCE_PX
        fields = windows(self._grid, (field[0] * scale, field[1] * scale)) if field else venue(self._eye, [wall], limit)
        self._detector = Detector(self._eye.count, fields, self._eye.slices)
        self._recent: dict[str, deque[tuple[float, Indices]]] = {"general": deque(), "red": deque(), "lamps": deque()}
        self._long: dict[Kind, deque[tuple[float, float]]] = {"general": deque(), "red": deque()}
        self._before: float | None = None
        self.findings: list[Finding] = []
        self.counts: list[tuple[float, int, int]] = []
        """Of each frame: its time (s), and how many turns of luminance and of red the second before had."""

    def see(self, picture: Pixels, time: float) -> None:
        """Go on with a picture [height, width, 4] at `time` (s)."""
        judgement = self._detector.judge(self._eye.look([picture]), time)
        self._detector.take(judgement)
        fields = self._detector.fields
        parts: tuple[tuple[Kind, Offer, Turns], ...] = (
            ("general", judgement.general, self._detector.general),
            ("red", judgement.red, self._detector.red),
        )
        for kind, offer, turns in parts:
            if offer.failing is not None and fields.hot(offer.failing, LEAST) is not None:
                self._note("fail", kind, time, offer.failing)
            self._lasting(kind, turns.counts(time) >= EXTENDED_TURNS, time)
        if judgement.glow.offer.failing is not None:
            self._note("fail", "general", time, self._turning(judgement))
        general, red = self._most("general", judgement.general, time), self._most("red", judgement.red, time)
        self.counts.append((time, max(general, self._most("lamps", judgement.glow.offer, time)), red))
        self._before = time

    def _most(self, kind: str, offer: Offer, time: float) -> int:
        """How many turns of one sample counted within the last second: the detector forgets those beyond its limit."""
        recent = self._recent[kind]
        recent.extend((time, counted) for counted in offer.counted if counted is not None and counted.size)
        while recent and time - recent[0][0] >= WINDOW_S - EDGE_S:
            recent.popleft()
        return int(np.bincount(np.concatenate([counted for _, counted in recent])).max()) if recent else 0

    def _turning(self, judgement: Judgement) -> Mask:
        """What of the picture makes its mean flash: the samples that turn, or all if none alone turns enough."""
        moving = [self._detector.lately(judgement.general, way, judgement.now) for way in (UP, DOWN)]
        turning = np.asarray(moving[UP] | moving[DOWN])
        return turning if turning.any() else np.ones(self._eye.count, bool)

    def _lasting(self, kind: Kind, busy: Mask, time: float) -> None:
        """Warn of what is near the limit for most of the last seconds."""
        spans = self._long[kind]
        lasts = self._detector.fields.hot(busy) is not None
        if lasts and self._before is not None:
            spans.append((time, time - self._before))
        while spans and spans[0][0] <= time - EXTENDED_WINDOW_S:
            spans.popleft()
        if lasts and sum(length for _, length in spans) >= EXTENDED_S:
            self._note("extended", kind, time, busy)

    def _note(self, level: Level, kind: Kind, time: float, cells: Mask) -> None:
        where = self._where(cells)
        for i, found in enumerate(self.findings):
            if (found.level, found.kind) == (level, kind) and time - found.end <= JOINED_S:
                low, high = np.minimum(found.where, where), np.maximum(found.where, where)
                box = (float(low[0]), float(low[1]), float(high[2]), float(high[3]))
                self.findings[i] = replace(found, end=time, where=box)
                return
        self.findings.append(Finding(level, kind, time, time, where))

    def _where(self, cells: Mask) -> tuple[float, float, float, float]:
        width, height = self._grid.size
        (left, right), (top, bottom) = (
            np.percentile(along[cells], (STRAY, 100.0 - STRAY)) for along in (self._grid.x, self._grid.y)
        )
        return float(left / width), float(top / height), float((right + 1) / width), float((bottom + 1) / height)
