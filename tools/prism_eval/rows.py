"""Sets of pictures beside each other, each held against the same true renders; and which metrics may judge.

Every row but the copies shows the same samples, from the test split; the reference is other draws of that
split. So whatever a row differs by is the row's doing, and no row shares a picture with its reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tools.prism_training import flow
from visuals.types import Float32s, Pixels

from . import distances, meters
from .distances import Kid
from .spaces import Space

FLOOR, AUTOENCODER, TEACHER, STUDENT = "test renders", "autoencoder", "teacher", "student"
SOFT, BLURRED, SHUFFLED, COLLAPSED, COPIES = "blurred a little", "blurred", "palette shuffled", "32 pictures", "copies"
CONTROLS = (SOFT, BLURRED, SHUFFLED, COLLAPSED, COPIES)
ABOUT = {
    FLOOR: "the floor: the shaders' own pictures of the samples",
    AUTOENCODER: "the same pictures through the autoencoder",
    TEACHER: f"the teacher, {flow.STEPS} steps, as the student was shown it",
    STUDENT: "the model as exported, one step",
    SOFT: "control: test renders, Gaussian blur of 1 pixel",
    BLURRED: "control: test renders, Gaussian blur of 3 pixels",
    SHUFFLED: "control: test renders, their eight levels of light exchanged",
    COLLAPSED: "control: 32 of the test renders, again and again",
    COPIES: "control: pictures of the training set",
}
SOFT_PX, BLUR_PX, LEVELS, COLLAPSE = 1.0, 3.0, 8, 32

FARTHER = ("kid", "frechet")
"""Metrics that grow with what is wrong; the others fall."""
ORDER: Mapping[str, tuple[tuple[str, str], ...]] = {
    "kid": ((FLOOR, SOFT), (SOFT, BLURRED), (FLOOR, SHUFFLED), (FLOOR, COLLAPSED), (COPIES, BLURRED)),
    "frechet": ((FLOOR, SOFT), (SOFT, BLURRED), (FLOOR, SHUFFLED), (FLOOR, COLLAPSED), (COPIES, BLURRED)),
    "precision": ((FLOOR, BLURRED), (FLOOR, SHUFFLED)),
    "recall": ((FLOOR, COLLAPSED), (COPIES, COLLAPSED)),
    "density": ((FLOOR, BLURRED), (FLOOR, SHUFFLED)),
    "coverage": ((FLOOR, BLURRED), (FLOOR, SHUFFLED), (FLOOR, COLLAPSED)),
    "nearest": ((FLOOR, COPIES),),
}
"""For each metric the pairs of rows of which the first must come out better: who fails one may not judge."""


@dataclass(frozen=True)
class Figures:
    """What one space says of one row. `nearest`: median distance to the training pictures over the test renders'."""

    kid: Kid
    frechet: float
    precision: float
    recall: float
    density: float
    coverage: float
    nearest: float

    def written(self) -> dict[str, float | list[float]]:
        plain = {name: round(float(getattr(self, name)), 4) for name in ORDER if name != "kid"}
        return {"kid": round(self.kid.value, 5), "kid_interval": [round(x, 5) for x in self.kid.interval], **plain}


def spoiled(renders: Pixels, training: Pixels) -> dict[str, Pixels]:
    """The negative controls, as many pictures each as there are renders."""
    again = np.resize(np.arange(COLLAPSE), len(renders))
    return {
        SOFT: np.stack([_soft(picture, SOFT_PX) for picture in renders]),
        BLURRED: np.stack([_soft(picture, BLUR_PX) for picture in renders]),
        SHUFFLED: np.stack([_shuffled(picture, i) for i, picture in enumerate(renders)]),
        COLLAPSED: renders[again % len(renders)],
        COPIES: training[: len(renders)],
    }


def _soft(picture: Pixels, sigma: float) -> Pixels:
    return np.asarray(meters.blurred(picture.astype(np.float32), sigma) + 0.5, np.uint8)


def _shuffled(picture: Pixels, seed: int) -> Pixels:
    """Each eighth of the picture, from dark to bright, is given the mean colour of another: shapes and palette stay."""
    light = meters.luma(picture)
    level = np.searchsorted(np.quantile(light, np.arange(1, LEVELS) / LEVELS), light, side="right")
    colours = np.stack([picture[level == n].mean(0) if (level == n).any() else np.zeros(3) for n in range(LEVELS)])
    moved = np.roll(np.random.default_rng([13, seed]).permutation(LEVELS), 1)
    changed = picture - colours[level] + colours[moved][level]
    return np.asarray(np.clip(changed + 0.5, 0.0, 255.0), np.uint8)


def figures(points: Float32s, reference: Float32s, training: Float32s, unit: float) -> Figures:
    """One row in one space; `unit` is the test renders' median distance to the training pictures."""
    shape = distances.manifold(points, reference)
    return Figures(
        kid=distances.kid(points, reference),
        frechet=distances.frechet(points, reference),
        precision=shape.precision,
        recall=shape.recall,
        density=shape.density,
        coverage=shape.coverage,
        nearest=distances.nearest(points, training) / max(unit, 1e-9),
    )


def table(space: Space, sets: Mapping[str, Pixels], reference: Pixels, training: Pixels) -> dict[str, Figures]:
    """Every row in one space, whose units are the training pictures'."""
    seen = space.fit(training)
    truth = space(reference)
    points = {name: space(pictures) for name, pictures in sets.items()}
    unit = distances.nearest(points[FLOOR], seen)
    return {name: figures(found, truth, seen, unit) for name, found in points.items()}


def unfit(rows: Mapping[str, Figures]) -> dict[str, str]:
    """The metrics that did not order their controls, and where they failed: they judge nothing."""
    found = {}
    for metric, pairs in ORDER.items():
        wrong = [(good, bad) for good, bad in pairs if not better(metric, rows[good], rows[bad])]
        if wrong:
            found[metric] = ", ".join(f"{good} not better than {bad}" for good, bad in wrong)
    return found


def better(metric: str, good: Figures, bad: Figures) -> bool:
    """Whether the first is clearly better: for KID in 97.5 % of the draws of the same pictures for both."""
    if metric == "kid":
        return bad.kid.farther(good.kid)
    first, second = getattr(good, metric), getattr(bad, metric)
    return bool(first < second if metric in FARTHER else first > second)
