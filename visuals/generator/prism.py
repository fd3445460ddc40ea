"""Prism: the project's own model, played.

Controls and a time go in, a picture comes out; one seed and one history of controls give the same
pictures, byte for byte. Knows nothing of sound, shows or processes.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from visuals.generator import condition, latents
from visuals.generator.backends import DOWNSAMPLING, Inputs, Step, open_step
from visuals.generator.card import Card, picture_size, read_card
from visuals.generator.memory import Glide, moved
from visuals.types import Controls, Float32s, Frame, Pixels
from visuals.vocabulary import MODEL_CONTROLS

__all__ = ["Card", "Prism", "picture_size", "read_card"]

GLIDE_S = 0.06
"""Time constant of the conditions' glide: 90 % of a step after 0.23 s, and no picture pops."""
LONGEST_STEP_S = 0.25
"""A generator that was away goes on where it was, not where it would be."""
KEPT_AT_30_HZ = 0.7
"""Share of the flow's path a full memory keeps from the last picture, at 30 pictures a second."""


class Prism:
    """A Generator (see `types`) that plays the model in `folder` at `size` (width, height).

    Raises ModelError when the folder cannot be played.
    """

    def __init__(
        self,
        folder: Path,
        seed: int,
        size: tuple[int, int] | None = None,
        threads: int = 1,
        backend: str = "auto",
    ) -> None:
        self.card = read_card(folder)
        self.size = size or self.card.size
        self._across = self.size[0] // DOWNSAMPLING, self.size[1] // DOWNSAMPLING
        self._step: Step = open_step(self.card, self.size, threads, backend)
        self._walk = latents.Walk(seed)
        self._glide = Glide(GLIDE_S)
        self._last: Float32s | None = None
        self._frame: Frame | None = None

    @property
    def backend(self) -> str:
        return self._step.name

    def generate(self, controls: Controls, time: float) -> Frame | None:
        """The picture of this time (s). A step that gives no finite picture is dropped, the last one stays."""
        dt = min(max(time - self._frame.time, 0.0), LONGEST_STEP_S) if self._frame else 0.0
        asked = self._glide.step(condition.vector(controls, self.card.styles), dt)
        self._walk.step(dt, _level(controls, "walk"), _level(controls, "jump"))
        clean, pixels = self._dream(controls, asked, dt)
        if not np.isfinite(clean).all():
            self._last = None
            return self._frame
        self._last = clean[0]
        self._frame = Frame(self._frame.index + 1 if self._frame else 0, time, pixels)
        return self._frame

    def _dream(self, controls: Controls, asked: Float32s, dt: float) -> tuple[Float32s, Pixels]:
        scale, symmetry = (condition.structure(asked, name) for name in ("scale", "symmetry"))
        noise = latents.spread(latents.mirror(self._walk.lattice(), symmetry), scale, self._across)
        noisy, kept = noise, self._kept(controls, dt)
        if self._last is not None and kept > 0.0:
            motion = (_level(controls, name) for name in ("zoom", "rotate", "shift.x", "shift.y"))
            # The flow's own path, which the model was taught: no other mix has the right variance.
            noisy = kept * moved(self._last, dt, *motion) + (1.0 - kept) * noise
        t = np.array([1.0 - kept], np.float32)
        where = latents.places(self._across, symmetry)
        told, palette = condition.split(asked)
        return self._step(Inputs(noisy[None], noise[None], where[None], t, told[None], palette[None]))

    def _kept(self, controls: Controls, dt: float) -> float:
        """Share of the last picture in the next one's beginning, the same per second at any rate."""
        wanted = max(_level(controls, "memory"), 1.0 - _level(controls, "strength"))
        if self._last is None or wanted <= 0.0:
            return 0.0
        return min(float((KEPT_AT_30_HZ * wanted) ** max(30.0 * dt, 0.5)), KEPT_AT_30_HZ)


def _level(controls: Controls, name: str) -> float:
    """A control as asked for, held to its range."""
    term = MODEL_CONTROLS[name]
    value = controls.get(name, term.rest)
    low = value if term.low is None else max(value, term.low)
    return low if term.high is None else min(low, term.high)
