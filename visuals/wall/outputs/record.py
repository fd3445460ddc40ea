"""Records what leaves for a wall, in a thread of its own. A full disk costs the recording, never the wall.

What was recorded stays as it is; when there is room again a new file goes on, `wall-2.mp4` after `wall.mp4`.
"""

from __future__ import annotations

import logging
import shutil
import threading
from collections import deque
from contextlib import suppress
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av
import numpy as np

from visuals.clock import monotonic
from visuals.errors import DeviceError, OutputError
from visuals.shm import Latest, Layout
from visuals.types import Frame, Pixels
from visuals.wall.outputs.encoder import Encoder
from visuals.wall.outputs.settings import RecordSettings

logger = logging.getLogger(__name__)

SLOTS = 16
"""Frames that may wait for the encoder: a quarter second at 60 Hz, then the oldest goes."""

CLOSE_S = 1.5
"""How long the end of a recording may take; Ctrl-C must end a show within two seconds."""

SILENCE_AFTER_S = 0.5
RETRY_S = 1.0
ROOM_S = 10.0
LEAST_ROOM = 16_000_000
"""A recording that was stopped goes on when there is room for ten seconds of it, and for so many bytes."""


class Record:
    """An output that encodes in its own thread. `send` copies the picture into a free slot.

    `sound` is a ring of [frames, 2] float32 blocks whose time is their first sample's. Raises
    OutputError on entering when there can be no file; later it tries again by itself.
    """

    def __init__(self, size: tuple[int, int], settings: RecordSettings, rate_hz: float, sound: Layout | None) -> None:
        self._size, self._settings, self._rate_hz = size, settings, rate_hz
        self._path = self._asked = Path(settings.file)
        self._sound_layout = sound
        self._free: deque[Pixels] = deque(np.zeros((size[1], size[0], 4), np.uint8) for _ in range(SLOTS))
        self._queue: deque[tuple[float, Pixels]] = deque()
        self._wake = threading.Event()
        self._ended = False
        self._retry_at = self._seconds = 0.0
        self._last: float | None = None
        self._frames = self._ended_bytes = 0
        self._thread = threading.Thread(target=self._run, name="record", daemon=True)
        self.dropped = 0
        self.progress: dict[str, Any] = {}
        """What is recorded so far: the newest `file`, `frames`, `seconds` and `bytes` of all, frames `dropped`, and
        whether it is `stopped` until there is room."""

    def send(self, frame: Frame) -> None:
        """Queue a frame; the oldest is dropped when the encoder does not follow, or there is no room."""
        slot = self._slot()
        np.copyto(slot, frame.pixels)
        self._queue.append((frame.time, slot))
        self._wake.set()

    def _slot(self) -> Pixels:
        """A free buffer, or the oldest frame's that the encoder has not yet taken."""
        try:
            return self._free.popleft()
        except IndexError:
            self.dropped += 1
        try:
            return self._queue.popleft()[1]
        except IndexError:  # the encoder holds them all: it will give this one to the collector
            return np.zeros((self._size[1], self._size[0], 4), np.uint8)

    def __enter__(self) -> Self:
        path = self._asked if self._settings.replace else next_free(self._asked)
        self._encoder: Encoder | None = self._open(path)
        self._report()
        self._sound = Latest(self._sound_layout) if self._sound_layout is not None else None
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended = True
        self._wake.set()
        self._thread.join(CLOSE_S)
        if self._thread.is_alive():
            raise DeviceError(f"{self._path}: the disk did not take the end of the recording within {CLOSE_S:g} s")

    def _open(self, path: Path) -> Encoder:
        encoder = Encoder(
            path,
            self._size,
            self._rate_hz,
            sound=self._sound_layout is not None,
            preset="superfast",
            crf=18,
            threads=1,
            codec=self._settings.codec_name,
        )
        self._path, self._last = path, None
        return encoder

    def _run(self) -> None:
        while not (self._ended and (self._encoder is None or not self._queue)):
            self._wake.wait(RETRY_S)
            self._wake.clear()
            try:
                self._go_on()
                self._encode_all()
            except (OSError, av.FFmpegError) as error:
                self._stop(error)
            self._report()
        self._end()

    def _go_on(self) -> None:
        """Open the next file, once there is room."""
        if self._encoder is not None or monotonic() < self._retry_at or self._ended:
            return
        self._retry_at = monotonic() + RETRY_S
        try:
            if shutil.disk_usage(self._asked.parent).free < self._room():
                return
            self._encoder = self._open(next_free(self._asked))
        except (OSError, OutputError):  # told when it stopped
            return
        logger.warning("%s: recording goes on here", self._path)

    def _room(self) -> float:
        """Bytes that must be free before a stopped recording goes on."""
        rate = self._ended_bytes / self._seconds if self._seconds else 0.0
        return max(LEAST_ROOM, ROOM_S * rate)

    def _encode_all(self) -> None:
        while self._queue and self._encoder is not None:
            try:
                time, slot = self._queue.popleft()
            except IndexError:
                return
            self._encode(self._encoder, time, slot)

    def _encode(self, encoder: Encoder, time: float, slot: Pixels) -> None:
        try:
            encoder.add_frame(slot, time)
        finally:
            self._free.append(slot)
        for block in self._sound.drain() if self._sound else ():
            encoder.add_sound(block.data, block.time)
        if encoder.sound_time < time - SILENCE_AFTER_S:
            encoder.add_silence(time - SILENCE_AFTER_S)
        self._frames += 1
        self._seconds += time - self._last if self._last is not None else 0.0
        self._last = time

    def _stop(self, error: Exception) -> None:
        """Tell it once, and leave the file as it is."""
        reason = getattr(error, "strerror", None) or error
        logger.error("%s: recording stopped: %s; it goes on in a new file when it can", self._path, reason)
        self._retry_at = monotonic() + RETRY_S
        with suppress(OSError, av.FFmpegError):
            self._close()

    def _end(self) -> None:
        try:
            self._close()
        except (OSError, av.FFmpegError) as error:
            logger.error("%s: the end of the recording is lost: %s", self._path, error)
        if self._sound is not None:
            self._sound.close()

    def _close(self) -> None:
        encoder, self._encoder = self._encoder, None
        if encoder is not None:
            self._ended_bytes += encoder.bytes
            encoder.close()

    def _report(self) -> None:
        self.progress = {
            "file": self._path.name,
            "frames": self._frames,
            "seconds": round(self._seconds, 1),
            "bytes": self._ended_bytes + (self._encoder.bytes if self._encoder is not None else 0),
            "dropped": self.dropped,
            "stopped": self._encoder is None,
        }


def next_free(path: Path) -> Path:
    """`path`, or the first of `path-2`, `path-3` … that does not exist: no recording writes over another."""
    others = (path.with_stem(f"{path.stem}-{n}") for n in count(2))
    return path if not path.exists() else next(other for other in others if not other.exists())
