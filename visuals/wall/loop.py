"""The pre-rendered loop, decoded into RAM: nothing here touches a disk afterwards.

Of all files that films come in, only those that a loop is made as are let in. It does not decide when or
how fast it is shown.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from itertools import pairwise
from math import ceil
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import Interpolation, VideoReformatter

from visuals.errors import MediaError
from visuals.types import Pixels
from visuals.wall.health import is_black

MAX_BYTES = 600_000_000
"""RAM a loop may take; a longer one keeps every second, third… frame."""

CONTAINERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm"
CODECS = ("h264", "hevc", "vp9", "av1", "libdav1d", "prores", "mpeg4")
"""FFmpeg's names of the formats and decoders that a loop may ask for."""

BEATS = re.compile(r"(\d{1,4}) beats")


def beats_note(beats: int) -> str:
    """What the maker of a loop writes into its file's comment: it begins on a beat and lasts `beats`."""
    return f"{beats} beats"


class Loop:
    """A video decoded into RAM at the canvas's size, with a checksum per frame.

    `beats` is how many of the music it lasts, 0 where that is not known; `black` how many of its frames were
    black and are now the one before.
    """

    def __init__(self, frames: npt.NDArray[np.uint8], seconds: float, beats: int = 0) -> None:
        self._frames, self.seconds, self.beats = frames, seconds, beats
        self.black = _mend(frames)
        self._sums = [zlib.crc32(frame) for frame in frames]
        self._next = 0

    @classmethod
    def open(cls, path: Path, size: tuple[int, int], max_bytes: int = MAX_BYTES) -> Loop:
        """Decode `path` to `size` (width, height). Raises MediaError when it holds no picture with light."""
        options = {"format_whitelist": CONTAINERS, "codec_whitelist": ",".join(CODECS), "protocol_whitelist": "file"}
        try:
            with av.open(str(path), container_options=options) as container:
                frames, seconds = _decode(container, size, max_bytes)
                note = BEATS.fullmatch(container.metadata.get("comment", ""))
        except (OSError, av.FFmpegError, ValueError) as error:
            raise MediaError(f"{path}: cannot be read as a video: {error}") from error
        if not len(frames):
            raise MediaError(f"{path}: found no picture in it, expected a video")
        loop = cls(frames, seconds, int(note[1]) if note else 0)
        if loop.black == len(loop):
            raise MediaError(f"{path}: found nothing but black, expected a picture for when the show is gone")
        return loop

    def __len__(self) -> int:
        return len(self._frames)

    def frame(self, time: float) -> Pixels:
        """The picture at `time` (s), round and round."""
        pixels: Pixels = self._frames[int(time / self.seconds * len(self._frames)) % len(self._frames)]
        return pixels

    def faults(self) -> Iterator[str]:
        """What is odd about it, and no reason not to play it."""
        if self.black:
            yield f"{self.black} of its {len(self)} pictures are black: in their place stays the one before"
        if len(self) > 1 and all(a == b for a, b in pairwise(self._sums)):
            yield "it stands still"

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
    if stream.codec_context is None or stream.codec_context.name not in CODECS:
        name = stream.codec_context.name if stream.codec_context else "no decoder"
        raise ValueError(f"found {name}, expected one of {', '.join(CODECS)}")
    reformatter = VideoReformatter()
    width, height = size
    expected = _expected_frames(container, stream)
    room = max(1, max_bytes // (width * height * 4))
    keep = max(1, ceil(expected / room))
    frames: list[Pixels] = []
    last, spacing = 0.0, 0.0
    for count, picture in enumerate(container.decode(stream)):
        if count % keep == 0 and len(frames) < room:
            scaled = reformatter.reformat(picture, width, height, "rgba", interpolation=Interpolation.AREA)
            frames.append(scaled.to_ndarray().astype(np.uint8, copy=False))
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


def _mend(frames: npt.NDArray[np.uint8]) -> int:
    """Put the frame before in the place of a black one, and count those. All black, nothing changes."""
    black = [is_black(frame) for frame in frames]
    if not all(black):
        first = black.index(False)
        for n in range(first + 1, first + len(frames)):
            if black[n % len(frames)]:
                frames[n % len(frames)] = frames[(n - 1) % len(frames)]
    return sum(black)
