"""The stand-by's picture: the pre-rendered loop in RAM, or a safe picture that needs no file.

Everything is decoded before it is needed; nothing here touches a disk afterwards. It does not decide
when it is shown.
"""

from __future__ import annotations

import logging
import threading
import zlib
from math import ceil
from pathlib import Path
from typing import Any, Protocol

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import Interpolation

from visuals.errors import MediaError
from visuals.types import Pixels

logger = logging.getLogger(__name__)

MAX_BYTES = 600_000_000
"""RAM a loop may take; a longer one keeps every second, third… frame."""

SWAP_S = 0.5


class Picture(Protocol):
    """Something that moves: pixels [height, width, 4] at a time; they hold until the next call."""

    def frame(self, time: float) -> Pixels: ...


class Loop:
    """A video decoded into RAM at the canvas's size, with a checksum per frame."""

    def __init__(self, frames: npt.NDArray[np.uint8], seconds: float) -> None:
        self._frames, self.seconds = frames, seconds
        self._sums = [zlib.crc32(frame) for frame in frames]
        self._next = 0

    @classmethod
    def open(cls, path: Path, size: tuple[int, int], max_bytes: int = MAX_BYTES) -> Loop:
        """Decode `path` to `size` (width, height). Raises MediaError when it holds no picture."""
        try:
            with av.open(str(path)) as container:
                frames, seconds = _decode(container, size, max_bytes)
        except (OSError, av.FFmpegError, ValueError) as error:
            raise MediaError(f"{path}: cannot be read as a video: {error}") from error
        if not len(frames):
            raise MediaError(f"{path}: found no picture in it, expected a video")
        return cls(frames, seconds)

    def __len__(self) -> int:
        return len(self._frames)

    def frame(self, time: float) -> Pixels:
        """The picture at `time` (s), round and round."""
        pixels: Pixels = self._frames[int(time / self.seconds * len(self._frames)) % len(self._frames)]
        return pixels

    def scrub(self) -> bool:
        """Check one frame, the next at each call, and replace it by the one before when it is damaged.

        True when it was sound.
        """
        n, self._next = self._next, (self._next + 1) % len(self._frames)
        if zlib.crc32(self._frames[n]) == self._sums[n]:
            return True
        self._frames[n] = self._frames[n - 1]
        self._sums[n] = zlib.crc32(self._frames[n])
        return False


def _decode(container: Any, size: tuple[int, int], max_bytes: int) -> tuple[npt.NDArray[np.uint8], float]:
    if not container.streams.video:
        raise ValueError("no video stream")
    stream = container.streams.video[0]
    width, height = size
    expected = _expected_frames(container, stream)
    room = max(1, max_bytes // (width * height * 4))
    keep = max(1, ceil(expected / room))
    frames: list[Pixels] = []
    last, spacing = 0.0, 0.0
    for count, picture in enumerate(container.decode(stream)):
        if count % keep == 0 and len(frames) < room:
            scaled = picture.reformat(width, height, "rgba", interpolation=Interpolation.AREA)
            frames.append(scaled.to_ndarray())
        spacing = (picture.time or 0.0) - last if count else 0.0
        last = picture.time or 0.0
    seconds = max(last + (spacing or 1.0 / 30.0), 1e-3)
    return np.stack(frames) if frames else np.zeros((0, height, width, 4), np.uint8), seconds


def _expected_frames(container: Any, stream: Any) -> int:
    """Frames by the header, or by duration and rate; fragmented files carry only the latter."""
    if stream.frames:
        return int(stream.frames)
    seconds: float = (container.duration or 0) / av.time_base
    rate: float = float(stream.average_rate or 60)
    return ceil(seconds * rate)


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
        self._swapped: float | None = None
        self._mix = Mix(size)
        if path is not None:
            threading.Thread(target=self._load, name="loop", daemon=True).start()

    @property
    def has_loop(self) -> bool:
        return self._loop is not None

    def frame(self, time: float) -> Pixels:
        if self._loop is None:
            return self._safe.frame(time)
        if self._swapped is None:
            self._swapped = time
        share = (time - self._swapped) / SWAP_S
        if share >= 1.0:
            return self._loop.frame(time)
        return self._mix(self._safe.frame(time), self._loop.frame(time), max(0.0, share))

    def scrub(self) -> None:
        """Look after the loop in idle time."""
        if self._loop is not None and not self._loop.scrub():
            logger.error("a frame of the loop was damaged in memory and is replaced")

    def _load(self) -> None:
        assert self._path is not None
        try:
            self._loop = Loop.open(self._path, self._size)
        except (MediaError, MemoryError) as error:
            logger.error("the safe picture stands by instead of the loop: %s", error)


class Mix:
    """Crossfades two pictures of `size` into a buffer of its own, without allocating."""

    def __init__(self, size: tuple[int, int]) -> None:
        shape = (size[1], size[0], 4)
        self._a, self._b = np.zeros(shape, np.uint16), np.zeros(shape, np.uint16)
        self._out: Pixels = np.zeros(shape, np.uint8)

    def __call__(self, a: Pixels, b: Pixels, share: float) -> Pixels:
        """`a` at share 0, `b` at share 1."""
        weight = round(256.0 * share)
        np.multiply(a, np.uint16(256 - weight), out=self._a)
        np.multiply(b, np.uint16(weight), out=self._b)
        self._a += self._b
        self._a >>= 8
        np.copyto(self._out, self._a, casting="unsafe")
        return self._out
