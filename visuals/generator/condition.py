"""What a model is told: the styles' weights and the attributes of a picture as one vector.

A table and its reading. Knows nothing of networks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from visuals.types import Float32s
from visuals.vocabulary import MODEL_CONTROLS

TURNS = ("hue", "hue2")
"""Attributes that go round: told as cosine and sine."""
LEVELS = ("saturation", "brightness", "density", "scale", "symmetry", "energy", "contrast")
"""Attributes 0..1, told as -1..1."""
STYLE_PREFIX = "style."


def length(styles: Sequence[str]) -> int:
    return len(styles) + 2 * len(TURNS) + len(LEVELS)


def attribute(controls: Mapping[str, float], name: str) -> float:
    """An attribute as asked for, held to its range; its rest value when it was not."""
    term = MODEL_CONTROLS[name]
    value = controls.get(name, term.rest)
    if name in TURNS or term.low is None or term.high is None:
        return value
    return min(max(value, term.low), term.high)


def style_weights(controls: Mapping[str, float], styles: Sequence[str]) -> Float32s:
    """Weights of the styles, not negative, adding to 1; the first style when none is asked for."""
    weights = np.array([max(controls.get(STYLE_PREFIX + style, 0.0), 0.0) for style in styles], np.float32)
    total = float(weights.sum())
    if total <= 1e-6:
        weights[0] = total = 1.0
    return weights / total


def vector(controls: Mapping[str, float], styles: Sequence[str]) -> Float32s:
    """Styles' weights, then cosine and sine of each hue, then the levels: [length(styles)] float32."""
    turns = [2.0 * np.pi * attribute(controls, name) for name in TURNS]
    circles = [f(turn) for turn in turns for f in (np.cos, np.sin)]
    levels = [2.0 * attribute(controls, name) - 1.0 for name in LEVELS]
    return np.concatenate([style_weights(controls, styles), circles, levels]).astype(np.float32)


def told_level(told: Float32s, name: str) -> float:
    """A level 0..1 read back from a vector."""
    return 0.5 * float(told[len(told) - len(LEVELS) + LEVELS.index(name)]) + 0.5
