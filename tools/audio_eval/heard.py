"""What a listener heard in a clip: events with the time they were known, curves, and what it cost.

`listen` runs the project's own analysis in this process, exactly as `visuals analyse` does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import process_time
from typing import NamedTuple

import numpy as np

from visuals.audio import report
from visuals.audio.analysis import Analyser
from visuals.audio.track import CHANNELS, HOP_S, Track
from visuals.types import HOP, SAMPLE_RATE_HZ, Block
from visuals.vocabulary import EVENTS

from .clips import Clip, Float32s, Floats, at_rate

KEPT = ("pitch", "pitch.confidence", "bpm", "tempo.confidence", "crowd", "voice", "key", "key.minor", "key.confidence")


class Told(NamedTuple):
    """Events of one name, each [n]: when they were known, when they say they happened (s), how sure."""

    emit: Floats
    stamp: Floats
    confidence: Floats


@dataclass(frozen=True)
class Heard:
    """Of one clip: events by name (a name that is not there was not listened for), signals [hops] at
    `times` (end of each hop, s), CPU seconds spent and seconds of sound."""

    seconds: float
    cpu_s: float
    events: dict[str, Told] = field(default_factory=dict)
    times: Floats = field(default_factory=lambda: np.zeros(0))
    signals: dict[str, Floats] = field(default_factory=dict)


class Played(Track):
    """Sound in memory (48 kHz mono) as a track."""

    def __init__(self, mono: Float32s) -> None:
        self.path, self.duration = Path("memory"), len(mono) / SAMPLE_RATE_HZ
        self._mono = np.pad(mono, (0, -len(mono) % HOP))

    def blocks(self, start: float = 0.0) -> Iterator[Block]:
        for i in range(int(start / HOP_S), len(self._mono) // HOP):
            hop = self._mono[i * HOP : (i + 1) * HOP, None]
            yield Block(i * HOP_S, np.ascontiguousarray(np.broadcast_to(hop, (HOP, CHANNELS))))


def listen(clip: Clip, keep: Path | None = None) -> Heard:
    """The project's own ears on one clip. With `keep`, what `visuals analyse` would write goes there."""
    mono, rate = clip.samples()
    track = Played(at_rate(mono, rate, SAMPLE_RATE_HZ))
    if keep is not None:
        _write(clip, track, keep)
    analyser, spent = Analyser(), 0.0
    raised: dict[str, list[tuple[float, float, float]]] = {name: [] for name in EVENTS}
    times, rows = [], []
    for block in track:
        start = process_time()
        features = analyser.hear(block)
        spent += process_time() - start
        for event in features.events:
            beat = event.name in ("beat", "downbeat", "phrase")
            sure = features.signals["tempo.confidence"] if beat else event.value
            raised.setdefault(event.name, []).append((features.time, event.time, sure))
        times.append(features.time)
        rows.append([features.signals.get(name, 0.0) for name in KEPT])
    curves = np.array(rows, np.float64).reshape(-1, len(KEPT)).T
    return Heard(
        seconds=track.duration,
        cpu_s=spent,
        events={name: told(found) for name, found in raised.items()},
        times=np.array(times),
        signals=dict(zip(KEPT, curves, strict=True)),
    )


def told(rows: list[tuple[float, float, float]]) -> Told:
    """From (emit, stamp, confidence) of each event."""
    return Told(*np.array(rows, np.float64).reshape(-1, 3).T)


def _write(clip: Clip, track: Track, folder: Path) -> None:
    name = " ".join(filter(None, (clip.name, clip.spoilt))).replace("/", "_")
    path = folder / clip.corpus / f"{name}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        for line in report.lines(track):
            file.write(json.dumps(line, separators=(",", ":")) + "\n")
