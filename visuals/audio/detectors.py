"""aubio's objects, made once and fed by their owners. The only door to aubio.

All work at 48 kHz and want float32, contiguous, exactly one hop long. Nothing here knows what the
numbers are used for.
"""

from __future__ import annotations

from typing import Any

import aubio

from visuals.errors import DeviceError
from visuals.types import SAMPLE_RATE_HZ

_OLDEST_AUBIO = (0, 4, 12)  # older ones read the tempo 1.8 % high and read outside the beat tracker's array


def check_version(version: str = aubio.version) -> None:
    """Raise `DeviceError` when this aubio is too old to be trusted with tempo."""
    digits = tuple(int(part) for part in version.split(".")[:3] if part.isdigit())
    if digits < _OLDEST_AUBIO:
        raise DeviceError(
            f"aubio {version} found, 0.4.12 or newer expected: pip uninstall aubio; pip install aubio-ledfx"
        )


def fft(window: int) -> Any:
    """A transform of `window` real samples to `.norm` and `.phas` [window/2 + 1]."""
    return aubio.fft(window)


def phase_vocoder(window: int, hop: int) -> Any:
    """Hann-windowed spectra of a stream, one per `hop` samples."""
    return aubio.pvoc(window, hop)


def filterbank(bands: int, window: int) -> Any:
    """Rows of weights over the bins of a `window`, to be set by its `set_` methods."""
    return aubio.filterbank(bands, window)


def descriptor(method: str, window: int) -> Any:
    """A spectral descriptor or onset function of aubio: `hfc`, `specflux`, `centroid`, ..."""
    return aubio.specdesc(method, window)


def pitch(method: str, window: int, hop: int) -> Any:
    return aubio.pitch(method, window, hop, SAMPLE_RATE_HZ)


def onset(method: str, window: int, hop: int) -> Any:
    return aubio.onset(method, window, hop, SAMPLE_RATE_HZ)


def tempo(method: str, window: int, hop: int) -> Any:
    return aubio.tempo(method, window, hop, SAMPLE_RATE_HZ)
