"""What a dream draws from: a scene up to one of its layers, at the dream's size, on its way home.

It does not know who looks, nor what for.
"""

from __future__ import annotations

import numpy as np

from visuals.render.gpu import Gpu, Readback, Size, Target
from visuals.render.lay import Copier, Onto
from visuals.types import Pixels


class Seen:
    """Pictures of `size`, newest wins: `pixels` is the last one home, None while there is nothing to see."""

    def __init__(self, gpu: Gpu, size: Size) -> None:
        self._target, self._copier = gpu.target(size), Copier(gpu)
        self._readback: Readback[None] = gpu.readback(size, 1 if gpu.software else 2)
        self._fresh = False
        self.pixels: Pixels | None = None

    def take(self, picture: Target) -> None:
        """Keep a picture as it is now; the last one of a frame counts."""
        self._copier.lay(picture, Onto(self._target))
        self._fresh = True

    def fetch(self) -> None:
        """Once a frame: send home what was taken, and see what has come."""
        if not self._fresh:
            self._readback.take(all_of_them=True)
            self.pixels = None
            return
        self._fresh = False
        self._readback.start(self._target, None)
        arrived = self._readback.take()
        if arrived is not None:
            self.pixels = np.ascontiguousarray(arrived[1][::-1])

    def release(self) -> None:
        for thing in (self._target, self._copier, self._readback):
            thing.release()
