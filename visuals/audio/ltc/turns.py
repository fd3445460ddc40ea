"""Where a two-level signal turns over, between the samples. Knows nothing of what the turns mean."""

from __future__ import annotations

from math import exp

import numpy as np
import numpy.typing as npt

from visuals.types import Float32s

QUIET = 1e-4
"""Peaks below this (-80 dB of full scale) are no signal."""

_LOUDEST = 8.0
_LEVEL_S = 0.02  # levels fall with this constant: a fader pulled down by 40 dB costs a tenth of a second
_HYSTERESIS = 0.3  # of the peak: noise of a fifth of the peak (sd) turns nothing


class Turns:
    """Follows the highest and lowest level of a signal and finds its ways through the middle of them."""

    def __init__(self, sample_rate_hz: float) -> None:
        self._hz = sample_rate_hz
        self.position = 0
        """Samples taken so far."""
        self._high = self._low = 0.0
        self._is_high = self._above = False
        self._before = 0.0  # the last sample of the block before
        self._crossed = 0.0  # where the middle was last crossed

    def feed(self, samples: Float32s) -> list[float]:
        """The turns in a block [n], in samples since the first block's start; never decreasing."""
        if not len(samples):
            return []
        block = np.empty(len(samples) + 1)
        with np.errstate(invalid="ignore"):  # a signalling NaN must not warn
            block[0], block[1:] = self._before, samples
        if not abs(block).max() <= _LOUDEST:  # too loud, or no numbers at all
            block = np.nan_to_num(block.clip(-_LOUDEST, _LOUDEST))
        middle, swing = self._levels(block)
        start, self.position = self.position, self.position + len(samples)
        self._before = float(block[-1])
        return self._found(block - middle, _HYSTERESIS * swing, start) if swing > QUIET else []

    def _levels(self, block: npt.NDArray[np.float64]) -> tuple[float, float]:
        """The middle and half the swing, with this block."""
        middle = (self._high + self._low) / 2.0
        kept = exp(-(len(block) - 1) / self._hz / _LEVEL_S)
        self._high = max(float(block.max()), middle + (self._high - middle) * kept)
        self._low = min(float(block.min()), middle + (self._low - middle) * kept)
        return (self._high + self._low) / 2.0, (self._high - self._low) / 2.0

    def _found(self, block: npt.NDArray[np.float64], threshold: float, start: int) -> list[float]:
        """Sure turns are those that get past the threshold; each happened at the crossing before it."""
        above = block > 0.0
        above[0] = self._above  # as it was judged then, so that no crossing falls between two blocks
        crossings = (above[1:] != above[:-1]).nonzero()[0]
        before, after = block[crossings], block[crossings + 1]
        places = np.empty(len(crossings) + 1)
        places[0], places[1:] = self._crossed, start - 1 + crossings + _part(before, after)
        self._crossed, self._above = float(places[-1]), bool(above[-1])
        sure = (abs(block) > threshold).nonzero()[0]
        if not len(sure):
            return []
        sides = above[sure]
        turned = sure[1:][sides[1:] != sides[:-1]]
        if sides[0] != self._is_high:
            turned = np.concatenate((sure[:1], turned))
        self._is_high = bool(sides[-1])
        found: list[float] = places[crossings.searchsorted(turned)].tolist()
        return found


def _part(before: npt.NDArray[np.float64], after: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """How far between two samples (0..1) their line is 0; the middle may have moved past the first."""
    step = before - after
    part: npt.NDArray[np.float64] = np.divide(before, step, out=np.zeros_like(step), where=step != 0.0)
    return part.clip(0.0, 1.0)
