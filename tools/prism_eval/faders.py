"""Whether the faders do what they say: each attribute swept from end to end and measured again in the pixels.

The same sweeps are drawn by the shaders and measured by the same meters: a meter that cannot follow the truth
cannot blame the model, and its figure on true renders is given beside the model's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tools.prism_training.samples import Sample
from visuals.generator import condition
from visuals.types import Pixels
from visuals.vocabulary import MODEL_CONTROLS

from . import distances, meters

ATTRIBUTES = (*condition.TURNS, *condition.GRADE, *condition.STRUCTURE)
STEPS = 9
REST = {name: MODEL_CONTROLS[name].rest for name in condition.LEVELS}
TRUSTED = 0.8
"""A meter that follows the shaders' own sweeps less than this says little of a model that does not."""

Draw = Callable[[Sequence[Sample]], Pixels]


@dataclass(frozen=True)
class Sweep:
    """One fader of one style moved from end to end, all others at rest."""

    attribute: str
    samples: tuple[Sample, ...]

    def asked(self) -> np.ndarray:
        return np.array([sample.controls[self.attribute] for sample in self.samples])

    def followed(self, pictures: Pixels) -> float:
        """Rank correlation of what was asked and what is seen, -1..1."""
        return _correlation(self.attribute, self.asked(), read(self.attribute, self.samples, pictures))


def sweeps(styles: Sequence[str], seeds: int) -> list[Sweep]:
    """Every attribute for each style and seed; the other hue differs from seed to seed, and so does what is drawn."""
    return [_sweep(name, style, seed) for name in ATTRIBUTES for style in styles for seed in range(seeds)]


def _sweep(attribute: str, style: str, seed: int) -> Sweep:
    hues = np.random.default_rng([19, seed]).random(2)
    rest = {"hue": float(hues[0]), "hue2": float(hues[1]), **REST}
    values = (np.arange(STEPS) + 0.5) / STEPS
    number = 10 * (100 + seed) + 9
    return Sweep(attribute, tuple(Sample(style, number, {**rest, attribute: float(v)}) for v in values))


def read(attribute: str, samples: Sequence[Sample], pictures: Pixels) -> np.ndarray:
    """An attribute of each picture, measured [n]; hues as turns."""
    if attribute in condition.TURNS:
        other = condition.TURNS[1 - condition.TURNS.index(attribute)]
        # Which hue is which no pixel tells: the other fader's is known.
        return np.array(
            [meters.far_hue(p, condition.pure(s.controls[other])) for p, s in zip(pictures, samples, strict=True)]
        )
    meter: Callable[[np.ndarray], float] = getattr(meters, attribute)
    return np.array([meter(picture) for picture in pictures])


def followed(styles: Sequence[str], seeds: int, draw: Draw) -> dict[str, dict[str, float]]:
    """Rank correlation by attribute and style, the mean over the seeds."""
    return {name: _by_style([s for s in sweeps(styles, seeds) if s.attribute == name], draw) for name in ATTRIBUTES}


def _by_style(moved: Sequence[Sweep], draw: Draw) -> dict[str, float]:
    """One attribute's sweeps, drawn together."""
    pictures = draw([sample for sweep in moved for sample in sweep.samples])
    found: dict[str, list[float]] = {}
    for i, sweep in enumerate(moved):
        value = sweep.followed(pictures[i * STEPS : (i + 1) * STEPS])
        found.setdefault(sweep.samples[0].style, []).append(value)
    return {style: float(np.mean(values)) for style, values in found.items()}


def pooled(samples: Sequence[Sample], pictures: Pixels) -> dict[str, float]:
    """The same over samples of which nothing is at rest and every style is one: correlation by attribute."""
    result = {}
    for name in ATTRIBUTES:
        asked, seen = np.array([s.controls[name] for s in samples]), read(name, samples, pictures)
        result[name] = _correlation(name, asked, seen)
    return result


def _correlation(attribute: str, asked: np.ndarray, seen: np.ndarray) -> float:
    """Spearman's, or its kin on the circle."""
    return (distances.turn_correlation if attribute in condition.TURNS else distances.spearman)(asked, seen)


def summary(
    real: Mapping[str, Mapping[str, float]],
    model: Mapping[str, Mapping[str, float]],
    pooled_real: Mapping[str, float],
    pooled_model: Mapping[str, float],
) -> dict[str, dict[str, object]]:
    """By attribute: means and the worst over the styles whose renders the meter can follow, and those it cannot."""
    result: dict[str, dict[str, object]] = {}
    for name in ATTRIBUTES:
        blind = [style for style, value in real[name].items() if value < TRUSTED]
        seen = [style for style in model[name] if style not in blind] or list(model[name])
        worst = min(seen, key=lambda style: model[name][style])
        result[name] = {
            "real": round(float(np.mean([real[name][style] for style in seen])), 3),
            "model": round(float(np.mean([model[name][style] for style in seen])), 3),
            "worst": [worst, round(model[name][worst], 3)],
            "blind": blind,
            "pooled_real": round(pooled_real[name], 3),
            "pooled_model": round(pooled_model[name], 3),
            "by_style": {style: [round(real[name][style], 3), round(v, 3)] for style, v in model[name].items()},
        }
    return result
