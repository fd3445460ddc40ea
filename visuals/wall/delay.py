"""Keeps a wall's pictures for a while, so that quick walls wait for slow ones."""

from __future__ import annotations

import numpy as np

from visuals.types import Pixels


class Delay:
    """Gives the picture of `seconds` ago, to the nearest of the frames; until there is one, the oldest.

    Holds as many of `size` (width, height) as pass in that time at `rate_hz`, from the start on.
    """

    def __init__(self, size: tuple[int, int], seconds: float, rate_hz: float) -> None:
        self._back = seconds - 0.5 / rate_hz
        count = round(seconds * rate_hz) + 1
        # Written once, so that the memory is there before the show.
        self._kept: list[Pixels] = [np.full((size[1], size[0], 4), 255, np.uint8) for _ in range(count)]
        self._times = [0.0] * count
        self._taken = 0

    def __call__(self, pixels: Pixels, now: float) -> Pixels:
        """Keep `pixels` and give those that are due; they hold until the next call."""
        count = len(self._times)
        np.copyto(self._kept[self._taken % count], pixels)
        self._times[self._taken % count] = now
        self._taken += 1
        oldest = max(0, self._taken - count)
        for n in range(self._taken - 1, oldest, -1):
            if self._times[n % count] <= now - self._back:
                return self._kept[n % count]
        return self._kept[oldest % count]
