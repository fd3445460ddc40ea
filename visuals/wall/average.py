"""Fewer pixels of a picture, each the mean light of what it covers.

A mean of sRGB values is too dark: a white line on black would lose half its light. So values become
light (IEC 61966-2-1), are averaged, and become values again.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from visuals.types import Pixels

FULL = 65_535


def decode(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Light 0..1 of sRGB values 0..1."""
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def encode(light: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The sRGB values 0..1 of light 0..1."""
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1.0 / 2.4) - 0.055)


LIGHT = np.rint(FULL * decode(np.arange(256) / 255.0)).astype(np.uint16)
"""The darkest step of a picture is 20 of these, so that every one of its 256 values comes back as it was."""

VALUE = np.rint(255.0 * encode(np.arange(FULL + 1) / FULL)).astype(np.uint8)


class Average:
    """From `source` to `target`, both (width, height). Owns its buffers.

    A target pixel is the mean light of all it covers, parts counted as parts; enlarging repeats pixels.
    """

    def __init__(self, source: tuple[int, int], target: tuple[int, int]) -> None:
        self._target = target
        # cv2's area average interpolates when it enlarges; repeated first, there is only to be averaged.
        self._fine = (_repeats(source[0], target[0]) * source[0], _repeats(source[1], target[1]) * source[1])
        self._repeated = _pixels(self._fine) if self._fine != source else None
        self._light = np.zeros((self._fine[1], self._fine[0], 4), np.uint16)
        self._mean = np.zeros((target[1], target[0], 4), np.uint16)
        self._out = _pixels(target)

    def __call__(self, pixels: Pixels) -> Pixels:
        """`pixels` [height, width, 4] of the source's size in the target's; holds until the next call."""
        if self._repeated is not None:
            cv2.resize(pixels, self._fine, self._repeated, interpolation=cv2.INTER_NEAREST)
            pixels = self._repeated
        if self._fine == self._target:
            return pixels
        cv2.LUT(pixels, LIGHT, self._light)
        cv2.resize(self._light, self._target, self._mean, interpolation=cv2.INTER_AREA)
        cv2.LUT(self._mean, VALUE, self._out)
        return self._out


def _repeats(source: int, target: int) -> int:
    """How often a pixel is repeated along one side until there are no fewer than wanted."""
    return -(-target // source)


def _pixels(size: tuple[int, int]) -> Pixels:
    return np.zeros((size[1], size[0], 4), np.uint8)
