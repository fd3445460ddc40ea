"""Other people's trackers, in whatever Python has them: `PYTHON foreign.py NAME`, one clip after another.

Imports nothing of the project, so that it also runs in another virtual environment. Each line of the
input is `RATE COUNT`, followed by COUNT float32 samples; each answer is one line of JSON: `onset` and
`beat` as emit times and the CPU seconds spent, or `missing` with the reason.
"""

from __future__ import annotations

import collections
import collections.abc
import json
import sys
import tempfile
import wave
from importlib import import_module
from time import process_time
from typing import Any

import numpy as np

_GONE = (
    (collections, "MutableSequence", collections.abc.MutableSequence),
    (np, "float", float),
    (np, "int", int),
)
"""What Python 3.10 and numpy 1.24 took away and madmom 0.16.1 still asks for."""


def hear_librosa(mono: Any, rate: int) -> dict[str, list[float]]:
    """Offline: it has heard the whole file, so its figures are none of a live show."""
    librosa = import_module("librosa")
    onsets = librosa.onset.onset_detect(y=mono, sr=rate, units="time")
    beats = librosa.beat.beat_track(y=mono, sr=rate, units="time")[1]
    return {"onset": list(map(float, onsets)), "beat": list(map(float, beats))}


def hear_madmom(mono: Any, rate: int) -> dict[str, list[float]]:
    """SuperFlux with causal picking at 200 frames a second; its recurrent network with the online DBN."""
    for module, name, value in _GONE:
        setattr(module, name, value)
    beats_of, onsets_of = import_module("madmom.features.beats"), import_module("madmom.features.onsets")
    bank = import_module("madmom.audio.filters").LogarithmicFilterbank
    filters = {"filterbank": bank, "num_bands": 24, "log": np.log10}
    flux = onsets_of.SpectralOnsetProcessor("superflux", fps=200, origin="online", **filters)
    window = {"pre_max": 0.01, "post_max": 0, "pre_avg": 0.15, "post_avg": 0}
    pick = onsets_of.OnsetPeakPickingProcessor(threshold=1.1, fps=200, **window)
    network = beats_of.RNNBeatProcessor(online=True)
    track = beats_of.DBNBeatTrackingProcessor(fps=100, online=True)
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        _write_wave(file, mono, rate)
        onsets, beats = pick(flux(file.name)), track(network(file.name))
    return {"onset": list(map(float, onsets)), "beat": list(map(float, beats))}


def _write_wave(file: Any, mono: Any, rate: int) -> None:
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes((np.clip(mono, -1.0, 1.0) * 32767).astype("<i2").tobytes())
    file.flush()


def hear_btrack(mono: Any, rate: int) -> dict[str, list[float]]:
    """BTrack tells the start of the 512-sample frame in which a beat is due; it is known at its end."""
    btrack_beat_tracker = import_module("btrack_beat_tracker")
    beats = btrack_beat_tracker.detect_beats(mono.astype(np.float64))
    return {"beat": [float(beat) + 512 / rate for beat in beats]}


HEARERS = {"librosa": hear_librosa, "madmom": hear_madmom, "btrack": hear_btrack}


def main() -> None:
    hear, warm = HEARERS[sys.argv[1]], False
    for line in iter(sys.stdin.buffer.readline, b""):
        rate, count = map(int, line.split())
        mono = np.frombuffer(sys.stdin.buffer.read(4 * count), np.float32)
        try:
            if not warm:
                hear(mono, rate)  # what imports and compiles on its first call is not its own cost
                warm = True
            start = process_time()
            found = hear(mono, rate)
        except (ImportError, AttributeError) as error:
            print(json.dumps({"missing": str(error)}), flush=True)
        else:
            print(json.dumps({**found, "cpu_s": process_time() - start}), flush=True)


if __name__ == "__main__":
    main()
