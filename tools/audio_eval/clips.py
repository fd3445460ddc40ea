"""A clip: sound with the truth about it. Reading sound, changing its rate, spoiling it on purpose.

Knows nothing of where clips come from and nothing of how they are scored.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Float32s = npt.NDArray[np.float32]
Truth = dict[str, Any]
"""What is known of a clip; a name that is not there is not known, and not scored.

`onsets kick snare hat beats downbeats drop` times s [n], sorted · `f0` (times s [n], Hz [n], 0 where
nobody sings) · `hit` "drum" or "melodic", the class of every onset in it · `shots` [(time s, class)]
of one-shots · `crowd` bool, or for each second 1, 0 or NaN (not judged) · `key` (tonic 0..11, minor)
· `section` and `tempo_changes` times s · `no beat` when there is none.
"""

REVERB_S = 0.8
"""Time in which the reverb of the robustness test falls by 60 dB (RT60): a classroom."""


@dataclass(frozen=True)
class Part:
    """A file of a clip: how loud it is mixed in, where it begins in the clip, and how long it plays at most."""

    path: Path
    gain: float = 1.0
    start_s: float = 0.0
    longest_s: float = np.inf


@dataclass(frozen=True)
class Clip:
    """One piece of sound of a set, read when asked for. `spoilt`: a name of `SPOILERS`, or none.

    Without parts it is 30 s of silence, to which a spoiler may add noise.
    """

    name: str
    corpus: str
    parts: tuple[Part, ...]
    truth: Truth = field(default_factory=dict, compare=False)
    spoilt: str = ""

    def samples(self) -> tuple[Float32s, int]:
        """Mono float32 [n] and its rate in Hz; the mean of the channels, parts added, never above 1."""
        if not self.parts:
            mono, rate = np.zeros(30 * 48_000, np.float32), 48_000
        elif self.parts == (Part(self.parts[0].path),):
            mono, rate = read(self.parts[0].path)
        else:
            mono, rate = _mix(self.parts)
        return SPOILERS[self.spoilt](mono, rate), rate

    def spoil(self, how: str) -> Clip:
        return replace(self, spoilt=how)


def read(path: Path) -> tuple[Float32s, int]:
    """A sound file at its own rate, the mean of its channels: mono float32 [n], rate Hz.

    Raises `OSError` when it is missing or not sound.
    """
    try:
        with av.open(str(path)) as container:
            stream = container.streams.audio[0]
            resampler = av.AudioResampler(format="flt", layout=stream.layout, rate=stream.rate)
            pieces = [p.to_ndarray() for f in container.decode(stream) for p in resampler.resample(f)]
            pieces += [p.to_ndarray() for p in resampler.resample(None)]
            channels, rate = stream.channels, int(stream.rate)
    except (av.error.FFmpegError, IndexError) as error:
        raise OSError(f"{path}: not a sound file ({error})") from None
    flat = np.concatenate([p.reshape(-1) for p in pieces]) if pieces else np.zeros(0, np.float32)
    return flat.reshape(-1, channels).mean(axis=1, dtype=np.float32), rate


def at_rate(mono: Float32s, rate: int, wanted: int) -> Float32s:
    """The same sound at another rate, by the resampler the live path uses for files."""
    if rate == wanted or not len(mono):
        return mono
    resampler = av.AudioResampler(format="flt", layout="mono", rate=wanted)
    frame = av.AudioFrame.from_ndarray(mono[None, :].astype(np.float32), format="flt", layout="mono")
    frame.rate = rate
    pieces = [p.to_ndarray()[0] for given in (frame, None) for p in resampler.resample(given)]
    return np.concatenate(pieces).astype(np.float32)


def _mix(parts: tuple[Part, ...]) -> tuple[Float32s, int]:
    rate = read(parts[0].path)[1]
    pieces = []
    for part in parts:
        mono, own_rate = read(part.path)
        mono = at_rate(mono, own_rate, rate)
        if part.longest_s < np.inf:
            mono = _cut(mono, int(part.longest_s * rate), rate)
        pieces.append((int(part.start_s * rate), mono * np.float32(part.gain)))
    mixed = np.zeros(max(start + len(mono) for start, mono in pieces), np.float32)
    for start, mono in pieces:
        mixed[start : start + len(mono)] += mono
    return mixed / np.float32(max(1.0, float(np.abs(mixed).max()))), rate


def _cut(mono: Float32s, length: int, rate: int) -> Float32s:
    """At most `length` samples; what is cut off ends in a fade of 10 ms, as a click would be an onset."""
    if len(mono) <= length:
        return mono
    mono, fade = mono[:length].copy(), min(length, rate // 100)
    mono[length - fade :] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)
    return mono


# ---- spoiling -----------------------------------------------------------------------------------


def _quieter(mono: Float32s, rate: int) -> Float32s:
    return mono * np.float32(0.01)


def _reverberate(mono: Float32s, rate: int) -> Float32s:
    """A room: noise that falls by 60 dB in 0.8 s, as much power as the sound itself, which comes first."""
    room = _room(rate)
    size = 1 << (len(mono) + len(room) - 1).bit_length()
    wet = np.fft.irfft(np.fft.rfft(mono, size) * np.fft.rfft(room, size), size)[: len(mono)]
    return (wet / max(1.0, float(np.abs(wet).max()))).astype(np.float32)


@cache
def _room(rate: int) -> Floats:
    time = np.arange(int(REVERB_S * rate)) / rate
    tail = np.random.default_rng(8).standard_normal(len(time)) * 10.0 ** (-3.0 * time / REVERB_S)
    tail[: int(0.005 * rate)] = 0.0  # the first wall is 1.7 m away
    tail /= np.sqrt(np.sum(tail**2))
    tail[0] = 1.0
    return tail


def _pink(mono: Float32s, rate: int) -> Float32s:
    """Noise of equal power in each octave above 20 Hz, -20 dBFS."""
    spectrum = np.fft.rfft(np.random.default_rng(9).standard_normal(len(mono)))
    hz = np.fft.rfftfreq(len(mono), 1.0 / rate)
    noise = np.fft.irfft(spectrum / np.sqrt(np.maximum(hz, 20.0)), len(mono))
    return _plus(mono, 0.1 * noise / np.sqrt(np.mean(noise**2)))


def _hum(mono: Float32s, rate: int) -> Float32s:
    """Mains of 50 Hz with its odd harmonics, -26 dBFS."""
    time = np.arange(len(mono)) / rate
    tones = np.sum([np.sin(2.0 * np.pi * 50.0 * n * time) / n for n in (1, 3, 5, 7)], axis=0)
    return _plus(mono, 0.07 * tones)


def _plus(mono: Float32s, noise: Floats) -> Float32s:
    return np.asarray(mono + noise, np.float32)


SPOILERS = {
    "": lambda mono, rate: mono,
    "-40 dB": _quieter,
    "reverb": _reverberate,
    "pink noise": _pink,
    "hum": _hum,
}
