"""From a wall's picture to the bytes on its wire, in the order the LEDs hang. Knows no protocol."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from visuals.types import Pixels
from visuals.wall.outputs.settings import SLOTS_PER_UNIVERSE, PixelSettings, Size, UniverseSettings

COLOURS = "RGBW"
"""Where a colour stands in a pixel of four bytes; white takes the place of alpha."""


class Wiring:
    """Takes a picture [height, width, 4] into `slots`, one byte each, in the order of the wire.

    The slots fill whole packets; those without a pixel stay zero.

    White is the least of red, green and blue, and is taken off them. That keeps the colour where the
    white LED shines like the three together and the picture's values are linear drives.
    """

    def __init__(self, size: Size, settings: PixelSettings, slots_per_packet: int) -> None:
        where = placed(size, settings)
        pixels, channels = size[0] * size[1], len(settings.order)
        packets = -(-(int(where[-1]) + channels) // slots_per_packet)
        # The last byte stays zero: it is what the slots without a pixel take.
        self._bytes = np.zeros(4 * pixels + 1, np.uint8)
        self._picture = self._bytes[:-1].reshape(size[1], size[0], 4)
        self._source = np.full(packets * slots_per_packet, 4 * pixels, np.intp)
        offsets = np.array([COLOURS.index(colour) for colour in settings.order])
        self._source[where[:, None] + np.arange(channels)] = 4 * wire_order(size, settings)[:, None] + offsets
        self._white = self._picture[..., 3] if "W" in settings.order else None
        self._fresh = np.zeros(len(self._source), np.uint8)
        self._differs = np.zeros(len(self._source), np.bool_)
        self.slots = np.zeros(len(self._source), np.uint8)

    def take(self, pixels: Pixels) -> bool:
        """Take a picture; False when `slots` held just that."""
        np.copyto(self._picture, pixels)
        if self._white is not None:
            red, green, blue = (self._picture[..., i] for i in range(3))
            np.minimum(np.minimum(red, green, out=self._white), blue, out=self._white)
            for colour in (red, green, blue):
                colour -= self._white
        np.take(self._bytes, self._source, out=self._fresh, mode="clip")
        if not np.not_equal(self._fresh, self.slots, out=self._differs).any():
            return False
        self._fresh, self.slots = self.slots, self._fresh
        return True


def wire_order(size: Size, settings: PixelSettings) -> npt.NDArray[np.intp]:
    """The number of each pixel, row by row from the top left, in the order of the wire."""
    numbers = np.arange(size[0] * size[1]).reshape(size[1], size[0])
    if settings.start.startswith("bottom"):
        numbers = numbers[::-1]
    if settings.start.endswith("right"):
        numbers = numbers[:, ::-1]
    if settings.along == "columns":
        numbers = numbers.T
    if settings.zigzag:
        numbers = numbers.copy()
        numbers[1::2] = numbers[1::2, ::-1]
    return numbers.ravel()


def placed(size: Size, settings: PixelSettings) -> npt.NDArray[np.intp]:
    """The slot of each pixel's first colour, all universes in a row."""
    index, channels = np.arange(size[0] * size[1]), len(settings.order)
    if not isinstance(settings, UniverseSettings):
        return index * channels
    taken = settings.channel - 1
    if settings.split:
        return taken + index * channels
    per_universe = SLOTS_PER_UNIVERSE // channels
    after_first = index - (SLOTS_PER_UNIVERSE - taken) // channels
    further = SLOTS_PER_UNIVERSE * (1 + after_first // per_universe) + channels * (after_first % per_universe)
    return np.where(after_first < 0, taken + index * channels, further)
