"""What every instrument is made of: decays, shaped noise, causal filters, moving wavetables.

Sounds are mono float32 at 48 kHz. Knows nothing of notes and instruments.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

RATE = 48_000
HOP = 256
"""The hop of the live path: truth that is a curve has one value for each."""

Sound = npt.NDArray[np.float32]
Curve = npt.NDArray[np.floating[Any]]
Response = Callable[[Curve], Curve]
"""Gain, linear, of frequencies in Hz."""

_MINIMUM_PHASE_SIZE = 8192
_LONGEST_NOISE = 1 << 19


def count(seconds: float) -> int:
    """Samples in so many seconds."""
    return max(0, round(seconds * RATE))


def times(seconds: float) -> Curve:
    """The time of every sample, s."""
    return np.arange(count(seconds), dtype=np.float32) / np.float32(RATE)


def decay(time: Curve, t60: float) -> Curve:
    """An exponential that has fallen by 60 dB after `t60` seconds."""
    return np.asarray(np.exp(time * np.float32(-6.9078 / t60)))


def fast_size(samples: int) -> int:
    """The next length that transforms fast."""
    whole = 1 << max(4, (samples - 1).bit_length())
    return next(size for size in (whole * 5 // 8, whole * 3 // 4, whole * 15 // 16, whole) if size >= samples)


def low_pass(hz: Curve, cutoff: float, order: int = 2) -> Curve:
    """Butterworth."""
    return np.asarray(1.0 / np.sqrt(1.0 + (hz / cutoff) ** (2 * order)))


def high_pass(hz: Curve, cutoff: float, order: int = 2) -> Curve:
    """Butterworth."""
    return low_pass(cutoff / np.maximum(hz, cutoff * 1e-3), 1.0, order)


def band(hz: Curve, low: float, high: float, order: int = 2) -> Curve:
    return high_pass(hz, low, order) * low_pass(hz, high, order)


def peak(hz: Curve, centre: float, octaves: float, db: float) -> Curve:
    """A bell of an equaliser."""
    distance = np.log2(np.maximum(hz, 1.0) / centre) / octaves
    return np.asarray(10.0 ** (db / 20.0 * np.exp(-distance * distance)))


def tilt(hz: Curve, db_per_octave: float, pivot: float = 1000.0) -> Curve:
    """A slope through `pivot`, level below 30 Hz."""
    return np.asarray((np.maximum(hz, 30.0) / pivot) ** (db_per_octave / 6.0206))


def noise(rng: np.random.Generator, samples: int, response: Response) -> Sound:
    """Steady Gaussian noise of this spectrum, with an RMS of 1. After _LONGEST_NOISE samples it begins again."""
    size = fast_size(min(samples, _LONGEST_NOISE))
    hz = np.fft.rfftfreq(size, 1 / RATE).astype(np.float32)
    spectrum = rng.standard_normal((2, hz.size), np.float32)
    shaped = np.fft.irfft((spectrum[0] + 1j * spectrum[1]) * response(hz).astype(np.float32), size)
    if samples <= size:
        shaped = shaped[:samples]
    shaped /= max(float(np.sqrt(np.mean(shaped**2))), 1e-9)
    return np.resize(shaped, samples).astype(np.float32)


def impulse(response: Response) -> Sound:
    """The minimum-phase impulse of this gain: nothing sounds before its cause, so onsets stay where they are.

    Real cepstrum, folded (Oppenheim and Schafer, Discrete-Time Signal Processing, 12.4).
    """
    size = _MINIMUM_PHASE_SIZE
    gain = np.maximum(response(np.fft.rfftfreq(size, 1 / RATE)), 1e-5)
    cepstrum = np.fft.irfft(np.log(gain), size)
    cepstrum[1 : size // 2] *= 2.0
    cepstrum[size // 2 + 1 :] = 0.0
    return np.fft.irfft(np.exp(np.fft.rfft(cepstrum)), size)[: size // 2].astype(np.float32)


def convolve(sound: Sound, kernel: Sound) -> Sound:
    """The sound through an impulse response, cut to its own length.

    Overlap and add: short transforms stay in the cache; one of a whole song was measured 5 times as slow.
    """
    size = max(1 << 14, 4 << (kernel.size - 1).bit_length())
    if sound.size + kernel.size <= size:
        size = fast_size(sound.size + kernel.size)
    step = size - kernel.size
    rows = -(-sound.size // step)
    spectrum = np.fft.rfft(
        np.resize(np.append(sound, np.zeros(rows * step - sound.size, np.float32)), (rows, step)), size
    )
    spectrum *= np.fft.rfft(kernel, size)
    blocks = np.fft.irfft(spectrum, size)
    mix = np.zeros(rows * step + size, np.float32)
    for row in range(rows):
        mix[row * step : row * step + size] += blocks[row]
    return mix[: sound.size]


def filtered(sound: Sound, response: Response) -> Sound:
    """The sound through a causal filter of this gain."""
    return convolve(sound, impulse(response))


def place(mix: Sound, sound: Sound, start: int, gain: float = 1.0) -> None:
    """Add a sound to a mix from sample `start`; what lies outside is lost."""
    first, last = max(start, 0), min(start + sound.size, mix.size)
    if last > first:
        mix[first:last] += np.float32(gain) * sound[first - start : last - start]


def fade(sound: Sound, seconds: float) -> Sound:
    """The sound with its end faded out."""
    samples = min(count(seconds), sound.size)
    faded = sound.copy()
    if samples:
        faded[-samples:] *= np.linspace(1.0, 0.0, samples, dtype=np.float32)
    return faded


def normalised(sound: Sound, level: float = 1.0) -> Sound:
    """The sound with its largest sample at `level`."""
    return np.asarray(sound * np.float32(level / max(float(np.abs(sound).max(initial=0.0)), 1e-9)), np.float32)


def rms(sound: Sound) -> float:
    return float(np.sqrt(np.mean(np.square(sound, dtype=np.float64)))) if sound.size else 0.0


def wavetables(harmonics: npt.NDArray[Any], size: int) -> Sound:
    """One cycle for each row of complex amplitudes, the first of which is the fundamental.

    `size` is at least twice the number of harmonics. Each row has one sample more, which repeats its first.
    """
    spectrum = np.zeros((*harmonics.shape[:-1], size // 2 + 1), np.complex64)
    kept = min(harmonics.shape[-1], size // 2 - 1)
    spectrum[..., 1 : kept + 1] = harmonics[..., :kept] * (size / 2)
    cycles = np.fft.irfft(spectrum, size)
    return np.concatenate([cycles, cycles[..., :1]], axis=-1).astype(np.float32)


def morph(tables: Sound, phase: Curve, frame: Curve) -> Sound:
    """Play wavetables that change over time: `phase` in cycles, `frame` the (broken) row of each sample."""
    rows, width = tables.shape
    position = (phase % 1.0) * (width - 1)
    column = np.minimum(position.astype(np.int32), width - 2)
    row = np.clip(frame.astype(np.int32), 0, max(rows - 2, 0))
    across = (position - column).astype(np.float32)
    down = np.clip(frame - row, 0.0, 1.0).astype(np.float32)
    flat = tables.ravel()
    here = row * width + column
    below = here + (width if rows > 1 else 0)
    now = flat[here] + across * (flat[here + 1] - flat[here])
    then = flat[below] + across * (flat[below + 1] - flat[below])
    return np.asarray(now + down * (then - now), np.float32)
