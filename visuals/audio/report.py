"""What the ears heard in a file, as one JSON object a line: `visuals analyse`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from visuals.audio.analysis import Analyser
from visuals.audio.capture import Track
from visuals.types import Event, Features

HOPS_PER_S = 100.0


def write(path: str | Path, out: str | Path, progress: Callable[[float], None] = lambda share: None) -> None:
    """Analyse the file at `path` into `out`. `progress` is told the share done, 0..1, once a second.

    Raises `MediaError` when `path` holds no sound.
    """
    track = Track(path)
    with Path(out).open("w") as file:
        for line in lines(track, progress):
            file.write(json.dumps(line, separators=(",", ":")) + "\n")


def lines(track: Track, progress: Callable[[float], None] = lambda share: None) -> Iterator[dict[str, Any]]:
    """Events `{"type", "t", "emit", "strength", "confidence"}` as they are raised, and
    `{"type": "hop", "t", "emit", "signals"}` a hundred times a second.

    `t` is when it sounded, `emit` when the engine could know; `t` of a hop is the 1/100 s it stands
    for. Confidence of beats is the tempo's; of all else the event's own strength.
    """
    analyser, hop, told = Analyser(), 0, 0
    for block in track:
        features = analyser.hear(block)
        for event in features.events:
            yield _event(event, features)
        while hop / HOPS_PER_S <= features.time:
            yield _hop(hop / HOPS_PER_S, features)
            hop += 1
        if int(features.time) > told and track.duration:
            told = int(features.time)
            progress(min(1.0, features.time / track.duration))


def _event(event: Event, features: Features) -> dict[str, Any]:
    beat = event.name in ("beat", "downbeat")
    return {
        "type": event.name,
        "t": round(event.time, 5),
        "emit": round(features.time, 5),
        "strength": round(event.value, 4),
        "confidence": round(features.signals["tempo.confidence"] if beat else event.value, 4),
    }


def _hop(time: float, features: Features) -> dict[str, Any]:
    signals = {name: round(value, 5) for name, value in features.signals.items()}
    return {"type": "hop", "t": round(time, 5), "emit": round(features.time, 5), "signals": signals}
