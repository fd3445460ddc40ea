"""Whole sounds through a spectrum and the modules of levels and timbre, hop by hop."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from visuals.audio.spectrum import Spectrum
from visuals.types import HOP, SAMPLE_RATE_HZ, Float32s

HOP_S = HOP / SAMPLE_RATE_HZ


def spectra(samples: np.ndarray) -> Iterator[tuple[Float32s, Float32s]]:
    """Mono hops [256] and the magnitudes [513] at their ends."""
    spectrum = Spectrum()
    mono = np.asarray(samples, np.float32)
    for i in range(len(mono) // HOP):
        hop = mono[i * HOP : (i + 1) * HOP]
        yield hop, spectrum.feed(hop)


def stereo(left: np.ndarray, right: np.ndarray | None = None) -> list[Float32s]:
    """Hops [256, 2]; without `right`, both channels are the same."""
    both = np.stack([left, left if right is None else right], axis=1).astype(np.float32)
    return [both[i * HOP : (i + 1) * HOP] for i in range(len(both) // HOP)]
