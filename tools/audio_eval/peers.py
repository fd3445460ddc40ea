"""Listeners to hold beside ours: raw aubio as textbooks set it and at its best, and foreign trackers.

All hear the clip at 44.1 kHz, the rate aubio's tempo was made for. aubio's events are known at the
end of the hop that raised them, whatever its back-dated time says.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from time import process_time
from typing import Any

import aubio
import numpy as np
from scipy import signal  # type: ignore[import-untyped]

from .clips import Clip, Float32s, at_rate
from .heard import Heard, Told, told

RATE_HZ = 44_100
FOREIGN = ("btrack", "librosa", "madmom")
"""Run in another process, in the Python given with --peers-python."""
SUBJECTS = {
    "aubio": {"onsets", "beats", "pitch"},
    "aubio-best": {"onsets", "drums", "beats", "pitch"},
    "btrack": {"beats"},
    "librosa": {"onsets", "beats"},
    "madmom": {"onsets", "beats"},
}
"""What each has something to say of."""

Peer = Callable[[Float32s, Iterable[str]], Heard]

BEST_DRUMS = {
    "kick": (("lowpass", 150.0), "energy", 1.8),
    "snare": (("bandpass", [200.0, 2000.0]), "specdiff", 0.6),
    "hat": (("highpass", 9000.0), "hfc", 0.4),
}
"""Filter, onset method and threshold of each drum (window 512, hop 256), the best of a few in the mixes of
MDB's seven songs."""


def listen(name: str, clip: Clip, subjects: Iterable[str], python: Path) -> Heard:
    """What peer `name` hears of `subjects` in a clip. Raises `OSError` when it cannot be had."""
    mono, rate = clip.samples()
    mono = at_rate(mono, rate, RATE_HZ)
    return _foreign(name, mono, python) if name in FOREIGN else AUBIO[name](mono, subjects)


# ---- aubio --------------------------------------------------------------------------------------


def _default(mono: Float32s, subjects: Iterable[str]) -> Heard:
    start, heard = process_time(), _Parts()
    if "onsets" in subjects:
        heard.events["onset"] = _raised(aubio.onset("default", 1024, 512, RATE_HZ), mono, 512)
    if "beats" in subjects:
        heard.events["beat"] = _raised(aubio.tempo("default", 1024, 512, RATE_HZ), mono, 512)
    if "pitch" in subjects:
        heard.hear_pitch(mono, aubio.pitch("default", 2048, 256, RATE_HZ))
    return heard.done(mono, process_time() - start)


def _best(mono: Float32s, subjects: Iterable[str]) -> Heard:
    start, heard = process_time(), _Parts()
    if "onsets" in subjects:
        heard.events["onset"] = _raised(aubio.onset("hfc", 512, 128, RATE_HZ), mono, 128)
    if "beats" in subjects:
        heard.events["beat"] = _raised(aubio.tempo("default", 1024, 512, RATE_HZ), mono, 512)
    if "pitch" in subjects:
        trust = aubio.pitch("yinfast", 1024, 256, RATE_HZ)
        heard.hear_pitch(mono, aubio.pitch("yinfft", 1024, 256, RATE_HZ), trust)
    if "drums" in subjects:
        for drum, ((kind, hz), method, threshold) in BEST_DRUMS.items():
            band = signal.sosfilt(signal.butter(4, hz, kind, fs=RATE_HZ, output="sos"), mono).astype(np.float32)
            detector = aubio.onset(method, 512, 256, RATE_HZ)
            detector.set_threshold(threshold)
            heard.events[drum] = _raised(detector, band, 256)
    return heard.done(mono, process_time() - start)


AUBIO: dict[str, Peer] = {"aubio": _default, "aubio-best": _best}


class _Parts:
    """A `Heard` in the making."""

    def __init__(self) -> None:
        self.events: dict[str, Told] = {}
        self.times = np.zeros(0)
        self.hz = np.zeros(0)

    def hear_pitch(self, mono: Float32s, detector: Any, trust: Any = None) -> None:
        """f0 of each hop; 0 where `trust`, a second detector, is less than 0.8 sure."""
        hz = []
        for hop in _hops(mono, 256):
            value = float(detector(hop)[0])
            sure = trust is None or (trust(hop) is not None and trust.get_confidence() >= 0.8)
            hz.append(value if sure else 0.0)
        self.hz, self.times = np.array(hz), (np.arange(len(hz)) + 1) * 256 / RATE_HZ

    def done(self, mono: Float32s, cpu_s: float) -> Heard:
        signals = {"pitch": self.hz} if len(self.hz) else {}
        return Heard(len(mono) / RATE_HZ, cpu_s, self.events, self.times, signals)


def _raised(detector: Any, mono: Float32s, hop: int) -> Told:
    found = []
    for i, samples in enumerate(_hops(mono, hop)):
        if detector(samples)[0] > 0.0:
            found.append(((i + 1) * hop / RATE_HZ, float(detector.get_last_s()), 1.0))
    return told(found)


def _hops(mono: Float32s, hop: int) -> Iterable[Float32s]:
    return iter(mono[: len(mono) // hop * hop].reshape(-1, hop))


# ---- others -------------------------------------------------------------------------------------


def _foreign(name: str, mono: Float32s, python: Path) -> Heard:
    process = _start(name, python)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(f"{RATE_HZ} {len(mono)}\n".encode() + mono.tobytes())
        process.stdin.flush()
        found = json.loads(process.stdout.readline() or b'{"missing": "it died"}')
    except BrokenPipeError:
        found = {"missing": "it died"}
    if "missing" in found:
        raise OSError(f"{name} is not to be had in {python} ({found['missing']}): it is left out")
    events = {kind: told([(t, t, 1.0) for t in found[kind]]) for kind in ("onset", "beat") if kind in found}
    return Heard(len(mono) / RATE_HZ, float(found["cpu_s"]), events)


@cache
def _start(name: str, python: Path) -> subprocess.Popen[bytes]:
    """One process for all clips: some need most of a minute to get going. It ends with this one."""
    command = [str(python), str(Path(__file__).with_name("foreign.py")), name]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
