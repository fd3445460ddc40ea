"""A video file, decoded ahead in a thread of its own."""

from __future__ import annotations

import logging
import threading
from math import isfinite
from pathlib import Path

from visuals.clock import monotonic, sleep
from visuals.errors import MediaError
from visuals.render.media.decoding import FAULTS, reason
from visuals.render.media.footage import wrap
from visuals.render.media.reading import Decoded, Reader
from visuals.render.media.scaling import Scaler, Size
from visuals.render.media.store import Course, Span, Store
from visuals.types import Pixels

logger = logging.getLogger(__name__)

MAX_BYTES = 128 * 2**20
"""RAM for a clip's pictures. One that fits is decoded once; of a longer one this much is kept ahead."""

FEWEST, MOST = 8, 2048
"""Pictures kept, however large or small they are."""

NEAR_S = 1.0
"""A picture this late is still shown; one later than that is skipped by a seek, if the file has a place to go to."""

KEEP_MOVING = 4
"""Of pictures that come too late to be shown on time, every fourth is."""

RETRY_S = 1.0
WAIT_S = 0.001
"""Between two looks for a picture that is waited for."""


class Video:
    """Footage of a file, scaled to fit into `size_limit` (width, height), never enlarged.

    It goes round and round: positions wrap at `duration` (s), either way. Who plays it moves the position,
    forwards or backwards, at any speed. `late` counts the calls of `at` that had to be answered with
    another picture than that of the position. Where nobody is kept waiting, as when a show is rendered, `at`
    waits `patience_s` for the right one. Raises MediaError for what is no video.
    """

    def __init__(self, path: Path, size_limit: Size, max_bytes: int = MAX_BYTES, patience_s: float = 0.0) -> None:
        self.path, self.late = path, 0
        self._patience_s = patience_s
        self._reader = Reader(path)
        self.duration = self._reader.duration
        self._scale = Scaler(self._reader.size, size_limit, self._reader.turns)
        self._store = Store(self.duration, min(MOST, max(FEWEST, max_bytes // self._scale.bytes)))
        self._course = Course()
        self._shown: Pixels | None = None
        self._aim, self._patience, self._skipped = 0.0, NEAR_S, 0
        self._failed = False
        self._awake, self._closing = threading.Event(), threading.Event()
        try:
            self._decode_next(0.0)
        except FAULTS as error:
            self._reader.close()
            raise MediaError(f"{path}: not a video that can be shown ({reason(error)})") from error
        self._thread = threading.Thread(target=self._work, name=f"video-{path.name}", daemon=True)
        self._thread.start()

    @property
    def size(self) -> Size:
        return self._scale.size

    def at(self, position_s: float) -> Pixels | None:
        """The newest picture not after `position_s`; while it is not decoded the one before stays."""
        at = wrap(position_s, self.duration) if isfinite(position_s) else self._course.at
        self._course = self._course.on(at, self.duration)
        self._awake.set()
        span = self._found(at)
        is_ready = span is not None and at < span.end
        self.late += not is_ready
        if span is not None and (is_ready or (self._course.forward and at < span.end + NEAR_S)):
            self._shown = span.pixels
        return self._shown

    def _found(self, at: float) -> Span | None:
        """The picture nearest before a position; its very own where there is time to wait for it."""
        until = monotonic() + self._patience_s
        while True:
            span = self._store.find(at)
            if (span is not None and at < span.end) or self._failed or monotonic() >= until:
                return span
            sleep(WAIT_S)

    def close(self) -> None:
        """End the thread, which lets the file go, without waiting for it."""
        self._closing.set()
        self._awake.set()

    # ---- the thread -----------------------------------------------------------------------------

    def _work(self) -> None:
        try:
            while not self._closing.is_set() and not self._store.is_whole:
                self._awake.clear()
                due = self._store.missing(self._course)
                if due is None:
                    self._awake.wait()
                else:
                    self._guarded(due)
        finally:
            self._reader.close()

    def _guarded(self, due: float) -> None:
        try:
            self._decode_next(due)
            self._failed = False
        except FAULTS as error:
            if not self._failed:
                logger.warning("%s: holds its last picture, cannot be read on: %s", self.path, reason(error))
            self._failed = True
            self._closing.wait(RETRY_S)

    def _decode_next(self, due: float) -> None:
        """One picture on the way to `due`."""
        self._steer(due)
        decoded, course = self._reader.read(), self._course
        if decoded is not None and self._is_useful(decoded, due, course):
            self._store.add(Span(decoded.start, decoded.end, self._scale(decoded.picture)), course)

    def _steer(self, due: float) -> None:
        """Read on if that leads to `due`, else from a place nearer to it, if the file has one."""
        reached = self._reader.at
        if reached <= due <= max(reached, self._aim) + self._patience:
            return
        self._aim = due
        self._reader.go(due)
        was_in_vain = self._reader.at <= reached < due
        self._patience = 2.0 * self._patience if was_in_vain else NEAR_S

    def _is_useful(self, decoded: Decoded, due: float, course: Course) -> bool:
        if not course.forward:
            return self._store.wants(decoded.start, decoded.end, course)
        if decoded.end > due:
            return True
        self._skipped += 1
        return decoded.end > max(self._aim, due - NEAR_S) and self._skipped % KEEP_MOVING == 0
