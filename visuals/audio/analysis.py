"""What one hop of sound is like. One call per hop and object.

aubio finds onsets, pitch and tempo; levels, drums, song form and the beat clock are our own. Works
at 48 kHz, 256 samples a hop. Knows nothing of where the sound comes from or of what it will move.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from visuals.audio import detectors
from visuals.audio.beat import BeatClock, Position, Tempo
from visuals.audio.drums import STEP, WINDOW, Drums, Hit, Spectrum
from visuals.audio.levels import Followers, Gate, InputGain, Ranges, clean, decibels
from visuals.audio.music import Form, Music
from visuals.types import HOP, SAMPLE_RATE_HZ, Block, Event, Features, Float32s
from visuals.vocabulary import SIGNALS

Float64s = npt.NDArray[np.float64]

_HOP_S = HOP / SAMPLE_RATE_HZ
_STEPS = HOP // STEP

_BASS_HZ, _HIGH_HZ = 200.0, 4000.0
_ONSET_DELAY_S = 0.010  # median of hfc 512/128 at the moment of emission
_HIT_DELAY_S = 0.003
_VOICED = 0.8  # yinfast's confidence above which 95 % of sung frames and 14 % of the others lie
_SEMITONE = 2.0 ** (1.0 / 12.0) - 1.0
_PITCH_RANGE_HZ = (40.0, 2000.0)

# aubio's tempo is at its best with 512-sample hops at 44.1 kHz; 557 at 48 kHz are the same 11.6 ms.
# On clicks of 90 to 174 BPM the two agree to 0.05 %.
_TEMPO_HOP, _TEMPO_WINDOW = 557, 1024
# aubio drops the beats of digital silence; a floor at -90 dBFS keeps them.
_DITHER = 10.0 ** (-90.0 / 20.0)


class Analyser:
    """Hears one block after another and says what each is like. Deterministic."""

    def __init__(self) -> None:
        detectors.check_version()
        self.clock = BeatClock()
        self._gate, self._gain = Gate(), InputGain()
        self._spectrum, self._drums = Spectrum(), Drums()
        self._onset, self._pitch, self._tempo = _Onset(), _Pitch(), _TempoObserver()
        self._timbre, self._music = _Timbre(), Music()
        self._bands = _band_rows()
        self._ranges = Ranges([-17.0, -20.0, -22.0, -32.0])
        self._levels = Followers(attack=[0.008] * 4, release=[0.12, 0.12, 0.1, 0.08])
        self._wave = np.zeros(2 * HOP, np.float32)
        self._seen = np.zeros(256, np.float32)

    def tap(self, time: float) -> None:
        """The operator taps a beat at show time `time`."""
        self.clock.tap(time)

    def resync(self, time: float) -> None:
        """The operator says that `time` is beat one."""
        self.clock.resync(time)

    def hear(self, block: Block) -> Features:
        """One hop. Any samples will do: what is not finite or in -1..1 is cleaned first."""
        end = block.time + _HOP_S
        mono = _padded(clean(block.samples).mean(axis=1))
        power = float(np.mean(np.square(mono - mono.mean())))
        silent = self._gate.feed(decibels(power), _HOP_S)
        gain = self._gain.feed(power, _HOP_S, frozen=silent)
        loud = np.clip(mono * np.float32(gain), -1.0, 1.0)

        # The gain is applied after the transform, so its moves never reach the levels of the form.
        bare, hits = self._hear_steps(mono, loud, np.float32(gain), end, silent)
        magnitudes = bare * np.float32(gain)
        powers = self._bands @ np.square(bare, dtype=np.float64)
        onsets = sum(event.name == "onset" for event in hits)
        form = self._music.hear(powers, onsets, silent, _HOP_S)
        place = self._follow_tempo(loud, end, silent)
        signals = {
            **self._measure_levels(np.maximum(powers * gain**2, 1e-10), silent),
            **self._timbre.hear(magnitudes, silent),
            **self._pitch.hear(loud, silent),
            **_tempo_signals(place),
            "energy": form.energy,
            "build": form.build,
            "silence": float(silent),
        }
        events = (*hits, *_beat_events(place), *_form_events(form, end))
        return Features(end, _in_range(signals), events, self._see(magnitudes), self._waveform(loud))

    def _hear_steps(
        self, mono: Float32s, loud: Float32s, gain: np.float32, end: float, silent: bool
    ) -> tuple[Float32s, list[Event]]:
        events: list[Event] = []
        for i in range(_STEPS):
            step = slice(i * STEP, (i + 1) * STEP)
            now = end - (_STEPS - 1 - i) * STEP / SAMPLE_RATE_HZ
            bare = self._spectrum.feed(mono[step])
            hits = self._drums.hear(bare * gain, silent)
            events += [Event(now - _HIT_DELAY_S, hit.name, hit.strength, "audio") for hit in hits]
            onset = self._onset.hear(loud[step], silent)
            if onset is not None:
                events.append(Event(now - _ONSET_DELAY_S, onset.name, onset.strength, "audio"))
        return bare, events

    def _follow_tempo(self, loud: Float32s, end: float, silent: bool) -> Position:
        for tempo in self._tempo.hear(loud, end):
            if not silent:
                self.clock.observe(tempo)
        return self.clock.advance(end)

    def _measure_levels(self, powers: Float64s, silent: bool) -> dict[str, float]:
        shares = self._ranges.feed(10.0 * np.log10(powers), _HOP_S, frozen=silent)
        values = self._levels.feed(shares * (not silent), _HOP_S)
        return dict(zip(("loudness", "bass", "mid", "high"), values.tolist(), strict=True))

    def _see(self, magnitudes: Float32s) -> Float32s:
        """256 bars from 0 Hz to 24 kHz, -80 to -10 dB spread over 0..1, falling back over 80 ms."""
        pairs = magnitudes[:512].reshape(256, 2).max(axis=1)
        now = np.clip((20.0 * np.log10(pairs + 1e-9) + 80.0) / 70.0, 0.0, 1.0).astype(np.float32)
        self._seen = np.maximum(now, self._seen * np.float32(np.exp(-_HOP_S / 0.08)))
        return self._seen

    def _waveform(self, loud: Float32s) -> Float32s:
        self._wave = np.concatenate([self._wave[HOP:], loud])
        return self._wave


# ---- aubio's three ------------------------------------------------------------------------------


class _Onset:
    """Any attack. hfc 512/128: F 0.939 at 12.8 ms, where the default 1024/512 has 0.687 at 44 ms."""

    def __init__(self) -> None:
        self._detector = detectors.onset("hfc", 512, STEP)
        self._detector.set_threshold(0.07)
        self._detector.set_minioi_ms(50.0)
        self._peak = 1e-3

    def hear(self, step: Float32s, silent: bool) -> Hit | None:
        found = self._detector(step)[0] > 0.0
        value = float(self._detector.get_descriptor())
        self._peak = max(self._peak * 0.9995, value, 1e-3)
        return Hit("onset", min(1.0, 0.3 + 0.7 * value / self._peak)) if found and not silent else None


class _Pitch:
    """The leading voice: f0 from yinfft, confidence from yinfast.

    yinfft's own confidence is upside down (AUC 0.35 for voiced against unvoiced; yinfast's 0.87), and
    in this short window it reads pure sines high (+2.9 % at 262 Hz), so where the two agree to a
    semitone the value is yinfast's.
    """

    def __init__(self) -> None:
        self._frequency = detectors.pitch("yinfft", 1024, HOP)
        self._trust = detectors.pitch("yinfast", 1024, HOP)
        self._note, self._candidate, self._held = 60.0, 0.0, 0

    def hear(self, loud: Float32s, silent: bool) -> dict[str, float]:
        hz = float(self._frequency(loud)[0])
        fine_hz = float(self._trust(loud)[0])
        if abs(fine_hz - hz) < _SEMITONE * hz:
            hz = fine_hz
        confidence = 0.0 if silent else float(np.clip(self._trust.get_confidence(), 0.0, 1.0))
        low, high = _PITCH_RANGE_HZ
        voiced = confidence >= _VOICED and low <= hz <= high
        if voiced:
            self._settle(round(69.0 + 12.0 * float(np.log2(hz / 440.0))))
        return {
            "pitch": hz if voiced else 0.0,
            "pitch.confidence": confidence,
            "note": self._note,
            "note.class": self._note % 12.0,
        }

    def _settle(self, note: float) -> None:
        """A note counts from its third hop in a row (16 ms): attacks and glides pass through many."""
        self._held = self._held + 1 if note == self._candidate else 1
        self._candidate = note
        if self._held >= 3:
            self._note = note


class _TempoObserver:
    """Tempo and beats, from hops of aubio's own size gathered from ours."""

    def __init__(self) -> None:
        self._tracker = detectors.tempo("default", _TEMPO_WINDOW, _TEMPO_HOP)
        self._noise = np.random.default_rng(0).uniform(-_DITHER, _DITHER, _TEMPO_HOP).astype(np.float32)
        self._waiting = np.zeros(0, np.float32)
        self._fed = 0

    def hear(self, loud: Float32s, end: float) -> list[Tempo]:
        """The observations that this hop, ending at `end`, completes."""
        self._waiting = np.concatenate([self._waiting, loud])
        if len(self._waiting) < _TEMPO_HOP:
            return []
        hop, self._waiting = self._waiting[:_TEMPO_HOP], self._waiting[_TEMPO_HOP:]
        is_beat = self._tracker(hop + self._noise)[0] > 0.0
        self._fed += _TEMPO_HOP
        now = end - len(self._waiting) / SAMPLE_RATE_HZ
        beat = now + (self._tracker.get_last() - self._fed) / SAMPLE_RATE_HZ if is_beat else None
        bpm = float(self._tracker.get_bpm())
        confidence = float(np.clip(self._tracker.get_confidence(), 0.0, 1.0))
        return [Tempo(now, bpm, confidence, beat)] if bpm > 0.0 else []


