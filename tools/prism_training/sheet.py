"""Sheets for the eye: every style beside itself with other seeds and attributes, always the same ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from visuals.generator import condition
from visuals.types import Pixels

from .samples import STYLES, Sample

COLUMNS = 6


def samples() -> list[Sample]:
    """Six of each style, by seed, never chosen: three free ones, then three with symmetry."""
    return [_sample(row, style, column) for row, style in enumerate(STYLES) for column in range(COLUMNS)]


def _sample(row: int, style: str, column: int) -> Sample:
    rng = np.random.default_rng([4, row, column])
    controls = {name: float(rng.random()) for name in (*condition.TURNS, *condition.STRUCTURE)}
    if column < COLUMNS // 2:
        controls["symmetry"] = 0.0
    grade = {"saturation": 0.9, "brightness": 0.6, "contrast": 0.5}
    return Sample(style, 10 * (6 * row + column) + 9, {**controls, **grade})


def save(path: Path, pictures: Sequence[Pixels], columns: int) -> None:
    """Pictures of one size in rows of `columns`."""
    rows = [np.concatenate(pictures[i : i + columns], 1) for i in range(0, len(pictures), columns)]
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.concatenate(rows)).save(path)
