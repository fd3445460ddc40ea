"""The leading voice: its fundamental, how sure that is, its glide, and its notes.

YIN's difference function over the newest 5 ms only, so that the value tells of now, and a belief over
all pitches, carried from hop to hop, that keeps the octave where so short a window cannot. Hears one
voice; in a full mix it follows what dominates or, mostly, says that there is no single pitch.
Knows nothing of keys, chords or singers.
"""

from __future__ import annotations

import math

import numpy as np

from visuals.types import HOP, SAMPLE_RATE_HZ, Event, Float32s

_HOP_S = HOP / SAMPLE_RATE_HZ

# A quarter of the rate is enough for pitch, and a sixteenth of the work.
_DECIMATION = 4
_RATE_HZ = SAMPLE_RATE_HZ // _DECIMATION
_NEW = HOP // _DECIMATION
_TAPS, _CUTOFF_HZ = 32, 4500.0

_RANGE_HZ = (40.0, 2000.0)  # what is published
_GRID_HZ = (40.0, 3600.0)  # what is believed: a whistle above the range must not be heard an octave below
_PER_OCTAVE = 36
_LAGS = int(_RATE_HZ / _GRID_HZ[0]) + 2
_FLOOR = 1e-8  # -80 dBFS: what is quieter has no period


class Pitch:
    """Follows the leading voice. One call per hop."""

    def __init__(self) -> None:
        self._lags, self._belief = _Lags(), _Belief()
        self._voicing, self._line, self._notes = _Voicing(), _Line(), _Notes()

    def hear(self, loud: Float32s, silent: bool, time: float) -> tuple[dict[str, float], list[Event]]:
        """Signals and events of the hop [256] that ends at `time`, mono after input gain."""
        unlike, power = self._lags.hear(loud)
        place, share = self._belief.follow(unlike)
        hz, aperiodic = _dip(unlike, place)
        confidence = 0.0 if silent else self._voicing.judge(aperiodic, power, share)
        low, high = _RANGE_HZ
        if not low <= hz <= high:
            confidence = min(confidence, 0.5)
        voiced = confidence > 0.5
        note, glide = self._line.follow(69.0 + 12.0 * math.log2(hz / 440.0), voiced)
        events = self._notes.hear(note if voiced else None, confidence, time)
        return {
            "pitch": 440.0 * 2.0 ** ((note - 69.0) / 12.0) if voiced else 0.0,
            "pitch.confidence": confidence,
            "pitch.glide": glide,
            "note": self._notes.note,
            "note.class": self._notes.note % 12.0,
        }, events


class _Lags:
    """How unlike the newest sound is to itself `lag` samples before: 0 at a period, about 1 elsewhere.

    The difference function of YIN (de Cheveigné & Kawahara 2002), normalised by its cumulative mean.
    Long lags remember longer, half their length: low notes need more than the newest 5 ms, and high
    ones must not wait for them.
    """

    def __init__(self) -> None:
        taps = np.arange(_TAPS) - (_TAPS - 1) / 2.0
        lowpass = np.sinc(2.0 * _CUTOFF_HZ / SAMPLE_RATE_HZ * taps) * np.hamming(_TAPS)
        self._raw = np.zeros(_TAPS - _DECIMATION + HOP, np.float32)
        self._decimate = np.zeros((_NEW, len(self._raw)), np.float32)
        for i in range(_NEW):
            self._decimate[i, _DECIMATION * i : _DECIMATION * i + _TAPS] = lowpass / lowpass.sum()
        self._sound = np.zeros(_LAGS + _NEW, np.float32)
        self._sums = np.zeros(_LAGS, np.float32)
        lags = np.arange(_LAGS, dtype=np.float32)
        self._keep = np.exp(-_NEW / (0.5 * np.maximum(lags, 1e-2))).astype(np.float32)
        self._counts = np.maximum(lags, 1.0)
        self._mean = 0.0

    def hear(self, loud: Float32s) -> tuple[Float32s, float]:
        """The difference by lag [_LAGS] and the mean square of the hop, both without its DC."""
        self._mean += (float(loud.sum()) / HOP - self._mean) * 0.02
        self._raw = np.concatenate((self._raw[HOP:], loud - np.float32(self._mean)))
        self._sound = sound = np.concatenate((self._sound[_NEW:], self._decimate @ self._raw))
        newest = sound[-_NEW:]
        running = np.cumsum(np.square(sound))
        energies = running[_NEW:] - running[:-_NEW]
        energy = float(energies[-1])
        unlike = energies + energy - 2.0 * np.correlate(sound[1:], newest)
        self._sums = self._sums * self._keep + np.maximum(unlike[::-1], _NEW * _FLOOR)
        normalised = np.asarray(self._sums * self._counts / np.cumsum(self._sums), np.float32)
        return normalised, max(0.0, energy / _NEW)


