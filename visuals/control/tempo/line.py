"""A straight line through jittery readings, of which the old ones are forgotten. Knows nothing of their kind."""

from __future__ import annotations

from typing import Self

_LEAST_SPREAD = 1e-9
"""Variance of the times (s2) below which readings are at one moment and have no slope."""


class Line:
    """Least squares over (time, value) with exponentially falling weights.

    The sums count from the newest reading, which keeps them small. Until two moments are known the
    slope is the one it was begun with.
    """

    def __init__(self, time: float, value: float, slope: float) -> None:
        self._time, self._value, self._slope = time, value, slope
        self._lift = 0.0  # of the line over the newest reading, at its time
        self._w, self._x, self._y, self._xx, self._xy = 1.0, 0.0, 0.0, 0.0, 0.0
        self.count = 1

    @property
    def slope(self) -> float:
        return self._slope

    def add(self, time: float, value: float, kept: float) -> None:
        """Take a reading; all before it weigh `kept` (0..1) of what they did."""
        dx, dy = time - self._time, value - self._value
        self._xx += dx * (dx * self._w - 2.0 * self._x)
        self._xy += dx * dy * self._w - dy * self._x - dx * self._y
        self._x -= dx * self._w
        self._y -= dy * self._w
        self._time, self._value = time, value
        self._w = kept * self._w + 1.0
        self._x, self._y, self._xx, self._xy = kept * self._x, kept * self._y, kept * self._xx, kept * self._xy
        self.count += 1
        spread = self._w * self._xx - self._x * self._x
        if spread > _LEAST_SPREAD * self._w * self._w:
            self._slope = (self._w * self._xy - self._x * self._y) / spread
        self._lift = (self._y - self._slope * self._x) / self._w

    def at(self, time: float) -> float:
        return self._value + self._lift + self._slope * (time - self._time)

    def shift(self, value: float) -> None:
        """Lift all readings by `value`."""
        self._value += value

    def bound(self, least: float, most: float) -> None:
        """Keep the slope between these."""
        self._slope = min(most, max(least, self._slope))
        self._lift = (self._y - self._slope * self._x) / self._w

    def copy(self) -> Self:
        twin = type(self)(0.0, 0.0, 0.0)
        vars(twin).update(vars(self))
        return twin
