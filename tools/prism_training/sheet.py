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
GRADE = {"saturation": 0.9, "brightness": 0.6, "contrast": 0.5}
COLOURS = 256
MAX_BYTES = 1_000_000


def samples() -> list[Sample]:
    """Six of each style, by seed, never chosen: three free ones, then three with symmetry."""
    places = [(row, column) for row in range(len(STYLES)) for column in range(COLUMNS)]
    return [sample(STYLES[row], COLUMNS * row + column, column < COLUMNS // 2) for row, column in places]


def sample(style: str, number: int, free: bool) -> Sample:
    """Number `number`: colours and structure at random, without symmetry when `free`, the grade as a show has it."""
    rng = np.random.default_rng([23, number])
    controls = {name: float(rng.random()) for name in (*condition.TURNS, *condition.STRUCTURE)}
    if free:
        controls["symmetry"] = 0.0
    # Seeds that end in 9 are the test split's.
    return Sample(style, 10 * number + 9, {**controls, **GRADE})


def save(path: Path, pictures: Sequence[Pixels], columns: int) -> None:
    """Pictures of one size in rows; in as few colours as the size allowed for a model folder asks for."""
    rows = [np.concatenate(pictures[i : i + columns], 1) for i in range(0, len(pictures), columns)]
    whole = Image.fromarray(np.concatenate(rows))
    path.parent.mkdir(parents=True, exist_ok=True)
    whole.save(path, optimize=True)
    colours = COLOURS
    while path.stat().st_size > MAX_BYTES and colours >= 32:
        whole.quantize(colours, dither=Image.Dither.FLOYDSTEINBERG).save(path, optimize=True)
        colours //= 2
