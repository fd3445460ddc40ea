"""Where a show is, on disk: so that after a power cut the same show goes on with its scene and cue.

A few hundred bytes every few seconds; a disk that refuses them is no fault of the show.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from visuals.cache import cache_folder, write_whole
from visuals.clock import file_age
from visuals.shm import Latest
from visuals.wire import Lines

EVERY_S = 3.0
FRESH_S = 600.0
"""An older place is of another evening."""

NUMBERS = ("desk", "hands", "signals")
"""What of a memo is named numbers."""


class Bookmark:
    """The place of the show `path`, in the user's cache folder."""

    def __init__(self, path: Path) -> None:
        name = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]
        self._path = cache_folder() / "bookmarks" / f"{name}.json"
        self._noted = float("-inf")

    def read(self) -> dict[str, Any] | None:
        """The engine's memo of less than `FRESH_S` ago, its times counted from now; None where there is none."""
        with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
            if not 0.0 <= file_age(self._path) < FRESH_S:
                return None
            told = json.loads(self._path.read_text())
            return _checked(told["memo"], float(told["t"]))
        return None

    def note(self, memo: Latest, now: float) -> None:
        """Keep what the engine last wrote into the ring `memo`, every few seconds; `now` is the show time."""
        if now - self._noted < EVERY_S:
            return
        self._noted = now
        told = Lines(memo).newest()
        if told is not None and "cut" not in told:
            with suppress(OSError):
                write_whole(self._path, json.dumps({"t": now, "memo": told}))

    def remove(self) -> None:
        with suppress(OSError):
            self._path.unlink(missing_ok=True)


def _checked(memo: Mapping[str, Any], then: float) -> dict[str, Any]:
    """A memo as a director writes it, `then` being now. Raises what one that is not raises.

    What a hand had put over the show is left out: the hand puts it there again.
    """
    values = {name: {str(k): float(v) for k, v in memo.get(name, {}).items()} for name in NUMBERS}
    cue = str(memo["cue"]) if memo.get("cue") is not None else None
    lent = [str(control) for control in memo.get("lent", ())]
    since = float(memo["since"]) - then
    return {"scene": str(memo["scene"]), "cue": cue, "since": since, "flags": 0, "lent": lent, **values}


def place(memo: Mapping[str, Any]) -> str:
    """Where a memo is, in words."""
    return f"scene {memo['scene']}" + (f", cue {memo['cue']}" if memo["cue"] else "")
