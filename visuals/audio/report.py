"""What the ears heard in a file: one JSON object a line, and a page to look at. `visuals analyse`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

from visuals.audio.analysis import Analyser
from visuals.audio.capture import Track
from visuals.types import Event, Features
from visuals.vocabulary import EVENTS

HOPS_PER_S = 100.0

Line = dict[str, Any]


def write(
    path: str | Path,
    out: str | Path | None = None,
    picture: str | Path | None = None,
    progress: Callable[[float], None] = lambda share: None,
) -> None:
    """Analyse the file at `path` into the lines of `out` and the page of `picture`, either or both.

    `progress` is told the share done, 0..1, once a second. Raises `MediaError` when `path` holds no sound.
    """
    track = Track(path)
    with ExitStack() as stack:
        heard = lines(track, progress)
        if out is not None:
            heard = _kept(heard, stack.enter_context(Path(out).open("w")))
        if picture is not None:
            from visuals.audio.plot import plot  # it takes most of a second to load

            plot(heard, picture, Path(path).name)
        for _ in heard:
            pass


def lines(track: Track, progress: Callable[[float], None] = lambda share: None) -> Iterator[Line]:
    """Events `{"type", "t", "emit", "strength", "confidence"}` as they are raised, and
    `{"type": "hop", "t", "emit", "signals"}` a hundred times a second.

    `t` is when it sounded, `emit` when the engine could know; `t` of a hop is the 1/100 s it stands
    for. An event is as sure as the vocabulary's signal for it, or else as it is strong.
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


def _kept(heard: Iterator[Line], file: IO[str]) -> Iterator[Line]:
    for line in heard:
        file.write(json.dumps(line, separators=(",", ":")) + "\n")
        yield line


def _event(event: Event, features: Features) -> Line:
    sure = EVENTS[event.name].confidence
    return {
        "type": event.name,
        "t": round(event.time, 5),
        "emit": round(features.time, 5),
        "strength": round(event.value, 4),
        "confidence": round(features.signals[sure] if sure else event.value, 4),
    }


def _hop(time: float, features: Features) -> Line:
    signals = {name: round(value, 5) for name, value in features.signals.items()}
    return {"type": "hop", "t": round(time, 5), "emit": round(features.time, 5), "signals": signals}