class _Belief:
    """Where the pitch is likely to be, as a distribution over 36 steps an octave.

    A Bayes filter that only looks back: it blurs (a voice moves), leaks to everywhere (a new note), and
    is multiplied by what the newest hop says. Longer lags cost a little, as
    every multiple of a period is one too.
    """

    _TRUST = 6.0  # low: octaves are told over 30 ms, fine pitch comes from the dip itself
    _OCTAVE_COST = 0.03
    _BLUR = 1.5  # steps per hop: 94 semitones/s
    _LEAK = (0.001, 0.1)  # share that starts anew per hop: in a tone, out of tones

    def __init__(self) -> None:
        low, high = _GRID_HZ
        octaves = np.arange(0.0, math.log2(high / low), 1.0 / _PER_OCTAVE)
        self._places = _RATE_HZ / (low * 2.0**octaves)
        self._cost = self._OCTAVE_COST * (octaves[-1] - octaves)
        steps = np.arange(-6, 7) / self._BLUR
        kernel = np.exp(-0.5 * steps**2)
        self._blur = kernel / kernel.sum()
        self._lags = np.arange(_LAGS)
        self._belief = np.full(len(octaves), 1.0 / len(octaves))

    def follow(self, unlike: Float32s) -> tuple[float, float]:
        """The likeliest period in samples, and the share of the belief that is just there."""
        cost = np.minimum(np.interp(self._places, self._lags, unlike), 1.0) + self._cost
        toneless = min(1.0, max(0.0, (float(cost.min()) - 0.3) / 0.3))
        calm, lost = self._LEAK
        leak = calm + (lost - calm) * toneless
        prior = np.convolve(self._belief, self._blur, "same") * (1.0 - leak) + leak / len(cost)
        belief = prior * np.exp(-self._TRUST * cost)
        self._belief = belief = belief / belief.sum()
        best = int(belief.argmax())
        return float(self._places[best]), float(belief[best])


def _dip(unlike: Float32s, place: float) -> tuple[float, float]:
    """Frequency in Hz and depth of the dip next to lag `place`, on a parabola through its three samples."""
    near = min(max(round(place), 2), len(unlike) - 3)
    values = unlike[near - 2 : near + 3].tolist()
    i = min((1, 2, 3), key=values.__getitem__)
    before, at, after = values[i - 1 : i + 2]
    bend = before - 2.0 * at + after
    shift = min(1.0, max(-1.0, 0.5 * (before - after) / bend)) if bend > 1e-9 else 0.0
    return _RATE_HZ / (near - 2 + i + shift), at


class _Voicing:
    """How likely it is that one voice sounds: periodic, loud against its own last seconds, and clear.

    A logistic rule; its weights were fitted to sung tracks, with drums and noise as what is not a voice.
    """

    _LOUDEST_DB = -35.0  # what input gain brings no higher than this is no voice
    _FALL_DB_PER_S = 5.6

    def __init__(self) -> None:
        self._aperiodic, self._before, self._top_db = 1.0, 0.0, self._LOUDEST_DB

    def judge(self, aperiodic: float, power: float, share: float) -> float:
        """0..1; above 0.5 there is a voice."""
        self._aperiodic += 0.4 * (aperiodic - self._aperiodic)
        level_db = 10.0 * math.log10(0.5 * (power + self._before) + 1e-9)
        self._before = power
        self._top_db = max(self._top_db - self._FALL_DB_PER_S * _HOP_S, level_db, self._LOUDEST_DB)
        relative = min(-3.0, max(-30.0, level_db - self._top_db))
        score = -3.8 * self._aperiodic + 0.217 * relative + 6.87 * share + 1.67
        return 1.0 / (1.0 + math.exp(-score))


class _Line:
    """The melody as a line: a little ahead of the dips, which tell of the middle of their window."""

    _AHEAD = 0.5  # hops; the window's middle is one hop old, and half of that is worth its noise
    _SMOOTH_S = 0.015

    def __init__(self) -> None:
        self._last: list[float] = []
        self._glide = 0.0

    def follow(self, note: float, voiced: bool) -> tuple[float, float]:
        """The note number drawn on to the end of the hop, and the glide in semitones per second."""
        if self._last and abs(note - self._last[-1]) > 1.5:
            self._last.clear()
        self._last = [*self._last[-2:], note]
        slope = 0.5 * (note - self._last[0]) if len(self._last) == 3 else 0.0
        target = slope / _HOP_S if voiced else 0.0
        self._glide += (target - self._glide) * (1.0 - math.exp(-_HOP_S / self._SMOOTH_S))
        drawn = note + self._AHEAD * slope if abs(slope) < 1.0 else note
        return drawn, min(120.0, max(-120.0, self._glide))


class _Notes:
    """Steady pitches as notes. A note ends when the voice does or moves on to another."""

    _SMOOTH_S = 0.02
    _AWAY = 0.8  # semitones: a vibrato of a semitone stays one note
    _STEADY_HOPS, _GONE_HOPS = 4, 6

    def __init__(self) -> None:
        self.note = 60.0
        self._mean = 0.0
        self._sounding = False
        self._steady = self._gone = 0

    def hear(self, note: float | None, confidence: float, time: float) -> list[Event]:
        """`note` None where there is no voice."""
        if note is None:
            self._steady, self._gone = 0, self._gone + 1
            return self._end(confidence, time) if self._gone >= self._GONE_HOPS else []
        if self._gone or abs(note - self._mean) > 1.5:
            self._mean = note
        self._gone = 0
        self._mean += (note - self._mean) * (1.0 - math.exp(-_HOP_S / self._SMOOTH_S))
        self._steady = self._steady + 1 if abs(note - self._mean) < 0.5 else 0
        if self._steady < self._STEADY_HOPS or (self._sounding and abs(self._mean - self.note) < self._AWAY):
            return []
        events = self._end(confidence, time)
        self.note = float(min(127, max(0, round(self._mean))))
        self._sounding = True
        return [*events, Event(time, "note.on", confidence, "audio")]

    def _end(self, confidence: float, time: float) -> list[Event]:
        if not self._sounding:
            return []
        self._sounding = False
        return [Event(time, "note.off", confidence, "audio")]
