"""Automatic brightness limiting: a wall is dimmed while its picture would draw too much.

LEDs are driven by the width of a pulse, so what they draw follows their light.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from visuals.types import Cabinet, Light, Pixels

SAMPLES_A_SIDE = 64


class Limiter:
    """Gives the factor on a wall's light, 0..1, for each picture.

    With P the watts of the picture undimmed, the factor may be limit / P. It falls in a straight line that
    takes `window` from 1 to 0, so that however the picture changes, no excess lasts longer than `window`;
    it rises with that as its time constant. Both are of the time, not of the frames. The first picture
    finds its factor at once: nothing is known of what was drawn before it.
    """

    def __init__(
        self,
        light: Light,
        shares: npt.NDArray[np.float64],
        size: tuple[int, int],
        cabinets: Sequence[Cabinet] = (),
    ) -> None:
        """`shares` [256, 3] is the light of each value in red, green and blue, full white being 1.

        Of a raster of `size` only the places of enabled `cabinets` draw; without any, all of it.
        """
        self._watts, self._window = light.watts, light.window
        self._limit = light.limit_watts or math.inf
        self._shares = shares / 3.0
        self._grid = _grid(size, cabinets)
        self._factor = 0.0
        self._last: float | None = None

    def watts(self, pixels: Pixels) -> float:
        """What a picture [height, width, 4] of sRGB values would draw undimmed."""
        some = pixels[self._grid]
        return self._watts * float(sum(self._shares[some[:, channel], channel].mean() for channel in range(3)))

    def __call__(self, pixels: Pixels, now: float) -> float:
        watts = self.watts(pixels)
        target = min(1.0, self._limit / watts) if watts > 0.0 else 1.0
        dt = 0.0 if self._last is None else max(0.0, now - self._last)
        if self._last is None:
            self._factor = target
        elif target < self._factor:
            self._factor = max(target, self._factor - dt / self._window)
        else:
            self._factor += (target - self._factor) * (1.0 - math.exp(-dt / self._window))
        self._last = now
        return self._factor


def _grid(size: tuple[int, int], cabinets: Sequence[Cabinet]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Rows and columns of at most 64 x 64 pixels, one at a random place in each cell, so that no pattern is missed.

    What lies beside all cabinets is left out: it draws nothing, and must not make the wall look darker.
    """
    draw = np.random.default_rng(0)
    rows, columns = min(size[1], SAMPLES_A_SIDE), min(size[0], SAMPLES_A_SIDE)
    y = ((np.arange(rows)[:, None] + draw.random((rows, columns))) * (size[1] / rows)).astype(np.intp).ravel()
    x = ((np.arange(columns)[None, :] + draw.random((rows, columns))) * (size[0] / columns)).astype(np.intp).ravel()
    lit = np.zeros(y.size, bool)
    for left, top, width, height in (cabinet.raster for cabinet in cabinets if cabinet.enabled):
        lit |= (x >= left) & (x < left + width) & (y >= top) & (y < top + height)
    return (y[lit], x[lit]) if lit.any() else (y, x)
