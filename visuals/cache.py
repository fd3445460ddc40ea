"""The user's cache folder: what this machine worked out once and need not again. All of it may be deleted."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def cache_folder() -> Path:
    """`$XDG_CACHE_HOME/visuals`, by default `~/.cache/visuals`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "visuals"


def write_whole(path: Path, text: str) -> None:
    """Write a file in one step: whoever reads it meanwhile reads the old one or the new. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".new-", dir=path.parent)
    fresh = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
