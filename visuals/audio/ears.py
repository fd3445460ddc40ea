"""Features as a source: heard here from blocks, or read from the audio process's ring."""

from __future__ import annotations

from collections.abc import Sequence

from visuals.audio.analysis import Analyser
from visuals.shm import Latest
from visuals.types import Block, Features, Source
from visuals.wire import unpack_features


class Ears:
    """Hears every block of a source in the caller's own thread: offline rendering, and the audio process."""

    def __init__(self, source: Source[Block], analyser: Analyser | None = None) -> None:
        self.analyser = Analyser() if analyser is None else analyser
        self._source = source

    def drain(self) -> Sequence[Features]:
        return [self.analyser.hear(block) for block in self._source.drain()]


class RingEars:
    """Reads what the audio process wrote. A reader too slow for the ring loses the oldest hops."""

    def __init__(self, ring: Latest) -> None:
        self._ring = ring

    def drain(self) -> Sequence[Features]:
        return [unpack_features(reading.data) for reading in self._ring.drain()]
