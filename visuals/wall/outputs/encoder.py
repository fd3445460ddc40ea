"""Pictures and sound into a file: H.264 and AAC in an MP4, or ProRes and PCM in a QuickTime file.

Each picture carries its own time, so sound and picture stay together however many frames are lost.
The file is written in fragments of about a second, so that what was written stays readable when the
process is killed or the disk is full; a clean end makes an ordinary file of it. Knows nothing of
walls; recordings, renders and loops are made with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import Colorspace

from visuals.types import SAMPLE_RATE_HZ, Pixels
from visuals.wall.outputs.file import File

TIME_BASE = Fraction(1, 90_000)
SOUND_TIME_BASE = Fraction(1, SAMPLE_RATE_HZ)
FRAGMENTED = "+hybrid_fragmented+delay_moov+default_base_moof"
"""Fragments, each on the disk at once, and at a clean end one ordinary index instead (FFmpeg 7.1). The first header
comes with the first fragment, so that it can tell of the 1024 samples AAC puts in front."""


@dataclass(frozen=True, slots=True)
class Codec:
    """How FFmpeg names a codec, its pixel format and options, how it is cut into fragments, the sound beside it."""

    encoder: str
    pixels: str
    options: Mapping[str, str]
    fragments: Mapping[str, str]
    sound: str
    sound_bit_rate: int | None = None


CODECS = {
    "h264": Codec("libx264", "yuv420p", {"bf": "0"}, {"movflags": f"{FRAGMENTED}+frag_keyframe"}, "aac", 192_000),
    "prores": Codec(
        "prores_ks",
        "yuv422p10le",
        # Without a size to keep to it need not search for it: 3.5 times as fast. The unit is 1/118 of a step.
        {"profile": "hq", "flags": "+qscale", "global_quality": str(4 * 118)},
        {"movflags": FRAGMENTED, "frag_duration": "1000000"},
        "pcm_s24le",
    ),
}
"""ProRes 422 HQ is 4:2:2 with 10 bits."""

BT709 = 1
"""ITU-T H.273: code point of BT.709 for primaries, transfer and matrix."""

SOUND_SLACK = 1024
"""Samples by which a block's time may differ from the samples written before it: 21 ms of jitter."""

WAIT_FOR_SOUND_S = 1.0
SILENCE_AFTER_S = 0.5


class Encoder:
    """A file being written; use as a context manager.

    `size` is (width, height), any parity: odd edges are repeated once. `rate_hz` is a hint; the
    frames' times count. `sound` False writes none; None decides by whether any came within the
    first second of pictures. `preset` and `crf` are H.264's, `note` is the file's comment. Not safe to use from two
    threads at once.
    Raises OutputError when the file cannot be opened, OSError when it cannot be written; what is
    written by then stays as it is.
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
        codec: str = "h264",
        note: str = "",
    ) -> None:
        self._codec, self._size = CODECS[codec], size
        self._even = (size[0] + size[0] % 2, size[1] + size[1] % 2)
        self._padded = np.zeros((self._even[1], self._even[0], 4), np.uint8)
        self._file = File(path)
        kind = "mov" if path.suffix.lower() == ".mov" else "mp4"
        options = {**self._codec.fragments, "flush_packets": "1"}
        self._container: Any = av.open(self._file, "w", format=kind, options=options)
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
    def bytes(self) -> int:
        """Size of the file so far."""
        return self._file.size

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
            format=self._codec.pixels, src_colorspace=Colorspace.ITU709, dst_colorspace=Colorspace.ITU709
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
        """Write what is still on its way and end the file; a file that failed is left as it is."""
        try:
            if not self._begun:
                self._begin()
            for stream in (self._video, self._sound):
                if stream is not None and (stream is self._video or self._samples):
                    self._mux(stream.encode(None))
        finally:
            try:
                self._container.close()
            finally:
                self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _video_stream(self, rate_hz: float, preset: str, crf: int, threads: int) -> Any:
        rate = Fraction(rate_hz).limit_denominator(1001)
        stream: Any = self._container.add_stream(self._codec.encoder, rate=rate)
        stream.width, stream.height = self._even
        stream.pix_fmt = self._codec.pixels
        stream.time_base = TIME_BASE
        context = stream.codec_context
        context.time_base = TIME_BASE
        context.gop_size = max(1, round(rate_hz))
        context.thread_count = threads
        context.colorspace = context.color_primaries = context.color_trc = BT709
        chosen = {"preset": preset, "crf": str(crf)} if self._codec.encoder == "libx264" else {}
        stream.options = {**chosen, **self._codec.options}
        return stream

    def _sound_stream(self) -> Any:
        stream: Any = self._container.add_stream(self._codec.sound, rate=SAMPLE_RATE_HZ, layout="stereo")
        if self._codec.sound_bit_rate is not None:
            stream.bit_rate = self._codec.sound_bit_rate
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
