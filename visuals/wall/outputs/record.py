"""Writes what leaves for a wall into an MP4: H.264 and, where there is sound, AAC.

Each picture carries its own time, so sound and picture stay together however many frames are lost.
The file is cut into fragments of about a second; what was written stays readable when the process is
killed. It knows nothing of walls; the encoder serves renders and loops as well.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import Colorspace

from visuals.errors import DeviceError, OutputError
from visuals.shm import Latest, Layout
from visuals.types import SAMPLE_RATE_HZ, Frame, Pixels
from visuals.wall.outputs.settings import RecordSettings

logger = logging.getLogger(__name__)

TIME_BASE = Fraction(1, 90_000)
SOUND_TIME_BASE = Fraction(1, SAMPLE_RATE_HZ)
FRAGMENTED = {"movflags": "+frag_keyframe+delay_moov+default_base_moof", "flush_packets": "1"}
"""A fragment per group of pictures, each on the disk at once; the header comes with the first, so that
it can tell of the 1024 samples AAC puts in front."""

BT709 = 1
"""ITU-T H.273: code point of BT.709 for primaries, transfer and matrix."""

SOUND_SLACK = 1024
"""Samples by which a block's time may differ from the samples written before it: 21 ms of jitter."""

WAIT_FOR_SOUND_S = 1.0
SILENCE_AFTER_S = 0.5


class Encoder:
    """An MP4 being written; use as a context manager.

    `size` is (width, height), any parity: odd edges are repeated once. `rate_hz` is a hint; the
    frames' times count. `sound` False writes none; None decides by whether any came within the
    first second of pictures. `note` is the file's comment. Not safe to use from two threads at
    once. Raises OutputError when the file cannot be written.
    """

    def __init__(
        self,
        path: Path,
        size: tuple[int, int],
        rate_hz: float,
        *,
        sound: bool | None = None,
        preset: str = "medium",
        crf: int = 16,
        threads: int = 0,
        note: str = "",
    ) -> None:
        self._path, self._size = path, size
        self._even = (size[0] + size[0] % 2, size[1] + size[1] % 2)
        self._padded = np.zeros((self._even[1], self._even[0], 4), np.uint8)
        self._container: Any = _open_file(path)
        self._container.metadata["comment"] = note
        self._video: Any = self._video_stream(rate_hz, preset, crf, threads)
        self._sound: Any = self._sound_stream() if sound else None
        self._may_sound = sound is None
        self._begun = sound is not None
        self._waiting: list[Any] = []
        self._heard: list[tuple[npt.NDArray[np.float32], float]] = []
        self._start: float | None = None
        self._last_pts = -1
        self._samples = 0

    @property
    def sound_time(self) -> float:
        """Show time up to which sound is written."""
        return (self._start or 0.0) + self._samples / SAMPLE_RATE_HZ

    def add_frame(self, pixels: Pixels, time: float) -> None:
        """Add a picture [height, width, 4] seen from `time` (s); one that is not newer is left out."""
        if self._start is None:
            self._start = time
        pts = round((time - self._start) / TIME_BASE)
        if pts <= self._last_pts:
            return
        self._last_pts = pts
        picture = av.VideoFrame.from_ndarray(self._pad(pixels), format="rgba").reformat(
            format="yuv420p", src_colorspace=Colorspace.ITU709, dst_colorspace=Colorspace.ITU709
        )
        picture.pts, picture.time_base = pts, TIME_BASE
        self._mux(self._video.encode(picture))
        if not self._begun and time - self._start >= WAIT_FOR_SOUND_S:
            self._begin()

    def add_sound(self, samples: npt.NDArray[np.float32], time: float) -> None:
        """Add sound [frames, channels] float32 that begins at `time`; gaps become silence."""
        if self._may_sound and not self._begun:
            self._heard.append((samples.copy(), time))
            self._sound = self._sound or self._sound_stream()
            return
        if self._sound is None or self._start is None:
            return
        at = round((time - self._start) * SAMPLE_RATE_HZ)
        ahead = at - self._samples
        if at < -SOUND_SLACK or ahead < -SOUND_SLACK:
            return
        if ahead > SOUND_SLACK:
            self.add_silence(time)
        self._encode_sound(samples)

    def add_silence(self, until: float) -> None:
        """Fill the sound up to `until` (show time, s)."""
        if self._sound is None or self._start is None:
            return
        missing = round((until - self._start) * SAMPLE_RATE_HZ) - self._samples
        while missing > 0:
            n = min(missing, SAMPLE_RATE_HZ)
            self._encode_sound(np.zeros((n, 2), np.float32))
            missing -= n

    def close(self) -> None:
        """Write what is still on its way and end the file."""
        if not self._begun:
            self._begin()
        for stream in (self._video, self._sound):
            if stream is not None and (stream is self._video or self._samples):
                self._mux(stream.encode(None))
        self._container.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _video_stream(self, rate_hz: float, preset: str, crf: int, threads: int) -> Any:
        rate = Fraction(rate_hz).limit_denominator(1001)
        stream: Any = self._container.add_stream("libx264", rate=rate)
        stream.width, stream.height = self._even
        stream.pix_fmt = "yuv420p"
        stream.time_base = TIME_BASE
        context = stream.codec_context
        context.time_base = TIME_BASE
        context.gop_size = max(1, round(rate_hz))
        context.thread_count = threads
        context.colorspace = context.color_primaries = context.color_trc = BT709
        stream.options = {"preset": preset, "crf": str(crf), "bf": "0"}
        return stream

    def _sound_stream(self) -> Any:
        stream: Any = self._container.add_stream("aac", rate=SAMPLE_RATE_HZ, layout="stereo")
        stream.bit_rate = 192_000
        return stream

    def _begin(self) -> None:
        """Write the header: from here on it is settled whether there is sound."""
        self._begun = True
        waiting, self._waiting = self._waiting, []
        heard, self._heard = self._heard, []
        self._mux(waiting)
        for samples, time in heard:
            self.add_sound(samples, time)

    def _mux(self, packets: list[Any]) -> None:
        if self._begun:
            self._container.mux(packets)
        else:
            self._waiting += packets

    def _encode_sound(self, samples: npt.NDArray[np.float32]) -> None:
        stereo = np.repeat(samples[:, :1], 2, axis=1) if samples.shape[1] == 1 else samples[:, :2]
        block = av.AudioFrame.from_ndarray(np.ascontiguousarray(stereo.T), format="fltp", layout="stereo")
        block.sample_rate, block.pts, block.time_base = SAMPLE_RATE_HZ, self._samples, SOUND_TIME_BASE
        self._samples += len(samples)
        self._mux(self._sound.encode(block))

    def _pad(self, pixels: Pixels) -> Pixels:
        if self._even == self._size:
            return np.ascontiguousarray(pixels)
        width, height = self._size
        self._padded[:height, :width] = pixels
        self._padded[height:, :width] = pixels[-1:]
        self._padded[:, width:] = self._padded[:, width - 1 : width]
        return self._padded


