"""Tempo and beat as a probability over wheels, one wheel for each tempo.

A wheel turns once a beat; its probability mass rides on the rim, so that the passing of time costs
nothing and smears nothing. What is heard is stamped on all wheels alike where they touch the beat,
and several times a second a little mass leaks to the neighbouring tempi, along the rim and back to
the prior. Knows activations (how much a moment sounds like a beat) and their times; nothing of sound or bars.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log

import numpy as np
import numpy.typing as npt

Float32s = npt.NDArray[np.float32]
Float64s = npt.NDArray[np.float64]

BPM_RANGE = (55.0, 215.0)
BPM_PRIOR = 120.0

_ROW_STEP = 1.0145  # of tempo from wheel to wheel: half a step drifts 3 % of a beat in a bar
_BINS = 64  # of phase: 8 ms at 120 BPM
_FINE = 2  # positions of the stamp within a bin
_PRIOR_OCTAVES = 0.4
_PINNED_OCTAVES, _PINNED_BEATS = 0.04, 0.08
_WIDTH_S = 0.022  # of a beat in the activation
_WIDTH_BEATS = 0.02
_NEUTRAL = 1.2  # times the usual activation is neither for nor against a beat
_FLOOR, _TRUST = 0.05, 0.6
_BEAT_COST = 0.2  # nats that every predicted beat has to earn
_USUAL_S = 6.0
_LEAK_S = 0.17
# In each of which leak: to either neighbouring tempo, to either neighbouring bin, and to the prior.
_TEMPO_LEAK, _PHASE_LEAK, _FORGET = 0.02, 0.06, 2e-4
_NEAR_ROWS, _NEAR_BINS = 3, 8  # what counts as one pulse


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
        self._hz, self._logs = self.bpm / 60.0, np.log(self.bpm)
        kept = (1.0 - 2.0 * _TEMPO_LEAK) * (1.0 - _FORGET)
        self._cost = (kept * np.exp(-_BEAT_COST * _LEAK_S * self._hz)).astype(np.float32)[:, None]
        self._rows = _BINS * np.arange(rows)[:, None]
        self._stamps = _stamps(self._hz).reshape(-1, _BINS)
        self._stamp_rows = _BINS * _FINE * np.arange(rows)
        self._stamp = np.zeros((rows, _BINS), np.float32)
        self._prior = self._usual = _prior(self.bpm, bpm_prior, _PRIOR_OCTAVES)
        self._mass: Float32s = np.repeat(self._prior[:, None] / _BINS, _BINS, axis=1).astype(np.float32)
        self._turned = np.zeros(rows)
        self._time: float | None = None
        self._leaked = 0.0
        self._usual_beat, self._heard = 0.12, None  # type: float, float | None

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
        since = 0.0 if self._heard is None else min(1.0, max(0.0, time - self._heard))
        self._heard = time
        self._usual_beat += (beat - self._usual_beat) * (1.0 - exp(-since / _USUAL_S))
        neutral = _NEUTRAL * self._usual_beat
        ratio = ((beat + _FLOOR) / (neutral + _FLOOR)) ** _TRUST
        turns = self._stamp_rows + (self._turned * (_BINS * _FINE)).astype(np.intp)
        stamp = self._stamps.take(turns, axis=0, out=self._stamp, mode="clip")
        stamp *= np.float32(ratio - 1.0)
        stamp += np.float32(1.0)
        self._mass *= stamp
        self._mass *= np.float32(1.0 / float(self._mass.sum()))
        if time - self._leaked >= _LEAK_S:
            self._leaked = time
            self._leak()

    def tempi(self) -> Float32s:
        """Probability of each tempo of `bpm`."""
        shares: Float32s = self._mass.sum(axis=1)
        return shares

    def best(self) -> Pulse:
        """The likeliest pulse."""
        row, column = divmod(int(self._mass.argmax()), _BINS)
        return self._gather(row, (column + 0.5) / _BINS + float(self._turned[row]))

    def is_best(self, pulse: Pulse) -> bool:
        """Whether the likeliest pulse of all is this one or next to it."""
        row, column = divmod(int(self._mass.argmax()), _BINS)
        away = (column + 0.5) / _BINS + float(self._turned[row]) - pulse.phase
        return abs(row - self._row(pulse.bpm)) <= _NEAR_ROWS and abs((away + 0.5) % 1.0 - 0.5) < _NEAR_BINS / _BINS

    def at(self, bpm: float, phase: float) -> Pulse:
        """The pulse near this tempo and phase."""
        return self._gather(self._row(bpm), phase)

    def _row(self, bpm: float) -> int:
        place = (len(self.bpm) - 1) * log(bpm / self.bpm[0]) / log(self.bpm[-1] / self.bpm[0])
        return min(max(round(place), 0), len(self.bpm) - 1)

    def _gather(self, row: int, phase: float) -> Pulse:
        """Mean tempo, mean phase and share of what is near."""
        rows = slice(max(0, row - _NEAR_ROWS), row + _NEAR_ROWS + 1)
        column = (phase - self._turned[rows, None]) * _BINS - 0.5
        first = np.rint(column)
        cells = self._rows[rows] + ((first.astype(np.intp) + _WINDOW) & (_BINS - 1))
        mass = self._mass.take(cells)
        shares = mass.sum(axis=1)
        share = float(shares.sum()) + 1e-30
        offset = (float((mass @ _WINDOW).sum()) + float(shares @ (first - column)[:, 0])) / (share * _BINS)
        bpm = float(np.exp(float(shares @ self._logs[rows]) / share))
        assert self._time is not None
        return Pulse(self._time, bpm, (phase + offset) % 1.0, min(1.0, share))

    def _leak(self) -> None:
        """Mass spreads to the neighbouring tempi at the phase it has now, along the rim, and to the prior."""
        mass = self._mass
        # What is a bin of wheel i lies `step` bins earlier on wheel i + 1, which is turned further.
        step = np.rint(np.diff(self._turned) * _BINS).astype(np.intp)[:, None]
        side = np.float32(_PHASE_LEAK) * mass
        kept = mass - 2.0 * side
        kept[:, 1:] += side[:, :-1]
        kept[:, :-1] += side[:, 1:]
        kept[:, 0] += side[:, -1]
        kept[:, -1] += side[:, 0]
        kept *= self._cost
        rising = mass.take(self._rows[:-1] + ((_COLUMNS + step) & (_BINS - 1)))
        falling = mass.take(self._rows[1:] + ((_COLUMNS - step) & (_BINS - 1)))
        leak = np.float32(_TEMPO_LEAK)
        kept[1:] += leak * rising
        kept[:-1] += leak * falling
        kept += (self._prior * (_FORGET / _BINS)).astype(np.float32)[:, None]
        self._mass = kept


_MIDDLES = (np.arange(_BINS) + 0.5) / _BINS
_COLUMNS = np.arange(_BINS)
_WINDOW = np.arange(-_NEAR_BINS, _NEAR_BINS + 1)


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
