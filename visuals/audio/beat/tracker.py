"""Tempo and beat as a probability over wheels, one wheel for each tempo.

A wheel turns once a beat; its probability mass rides on the rim, so that the passing of time costs
nothing and smears nothing. What is heard is stamped on all wheels alike where they touch the beat,
and several times a second a little mass leaks to the neighbouring tempi, along the rim and back to
the prior. Knows activations (how much a moment sounds like a beat) and their times; nothing of sound or bars.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float32s = npt.NDArray[np.float32]
Float64s = npt.NDArray[np.float64]

BPM_RANGE = (55.0, 215.0)
BPM_PRIOR = 120.0

_ROW_STEP = 1.0145  # of tempo from wheel to wheel: half a step drifts 3 % of a beat in a bar
_BINS = 64  # of phase: 8 ms at 120 BPM
_FINE = 4  # positions of the stamp within a bin
_PRIOR_OCTAVES = 0.5
_PINNED_OCTAVES, _PINNED_BEATS = 0.04, 0.08
_WIDTH_S = 0.022  # of a beat in the activation
_WIDTH_BEATS = 0.02
_NEUTRAL, _FLOOR, _TRUST = 0.2, 0.05, 0.6
_LEAK_S = 0.17
# In each of which leak: to either neighbouring tempo, to either neighbouring bin, and to the prior.
_TEMPO_LEAK, _PHASE_LEAK, _FORGET = 0.004, 0.02, 2e-4
_NEAR_BEATS = 0.12


@dataclass(frozen=True, slots=True)
class Pulse:
    """A steady pulse at `time`: tempo, beats since its last beat (0..1), and its share of the probability."""

    time: float
    bpm: float
    phase: float
    share: float


class Tracker:
    """Forward Bayes filter over tempo and beat phase. Times must not decrease."""

    def __init__(self, bpm_range: tuple[float, float] = BPM_RANGE, bpm_prior: float = BPM_PRIOR) -> None:
        low, high = bpm_range
        rows = max(3, round(np.log(high / low) / np.log(_ROW_STEP)) + 1)
        self.bpm: Float64s = np.geomspace(low, high, rows)
        self._hz = self.bpm / 60.0
        self._numbers = np.arange(rows)
        self._stamps = _stamps(self._hz)
        self._prior = self._usual = _prior(self.bpm, bpm_prior, _PRIOR_OCTAVES)
        self._mass: Float32s = np.repeat(self._prior[:, None] / _BINS, _BINS, axis=1).astype(np.float32)
        self._turned = np.zeros(rows)
        self._time: float | None = None
        self._leaked = 0.0

    def forget(self) -> None:
        """A new song: any tempo, any phase."""
        self._prior = self._usual
        self._mass = np.repeat(self._prior[:, None] / _BINS, _BINS, axis=1).astype(np.float32)

    def pin(self, pulse: Pulse) -> None:
        """Nothing but this pulse and its near neighbours, until told to forget."""
        self.turn(pulse.time)
        self._prior = _prior(self.bpm, pulse.bpm, _PINNED_OCTAVES)
        away = (_MIDDLES + self._turned[:, None] - pulse.phase + 0.5) % 1.0 - 0.5
        mass = self._prior[:, None] * np.exp(-0.5 * (away / _PINNED_BEATS) ** 2)
        self._mass = (mass / mass.sum()).astype(np.float32)

    def turn(self, time: float) -> None:
        """Let time pass without hearing anything."""
        if self._time is not None:
            self._turned = (self._turned + (time - self._time) * self._hz) % 1.0
        self._time = time

    def hear(self, beat: float, time: float) -> None:
        """Take the activation 0..1 of the moment `time`."""
        self.turn(time)
        if not 0.0 <= beat <= 1.0:
            return
        ratio = ((beat + _FLOOR) / (_NEUTRAL + _FLOOR)) ** _TRUST
        stamp = self._stamps[self._numbers, (self._turned * (_BINS * _FINE)).astype(np.intp)]
        np.multiply(stamp, np.float32(ratio - 1.0), out=stamp)
        stamp += np.float32(1.0)
        self._mass *= stamp
        total = float(self._mass.sum())
        self._mass *= np.float32(1.0 / total)
        if time - self._leaked >= _LEAK_S:
            self._leaked = time
            self._leak()

    def tempi(self) -> Float32s:
        """Probability of each tempo of `bpm`."""
        shares: Float32s = self._mass.sum(axis=1)
        return shares

    def best(self, low: float = 0.0, high: float = np.inf) -> Pulse:
        """The likeliest pulse with a tempo between `low` and `high`."""
        assert self._time is not None
        first, last = np.searchsorted(self.bpm, [low, high])
        first = min(int(first), len(self.bpm) - 1)
        last = max(int(last), first + 1)
        cell = int(self._mass[first:last].argmax())
        row, column = first + cell // _BINS, cell % _BINS
        return self._gather(row, column)

    def at(self, bpm: float, phase: float) -> Pulse:
        """The pulse near this tempo and phase."""
        row = min(max(int(np.searchsorted(self.bpm, bpm)), 0), len(self.bpm) - 1)
        return self._gather(row, int((phase - self._turned[row]) * _BINS) % _BINS)

    def _gather(self, row: int, column: int) -> Pulse:
        """Mean tempo, mean phase and share of what is within a few percent of a cell."""
        rows = slice(max(0, row - 3), row + 4)
        phase = (column + 0.5) / _BINS + self._turned[row]
        away = (_MIDDLES + (self._turned[rows, None] - phase) + 0.5) % 1.0 - 0.5
        mass = self._mass[rows] * (np.abs(away) < _NEAR_BEATS)
        share = float(mass.sum()) + 1e-12
        offset = float((mass * away).sum()) / share
        bpm = float(np.exp(mass.sum(axis=1) @ np.log(self.bpm[rows]) / share))
        assert self._time is not None
        return Pulse(self._time, bpm, float((phase + offset) % 1.0), min(1.0, share))

    def _leak(self) -> None:
        """Mass spreads to the neighbouring tempi at the phase it has now, along the rim, and to the prior."""
        mass = self._mass
        step = (np.diff(self._turned) * _BINS) % _BINS
        whole = step.astype(np.intp)
        part = (step - whole).astype(np.float32)[:, None]
        columns = _COLUMNS
        # A bin of wheel i is the bin `step` earlier on wheel i + 1.
        up = (columns[None, :] + whole[:, None]) % _BINS
        rows = self._numbers[:-1, None]
        rising = (1 - part) * mass[rows, up] + part * mass[rows, (up + 1) % _BINS]
        down = (columns[None, :] - whole[:, None]) % _BINS
        rows = self._numbers[1:, None]
        falling = (1 - part) * mass[rows, down] + part * mass[rows, (down - 1) % _BINS]
        leak = np.float32(_TEMPO_LEAK)
        fresh = mass * (1 - 2 * leak)
        fresh[1:] += leak * rising
        fresh[:-1] += leak * falling
        turn = np.float32(_PHASE_LEAK)
        fresh += turn * (np.roll(fresh, 1, 1) + np.roll(fresh, -1, 1) - 2 * fresh)
        fresh *= np.float32((1.0 - _FORGET) / fresh.sum())
        fresh += (self._prior[:, None] * (_FORGET / _BINS)).astype(np.float32)
        self._mass = fresh


_MIDDLES = (np.arange(_BINS) + 0.5) / _BINS
_COLUMNS = np.arange(_BINS)


def _prior(bpm: Float64s, centre: float, octaves: float) -> Float64s:
    shares = np.exp(-0.5 * (np.log2(bpm / centre) / octaves) ** 2)
    normal: Float64s = shares / shares.sum()
    return normal


def _stamps(hz: Float64s) -> Float32s:
    """How much each bin is on the beat [tempo, turn, bin]: 1 at phase 0, falling as a bell."""
    turns = np.arange(_BINS * _FINE) / (_BINS * _FINE) + 0.5 / (_BINS * _FINE)
    phase = (turns[:, None] + _MIDDLES + 0.5) % 1.0 - 0.5
    width = np.hypot(_WIDTH_S * hz, _WIDTH_BEATS)[:, None, None]
    stamps: Float32s = np.exp(-0.5 * (phase / width) ** 2).astype(np.float32)
    return stamps
