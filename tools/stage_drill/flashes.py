"""Counts flashes on a wall: general ones by WCAG 2.3.1, for a wall that fills the view. Shares nothing with the guard.

A judge of the checker is any class that is made with the wall's size and has `look`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Protocol

import numpy as np

from tools.stage_drill.wire import Pixels

CHANGE, DARKER = 0.1, 0.8
"""Relative luminance: a change of so much counts where the darker state is below the other."""

AREA = 0.25
TOGETHER_S = 0.025
"""Pixels that change within 20 ms change together (Trace 2024); packets are up to 5 ms late."""

CHANGES = 6
"""Three flashes are six changes; more within a second fail."""

UP, DOWN = 0, 1


class Judge(Protocol):
    """`look` takes a wall's pixels [height, width, 3] and their time (s); it gives the failures so far."""

    def look(self, pixels: Pixels, time: float) -> int: ...


def linear(pixels: Pixels) -> np.ndarray:
    """Relative luminance [height, width] 0..1 of sRGB pixels."""
    value = pixels / 255.0
    light = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    luminance: np.ndarray = light @ np.array([0.2126, 0.7152, 0.0722])
    return luminance


class Flashes:
    """Follows each pixel from extreme to extreme, and counts its own changes.

    By pixel, because two halves that change out of step are no flash of both: the reference cases pass them.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        shape = (size[1], size[0])
        self._extreme = np.full(shape, np.nan)
        self._way = np.full(shape, -1, np.int8)
        self._changed = np.full((2, *shape), -np.inf)
        self._counted_way = np.full(shape, -1, np.int8)
        self._counted = np.full((CHANGES, *shape), -np.inf)
        """When each pixel's last changes that count were, the oldest first."""
        self._failures = 0

    def look(self, pixels: Pixels, time: float) -> int:
        light = linear(pixels)
        if np.isnan(self._extreme[0, 0]):
            self._extreme[:] = light
        step = light - self._extreme
        way = np.where(step > 0.0, UP, DOWN)
        onward = (way == self._way) & (step != 0.0)
        turned = (np.abs(step) >= CHANGE) & (np.minimum(light, self._extreme) < DARKER) & ~onward
        self._way[turned] = way[turned]
        for which in (UP, DOWN):
            self._changed[which][turned & (way == which)] = time
            self._count(which, time)
        moved = onward | turned
        self._extreme[moved] = light[moved]
        return self._failures

    def _count(self, which: int, time: float) -> None:
        """Changes that fill enough of the wall by now count, if the one that counted before went the other way."""
        together = time - self._changed[which] < TOGETHER_S
        if together.mean() < AREA:
            return
        new = together & (self._counted_way != which) & (self._changed[which] > self._counted[-1])
        self._counted_way[new] = which
        at = self._changed[which][new]
        self._failures += bool((at - self._counted[0][new] < 1.0).any())
        self._counted[:, new] = np.concatenate([self._counted[1:, new], at[None]])


def judge(name: str, size: tuple[int, int]) -> Judge:
    """`module:Class`, made for a wall of `size` (width, height)."""
    module, _, kind = name.partition(":")
    made: Judge = getattr(import_module(module), kind)(size)
    return made
