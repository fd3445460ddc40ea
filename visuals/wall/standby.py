"""The stand-by's picture: the loop, or a safe picture that needs no file.

It moves with the music while there are ears to tell it; it does not decide when it is shown.
"""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import cv2
import numpy as np

from visuals.errors import MediaError
from visuals.types import Pixels
from visuals.wall.loop import Loop
from visuals.wall.music import NOTHING, Heard
from visuals.wall.playhead import Playhead

logger = logging.getLogger(__name__)

SWAP_S = 0.5
"""Crossfade of the safe picture and the loop."""

QUIET_GAIN = 0.85
BREATH_S = 0.15
"""How much light silence leaves of the loop, and how long it takes to follow the music."""

LONGEST_STEP_S = 0.1


class Safe:
    """A dark, slow drift of two veils of light: never black, never still, no file behind it."""

    def __init__(self, size: tuple[int, int]) -> None:
        self._width = size[0]
        self._period = 2 * size[0]
        self._back = _veil(size, (10, 14, 42), (6, 38, 62), 0.0)
        self._front = _veil(size, (4, 2, 10), (64, 14, 52), 1.7)
        self._out: Pixels = np.zeros((size[1], size[0], 4), np.uint8)

    def frame(self, time: float) -> Pixels:
        """The picture at `time` (s); the veils pass each other at 1/24 and 1/37 width a second."""
        a = int(time * self._width / 24.0) % self._period
        b = int(-time * self._width / 37.0) % self._period
        np.add(self._back[:, a : a + self._width], self._front[:, b : b + self._width], out=self._out)
        self._out[..., 3] = 255
        return self._out


def _veil(size: tuple[int, int], dark: tuple[int, int, int], light: tuple[int, int, int], phase: float) -> Pixels:
    """A panorama [height, 3 * width, 4] that repeats after two widths, dithered against banding."""
    width, height = size
    x = np.arange(2 * width) / (2 * width) * 2.0 * np.pi
    y = np.linspace(0.0, np.pi, height)[:, None]
    wave = np.sin(x + phase + 0.9 * np.sin(y)) + 0.5 * np.sin(2.0 * x - 2.0 * y + phase) + 0.4 * np.sin(3.0 * x + y)
    level = (0.5 + wave / 3.8).clip(0.0, 1.0)[..., None] ** 1.6
    low, high = np.array(dark, float), np.array(light, float)
    noise = np.random.default_rng(0).random((height, 2 * width, 1))
    colour = np.floor(low + (high - low) * level + noise)
    veil = np.zeros((height, 2 * width, 4), np.uint8)
    veil[..., :3] = colour
    return np.concatenate((veil, veil[:, :width]), axis=1)


class Standby:
    """The safe picture at once, the loop as soon as it is decoded, by a crossfade.

    Decodes in a thread, so that a restarted player has light on the wall before it has its loop.
    """

    def __init__(self, size: tuple[int, int], path: Path | None) -> None:
        self._size, self._path = size, path
        self._safe = Safe(size)
        self._loop: Loop | None = None
        self._head: Playhead | None = None
        self._time: float | None = None
        self._share, self._gain = 0.0, 1.0
        self._mix, self._dim = Mix(size), Mix(size)
        self._black: Pixels = np.zeros((size[1], size[0], 4), np.uint8)
        self._black[..., 3] = 255
        if path is not None:
            threading.Thread(target=self._load, name="loop", daemon=True).start()

    @property
    def has_loop(self) -> bool:
        return self._loop is not None

    def frame(self, time: float, heard: Heard = NOTHING, safe: bool = False) -> Pixels:
        """The picture at `time` (s), which holds until the next call; `safe`: not the loop."""
        loop, passed = self._loop, 0.0 if self._time is None else min(max(time - self._time, 0.0), LONGEST_STEP_S)
        self._time = time
        target = 1.0 if loop is not None and not safe else 0.0
        self._share += min(max(target - self._share, -passed / SWAP_S), passed / SWAP_S)
        if loop is None or self._share <= 0.0:
            return self._safe.frame(time)
        picture = self._breathing(self._playing(loop, time, heard), heard, passed)
        return picture if self._share >= 1.0 else self._mix(self._safe.frame(time), picture, self._share)

    def scrub(self) -> None:
        """Look after the loop in idle time."""
        if self._loop is not None and not self._loop.scrub():
            logger.error("a frame of the loop was damaged in memory and is replaced")

    def _playing(self, loop: Loop, time: float, heard: Heard) -> Pixels:
        if self._head is None:
            self._head = Playhead(loop.seconds, loop.beats)
        return loop.frame(self._head.step(time, heard))

    def _breathing(self, picture: Pixels, heard: Heard, passed: float) -> Pixels:
        wanted = 1.0 if heard.loudness is None else QUIET_GAIN + (1.0 - QUIET_GAIN) * min(heard.loudness, 1.0)
        self._gain += (wanted - self._gain) * (1.0 - float(np.exp(-passed / BREATH_S)))
        return picture if self._gain > 0.999 else self._dim(self._black, picture, self._gain)

    def _load(self) -> None:
        assert self._path is not None
        try:
            loop = Loop.open(self._path, self._size)
        except (MediaError, MemoryError) as error:
            logger.error("the safe picture stands by instead of the loop: %s", error)
            return
        for fault in loop.faults():
            logger.error("%s: %s", self._path, fault)
        self._loop = loop


class Mix:
    """Crossfades two pictures of `size` into a buffer of its own, without allocating."""

    def __init__(self, size: tuple[int, int]) -> None:
        self._out: Pixels = np.zeros((size[1], size[0], 4), np.uint8)

    def __call__(self, a: Pixels, b: Pixels, share: float) -> Pixels:
        """`a` at share 0, `b` at share 1."""
        cv2.addWeighted(a, 1.0 - share, b, share, 0.0, dst=self._out)
        return self._out
