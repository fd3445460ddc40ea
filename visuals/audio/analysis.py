"""What one hop of sound is like: every sense asked once, in an order in which each has what it needs.

48 kHz, 256 samples a hop. The senses do not know each other; they meet here. Knows nothing of where
the sound comes from or of what it will move.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from visuals.audio import net
from visuals.audio.bands import Bands
from visuals.audio.beat import Beats, Heard, Position
from visuals.audio.form import Form
from visuals.audio.harmony import Harmony
from visuals.audio.hits import Hits
from visuals.audio.levels import Gate, InputGain, clean, decibels
from visuals.audio.loudness import Loudness
from visuals.audio.night import Night
from visuals.audio.pitch import Pitch
from visuals.audio.room import Room
from visuals.audio.spectrum import BINS, Spectrum, check_version
from visuals.audio.timbre import Timbre
from visuals.types import HOP, SAMPLE_RATE_HZ, Block, Event, Features, Float32s, Listening, Tempo
from visuals.vocabulary import SIGNALS

EARS = Path(__file__).parents[2] / "models" / "ears" / "model.safetensors"
CROWDED = 0.6
"""From this probability on the audience is what sounds: nothing is learnt from it."""
APPLAUSE_S = 12.0
"""So long a crowd ends a song; the noise of a riser, which sounds like one, is over by then."""

_HOP_S = HOP / SAMPLE_RATE_HZ
_BEAT_DELAY_S = 1.5 * net.SLOW * _HOP_S  # the networks tell a beat in the slow frame after its own
_UNTOLD = Listening()
_SHARES = slice(net.SLOW_HEADS.index("drums"), net.SLOW_HEADS.index("voice") + 1)
_SHARE_S = 0.1
_HALF = np.float32(0.5)
_COUNTED = ("onset", "kick")

_NAMES = tuple(SIGNALS)
_LOW = np.array([-np.inf if term.low is None else term.low for term in SIGNALS.values()])
_HIGH = np.array([np.inf if term.high is None else term.high for term in SIGNALS.values()])
_REST = np.array([term.rest for term in SIGNALS.values()])


class Analyser:
    """Hears one block after another and says what each is like. Deterministic.

    Raises `ModelError` when the networks' weights are missing, `DeviceError` when aubio is too old.
    """

    def __init__(self, listening: Listening = _UNTOLD) -> None:
        check_version()
        self._listening = listening
        self._weights = net.read(EARS)
        self._beats = _beats(listening)
        self._end = 0.0
        self._wake()

    def _wake(self) -> None:
        """All senses as new; the beat goes on."""
        self._gate, self._gain = Gate(self._listening.noise_db), InputGain(self._listening.gain_db)
        self._spectrum, self._net, self._hits = Spectrum(), net.Net(self._weights), Hits()
        self._bands, self._loudness, self._timbre = Bands(), Loudness(), Timbre()
        self._pitch, self._harmony = Pitch(), Harmony()
        self._form, self._night, self._room = Form(), Night(), Room()
        self._shares, self._crowd, self._crowded_for = np.zeros(3), 0.0, 0.0
        self._wave: Float32s = np.zeros(2 * HOP, np.float32)
        self._seen: Float32s = np.zeros(256, np.float32)

    # ---- what it is told

    def listen(self, listening: Listening) -> None:
        """Another show or room: tempo settings count from now on, gain and noise from the next start."""
        if _music(listening) != _music(self._listening):
            self._beats = _beats(listening)
        self._listening = listening

    def take(self, tempo: Tempo) -> None:
        """What another clock says of the beat; it counts where the show follows it."""
        self._beats.take(tempo)

    def tap(self, time: float) -> None:
        """The operator taps a beat at show time `time`."""
        self._beats.tap(time)

    def resync(self, time: float) -> None:
        """The operator says that `time` is beat one."""
        self._beats.resync(time)

    def scale(self, factor: float) -> None:
        """The operator says that the tempo is twice (2.0) or half (0.5) of this."""
        self._beats.scale(factor, self._end)

    def nudge(self, seconds: float) -> None:
        """The operator moves every beat this much later, or earlier when negative."""
        self._beats.nudge(seconds, self._end)

    # ---- what it tells

    def hear(self, block: Block) -> Features:
        """One hop. Any samples will do: what is not finite or in -1..1 is cleaned first."""
        end = self._end = block.time + _HOP_S
        samples = _hop(block.samples)
        try:
            signals, events, magnitudes, loud = self._listen(samples, end)
        except (ArithmeticError, ValueError):  # something that is no number came where a whole one is needed
            signals, events = dict.fromkeys(_NAMES, np.nan), []
            magnitudes, loud = np.zeros(BINS, np.float32), np.zeros(HOP, np.float32)
        values = np.fromiter(map(signals.__getitem__, _NAMES), np.float64, len(_NAMES))
        if not np.isfinite(values).all():
            self._wake()
            if not np.isfinite([signals["bpm"], signals["beat.phase"]]).all():
                self._beats = _beats(self._listening)
            values = np.where(np.isfinite(values), values, _REST)
            magnitudes, loud = np.nan_to_num(magnitudes), np.nan_to_num(loud)
        told = np.minimum(np.maximum(values, _LOW), _HIGH).tolist()
        signals = dict(zip(_NAMES, told, strict=True))
        return Features(end, signals, tuple(events), self._see(magnitudes), self._waveform(loud))

    def _listen(self, samples: Float32s, end: float) -> tuple[dict[str, float], list[Event], Float32s, Float32s]:
        mono = (samples[:, 0] + samples[:, 1]) * _HALF
        square = float(mono @ mono) / HOP - (float(np.add.reduce(mono)) / HOP) ** 2
        silent = self._gate.feed(decibels(square), _HOP_S)
        crowded = self._crowd > CROWDED
        gain = self._gain.feed(square, _HOP_S, frozen=silent or crowded)
        loud = np.minimum(np.maximum(mono * np.float32(gain), np.float32(-1.0)), np.float32(1.0))

        # The gain is applied after the transform, so its moves never reach the levels of the form.
        bare = self._spectrum.feed(mono)
        power = bare * bare
        powers = self._bands.measure(mono, power)
        magnitudes = bare * np.float32(gain)
        said = self._net.hear(magnitudes, loud)
        meters = self._loudness.hear(samples)
        pitch, notes = self._pitch.hear(loud, silent, end)
        harmony, chords = self._harmony.hear(loud, silent, end)
        hits = self._hits.hear(said, silent, end)
        beat = None if said.slow is None else Heard(end - _BEAT_DELAY_S, float(said.slow[0]), float(said.slow[1]))
        place = self._beats.hear(beat, [*hits, *chords], silent, crowded, end)
        count = {name: sum(event.name == name for event in hits) for name in _COUNTED}
        self._crowded_for = self._crowded_for + _HOP_S if crowded else 0.0
        applause = self._crowd if self._crowded_for > APPLAUSE_S else 0.0
        form, turns = self._form.hear(powers, count, place, silent, applause, _HOP_S)
        if any(name == "section" for name, _ in turns):
            self._beats.section(end)
        room = self._room.hear(samples, power, powers.low, silent, _HOP_S)
        self._crowd = room["crowd"]
        signals = {
            **meters,
            **self._bands.hear(gain, silent, _HOP_S),
            **self._timbre.hear(magnitudes, power * np.float32(gain**2), powers.fine * gain**2, silent, _HOP_S),
            **pitch,
            **harmony,
            **self._hits.signals(),
            **self._follow_shares(said.slow, silent),
            **_rhythm(place),
            **form,
            **self._night.hear(meters["loudness.db"], count["onset"], silent or crowded, _HOP_S),
            **room,
            "gain": self._gain.gain_db,
            "silence": float(silent),
        }
        events = [*hits, *notes, *chords, *_beat_events(place), *(Event(end, n, v, "audio") for n, v in turns)]
        return signals, events, magnitudes, loud

    def _follow_shares(self, slow: Float32s | None, silent: bool) -> dict[str, float]:
        """Shares of drums, instruments and voice, smoothed over 100 ms."""
        if slow is not None:
            target = np.zeros(3) if silent else slow[_SHARES]
            self._shares = self._shares + (target - self._shares) * (1.0 - np.exp(-net.SLOW * _HOP_S / _SHARE_S))
        return dict(zip(("drums", "instruments", "voice"), self._shares.tolist(), strict=True))

    def _see(self, magnitudes: Float32s) -> Float32s:
        """256 bars from 0 Hz to 24 kHz, -80 to -10 dB spread over 0..1, falling back over 80 ms."""
        pairs = np.maximum(magnitudes[0:512:2], magnitudes[1:512:2])
        now = np.minimum(np.maximum((20.0 * np.log10(pairs + 1e-9) + 80.0) / 70.0, 0.0), 1.0).astype(np.float32)
        self._seen = np.maximum(now, self._seen * _FALL)
        return self._seen

    def _waveform(self, loud: Float32s) -> Float32s:
        self._wave = np.concatenate([self._wave[HOP:], loud])
        return self._wave


_FALL = np.float32(np.exp(-_HOP_S / 0.08))


def _music(listening: Listening) -> Listening:
    """What it says of the music, without the room."""
    return replace(listening, gain_db=None, noise_db=None)


def _beats(listening: Listening) -> Beats:
    return Beats(listening.bpm_range, listening.bpm_prior, listening.metre, listening.follow)


def _hop(samples: npt.NDArray[np.floating]) -> Float32s:
    """Exactly one hop [256, 2] of clean samples."""
    data = clean(samples)
    if len(data) == HOP:
        return data
    hop = np.zeros((HOP, 2), np.float32)
    hop[: min(HOP, len(data))] = data[:HOP]
    return hop


def _rhythm(place: Position) -> dict[str, float]:
    return {
        "bpm": place.bpm,
        "tempo.confidence": place.confidence,
        "tempo.locked": float(place.locked),
        "tempo.source": float(place.source),
        "beat.phase": place.beat_phase,
        "beat.next": place.next,
        "bar.phase": place.bar_phase,
        "bar.beat": float(place.bar_beat),
        "bar.beats": float(place.beats_per_bar),
        "bar.confidence": place.bar_confidence,
        "phrase.phase": place.phrase_phase,
    }


def _beat_events(place: Position) -> list[Event]:
    passed = (("beat", place.beats), ("downbeat", place.downbeats), ("phrase", place.phrases))
    return [Event(time, name, 1.0, "audio") for name, times in passed for time in times]
