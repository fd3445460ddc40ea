"""How evenly the picture moves on the slowest walk: pops are what an audience sees first.

Played as on a wall: `generate(controls, time)` thirty times a second, everything at rest but a slow walk.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from visuals.generator.condition import STYLE_PREFIX
from visuals.generator.prism import Prism
from visuals.types import Pixels

from .spaces import Space

SLOWEST = 0.05
"""rad/s: DESIGN section 6, the slow end of a dream; at rest it is four times as fast."""
SECONDS, RATE = 10.0, 30.0
SEED = 3


def walk(model: Path, style: str, seconds: float = SECONDS, speed: float = SLOWEST, rate: float = RATE) -> list[Pixels]:
    """The pictures of a walk, after a second to settle. Raises ModelError for a folder that cannot be played."""
    player = Prism(model, SEED, threads=2)
    controls = {STYLE_PREFIX + style: 1.0, "walk": speed}
    settle = int(rate)
    frames = [player.generate(controls, i / rate) for i in range(settle + int(seconds * rate) + 1)]
    return [frame.pixels for frame in frames[settle:] if frame is not None]


def unevenness(pictures: Sequence[Pixels], space: Space) -> float:
    """Largest over median step in a feature space; endless when the picture mostly stands still."""
    points = space(np.stack(pictures))
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    return float(steps.max() / max(float(np.median(steps)), 1e-9))
