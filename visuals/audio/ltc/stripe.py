"""A channel of the show's own sound that carries timecode. Knows nothing of where the sound comes from."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

import numpy as np

from visuals.audio.ltc.reader import LtcReader
from visuals.timecode import Reading
from visuals.types import Block, Source

logger = logging.getLogger(__name__)


class Stripe:
    """Reads the timecode of channel `channel` (1 or 2) of each block, and takes it out of what is heard as music.

    An input with one channel, which comes on both sides, has no music beside its timecode: there is silence.
    """

    def __init__(self, channel: int, tell: Callable[[Sequence[Reading]], None]) -> None:
        self._column, self._tell = channel - 1, tell
        self._reader = LtcReader()
        self._is_warned = False

    def part(self, block: Block) -> Block:
        """The block without its timecode: the other channel on both sides."""
        tape, music = block.samples[:, self._column], block.samples[:, 1 - self._column]
        readings = self._reader.feed(block.time, tape)
        self._tell(readings)
        if np.array_equal(tape, music, equal_nan=True):
            self._warn(bool(readings))
            return Block(block.time, np.zeros_like(block.samples))
        return Block(block.time, np.stack((music, music), axis=1))

    def _warn(self, carries: bool) -> None:
        """Say once that nothing is heard of an input that carries timecode on both sides."""
        if carries and not self._is_warned:
            self._is_warned = True
            logger.warning("timecode on both channels of the sound: no music is heard beside it; see `timecode: input`")


class Striped:
    """A source of sound without the timecode on one of its channels, which `readings` gives."""

    def __init__(self, source: Source[Block], channel: int) -> None:
        self._source = source
        self._readings: list[Reading] = []
        self._stripe = Stripe(channel, self._readings.extend)

    def drain(self) -> Sequence[Block]:
        return [self._stripe.part(block) for block in self._source.drain()]

    def readings(self) -> Sequence[Reading]:
        """What the blocks that were drained since said."""
        readings = list(self._readings)
        self._readings.clear()
        return readings
