"""The same rendering twice, the second time on a busy machine: the bytes must not differ."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.drills.stage import FIRST_LIGHT
from visuals.clock import monotonic
from visuals.library import open_show
from visuals.offline import render


def spin() -> None:
    while True:
        pass


@contextmanager
def busy(processes: int) -> Iterator[None]:
    """Keep the machine's cores busy."""
    hogs = [multiprocessing.get_context("spawn").Process(target=spin, daemon=True) for _ in range(processes)]
    for hog in hogs:
        hog.start()
    try:
        yield
    finally:
        for hog in hogs:
            hog.kill()
            hog.join()


def determinism(folder: Path, seconds: float, show: Path = FIRST_LIGHT) -> dict[str, Any]:
    """Render `seconds` of the show twice and compare every frame's hash."""
    loaded, library = open_show(show, None)
    track = str(loaded.track)
    start = monotonic()
    calm = render(loaded, library, track, seconds, None, lambda n: None)
    passed = monotonic() - start
    with busy(3):
        loud = render(loaded, library, track, seconds, None, lambda n: None)
    return {
        "frames": len(calm.hashes),
        "equal": sum(a == b for a, b in zip(calm.hashes, loud.hashes, strict=True)),
        "different_pictures": len(set(calm.hashes)),
        "render_fps": round(len(calm.hashes) / passed, 1),
    }
