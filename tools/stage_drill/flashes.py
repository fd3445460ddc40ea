"""Counts flashes on a wall: general ones by WCAG 2.3.1, for a wall that fills the view. Shares nothing with the guard.

A judge of the checker is any class that is made with the wall's size and has `look`.
"""

from __future__ import annotations

from collections import deque
from importlib import import_module
from typing import Protocol

import numpy as np

from tools.stage_drill.wire import Pixels

CHANGE, DARKER = 0.1, 0.8
"""Relative luminance: a change of so much counts where the darker state is below the other."""

AREA = 0.25
TOGETHER_S = 0.067
"""Pixels that change within it change together."""

CHANGES = 6
"""Three flashes are six changes; more within a second fail."""


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
    """Follows each pixel from extreme to extreme."""

    def __init__(self, size: tuple[int, int]) -> None:
        shape = (size[1], size[0])
        self._extreme = np.full(shape, np.nan)
        self._way = np.zeros(shape, np.int8)
        self._changed = np.full(shape, -np.inf)
        self._last = 0
        self._times: deque[float] = deque(maxlen=64)
        self._failures = 0

    def look(self, pixels: Pixels, time: float) -> int:
        light = linear(pixels)
        if np.isnan(self._extreme[0, 0]):
            self._extreme[:] = light
        step = light - self._extreme
        onward = np.sign(step) == self._way
        turned = (np.abs(step) >= CHANGE) & (np.minimum(light, self._extreme) < DARKER) & ~onward
        self._way[turned] = np.sign(step[turned])
        self._changed[turned] = time
        moved = onward | turned
        self._extreme[moved] = light[moved]
        self._count(time)
        return self._failures

    def _count(self, time: float) -> None:
        together = time - self._changed < TOGETHER_S
        for way in (-1, 1):
            if way != self._last and (together & (self._way == way)).mean() >= AREA:
                self._last = way
                self._times.append(time)
                if sum(time - t < 1.0 for t in self._times) > CHANGES:
                    self._failures += 1
                return


def judge(name: str, size: tuple[int, int]) -> Judge:
    """`module:Class`, made for a wall of `size` (width, height)."""
    module, _, kind = name.partition(":")
    made: Judge = getattr(import_module(module), kind)(size)
    return made
