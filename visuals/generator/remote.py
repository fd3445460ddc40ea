"""The engine's side of the generator's process: asks, and takes what there is. Never waits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from visuals.shm import Latest
from visuals.types import Controls, Frame, Pixels
from visuals.vocabulary import MODEL_CONTROLS


class RemoteGenerator:
    """A Generator whose pictures are dreamt elsewhere.

    `names` says which control each place of the ring `controls` holds. `source` takes pictures to
    draw from, whose flags are 1; 0 says that there is none. A frame keeps its object
    until there is a newer one, so a caller can tell by identity whether to upload it.
    """

    def __init__(self, controls: Latest, dream: Latest, names: Sequence[str], source: Latest | None = None) -> None:
        self._controls, self._dream, self._names = controls, dream, tuple(names)
        self._source, self._seen = source, False
        self._rest = {name: MODEL_CONTROLS[name].rest for name in names if name in MODEL_CONTROLS}
        self._values = np.zeros(len(self._names))
        self._frame: Frame | None = None

    def generate(self, controls: Controls, time: float, source: Pixels | None = None) -> Frame | None:
        """Tell the other process `controls` and give its newest picture, the last one, or None before the first."""
        self._values[:] = [controls.get(name, self._rest.get(name, 0.0)) for name in self._names]
        if np.isfinite(self._values).all():
            self._controls.write(self._values, time=time)
        if self._source is not None and (source is not None or self._seen):
            self._seen = source is not None
            self._source.write(0 if source is None else source, time=time, flags=int(self._seen))
        reading = self._dream.read_new()
        if reading is not None:
            self._frame = Frame(reading.index, reading.time, reading.data)
        return self._frame
