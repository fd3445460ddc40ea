"""What a dream keeps: glides that make controls change smoothly, and the motion of the last picture.

Pure numpy, everything per second: the same motion at any frame rate. Knows nothing of names or networks.
"""

from __future__ import annotations

import math

import numpy as np

from visuals.types import Float32s

KEPT_AT_30_HZ = 0.7
"""Share of the flow's path a full memory keeps of the last picture, at 30 pictures a second; the most ever taught."""
LEAST = 1e-3
"""A share below this shows nowhere in a picture; a glide towards none ends there."""


class Glide:
    """A critically damped spring that follows a vector: no jump, no overshoot, exact for any step.

    Nine tenths of a change are made after about 3.9 `tau`. **Bound**: whatever the goals do, a number
    whose goals stay within a span moves at most span / (e tau) per second, the peak of the spring's
    impulse response; what goes `round` (its places in the vector, in turns, the shorter way) at most
    1 / (4 tau) turns per second, where the spring's pull from half a turn away equals its damping.

    A goal holds for the whole step it comes with: what is asked shows in the next picture. So the
    paths at two rates differ by when a change was seen: each leaves at most the bound times the
    difference of the steps, and is forgotten with it.
    """

    def __init__(self, tau: float, round: slice = slice(0)) -> None:
        self._tau, self._round = tau, round
        self._at: np.ndarray | None = None
        self._speed = np.zeros(1)

    def step(self, goal: np.ndarray, dt: float) -> np.ndarray:
        """Move towards `goal`, finite, for `dt` seconds; the first goal is taken at once. Float64."""
        if self._at is None:
            self._at, self._speed = goal.astype(np.float64), np.zeros(goal.shape)
            return self._at
        away = self._at - goal
        away[self._round] -= np.rint(away[self._round])
        push = self._speed + away / self._tau
        decay = math.exp(-dt / self._tau)
        self._at = goal + (away + push * dt) * decay
        self._speed = (self._speed - push * dt / self._tau) * decay
        return self._at


def kept(wanted: float, dt: float) -> float:
    """Share of the last picture in the next one's beginning for a memory `wanted` 0..1, `dt` s later.

    The same per second at any rate up to 30 pictures a second; above, where it may keep no more of
    each, it forgets sooner.
    """
    if wanted < LEAST:
        return 0.0
    return min(float((KEPT_AT_30_HZ * wanted) ** max(30.0 * dt, 0.5)), KEPT_AT_30_HZ)


def moved(latents: Float32s, dt: float, zoom: float, rotate: float, right: float, up: float) -> Float32s:
    """Latents [channels, h, w] after `dt` seconds of growth, turning and drift.

    In 1/s, turns/s against the clock, and sides/s. Bilinear; what comes in over the edge mirrors what is inside.
    """
    if dt == 0.0 or not (zoom or rotate or right or up):
        return latents
    height, width = latents.shape[1:]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = x - 0.5 * (width - 1) - right * dt * width, y - 0.5 * (height - 1) + up * dt * height
    turn, shrink = 2.0 * math.pi * rotate * dt, math.exp(-zoom * dt)
    c, s = math.cos(turn) * shrink, math.sin(turn) * shrink
    return _sample(latents, c * x - s * y + 0.5 * (width - 1), s * x + c * y + 0.5 * (height - 1))


def _sample(latents: Float32s, x: Float32s, y: Float32s) -> Float32s:
    height, width = latents.shape[1:]
    x, y = _reflect(x, width - 1), _reflect(y, height - 1)
    left, top = np.minimum(x.astype(int), width - 2), np.minimum(y.astype(int), height - 2)
    fx, fy = (x - left).astype(np.float32), (y - top).astype(np.float32)
    upper = latents[:, top, left] * (1.0 - fx) + latents[:, top, left + 1] * fx
    lower = latents[:, top + 1, left] * (1.0 - fx) + latents[:, top + 1, left + 1] * fx
    return np.asarray(upper * (1.0 - fy) + lower * fy, np.float32)


def _reflect(x: Float32s, last: int) -> Float32s:
    folded = np.abs(x) % (2 * last)
    return np.asarray(np.where(folded > last, 2 * last - folded, folded), np.float32)
