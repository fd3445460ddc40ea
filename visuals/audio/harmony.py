"""The harmony: how much each pitch class sounds, the key, and when the chord changes.

Spectral peaks only, weighed by how far they stand out of their surroundings, so that drums and noise,
which have no peaks that stay, hardly count. Knows nothing of melodies, of bass and inversion, or of
any chord beyond major and minor triads.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from visuals.types import HOP, SAMPLE_RATE_HZ, Event, Float32s
from visuals.vocabulary import NOTES

Float64s = npt.NDArray[np.float64]

_HOPS = 6  # hops per look: 31 looks a second
_LOOK_S = _HOPS * HOP / SAMPLE_RATE_HZ
_DECIMATION = 4
_RATE_HZ = SAMPLE_RATE_HZ // _DECIMATION
_WINDOW = 2048  # 171 ms at 12 kHz
_TAPS, _CUTOFF_HZ = 32, 3500.0
_CHROMA = tuple(f"chroma.{note}" for note in NOTES)


class Harmony:
    """Follows chroma, key and chords. One call per hop; five in six of them cost nothing."""

    def __init__(self) -> None:
        self._waiting: list[Float32s] = []
        self._peaks, self._chroma = _Peaks(), _Chroma()
        self._key, self._chords = _Key(), _Chords()
        self._signals = dict.fromkeys((*_CHROMA, "key", "key.minor", "key.confidence"), 0.0)

    def hear(self, loud: Float32s, silent: bool, time: float) -> tuple[dict[str, float], list[Event]]:
        """Signals and events of the hop [256] that ends at `time`, mono after input gain."""
        self._waiting.append(loud)
        if len(self._waiting) < _HOPS:
            return dict(self._signals), []
        notes, weights = self._peaks.find(np.concatenate(self._waiting))
        self._waiting.clear()
        if silent:
            weights = np.zeros_like(weights)
        raw = self._chroma.hear(notes, weights)
        self._signals = dict(zip(_CHROMA, self._chroma.shown.tolist(), strict=True))
        tonic, minor, confidence = self._key.hear(raw)
        self._signals |= {"key": float(tonic), "key.minor": float(minor), "key.confidence": confidence}
        strength = self._chords.hear(self._chroma.shown)
        return dict(self._signals), [] if strength is None else [Event(time, "chord", strength, "audio")]


class _Peaks:
    """Peaks of the spectrum as note numbers with weights, from 80 Hz to 2 kHz."""

    _LOW_HZ, _HIGH_HZ = 80.0, 2000.0
    _AROUND = 12  # bins to each side, 70 Hz: what a peak must stand out of
    _OUT = 1.5  # times their mean

    def __init__(self) -> None:
        taps = np.arange(_TAPS) - (_TAPS - 1) / 2.0
        lowpass = np.sinc(2.0 * _CUTOFF_HZ / SAMPLE_RATE_HZ * taps) * np.hamming(_TAPS)
        self._lowpass = (lowpass / lowpass.sum()).astype(np.float32)
        self._raw = np.zeros(_TAPS - 1, np.float32)
        self._sound = np.zeros(_WINDOW, np.float32)
        self._window = np.hanning(_WINDOW + 1)[:_WINDOW].astype(np.float32) * np.float32(4.0 / _WINDOW)
        width = _RATE_HZ / _WINDOW
        self._first, self._last = int(self._LOW_HZ / width), int(self._HIGH_HZ / width)

    def find(self, sound: Float32s) -> tuple[Float64s, Float64s]:
        """Note numbers (69 = 440 Hz) and weights of the peaks after `sound` has come in."""
        raw = np.concatenate((self._raw, sound))
        self._raw = raw[-(_TAPS - 1) :]
        fresh = np.dot(sliding_window_view(raw, _TAPS)[_DECIMATION - 1 :: _DECIMATION], self._lowpass)
        self._sound = np.concatenate((self._sound[len(fresh) :], fresh))
        around = self._AROUND
        first, last = self._first - around, self._last + around
        size = np.abs(np.fft.rfft(self._sound * self._window)[first : last + 1]).astype(np.float64)
        running = np.cumsum(size)
        mean = (running[2 * around :] - running[: -2 * around]) / (2.0 * around)
        size = size[around:-around]
        middle = size[1:-1]
        is_peak = (middle > size[:-2]) & (middle >= size[2:]) & (middle > self._OUT * mean[1:-1]) & (middle > 1e-4)
        at = np.flatnonzero(is_peak) + 1
        before, here, after = np.log(size[at - 1] + 1e-9), np.log(size[at]), np.log(size[at + 1] + 1e-9)
        shift = 0.5 * (before - after) / (before - 2.0 * here + after - 1e-9)
        notes = 69.0 + 12.0 * np.log2((self._first + at + shift) * (_RATE_HZ / _WINDOW / 440.0))
        # The root evens loud and soft voices; the bell keeps partials, which are no notes, small.
        bell = np.exp(-0.5 * np.square((notes - 55.0) / 14.0))
        return notes, np.sqrt(size[at]) * bell


class _Chroma:
    """Pitch classes, tuned to the music: 12 values."""

    _TUNE_S = 10.0
    _SMOOTH_S = 0.08

    def __init__(self) -> None:
        self._tuning = complex(0.3)  # a little faith in 440 Hz
        self._sum: Float64s = np.zeros(12)
        self.shown: Float64s = np.zeros(12)

    def hear(self, notes: Float64s, weights: Float64s) -> Float64s:
        """What sounds now, each class 0 and up; 1 is a lone loud note. `shown` is it, 0..1, for the eye."""
        turns = complex(np.dot(weights, np.exp(2j * np.pi * notes)))
        keep = math.exp(-_LOOK_S / self._TUNE_S)
        self._tuning = self._tuning * keep + turns * (1.0 - keep)
        offset = math.atan2(self._tuning.imag, self._tuning.real) / (2.0 * math.pi)
        tuned = notes - offset
        nearest = np.round(tuned)
        inside = weights * np.square(np.cos(np.pi * (tuned - nearest)))
        now = np.bincount(nearest.astype(np.intp) % 12, inside, 12)
        self._sum += (now - self._sum) * (1.0 - math.exp(-_LOOK_S / self._SMOOTH_S))
        # What all classes have in common is noise; where nothing stands out nothing is shown as full.
        middle = float(np.sort(self._sum)[6])
        above = np.maximum(self._sum - middle, 0.0)
        self.shown = above / max(float(above.max()), 0.15 * float(self._sum.sum()), 0.02)
        return above


# How often each degree sounds in common-practice music (Albrecht & Shanahan 2013).
_MAJOR = (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081)
_MINOR = (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052)


def _rotations(*shapes: tuple[float, ...]) -> Float64s:
    """Each shape on all twelve roots, rows without mean and of length 1."""
    rows = np.array([np.roll(shape, root) for shape in shapes for root in range(12)], np.float64)
    rows -= rows.mean(axis=1, keepdims=True)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def _fits(shapes: Float64s, chroma: Float64s, noise: float) -> Float64s:
    """Correlation of each shape with the chroma, less where it is no longer than `noise`."""
    centred = chroma - float(chroma.sum()) / 12.0
    fits: Float64s = shapes @ centred / (math.sqrt(float(centred @ centred)) + noise)
    return fits


class _Key:
    """The key of the last half minute, with a lead to be kept for two seconds before it changes."""

    _MEMORY_S = 25.0
    _SURE_S = 6.0
    _LEAD = 0.04
    _PATIENCE_S = 2.0

    def __init__(self) -> None:
        self._profiles = _rotations(_MAJOR, _MINOR)
        self._sum: Float64s = np.zeros(12)
        self._heard = 0.0
        self._key, self._rival, self._led = 0, 0, 0.0

    def hear(self, chroma: Float64s) -> tuple[int, bool, float]:
        """Tonic 0..11, whether minor, and confidence 0..1 after one more look."""
        keep = math.exp(-_LOOK_S / self._MEMORY_S)
        total = float(chroma.sum())
        sounding = 1.0 if total > 0.02 else 0.0
        self._sum = self._sum * keep + (chroma / total if sounding else 0.0) * (1.0 - keep)
        self._heard = self._heard * keep + sounding * _LOOK_S
        fits = _fits(self._profiles, self._sum, 1e-9)
        best = int(fits.argmax())
        self._led = self._led + _LOOK_S if best == self._rival and fits[best] > fits[self._key] + self._LEAD else 0.0
        self._rival = best
        if self._led > self._PATIENCE_S or self._heard < self._PATIENCE_S:
            self._key = best
        return self._key % 12, self._key >= 12, self._confidence(fits)

    def _confidence(self, fits: Float64s) -> float:
        """How well it fits and how far the best key that is no close relative lies behind."""
        tonic, minor = self._key % 12, self._key >= 12
        others = fits.copy()
        others[[self._key, (tonic + 3) % 12 if minor else 12 + (tonic + 9) % 12]] = -1.0
        margin = float(fits[self._key] - others.max())
        fit = float(fits[self._key])
        share = min(1.0, max(0.0, (fit - 0.4) / 0.4)) * min(1.0, max(0.0, margin / 0.15 + 0.3))
        return share * min(1.0, self._heard / self._SURE_S)


class _Chords:
    """Which triad sounds, as a belief that stays unless the sound insists; a change is an event."""

    _TRUST = 4.0  # per look
    _STAY = 0.995
    _SURE, _LIKE = 0.7, 0.5
    _NOISE = 0.6  # the chroma of noise is this long; that of a triad 1.2

    def __init__(self) -> None:
        major, minor = np.zeros(12), np.zeros(12)
        major[[0, 4, 7]] = minor[[0, 3, 7]] = 1.0
        self._triads = _rotations(tuple(major), tuple(minor))
        self._likeness = self._triads @ self._triads.T
        self._belief: Float64s = np.full(24, 1.0 / 24.0)
        self._chord: int | None = None

    def hear(self, chroma: Float64s) -> float | None:
        """How far the harmony has just moved, 0..1, or None where it stays."""
        fits = _fits(self._triads, chroma, self._NOISE)
        belief = (self._belief * self._STAY + (1.0 - self._STAY) / 24.0) * np.exp(self._TRUST * fits)
        self._belief = belief = belief / belief.sum()
        best = int(belief.argmax())
        if belief[best] < self._SURE or fits[best] < self._LIKE or best == self._chord:
            return None
        moved = 1.0 if self._chord is None else 0.5 * (1.0 - float(self._likeness[best, self._chord]))
        self._chord = best
        return min(1.0, max(0.0, moved))
