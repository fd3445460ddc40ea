"""A channel of the show's own sound that carries timecode. Knows nothing of where the sound comes from."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from visuals.audio.ltc.reader import LtcReader
from visuals.timecode import Reading
from visuals.types import Block, Source


class Stripe:
    """Reads the timecode of channel `channel` (1 or 2) of each block, and takes it out of what is heard as music."""

    def __init__(self, channel: int, tell: Callable[[Sequence[Reading]], None]) -> None:
        self._column, self._tell = channel - 1, tell
        self._reader = LtcReader()

    def part(self, block: Block) -> Block:
        """The block without its timecode: the other channel on both sides."""
        self._tell(self._reader.feed(block.time, block.samples[:, self._column]))
        samples = block.samples.copy()
        samples[:, self._column] = samples[:, 1 - self._column]
        return Block(block.time, samples)


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
