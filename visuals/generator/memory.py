"""What a dream keeps: glides that make controls change smoothly, and the motion of the last picture.

Pure numpy, everything per second: the same motion at any frame rate.
"""

from __future__ import annotations

import math

import numpy as np

from visuals.types import Float32s


class Glide:
    """A critically damped spring that follows a vector: no jump, no overshoot, exact for any step.

    Nine tenths of a change are made after about 3.9 `tau`.
    """

    def __init__(self, tau: float) -> None:
        self._tau = tau
        self._at: Float32s | None = None
        self._speed: Float32s | None = None

    def step(self, goal: Float32s, dt: float) -> Float32s:
        """Move towards `goal` for `dt` seconds; the first goal is taken at once."""
        if self._at is None or self._speed is None:
            self._at, self._speed = goal.astype(np.float32), np.zeros_like(goal, dtype=np.float32)
            return self._at
        away = self._at - goal
        push = self._speed + away / self._tau
        decay = math.exp(-dt / self._tau)
        self._at = np.asarray(goal + (away + push * dt) * decay, np.float32)
        self._speed = np.asarray((self._speed - push * dt / self._tau) * decay, np.float32)
        return self._at


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
