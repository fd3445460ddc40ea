"""A video file read in order from any position: decoded pictures with the seconds they stand for.

Times are the file's own (PTS), counted from its first picture, never from numbers of frames. It knows
PyAV; it does not know threads, sizes or who looks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

import av

from visuals.errors import MediaError
from visuals.render.media.decoding import FAULTS, decoded, decoder_of, moving, packets, reason

OPTIONS = {
    "protocol_whitelist": "file",
    "format_whitelist": "mov,matroska,webm,avi,mpegts,mpeg,mpegvideo,h264,hevc,mjpeg,gif,apng,flv,ogg,asf,mxf,ivf,nut",
}
"""Files that hold their pictures themselves. A playlist would open whatever it names, the network too."""

MAX_PIXELS = 64_000_000
USUAL_HZ = 30.0
"""The rate where a file tells none."""

STEPS_BACK_S = (0.0, 1.0, 4.0, 16.0)
"""A seek may land behind what is wanted (MPEG-TS has no index), so it is tried from further back."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A picture as PyAV gives it, from `start` until `end` (s)."""

    start: float
    end: float
    picture: Any


class Reader:
    """The pictures of a file. `at` is where the next one begins (s), `duration` where the last one ends.

    Raises MediaError when made of what is no video; afterwards `go` and `read` raise FAULTS.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.at, self.duration = 0.0, inf
        self._origin, self._timed = 0, True
        self._container: Any = None
        self._ahead: Any = None
        self._coming: Iterator[Any] = iter(())
        try:
            self._examine()
        except FAULTS as error:
            raise MediaError(f"{path}: not a video that can be read ({reason(error)})") from error
        finally:
            if self.duration == inf:
                self.close()

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) as it is to be seen: square pixels, upright."""
        told = float(self._stream.sample_aspect_ratio or 1)
        width = self._coded[0] * told if 0.1 < told < 10.0 else self._coded[0]
        upright = round(width), self._coded[1]
        return upright if self.turns % 2 == 0 else upright[::-1]

    def close(self) -> None:
        """Let the file go. `go` would open it again."""
        container, self._container = self._container, None
        if container is not None:
            self._coming = iter(())
            self._ahead = None
            container.close()

    def go(self, time: float) -> None:
        """Read on from the nearest picture at or before `time` that can be decoded by itself."""
        for back in STEPS_BACK_S if self._timed else ():
            if self._seek(time - back):
                self._stand()
                if self._ahead is not None and self.at <= time:
                    return
            if time <= back:
                break
        self._begin()
        if self._ahead is None:
            raise OSError("no picture in it can be decoded any more")

    def read(self) -> Decoded | None:
        """The next picture; None behind the last."""
        start, picture = self.at, self._ahead
        if picture is None:
            return None
        self._advance()
        return Decoded(start, self.at, picture)

    def _examine(self) -> None:
        if not self.path.is_file():
            raise MediaError(f"{self.path}: no such video")
        self._begin()
        first = self._ahead
        if first is None:
            raise ValueError("no picture in it can be decoded")
        if first.width * first.height > MAX_PIXELS:
            raise ValueError(
                f"pictures of {first.width}x{first.height}, expected at most {MAX_PIXELS // 10**6} megapixels"
            )
        self._coded = first.width, first.height
        self.turns = round(first.rotation / 90)
        self._timed, self._origin = first.pts is not None, first.pts or 0
        self.duration = self._measured()
        self.go(0.0)

    def _open(self) -> None:
        self.close()
        self._container = av.open(f"file:{self.path}", options=OPTIONS)
        self._stream = moving(self._container)
        self._decoder = decoder_of(self._stream)

    def _begin(self) -> None:
        """Stand before the first picture: time 0 whatever its PTS."""
        self._open()
        self._stand()
        self.at = min(self.at, 0.0)

    def _seek(self, time: float) -> bool:
        if self._container is None:
            return False
        try:
            self._container.seek(self._origin + int(max(0.0, time) / self._tick), stream=self._stream)
            self._decoder.flush_buffers()
        except FAULTS:
            return False
        return True

    def _stand(self) -> None:
        """Before the picture that comes first from here on."""
        self._coming = decoded(self._container, self._stream, self._decoder)
        self.at = -inf
        self._advance()

    def _advance(self) -> None:
        """To the next picture; those out of order are left out, like those behind the end."""
        for picture in self._coming:
            start = self._time(picture)
            if self.at < start < self.duration:
                self.at, self._ahead = start, picture
                return
        self.at, self._ahead = self.duration, None

    # ---- times ----------------------------------------------------------------------------------

    @property
    def _tick(self) -> float:
        return float(self._stream.time_base)

    @property
    def _spacing(self) -> float:
        return 1.0 / float(self._stream.guessed_rate or USUAL_HZ)

    def _time(self, timed: Any) -> float:
        """Of a picture or packet. One without PTS follows the one before at the file's rate."""
        if timed.pts is None:
            return max(0.0, self.at + self._spacing)
        return (int(timed.pts) - self._origin) * self._tick

    def _measured(self) -> float:
        """Where the last picture ends. A header may tell where the sound ends, or of a file since cut short."""
        told = self._told_duration()
        for back in STEPS_BACK_S[1:] if self._timed and told else ():
            if self._seek(told - back) and (end := self._last_end()):
                return end
        self._open()
        return self._last_end() or self._spacing

    def _told_duration(self) -> float:
        if self._stream.duration is not None:
            return float(self._stream.duration * self._tick)
        return float((self._container.duration or 0) / av.time_base)

    def _last_end(self) -> float:
        """By the packets from here on, none decoded; 0 when there is none."""
        end = 0.0
        for packet in packets(self._container, self._stream):
            if not packet.size:
                continue
            if not self._timed:
                end += self._spacing
            elif packet.pts is not None:
                length = packet.duration * self._tick if packet.duration else self._spacing
                end = max(end, self._time(packet) + length)
        return end
