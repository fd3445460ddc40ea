"""A step that can work at smaller sizes than the one it is asked for, so that a slow machine keeps the rate.

Whoever plays it notices nothing: inputs and results have the full size. The noise, which is smooth,
and the places are interpolated; what else there is in the latents is picked, because the mean of two
white noises is a weaker one. The picture is scaled up by cubic interpolation.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from PIL import Image

from visuals.generator.backends import DOWNSAMPLING, Inputs, Step
from visuals.generator.ladder import Size
from visuals.types import Float32s, Pixels

CLOSING_S = 2.0
LEAST = 19
"""Niceness."""


class Scaled:
    """A Step (see `backends`) for pictures of `size` (width, height) that works at any size `open_at` can open.

    It begins at the size `first`, or at its own.
    """

    def __init__(self, open_at: Callable[[Size], Step], size: Size, first: Size | None = None) -> None:
        self._open_at, self._full = open_at, size
        self.size = first or size
        self._steps: dict[Size, Step] = {self.size: open_at(self.size)}
        self._thread: threading.Thread | None = None
        self._closed = False

    @property
    def name(self) -> str:
        return self._steps[self.size].name

    @property
    def preparing(self) -> bool:
        """Whether smaller sizes are being opened, which takes time from the pictures."""
        return self._thread is not None and self._thread.is_alive()

    def prepare(self, sizes: Sequence[Size]) -> None:
        """Open these sizes in a thread, the smallest first: that one helps a slow machine most."""

        def work() -> None:
            yield_to_others()
            for size in sorted(set(sizes) - set(self._steps)):
                if self._closed:
                    return
                self._steps[size] = self._open_at(size)

        self._thread = threading.Thread(target=work, name="prepare")
        self._thread.start()

    def use(self, size: Size) -> None:
        """Work at this size from now on; one that was not prepared is opened now."""
        if size not in self._steps:
            self._steps[size] = self._open_at(size)
        self.size = size

    def reload(self) -> None:
        """Make the model anew at the size in use."""
        self._steps[self.size] = self._open_at(self.size)

    def close(self) -> None:
        """End the preparing after the size that is being opened."""
        self._closed = True
        if self._thread is not None:
            self._thread.join(CLOSING_S)

    def __call__(self, inputs: Inputs) -> tuple[Float32s, Pixels]:
        step = self._steps[self.size]
        if self.size == self._full:
            return step(inputs)
        full, small = ((side[1] // DOWNSAMPLING, side[0] // DOWNSAMPLING) for side in (self._full, self.size))
        clean, pixels = step(shrunk(inputs, small))
        return _picked(clean, full), enlarged(pixels, self._full)


def yield_to_others() -> None:
    """Give this thread, and those it starts, what the others leave of the processor. Linux has it by thread."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LEAST)


def shrunk(inputs: Inputs, to: tuple[int, int]) -> Inputs:
    """The same inputs on fewer latents `to` (height, width)."""
    noise = _blended(inputs.noise, to)
    noisy = noise + _picked(inputs.noisy - inputs.noise, to)
    return inputs._replace(noisy=noisy, noise=noise, places=_blended(inputs.places, to))


def enlarged(pixels: Pixels, size: Size) -> Pixels:
    """A picture [h, w, 4] at `size` (width, height)."""
    # RGBX: four bands that have nothing to do with each other, so no work for an alpha that is opaque.
    picture = Image.frombuffer("RGBX", pixels.shape[1::-1], np.ascontiguousarray(pixels), "raw", "RGBX", 0, 1)
    return np.array(picture.resize(size, Image.Resampling.BICUBIC))


def _picked(x: Float32s, to: tuple[int, int]) -> Float32s:
    """The nearest values of [..., h, w] on a grid `to` (height, width)."""
    rows, columns = (_places(n, m).astype(int) for n, m in zip(x.shape[-2:], to, strict=True))
    return np.ascontiguousarray(x[..., rows[:, None], columns])


def _blended(x: Float32s, to: tuple[int, int]) -> Float32s:
    """[..., h, w] on a grid `to` (height, width), linear between its values."""
    up, across = (_weights(n, m) for n, m in zip(x.shape[-2:], to, strict=True))
    return np.asarray(up @ x @ across.T, np.float32)


def _places(n: int, m: int) -> np.ndarray:
    """Centres of m cells, counted in n cells over the same length."""
    return np.asarray((np.arange(m) + 0.5) * n / m)


@lru_cache(maxsize=16)
def _weights(n: int, m: int) -> Float32s:
    """Rows of linear weights [m, n]."""
    away = np.abs(np.clip(_places(n, m)[:, None] - 0.5, 0, n - 1) - np.arange(n))
    return np.asarray(np.maximum(1.0 - away, 0.0), np.float32)
