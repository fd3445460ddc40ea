"""The shaders of the show that plays, kept as they were when they were found good.

An engine that has to start again starts from these, whatever was saved, broken or deleted meanwhile: it
tries nothing and waits for nothing. It does not know what a good shader is.
"""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from visuals.library import ROOT

SHADERS = "shaders"
COPIES = 16
"""Of the last saves: an engine that starts takes seconds to read the one that it was told of, and many may be saved
meanwhile."""


class Keeper:
    """Copies of shader files, the newest as `folder`; use as a context manager, which leaves nothing behind."""

    def __init__(self) -> None:
        self._all = TemporaryDirectory(prefix="visuals-kept-")
        self._count = 0
        self._copies: deque[Path] = deque()
        self.folder: Path | None = None

    def keep(self, show_folder: Path, files: Iterable[Path]) -> None:
        """Copy what is there of `files`, those of the show over the project's; nothing where there is no room."""
        self._count += 1
        target = Path(self._all.name) / str(self._count)
        try:
            for root in (ROOT / SHADERS, show_folder / SHADERS):
                for path in files:
                    if path.is_relative_to(root) and path.is_file():
                        _copy(path, target / SHADERS / path.relative_to(root))
        except OSError:
            return
        self.folder = target
        self._copies.append(target)
        if len(self._copies) > COPIES:
            shutil.rmtree(self._copies.popleft(), ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._all.cleanup()


def _copy(path: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(path, to)  # with its date: it is the same file to whoever asks whether it was saved
