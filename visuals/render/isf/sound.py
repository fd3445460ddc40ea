"""Sound as shaders read it: a texture of one row, as wide as the sound is fine (ISF 2, "audio" and "audioFFT").

It does not know where the sound comes from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from visuals.render.gpu import Gpu
from visuals.render.isf.nouns import Input
from visuals.types import Features, Float32s

WIDTH: Mapping[str, int] = {"audio": 512, "audioFFT": 256, "sound": 512}
"""Samples as `Features` carries them, by input type; `sound` is Shadertoy's, with spectrum and waveform in two rows."""
ROWS: Mapping[str, int] = {"audio": 1, "audioFFT": 1, "sound": 2}
SILENCE: Mapping[str, float] = {"audio": 0.5, "audioFFT": 0.0, "sound": 0.0}


class Sounds:
    """The sound inputs of one shader. Mono: what `Features` carries is one channel, one row."""

    def __init__(self, gpu: Gpu, inputs: Iterable[Input]) -> None:
        self._inputs = tuple(i for i in inputs if i.type in WIDTH)
        self.textures = {i.name: gpu.texture(_size(i), 1, "float") for i in self._inputs}
        self._heard: Features | None = None
        for item in self._inputs:
            width, height = _size(item)
            self.textures[item.name].write(np.full((height, width), SILENCE[item.type], np.float32))

    def listen(self, features: Features | None) -> None:
        """Put the newest sound into the textures: waveforms about a half, magnitudes from 0."""
        if not self._inputs or features is None or features is self._heard:
            return
        self._heard = features
        wave = features.waveform * 0.5 + 0.5
        for item in self._inputs:
            width, rows = _size(item)[0], [wave if item.type == "audio" else features.spectrum]
            if item.type == "sound":
                rows = [features.spectrum, wave]
            self.textures[item.name].write(np.stack([_across(row, width) for row in rows]))

    def release(self) -> None:
        for texture in self.textures.values():
            texture.release()


def _size(item: Input) -> tuple[int, int]:
    return item.samples or WIDTH[item.type], ROWS[item.type]


def _across(samples: Float32s, width: int) -> Float32s:
    """`samples` as `width` values: means of neighbours, or values between them."""
    count = len(samples)
    if width == count:
        return samples
    if width > count:
        return np.interp(np.linspace(0, count - 1, width), np.arange(count), samples).astype(np.float32)
    starts = np.arange(width) * count // width
    return np.asarray(np.add.reduceat(samples, starts) / np.diff([*starts, count]), np.float32)
