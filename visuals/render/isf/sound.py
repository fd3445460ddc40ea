"""Sound as shaders read it: a texture of one row, as wide as the sound is fine (ISF 2, "audio" and "audioFFT").

It does not know where the sound comes from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from visuals.render.gpu import Gpu
from visuals.render.isf.nouns import Input
from visuals.types import Features, Float32s

WIDTH: Mapping[str, int] = {"audio": 512, "audioFFT": 256}
"""Samples as `Features` carries them, by input type."""
SILENCE: Mapping[str, float] = {"audio": 0.5, "audioFFT": 0.0}


class Sounds:
    """The sound inputs of one shader. Mono: what `Features` carries is one channel, one row."""

    def __init__(self, gpu: Gpu, inputs: Iterable[Input]) -> None:
        self._inputs = tuple(i for i in inputs if i.type in WIDTH)
        self.textures = {i.name: gpu.texture((i.samples or WIDTH[i.type], 1), 1, "float") for i in self._inputs}
        self._heard: Features | None = None
        for item in self._inputs:
            self.textures[item.name].write(np.full(item.samples or WIDTH[item.type], SILENCE[item.type], np.float32))

    def listen(self, features: Features | None) -> None:
        """Put the newest sound into the textures: a waveform about a half, or magnitudes."""
        if not self._inputs or features is None or features is self._heard:
            return
        self._heard = features
        for item in self._inputs:
            wave = item.type == "audio"
            row = features.waveform * 0.5 + 0.5 if wave else features.spectrum
            self.textures[item.name].write(_across(row, WIDTH[item.type], item.samples, SILENCE[item.type]))

    def release(self) -> None:
        for texture in self.textures.values():
            texture.release()


def _across(samples: Float32s, native: int, wanted: int, silence: float) -> Float32s:
    """`samples`, at least as many as `native`, as `wanted` means of neighbours; 0 leaves them."""
    row = np.full(native, silence, np.float32)
    row[: len(samples)] = samples[:native]
    if wanted in (0, native):
        return row
    if wanted > native:
        return np.interp(np.linspace(0, native - 1, wanted), np.arange(native), row).astype(np.float32)
    starts = np.arange(wanted) * native // wanted
    counts = np.diff([*starts, native])
    return np.asarray(np.add.reduceat(row, starts) / counts, np.float32)
