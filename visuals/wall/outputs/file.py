"""A file that an encoder writes in fragments, and that a full disk leaves readable."""

from __future__ import annotations

import os
import struct
from pathlib import Path

from visuals.errors import OutputError


class File:
    """Written by FFmpeg. Once a write has failed the file is left alone, so that its end spoils nothing.

    Raises OutputError when it cannot be opened, OSError when it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._failed = False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("w+b", buffering=0)
        except OSError as error:
            raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from error

    @property
    def size(self) -> int:
        return os.fstat(self._file.fileno()).st_size

    def write(self, data: bytes) -> int:
        """Write all of `data`; after a failure, none of it."""
        rest = memoryview(data)
        try:
            while rest and not self._failed:
                rest = rest[self._file.write(rest) :]
        except OSError:
            self._failed = True
            self._drop_half_a_fragment()
            raise
        return len(data)

    def _drop_half_a_fragment(self) -> None:
        """ISO 14496-12: boxes of a length and four letters; a fragment is a `moof` and the `mdat` behind it."""
        size, at, whole = self.size, 0, 0
        while at + 8 <= size:
            length, kind = struct.unpack(">I4s", os.pread(self._file.fileno(), 8, at))
            at += max(8, length)
            if at <= size and kind != b"moof":
                whole = at
        self._file.truncate(whole)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        self._file.close()
