"""The deadline ladder: which picture size and rate a machine can keep up with, and when to change them.

When pictures come late the ladder steps down, first in size, then in rate, as far as it takes; when
there is room it climbs again, carefully. Pure: it is told times, and knows no clock and no model.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

Size = tuple[int, int]

MULTIPLE = 32
"""Sides of pictures: latents are 8 pixels wide, and the network halves those twice."""
SIDE = 256
"""The shorter side a picture is dreamt at: that is what the model was trained at, so shapes keep their size."""
CPU_PIXELS, CUDA_PIXELS = 512 * 256, 1024 * 1024
SHARES = (1.0, 0.75, 0.5, 0.25)
"""Pixels of the rungs as shares of the first one's."""
RATES_HZ = (20.0, 15.0, 10.0)
"""What follows when the smallest picture comes late, too."""

LATE = 1.5
"""Periods of a rung's rate after which a picture is late. Between a rate and two thirds of it no eye sees a
difference, because the compositor eases from picture to picture; a smaller picture it sees."""
LOOK_S = 0.5
"""Pictures this long back decide on a step down: under half the second in which it must be done."""
ALONE_S = 0.4
"""One picture that took longer decides by itself: for two there is no time."""
ROOM_LOOK_S = 2.0
FITS, ROOM = 0.9, 0.85
"""Shares of the time until it is late that a picture may take: where a step down ends, and before a step up."""
CALM_S = 10.0
"""From a step down to the next one up at least, so there are never two turns in ten seconds."""
CLIMB_S = 2.0
LONGEST_CALM_S = 160.0


@dataclass(frozen=True, slots=True)
class Rung:
    """Pictures of `size` (width, height), at most `rate_hz` a second."""

    size: Size
    rate_hz: float

    @property
    def pixels(self) -> int:
        return self.size[0] * self.size[1]

    @property
    def late_s(self) -> float:
        """What a picture may take."""
        return LATE / self.rate_hz


def picture_size(canvas: Size, most: int = CPU_PIXELS, multiple: int = MULTIPLE) -> Size:
    """The size to dream at for a canvas (width, height): its aspect, at most `most` pixels, sides of `multiple`.

    The shorter side is `SIDE`, more where `most` allows the canvas's own size, and never more than
    twice the canvas's: the compositor would have to throw away what was dreamt. No less than 64
    pixels either way: a smaller picture has nothing for the network to halve.
    """
    width, height = canvas
    wanted = SIDE / min(canvas) if most <= CPU_PIXELS else max(1.0, SIDE / min(canvas))
    scale = min(wanted, 2.0, math.sqrt(most / (width * height)))
    pixels = scale * scale * width * height
    while True:
        size = nearest_size(canvas, pixels, multiple)
        if size[0] * size[1] <= most or pixels < multiple * multiple:
            return _ribbon(size, most, multiple)
        pixels *= 0.95


def within(size: Size, most: int) -> Size:
    """A picture's size, or what to dream at for it where that is more than `most` pixels."""
    return size if size[0] * size[1] <= most else picture_size(size, most)


def nearest_size(canvas: Size, pixels: float, multiple: int = MULTIPLE) -> Size:
    """Sides of `multiple`, at least 64, about the canvas's aspect and about as many pixels."""
    least = -(-64 // multiple)
    scale = math.sqrt(pixels / (canvas[0] * canvas[1])) / multiple
    width, height = (max(least, round(side * scale)) * multiple for side in canvas)
    return width, height


def _ribbon(size: Size, most: int, multiple: int) -> Size:
    """A canvas like a ribbon loses its aspect rather than cost more than `most` pixels."""
    short = min(size)
    longest = max(64, most // short // multiple * multiple)
    return min(size[0], longest), min(size[1], longest)


def sizes(top: Size, multiple: int = MULTIPLE) -> tuple[Size, ...]:
    """Picture sizes from `top` (width, height) down to a quarter of its pixels, each smaller than the one before."""
    found = [top]
    for share in SHARES[1:]:
        size = nearest_size(top, share * top[0] * top[1], multiple)
        if size[0] * size[1] < found[-1][0] * found[-1][1]:
            found.append(size)
    return tuple(found)


def rungs(steps: Sequence[Size], rate_hz: float) -> tuple[Rung, ...]:
    """The ladder of these sizes, the largest first: down in size at the full rate, then in rate."""
    slower = (rate for rate in RATES_HZ if rate < rate_hz)
    return (*(Rung(size, rate_hz) for size in steps), *(Rung(steps[-1], rate) for rate in slower))


class Ladder:
    """Where on its rungs a generator stands.

    It goes down within a second of the first late picture, if most are late or one took over
    `ALONE_S`. It goes up one rung at a time, `CALM_S` after a step down at the earliest; a climb that
    ends in a fall within that time doubles the wait.
    """

    def __init__(self, rungs: Sequence[Rung]) -> None:
        self.rungs = tuple(rungs)
        self.index = 0
        self._took: deque[tuple[float, float]] = deque(maxlen=128)
        self._rose, self._fell = -math.inf, -math.inf
        self._calm = CALM_S

    @property
    def rung(self) -> Rung:
        return self.rungs[self.index]

    def step(self, now: float, took: float) -> str | None:
        """A picture was done at `now` (s) and took `took` seconds: the reason if that changed the rung."""
        if not (math.isfinite(now) and math.isfinite(took)):
            return None
        self._took.append((now, took))
        while now - self._took[0][0] > ROOM_LOOK_S:
            self._took.popleft()
        recent = [t for at, t in self._took if now - at <= LOOK_S]
        usual = median(recent)
        if usual > self.rung.late_s:
            return self._fall(now, usual) if len(recent) > 1 or took > ALONE_S else None
        return self._rise(now)

    def _fall(self, now: float, took: float) -> str | None:
        if self.index == len(self.rungs) - 1:
            return None
        failed = now - self._rose < CALM_S
        self._calm = min(2.0 * self._calm, LONGEST_CALM_S) if failed else CALM_S
        late = f"{1e3 * took:.0f} ms a picture, {1e3 * self.rung.late_s:.0f} ms are there"
        below = range(self.index + 1, len(self.rungs))
        fits = (i for i in below if self._expected(took, i) <= FITS * self.rungs[i].late_s)
        self._move(next(fits, below[-1]))
        self._fell = now
        return late

    def _rise(self, now: float) -> str | None:
        watched = now - self._took[0][0] >= 0.5 * CLIMB_S
        if self.index == 0 or not watched or now - self._fell < self._calm or now - self._rose < CLIMB_S:
            return None
        slow = sorted(t for _, t in self._took)[int(0.9 * (len(self._took) - 1))]
        above = self.index - 1
        expected = self._expected(slow, above)
        if expected > ROOM * self.rungs[above].late_s:
            return None
        self._move(above)
        self._rose = now
        return f"room again: {1e3 * expected:.0f} of {1e3 * self.rung.late_s:.0f} ms expected"

    def _expected(self, took: float, index: int) -> float:
        """What a picture would take on another rung: the network's work is in proportion to its pixels."""
        return took * self.rungs[index].pixels / self.rung.pixels

    def _move(self, index: int) -> None:
        self.index = index
        self._took.clear()
