"""The project's own synthesised band as clips: FOLDER/**/truth.json beside its sound (tools/synth_band)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from .clips import Clip


def read_bands(folder: Path, songs: str, folders: Sequence[Path]) -> Iterator[Clip]:
    """None yet: the layout is not settled."""
    yield from ()
