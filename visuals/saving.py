"""Tells when a file was saved that a show is made of, however an editor saves it. It does not read the files."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

POLL_S = 0.04
Stamp = tuple[int, int, int]


class SaveWatch:
    """Watches some files in a thread of its own; use as a context manager.

    It looks at the files themselves, 25 times a second, so that links, network drives and editors that put a
    new file in the old one's place are all the same. A file that goes is no save, one that comes is.
    """

    def __init__(self, files: Iterable[Path]) -> None:
        self._look = _Look(files)
        self._stop, self._saved = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def follow(self, files: Iterable[Path]) -> None:
        """Watch these from now on; may be called in any thread."""
        self._look = _Look(files, self._look.known)

    def saved(self) -> bool:
        """True once after each save, or several quick ones."""
        was_saved = self._saved.is_set()
        self._saved.clear()
        return was_saved

    def _run(self) -> None:
        while not self._stop.wait(POLL_S):
            if self._look.saved():
                self._saved.set()

    def __enter__(self) -> SaveWatch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(timeout=0.5)


class _Look:
    """What some files were like when they were last looked at, and when they were last told of as saved."""

    def __init__(self, files: Iterable[Path], known: dict[Path, Stamp] | None = None) -> None:
        self._files: defaultdict[Path, list[Path]] = defaultdict(list)
        for path in files:
            self._files[path.parent].append(path)
        self._folders: dict[Path, Stamp | None] = {}
        self._now = self._stamps({})
        self.known = self._now | (known or {})

    def saved(self) -> bool:
        """Whether any has changed, and since the last look no more: what changes from look to look is being written."""
        before, self._now = self._now, self._stamps(self._now)
        changed = any(self.known.get(path) != stamp for path, stamp in self._now.items())
        if not changed or self._now != before:
            return False
        self.known = self.known | self._now
        return True

    def _stamps(self, before: dict[Path, Stamp]) -> dict[Path, Stamp]:
        """Of the files that are there. One that was not is looked for only when its folder has changed."""
        looked = set(before)
        for folder, files in self._files.items():
            stamp = _stamp(folder)
            if stamp != self._folders.get(folder):
                self._folders[folder] = stamp
                looked.update(files)
        return {path: stamp for path in looked if (stamp := _stamp(path)) is not None}


def _stamp(path: Path) -> Stamp | None:
    """When it was written, how long it is, and which one it is; None where there is nothing."""
    try:
        told = path.stat()
    except OSError:
        return None
    return told.st_mtime_ns, told.st_size, told.st_ino
