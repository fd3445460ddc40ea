"""When a change of luminance is a turn: how far it may go, up and down, from its extremes."""

from __future__ import annotations

import numpy as np

from visuals.wall.flash.light import Floats, Mask
from visuals.wall.flash.turns import DOWN, UP

STEP = np.float32(0.1 - 1e-6)
RATIO = np.float32(18.0 / 16.0 - 1e-6)
"""Michelson 1/17 is high / low = 18/16. At a low of 0.8 that is the same as the step: the two meet."""

FAR = np.float32(1e9)


def rises_at(low: Floats) -> Floats:
    """From which luminance on a change from `low` is a turn."""
    raised = low + STEP
    return np.asarray(np.maximum(raised, low * RATIO, out=raised))


def falls_at(high: Floats) -> Floats:
    """Down to which luminance a change from `high` must go to be a turn."""
    lowered = high - STEP
    return np.asarray(np.minimum(lowered, high * (1 / RATIO), out=lowered))


class Luminance:
    """How far each sample's luminance may go before it turns, from its extremes since it turned last."""

    def __init__(self, count: int) -> None:
        self.rise = np.full(count, np.inf, np.float32)
        self.fall = np.full(count, -np.inf, np.float32)

    def stops(self, way: int) -> Floats:
        """Where a turn that way begins."""
        return self.rise if way == UP else self.fall

    def moves(self, luminance: Floats, free: Mask) -> tuple[Mask, Mask]:
        """Which samples would turn up, and down."""
        return (luminance >= self.rise) & free[UP], (luminance <= self.fall) & free[DOWN]

    def take(self, luminance: Floats, turned: Mask) -> None:
        # A lower low brings the threshold down with it, so the extreme need not be kept.
        rise, fall = rises_at(luminance), falls_at(luminance)
        np.minimum(self.rise, rise, out=self.rise)
        np.maximum(self.fall, fall, out=self.fall)
        if turned.any():
            # Whoever turned begins anew; thresholds for a rise are positive.
            np.maximum(self.rise, rise * turned, out=self.rise)
            fall += np.multiply(~turned, FAR)
            np.minimum(self.fall, fall, out=self.fall)
