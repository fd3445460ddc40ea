"""Prism: the project's own model, played.

Controls and a time go in, a picture comes out; one seed and one history of controls give the same
pictures, byte for byte. Knows nothing of sound, shows or processes.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from visuals.generator.backends import DOWNSAMPLING, Encode, Step, open_encode, open_step
from visuals.generator.card import read_card
from visuals.generator.instrument import Instrument
from visuals.types import Controls, Float32s, Frame, Pixels


class Prism:
    """A Generator (see `types`) that plays the model in `folder` at `size` (width, height).

    `step` is the model made runnable and `encode` its eye for pictures from elsewhere; without one, it is
    opened here, the eye when there is a first picture to see. Raises ModelError when the folder cannot
    be played.
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
        self._open_encode = partial(open_encode, self.card, self.size, threads, backend)
        self._time: float | None = None
        self._last: Float32s | None = None
        self._frame: Frame | None = None

    @property
    def backend(self) -> str:
        return self._step.name

    def generate(self, controls: Controls, time: float, source: Pixels | None = None) -> Frame | None:
        """The picture of this time (s). A step that gives no finite picture is dropped, the last one stays.

        `source`, a picture of this size, is where it starts, as far as `strength` is below 1.
        """
        dt = 0.0 if self._time is None else time - self._time
        self._time = time
        start = None if source is None else partial(self._seen, source)
        clean, pixels = self._step(self._instrument.play(controls, dt, self._last, start))
        if not np.isfinite(clean).all():
            self._last = None
            return self._frame
        self._last = clean[0]
        self._frame = Frame(self._frame.index + 1 if self._frame else 0, time, pixels)
        return self._frame

    def _seen(self, source: Pixels, palette: Float32s) -> Float32s:
        """The latents of a picture from elsewhere. Raises ValueError for one of another size."""
        if source.shape[1::-1] != self.size:
            raise ValueError(f"a source of {source.shape[1]}x{source.shape[0]}, expected {self.size[0]}x{self.size[1]}")
        self._encode = self._encode or self._open_encode()
        return self._encode(source, palette)
