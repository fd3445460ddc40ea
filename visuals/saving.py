"""Tells when a file was saved that a show is made of, however an editor saves it. It does not read the files."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path

POLL_S = 0.1
Stamp = tuple[int, int, int]


class SaveWatch:
    """Watches some files in a thread of its own; use as a context manager.

    It looks at the files themselves, ten times a second, so that links, network drives and editors that put a
    new file in the old one's place are all the same. A file that goes is no save, one that comes is.
    """

    def __init__(self, files: Iterable[Path]) -> None:
        self._files = frozenset(files)
        self._known = _stamps(self._files)
        self._stop, self._saved = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def follow(self, files: Iterable[Path]) -> None:
        """Watch these from now on; may be called in any thread."""
        self._files = frozenset(files)
        self._known = _stamps(self._files) | self._known

    def saved(self) -> bool:
        """True once after each save, or several quick ones."""
        was_saved = self._saved.is_set()
        self._saved.clear()
        return was_saved

    def _run(self) -> None:
        before = self._known
        while not self._stop.wait(POLL_S):
            now = _stamps(self._files)
            # Still being written while it changes from one look to the next.
            if now == before and any(self._known.get(path) != stamp for path, stamp in now.items()):
                self._known |= now
                self._saved.set()
            before = now

    def __enter__(self) -> SaveWatch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(timeout=0.5)


def _stamps(files: Iterable[Path]) -> dict[Path, Stamp]:
    """When each file that is there was written, how long it is, and which one it is."""
    found = {}
    for path in files:
        try:
            told = path.stat()
        except OSError:
            continue
        found[path] = (told.st_mtime_ns, told.st_size, told.st_ino)
    return found
