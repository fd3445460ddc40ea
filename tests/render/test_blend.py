"""Every blend mode against its definition, in numpy: over opaque and clear backdrops, in display and linear light."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from tests.render.stage import a_show, near, one, solid
from visuals.render.gpu import Gpu
from visuals.types import Blend, Layer, Scene, Show

B = Callable[[float, float], float]


def soft(b: float, s: float) -> float:
    d = ((16 * b - 12) * b + 4) * b if b <= 0.25 else math.sqrt(b)
    return b - (1 - 2 * s) * b * (1 - b) if s <= 0.5 else b + (2 * s - 1) * (d - b)


def hard(b: float, s: float) -> float:
    return b * 2 * s if s <= 0.5 else b + (2 * s - 1) - b * (2 * s - 1)


LAWS: dict[str, B] = {
    "normal": lambda b, s: s,
    "multiply": lambda b, s: b * s,
    "screen": lambda b, s: b + s - b * s,
    "overlay": lambda b, s: hard(s, b),
    "soft-light": soft,
    "hard-light": hard,
    "difference": lambda b, s: abs(b - s),
    "exclusion": lambda b, s: b + s - 2 * b * s,
    "lighten": max,
    "darken": min,
    "color-dodge": lambda b, s: 0.0 if b == 0 else 1.0 if s == 1 else min(1.0, b / (1 - s)),
    "color-burn": lambda b, s: 1.0 if b == 1 else 0.0 if s == 0 else 1 - min(1.0, (1 - b) / s),
    "subtract": lambda b, s: max(b - s, 0.0),
}
"""W3C Compositing and Blending Level 1, section 10.1."""

COLOURS = [
    ((0.2, 0.6, 0.4), (0.8, 0.4, 0.5)),
    ((0.0, 1.0, 0.1), (1.0, 0.0, 0.25)),
    ((0.9, 0.3, 0.7), (0.3, 0.9, 0.6)),
]


def met(blend: str, b: tuple[float, ...], ab: float, s: tuple[float, ...], a: float) -> tuple[float, ...]:
    """Premultiplied result and its alpha: section 10, and Porter and Duff's plus for `add`."""
    if blend == "add":
        return (*(min(1.0, a * t + ab * u) for t, u in zip(s, b, strict=True)), min(1.0, a + ab))
    law = LAWS[blend]
    mixed = ((1 - ab) * a * t + ab * a * law(u, t) + (1 - a) * ab * u for t, u in zip(s, b, strict=True))
    return (*mixed, a + ab * (1 - a))


def colour(rgb: tuple[float, ...], a: float = 1.0) -> dict[str, float]:
    return {**dict(zip("rgb", rgb, strict=True)), "a": a}


def test_there_is_a_law_for_each_mode() -> None:
    assert {*LAWS, "add"} == set(get_args(Blend))
    assert len(get_args(Blend)) == 14


@pytest.mark.parametrize(("below", "above"), COLOURS)
@pytest.mark.parametrize("blend", get_args(Blend))
def test_over_an_opaque_backdrop(
    gpu: Gpu, folder: Path, blend: str, below: tuple[float, ...], above: tuple[float, ...]
) -> None:
    show = a_show(folder, a=(solid("b", **colour(below)), solid("s", blend, 0.6, **colour(above, 0.8))))
    # Three roundings: the layer, the backdrop, the result; those that divide make the first two larger.
    steps = 4.0 if blend in ("color-dodge", "color-burn") else 2.0
    near(one(gpu, show), *met(blend, below, 1.0, above, 0.48)[:3], steps=steps)


@pytest.mark.parametrize("blend", get_args(Blend))
def test_in_a_group_that_is_half_clear(gpu: Gpu, folder: Path, blend: str) -> None:
    """The group's own picture is premultiplied; laid on white it shows what its alpha is."""
    below, above = COLOURS[2]
    inner = (solid("b", **colour(below, 0.5)), solid("s", blend, **colour(above, 0.8)))
    show = a_show(folder, a=(solid("white", r=1.0, g=1.0, b=1.0), Layer("g", "group", "", layers=inner)))
    *rgb, alpha = met(blend, below, 0.5, above, 0.8)
    near(one(gpu, show), *(c + 1.0 - alpha for c in rgb), steps=2.5)


def light(c: float) -> float:
    """IEC 61966-2-1."""
    return c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4


def shown(c: float) -> float:
    return c * 12.92 if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055


@pytest.mark.parametrize("blend", ["normal", "add", "screen", "multiply", "overlay", "difference"])
def test_in_linear_light(gpu: Gpu, folder: Path, blend: str) -> None:
    below, above = COLOURS[0]
    layers = (solid("b", **colour(below)), solid("s", blend, **colour(above, 0.5)))
    show = a_show(folder, a=layers)
    show = replace(show, scenes={"a": replace(show.scenes["a"], linear=True)})
    expected = met(blend, tuple(map(light, below)), 1.0, tuple(map(light, above)), 0.5)[:3]
    near(one(gpu, show), *map(shown, expected), steps=2.0)


def test_linear_light_fades_as_lamps_do(gpu: Gpu, folder: Path) -> None:
    """Half of white over black is 188 of 255, as two lamps of which one is off."""
    scene = Scene("a", (solid("s", opacity=0.5, r=1.0, g=1.0, b=1.0),), linear=True)
    show: Show = replace(a_show(folder, a=()), scenes={"a": scene})
    assert abs(int(np.median(one(gpu, show)[..., 0])) - 188) <= 1
