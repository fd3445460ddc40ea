"""Sources that never run dry: silence by itself, and silence where another source has none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from visuals.audio.track import CHANNELS, HOP_S
from visuals.clock import Clock
from visuals.types import HOP, SAMPLE_RATE_HZ, Block

_PATIENCE_S = 0.25  # callbacks of a busy sound server came up to 0.23 s late


class AudioSource(Protocol):
    """A source of blocks that says whether sound is arriving and whether it is over."""

    @property
    def alive(self) -> bool: ...

    @property
    def ended(self) -> bool: ...

    def drain(self) -> Sequence[Block]: ...

    def close(self) -> None: ...


class SilentSource:
    """Zeros at the clock's pace, on the grid of hops from time 0."""

    def __init__(self, clock: Clock) -> None:
        self.alive, self.ended = True, False
        self._clock = clock
        self._next = max(0, int(clock.now() / HOP_S))

    def drain(self) -> Sequence[Block]:
        count = int(round(self._clock.now() * SAMPLE_RATE_HZ) // HOP)
        blocks = [Block(i * HOP_S, np.zeros((HOP, CHANNELS), np.float32)) for i in range(self._next, count)]
        self._next = max(self._next, count)
        return blocks

    def skip(self, end: float) -> None:
        """Go on from show time `end`."""
        self._next = max(self._next, round(end / HOP_S))

    def close(self) -> None:
        """Nothing to let go."""


class Unbroken:
    """A source that never stops: silence fills in while the wrapped one is over, not alive or says nothing.

    So everything that listens decays to rest and time goes on. Block times never go back.
    """

    def __init__(self, source: AudioSource, clock: Clock) -> None:
        self.source = source
        self._clock = clock
        self._silence = SilentSource(clock)
        self._heard = clock.now()
        self._end = -np.inf

    @property
    def alive(self) -> bool:
        return self.source.alive

    @property
    def ended(self) -> bool:
        return self.source.ended

    def drain(self) -> Sequence[Block]:
        blocks = self.source.drain()
        now = self._clock.now()
        if blocks:
            self._silence.skip(blocks[-1].time + HOP_S)
            self._heard = now
        elif self.source.ended or not self.source.alive or now - self._heard > _PATIENCE_S:
            blocks = self._silence.drain()
        # Half a hop of tolerance: the sample clock of a device is drawn to its arrivals.
        fresh = [b for b in blocks if b.time > self._end - 0.5 * HOP_S]
        if fresh:
            self._end = fresh[-1].time + HOP_S
        return fresh

    def close(self) -> None:
        self.source.close()
