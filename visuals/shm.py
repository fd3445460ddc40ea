"""Latest: the one way an array crosses a process.

A ring of fixed slots in shared memory with one writer and any number of readers. Nobody waits and
nobody locks: the writer overwrites the oldest slot, a reader copies the newest (or, with `drain`,
all it has not seen) and drops what it is too late for. Each slot is a seqlock: its sequence number
is odd while it is written and a copy counts only if the number was even and unchanged. A writer that
dies inside a write leaves the head where it was, so readers keep the last whole slot.

Knows nothing of what the arrays mean. Aligned 8-byte stores are atomic and ordered on x86-64; on a
weakly ordered processor the ring's depth, not the seqlock, is what keeps a copy whole.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import secrets
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

FOLDER = Path("/dev/shm") if Path("/dev/shm").is_dir() else Path(gettempdir())
"""Where the segments lie. Not `multiprocessing.shared_memory`: its tracker deletes what outlives the
process that made it, and rings must outlive a supervisor."""

PREFIX = "visuals-"

_SEQUENCE, _INDEX, _TIME, _FLAGS = 0, 1, 2, 3
_HEADER = 4
_CACHE_LINE = 64


@dataclass(frozen=True, slots=True)
class Layout:
    """Name and shape of a ring, enough for another process to attach to it."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    slots: int = 4

    @property
    def slot_bytes(self) -> int:
        raw = int(np.prod(self.shape)) * np.dtype(self.dtype).itemsize
        return -(-raw // _CACHE_LINE) * _CACHE_LINE

    @property
    def bytes(self) -> int:
        return _CACHE_LINE + self.slots * (_CACHE_LINE + self.slot_bytes)


@dataclass(frozen=True, slots=True)
class Reading:
    """One slot as it was read: its running index, its time (s), the writer's flags, a private copy."""

    index: int
    time: float
    flags: int
    data: Array


class Latest:
    """A ring of `layout.slots` arrays in shared memory. Create it once; attach from everywhere else.

    The creator owns the segment and must call `unlink`. Restarted writers go on where the last one
    stopped. Raises OSError when there is none to attach to, ValueError when it is too small.
    """

    def __init__(self, layout: Layout, *, create: bool = False) -> None:
        self.layout = replace(layout, name=layout.name or f"{PREFIX}{os.getpid()}-{secrets.token_hex(4)}")
        self._path = FOLDER / self.layout.name
        self._file = os.open(self._path, os.O_RDWR | (os.O_CREAT | os.O_EXCL if create else 0), 0o600)
        if create:
            # Now, not by a SIGBUS in the middle of the show, is when a lack of memory is to be told.
            os.posix_fallocate(self._file, 0, layout.bytes)
        elif (there := os.fstat(self._file).st_size) < layout.bytes:
            os.close(self._file)
            raise ValueError(f"{self._path}: found a ring of {there} bytes, expected {layout.bytes}")
        self._memory = buffer = mmap.mmap(self._file, layout.bytes)
        offset = _CACHE_LINE + layout.slots * _CACHE_LINE
        self._head = np.frombuffer(buffer, np.int64, 1)
        self._headers = np.frombuffer(buffer, np.float64, layout.slots * _CACHE_LINE // 8, _CACHE_LINE).reshape(
            layout.slots, -1
        )
        self._numbers = self._headers.view(np.int64)
        self._slots = [
            np.frombuffer(buffer, layout.dtype, int(np.prod(layout.shape)), offset + i * layout.slot_bytes).reshape(
                layout.shape
            )
            for i in range(layout.slots)
        ]
        self._seen = int(self._head[0])

    @property
    def count(self) -> int:
        """How many arrays were ever written."""
        return int(self._head[0])

    @property
    def time(self) -> float:
        """Time of the newest array in seconds; minus infinity before the first."""
        count = self.count
        return float(self._headers[(count - 1) % self.layout.slots, _TIME]) if count else -np.inf

    def claim(self) -> bool:
        """Become the one that may write, of all processes that ask; False while another one is.

        The kernel gives it back when this process ends, however it ends.
        """
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def rewind(self) -> None:
        """Let `drain` give all that is still there, seen or not."""
        self._seen = 0

    def write(self, data: npt.ArrayLike, *, time: float = 0.0, flags: int = 0) -> None:
        """Copy `data`, broadcast to the layout's shape, into the next slot and publish it."""
        count = int(self._head[0])
        slot = count % self.layout.slots
        numbers, header = self._numbers[slot], self._headers[slot]
        numbers[_SEQUENCE] |= 1
        numbers[_INDEX] = count
        header[_TIME] = time
        numbers[_FLAGS] = flags
        self._slots[slot][...] = data
        numbers[_SEQUENCE] += 1
        self._head[0] = count + 1

    def read(self, into: Array | None = None) -> Reading | None:
        """Copy the newest array, or give None before the first. `into` saves the allocation."""
        for _ in range(self.layout.slots):
            count = int(self._head[0])
            if not count:
                return None
            reading = self._copy(count - 1, into)
            if reading is not None:
                self._seen = count
                return reading
        return None

    def read_new(self, into: Array | None = None) -> Reading | None:
        """Like `read`, but None when this reader has already seen the newest array."""
        return self.read(into) if int(self._head[0]) != self._seen else None

    def drain(self) -> list[Reading]:
        """Copy everything this reader has not seen and that is still there, oldest first."""
        count = int(self._head[0])
        # One slot may be under the writer's pen, so a lapped reader starts one later.
        first = max(self._seen, count - self.layout.slots + 1)
        readings = [self._copy(i, None) for i in range(first, count)]
        self._seen = count
        return [r for r in readings if r is not None]

    def _copy(self, index: int, into: Array | None) -> Reading | None:
        slot = index % self.layout.slots
        numbers = self._numbers[slot]
        before = int(numbers[_SEQUENCE])
        if before & 1 or int(numbers[_INDEX]) != index:
            return None
        if into is None:
            into = self._slots[slot].copy()
        else:
            np.copyto(into, self._slots[slot])
        time, flags = float(self._headers[slot, _TIME]), int(numbers[_FLAGS])
        if int(numbers[_SEQUENCE]) != before:
            return None
        return Reading(index, time, flags, into)

    def close(self) -> None:
        """Detach this process. Arrays read with `read` stay valid: they are copies."""
        self._slots = []
        del self._head, self._headers, self._numbers
        self._memory.close()
        os.close(self._file)

    def unlink(self) -> None:
        """Remove the segment; processes still attached keep their view of it."""
        self._path.unlink(missing_ok=True)