# ---- timbre -------------------------------------------------------------------------------------


class _Timbre:
    """Brightness (centroid), noisiness (flatness), share of attack, from one spectrum per hop."""

    _WHITE = 0.56  # flatness of white noise: the geometric over the arithmetic mean of its power, e^-γ

    def __init__(self) -> None:
        width = SAMPLE_RATE_HZ / WINDOW
        self._frequencies = (np.arange(WINDOW // 2 + 1) * width).astype(np.float32)
        self._flat = slice(int(300.0 / width), int(8000.0 / width))
        self._slow = np.zeros(WINDOW // 2 + 1, np.float32)
        self._values = Followers(attack=[0.05, 0.08, 0.01], release=[0.1, 0.12, 0.15])

    def hear(self, magnitudes: Float32s, silent: bool) -> dict[str, float]:
        total = float(magnitudes[2:].sum()) + 1e-6
        centroid = float(self._frequencies[2:] @ magnitudes[2:]) / total
        brightness = np.log2(max(centroid, 150.0) / 150.0) / np.log2(10000.0 / 150.0)
        power = np.square(magnitudes[self._flat]) + 1e-12
        noisiness = float(np.exp(np.log(power).mean()) / power.mean()) / self._WHITE
        fresh = float(np.maximum(0.0, magnitudes[2:] - 1.5 * self._slow[2:]).sum()) / total
        self._slow += (magnitudes - self._slow) * np.float32(1.0 - np.exp(-_HOP_S / 0.12))
        targets = np.clip([brightness, noisiness, 1.5 * fresh], 0.0, 1.0) * (not silent)
        values = self._values.feed(targets, _HOP_S)
        return dict(zip(("brightness", "noisiness", "percussive"), values.tolist(), strict=True))


# ---- small change -------------------------------------------------------------------------------


def _padded(mono: Float32s) -> Float32s:
    """Exactly one hop, float32 and contiguous, as aubio wants it."""
    hop = np.zeros(HOP, np.float32)
    hop[: len(mono)] = mono[:HOP]
    return hop


def _band_rows() -> Float64s:
    """Rows that give the mean squares of the whole, bass, mid and high from squared magnitudes."""
    frequencies = np.arange(WINDOW // 2 + 1) * SAMPLE_RATE_HZ / WINDOW
    heard = frequencies > 30.0
    bands = (heard, heard & (frequencies < _BASS_HZ), (frequencies >= _BASS_HZ) & (frequencies < _HIGH_HZ))
    return np.array([*bands, frequencies >= _HIGH_HZ], np.float64) / 3.0


def _tempo_signals(place: Position) -> dict[str, float]:
    return {
        "bpm": place.bpm,
        "tempo.confidence": place.confidence,
        "beat.phase": place.beat_phase,
        "bar.phase": place.bar_phase,
        "phrase.phase": place.phrase_phase,
    }


def _beat_events(place: Position) -> list[Event]:
    beats = [Event(time, "beat", 1.0, "audio") for time in place.beats]
    return beats + [Event(time, "downbeat", 1.0, "audio") for time in place.downbeats]


def _form_events(form: Form, time: float) -> list[Event]:
    found = (("drop", form.drop), ("section", form.section))
    return [Event(time, name, strength, "audio") for name, strength in found if strength is not None]


def _in_range(signals: dict[str, float]) -> dict[str, float]:
    """Every name of the vocabulary, finite and within its range."""
    checked = {}
    for name, term in SIGNALS.items():
        value = signals.get(name, term.rest)
        if not np.isfinite(value):
            value = term.rest
        low = -np.inf if term.low is None else term.low
        high = np.inf if term.high is None else term.high
        checked[name] = min(max(float(value), low), high)
    return checked
