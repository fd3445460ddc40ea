"""Sound files as blocks: any format PyAV reads, as 48 kHz stereo float32, paced by a clock.

Knows nothing of sound cards and nothing of what the sound means.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np

from visuals.clock import Clock
from visuals.errors import MediaError
from visuals.types import HOP, SAMPLE_RATE_HZ, Block, Float32s

log = logging.getLogger(__name__)

CHANNELS = 2
HOP_S = HOP / SAMPLE_RATE_HZ
_AHEAD_BLOCKS = 384  # 2 s decoded ahead: longer than any disk stall worth surviving
_CATCH_UP_S = 5.0  # a process that starts this late still hears the beginning, at many times real time
_SEEK_MARGIN_S = 0.5  # coded formats need a few frames before the wanted one to settle


class Track:
    """A sound file. Iterates its blocks from time 0; the last one is padded with zeros.

    Raises `MediaError` when the file is missing or holds no sound.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        container, stream = self._open()
        with container:
            self.duration = _duration(container, stream)

    def __iter__(self) -> Iterator[Block]:
        return self.blocks()

    def blocks(self, start: float = 0.0) -> Iterator[Block]:
        """The blocks from `start` seconds on, on the same grid of hops as from the beginning."""
        first = max(0, int(start / HOP_S))
        rest = np.zeros((0, CHANNELS), np.float32)
        index = first
        for samples in self._samples(first * HOP):
            rest = np.concatenate([rest, samples])
            whole = len(rest) // HOP
            for i in range(whole):
                yield Block((index + i) * HOP_S, rest[i * HOP : (i + 1) * HOP].copy())
            index, rest = index + whole, rest[whole * HOP :]
        if len(rest):
            yield Block(index * HOP_S, np.pad(rest, ((0, HOP - len(rest)), (0, 0))))

    def _open(self) -> tuple[Any, Any]:
        if not self.path.is_file():
            raise MediaError(f"{self.path}: no such file")
        try:
            container = av.open(str(self.path))
        except (av.error.FFmpegError, OSError) as error:
            raise MediaError(f"{self.path}: not a sound file ({error.strerror or error})") from None
        if not container.streams.audio:
            kinds = ", ".join(sorted({s.type for s in container.streams})) or "nothing"
            container.close()
            raise MediaError(f"{self.path}: no sound in it (found {kinds})")
        return container, container.streams.audio[0]

    def _samples(self, first: int) -> Iterator[Float32s]:
        """Decoded sound [n, 2] from sample `first` on, in pieces of the decoder's own size."""
        container, stream = self._open()
        with container:
            start = first / SAMPLE_RATE_HZ
            if start > _SEEK_MARGIN_S:
                container.seek(int((start - _SEEK_MARGIN_S) * av.time_base))
            # Mono is doubled by hand: the resampler would take 3 dB off.
            channels = 1 if stream.channels == 1 else CHANNELS
            layout = "mono" if channels == 1 else "stereo"
            resampler = av.AudioResampler(format="flt", layout=layout, rate=SAMPLE_RATE_HZ)
            skip: int | None = None if start > _SEEK_MARGIN_S else first
            for frame in _frames(container, stream, self.path):
                if skip is None:
                    skip = max(0, first - round((frame.time or 0.0) * SAMPLE_RATE_HZ)) if frame else 0
                for piece in resampler.resample(frame):
                    samples = np.broadcast_to(piece.to_ndarray().reshape(-1, channels), (piece.samples, CHANNELS))
                    if skip < len(samples):
                        yield samples[skip:]
                    skip = max(0, skip - len(samples))


def _frames(container: Any, stream: Any, path: Path) -> Iterator[Any]:
    """Frames in order, then None to flush the resampler. A damaged packet is left out."""
    damaged = 0
    for packet in container.demux(stream):
        try:
            yield from packet.decode()
        except av.error.InvalidDataError:
            damaged += 1
    if damaged:
        log.info("%s: %d damaged packets left out", path, damaged)
    yield None


def _duration(container: Any, stream: Any) -> float:
    if stream.duration is not None:
        seconds: float = float(stream.duration * stream.time_base)
        return seconds
    return float((container.duration or 0) / av.time_base)


class TrackSource:
    """A track that plays as the clock goes; its first sample sounds at show time `start`.

    Gives every block whose last sample lies at or before `clock.now()`. Decodes up to 2 s ahead in
    its own thread, so `drain` waits only for a disk that is slower than the music. Created more than
    5 s after `start` it joins the track where it would be by now.
    """

    def __init__(self, path: str | Path, clock: Clock, start: float = 0.0) -> None:
        self.track = Track(path)
        self.alive = True
        self._clock, self._start = clock, start
        late = clock.now() - start
        self._queue: queue.Queue[Block | None] = queue.Queue(_AHEAD_BLOCKS)
        self._next: Block | None = None
        self._finished = self._closed = False
        position = late if late > _CATCH_UP_S else 0.0
        threading.Thread(target=self._decode, args=(position,), name="decode", daemon=True).start()

    @property
    def ended(self) -> bool:
        """True once the last block was given."""
        return self._finished

    def drain(self) -> Sequence[Block]:
        now = self._clock.now() - self._start
        blocks: list[Block] = []
        while not self._finished:
            if self._next is None:
                self._next = self._queue.get()
            if self._next is None:
                self._finished = True
            elif round((now - self._next.time) * SAMPLE_RATE_HZ) < HOP:
                break
            else:
                blocks.append(Block(self._next.time + self._start, self._next.samples))
                self._next = None
        return blocks

    def close(self) -> None:
        """Stop decoding. No more blocks come."""
        self._closed = self._finished = True

    def _decode(self, position: float) -> None:
        try:
            for block in self.track.blocks(position):
                if not self._put(block):
                    return
        except (MediaError, av.error.FFmpegError, OSError) as error:
            log.warning("%s: ends here, cannot be read on: %s", self.track.path, error)
        self._put(None)

    def _put(self, block: Block | None) -> bool:
        """Wait for room in the queue; False when nobody listens any more."""
        while not self._closed:
            try:
                self._queue.put(block, timeout=0.2)
            except queue.Full:
                continue
            return True
        return False