def _open_file(path: Path) -> Any:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return av.open(str(path), "w", format="mp4", options=FRAGMENTED)
    except (OSError, av.FFmpegError) as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from error


SLOTS = 16
"""Frames that may wait for the encoder: a quarter second at 60 Hz, then the oldest goes."""


class Record:
    """An output that encodes in its own thread. `send` copies the picture into a free slot.

    `sound` is a ring of [frames, 2] float32 blocks whose time is their first sample's.
    """

    def __init__(self, size: tuple[int, int], settings: RecordSettings, rate_hz: float, sound: Layout | None) -> None:
        self._size, self._path, self._rate_hz = size, Path(settings.file), rate_hz
        self._sound_layout = sound
        self._free: deque[Pixels] = deque(np.zeros((size[1], size[0], 4), np.uint8) for _ in range(SLOTS))
        self._queue: deque[tuple[float, Pixels]] = deque()
        self._wake = threading.Event()
        self._ended = False
        self._failed: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="record", daemon=True)
        self.dropped = 0

    def send(self, frame: Frame) -> None:
        """Queue a frame; raises OutputError once the encoder has failed."""
        if self._failed is not None:
            raise OutputError(f"{self._path}: recording failed: {self._failed}")
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
        self._encoder = Encoder(
            self._path,
            self._size,
            self._rate_hz,
            sound=self._sound_layout is not None,
            preset="superfast",
            crf=18,
            threads=1,
        )
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

    def _run(self) -> None:
        try:
            while not (self._ended and not self._queue):
                self._wake.wait()
                self._wake.clear()
                self._encode_all()
            self._encoder.close()
        except (OSError, av.FFmpegError) as error:
            self._failed = error
            logger.error("%s: recording failed: %s", self._path, error)
        finally:
            if self._sound is not None:
                self._sound.close()

    def _encode_all(self) -> None:
        while self._queue:
            try:
                time, slot = self._queue.popleft()
            except IndexError:
                return
            self._encoder.add_frame(slot, time)
            self._free.append(slot)
            for block in self._sound.drain() if self._sound else ():
                self._encoder.add_sound(block.data, block.time)
            if self._encoder.sound_time < time - SILENCE_AFTER_S:
                self._encoder.add_silence(time - SILENCE_AFTER_S)


CLOSE_S = 1.5
"""How long the end of a recording may take; Ctrl-C must end a show within two seconds."""
