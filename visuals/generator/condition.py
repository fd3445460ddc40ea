"""What a model is told: the styles' weights and the attributes of a picture as one vector.

A table and its reading, the only door of controls into the generator: whatever comes in, numbers in
their ranges come out. Knows nothing of networks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from visuals.types import Float32s
from visuals.vocabulary import MODEL_CONTROLS

STRUCTURE = ("density", "scale", "symmetry", "energy")
"""Levels 0..1 the network is told, as -1..1."""
TURNS = ("hue", "hue2")
"""What goes round, in turns: a change takes the shorter way."""
GRADE = ("saturation", "brightness", "contrast")
"""Levels of the palette, which is arithmetic: followed exactly, and nothing the network has to learn."""
LEVELS = (*STRUCTURE, *GRADE)
STYLE_PREFIX = "style."


def length(styles: Sequence[str]) -> int:
    """How many numbers the network is told."""
    return len(styles) + len(STRUCTURE)


def attribute(controls: Mapping[str, float], name: str) -> float:
    """A control as asked for, held to its range; its rest value when it was not asked for or is no finite number."""
    term = MODEL_CONTROLS[name]
    value = controls.get(name, term.rest)
    if not math.isfinite(value):
        return term.rest
    if name in TURNS:
        return value % 1.0
    low = value if term.low is None else max(value, term.low)
    return low if term.high is None else min(low, term.high)


def style_weights(controls: Mapping[str, float], styles: Sequence[str]) -> Float32s:
    """Weights of the styles, not negative, adding to 1; the first style when none is asked for."""
    asked = (controls.get(STYLE_PREFIX + style, 0.0) for style in styles)
    weights = np.array([min(max(x, 0.0), 1.0) if math.isfinite(x) else 0.0 for x in asked], np.float32)
    total = float(weights.sum())
    if total <= 1e-6:
        weights[0] = total = 1.0
    return weights / total


def wish(controls: Mapping[str, float], styles: Sequence[str]) -> np.ndarray:
    """All that is asked of a picture: styles' weights, structure, hues in turns, grade (float64).

    In this form a wish can be followed at a bounded speed: half-way between two hues lies a hue.
    """
    levels = [2.0 * attribute(controls, name) - 1.0 for name in LEVELS]
    told, grade = levels[: len(STRUCTURE)], levels[len(STRUCTURE) :]
    turns = [attribute(controls, name) for name in TURNS]
    return np.array([*style_weights(controls, styles), *told, *turns, *grade])


def turning(styles: Sequence[str]) -> slice:
    """Where in a wish the hues are."""
    return slice(length(styles), length(styles) + len(TURNS))


def told(wish: np.ndarray) -> Float32s:
    """A wish as a vector: its hues as cosine and sine, so that what reads it knows no seam."""
    first = len(wish) - len(GRADE) - len(TURNS)
    angles = 2.0 * np.pi * wish[first : first + len(TURNS)]
    circles = np.stack([np.cos(angles), np.sin(angles)], axis=1).ravel()
    return np.concatenate([wish[:first], circles, wish[first + len(TURNS) :]]).astype(np.float32)


def vector(controls: Mapping[str, float], styles: Sequence[str]) -> Float32s:
    """All that is asked of a picture: styles' weights, structure, cosine and sine of each hue, grade."""
    return told(wish(controls, styles))


def split(asked: Float32s) -> tuple[Float32s, Float32s]:
    """A vector's two halves: what the network is told, and the palette [9] the picture is coloured with.

    The palette holds two colours (red, green, blue 0..1), then saturation, brightness and contrast.
    """
    tail = 2 * len(TURNS) + len(GRADE)
    circles, grade = asked[-tail : -len(GRADE)], 0.5 * asked[-len(GRADE) :] + 0.5
    turns = [np.arctan2(circles[i + 1], circles[i]) / (2.0 * np.pi) for i in (0, 2)]
    return asked[:-tail], np.concatenate([*map(pure, turns), grade]).astype(np.float32)


def pure(turn: float) -> Float32s:
    """The fully saturated colour of a hue, as the style shaders have it."""
    away = np.abs((turn + np.array([0.0, 2.0, 1.0]) / 3.0) % 1.0 * 6.0 - 3.0)
    c = np.clip(away - 1.0, 0.0, 1.0)
    return np.asarray(c * c * (1.6 - 0.6 * c), np.float32)


def structure(asked: Float32s, name: str) -> float:
    """A level of the structure, 0..1, read back from a vector."""
    tail = 2 * len(TURNS) + len(GRADE)
    return 0.5 * float(asked[len(asked) - tail - len(STRUCTURE) + STRUCTURE.index(name)]) + 0.5
