"""Prism: the project's own model, played.

Controls and a time go in, a picture comes out; one seed and one history of controls give the same
pictures, byte for byte. Knows nothing of sound, shows or processes.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np

from visuals.generator.backends import DOWNSAMPLING, Step, open_step
from visuals.generator.card import Card, read_card
from visuals.generator.instrument import Instrument
from visuals.types import Controls, Float32s, Frame, Pixels

__all__ = ["Card", "Encode", "Prism", "read_card"]


class Encode(Protocol):
    """Latents [8, h, w] of a picture [8h, 8w, 4] uint8, scaled as the model's clean latents are."""

    def __call__(self, picture: Pixels) -> Float32s: ...


class Prism:
    """A Generator (see `types`) that plays the model in `folder` at `size` (width, height).

    `step` is the model made runnable; without one, it is opened here. With `encode` it can draw from
    pictures that are not its own. Raises ModelError when the folder cannot be played.
    """

    def __init__(
        self,
        folder: Path,
        seed: int,
        size: tuple[int, int] | None = None,
        threads: int = 1,
        backend: str = "auto",
        step: Step | None = None,
        encode: Encode | None = None,
    ) -> None:
        self.card = read_card(folder)
        self.size = size or self.card.size
        self._step = step or open_step(self.card, self.size, threads, backend)
        across = self.size[0] // DOWNSAMPLING, self.size[1] // DOWNSAMPLING
        self._instrument = Instrument(self.card.styles, seed, across)
        self._encode = encode
        self._time: float | None = None
        self._last: Float32s | None = None
        self._frame: Frame | None = None

    @property
    def backend(self) -> str:
        return self._step.name

    def generate(self, controls: Controls, time: float, source: Pixels | None = None) -> Frame | None:
        """The picture of this time (s). A step that gives no finite picture is dropped, the last one stays.

        `source`, a picture of this size, is where it starts, as far as `strength` is below 1; what
        cannot encode does not see it.
        """
        dt = 0.0 if self._time is None else time - self._time
        self._time = time
        start = None if source is None or self._encode is None else partial(self._encode, source)
        clean, pixels = self._step(self._instrument.play(controls, dt, self._last, start))
        if not np.isfinite(clean).all():
            self._last = None
            return self._frame
        self._last = clean[0]
        self._frame = Frame(self._frame.index + 1 if self._frame else 0, time, pixels)
        return self._frame
