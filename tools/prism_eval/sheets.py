"""Pictures for the eye, always of the same seeds: nothing on them was ever chosen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from tools.prism_training.samples import Sample
from tools.prism_training.sheet import sample, save
from visuals.types import Pixels

from . import faders, motion

GRID, GRID_COLUMNS = 64, 8
GRID_SIDE, WALK_HEIGHT, FADER_SIDE = 128, 80, 96
STILLS, WALK_SECONDS, WALK_SPEED = 8, 7.0, 0.4
"""Stills of a walk a second apart, at twice the speed of rest: so far that shapes have come and gone."""
FADER_STYLES = 4


def grid_samples(styles: Sequence[str]) -> list[Sample]:
    """Samples 0 to 63, the styles in turn: every second round without symmetry, the grade as a show has it."""
    return [sample(styles[n % len(styles)], n, n // len(styles) % 2 == 0) for n in range(GRID)]


def save_grid(path: Path, pictures: Sequence[Pixels]) -> None:
    """The 64 samples in rows of eight."""
    save(path, [_smaller(picture, (GRID_SIDE, GRID_SIDE)) for picture in pictures], GRID_COLUMNS)


def save_walks(path: Path, model: Path, styles: Sequence[str]) -> None:
    """One row a style: eight stills of a walk."""
    stills: list[Pixels] = []
    for style in styles:
        frames = motion.walk(model, style, WALK_SECONDS, WALK_SPEED)
        chosen = [frames[round(i * (len(frames) - 1) / (STILLS - 1))] for i in range(STILLS)]
        height, width = chosen[0].shape[:2]
        stills += [_smaller(frame, (WALK_HEIGHT * width // height, WALK_HEIGHT)) for frame in chosen]
    save(path, stills, STILLS)


def save_faders(path: Path, styles: Sequence[str], draw: faders.Draw) -> None:
    """Each attribute swept in four styles, other ones for each attribute: a row a sweep."""
    moved = []
    for n, attribute in enumerate(faders.ATTRIBUTES):
        chosen = [styles[(FADER_STYLES * n + i) % len(styles)] for i in range(FADER_STYLES)]
        moved += [sweep for sweep in faders.sweeps(chosen, 1) if sweep.attribute == attribute]
    pictures = draw([sample for sweep in moved for sample in sweep.samples])
    save(path, [_smaller(picture, (FADER_SIDE, FADER_SIDE)) for picture in pictures], faders.STEPS)


def _smaller(picture: Pixels, size: tuple[int, int]) -> Pixels:
    return np.asarray(Image.fromarray(picture[..., :3]).resize(size, Image.Resampling.BOX))
