"""A channel of the show's own sound that carries timecode. Knows nothing of where the sound comes from."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from visuals.audio.ltc.reader import LtcReader
from visuals.timecode import Reading
from visuals.types import Block


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
