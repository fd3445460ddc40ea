"""Spectra of the newest sound, which count what is new early. The only door to aubio.

Knows nothing of what they show.
"""

from __future__ import annotations

import aubio
import numpy as np

from visuals.errors import DeviceError
from visuals.types import Float32s

WINDOW = 1024
BINS = WINDOW // 2 + 1
_FALL = 256
_OLDEST_AUBIO = (0, 4, 12)  # older builds do not compile everywhere and read outside an array


def check_version(version: str = aubio.version) -> None:
    """Raise `DeviceError` when this aubio is too old to be trusted."""
    digits = tuple(int(part) for part in version.split(".")[:3] if part.isdigit())
    if digits < _OLDEST_AUBIO:
        raise DeviceError(
            f"aubio {version} found, 0.4.12 or newer expected: pip uninstall aubio; pip install aubio-ledfx"
        )


def asymmetric(window: int, fall: int) -> Float32s:
    """A window [window] that rises long and falls short over `fall` samples; a full-scale sine reads 1.

    For 1024 and 256 its delay is 3 ms where a symmetric window has 11. A shorter fall costs the kick 2 points
    of F, for it lets every attack leak into the lowest bins.
    """
    rise = np.hanning(2 * (window - fall))[: window - fall]
    shape = np.concatenate([rise, np.hanning(2 * fall)[fall:]])
    return np.asarray(shape / (0.5 * shape.sum()), np.float32)


SHAPE = asymmetric(WINDOW, _FALL)


class Spectrum:
    """Magnitudes of the newest samples, once a hop, by aubio's transform (as quick as NumPy's for 1024)."""

    def __init__(self, shape: Float32s = SHAPE) -> None:
        """`shape` [window]: see `asymmetric`."""
        self._shape = shape
        self._fft = aubio.fft(len(shape))
        self._past: Float32s = np.zeros(len(shape), np.float32)

    def take(self, samples: Float32s) -> None:
        """The next samples, at most a window of them."""
        count = len(samples)
        self._past[:-count] = self._past[count:]
        self._past[-count:] = samples

    def look(self) -> Float32s:
        """Magnitudes [window/2 + 1] now."""
        return np.array(self._fft(self._past * self._shape).norm, np.float32)

    def feed(self, samples: Float32s) -> Float32s:
        """Take the samples and look."""
        self.take(samples)
        return self.look()
