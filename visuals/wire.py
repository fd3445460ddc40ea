"""How the nouns cross a process: each one's place in a fixed array for `shm.Latest`."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from visuals import shm
from visuals.shm import Latest, Layout
from visuals.timecode import RATES, Reading, Timecode
from visuals.types import Event, Features, Flag, Listening, Pixels, Tempo
from visuals.vocabulary import EVENTS, SIGNALS

SIGNAL_NAMES = tuple(SIGNALS)
EVENT_NAMES = tuple(EVENTS)
SPECTRUM, WAVEFORM = 256, 512

FEATURES = np.dtype(
    [
        ("time", "f8"),
        ("signals", "f4", len(SIGNAL_NAMES)),
        ("events", "f4", (len(EVENT_NAMES), 2)),
        ("spectrum", "f4", SPECTRUM),
        ("waveform", "f4", WAVEFORM),
    ]
)
"""`events` holds (value, age in s) per event name; a value below zero means it did not come."""

LINE_BYTES = 1024


def features_layout(name: str) -> Layout:
    return Layout(name, (FEATURES.itemsize,), "u1", slots=64)


def lines_layout(name: str) -> Layout:
    return Layout(name, (LINE_BYTES,), "u1", slots=128)


def memo_layout(name: str) -> Layout:
    """A ring for one process's memory of itself: few lines, but long ones."""
    return Layout(name, (16 * LINE_BYTES,), "u1", slots=4)


def pack_features(features: Features) -> npt.NDArray[np.uint8]:
    """Features as FEATURES.itemsize bytes. A second event of one name in a hop replaces the first."""
    record = np.zeros((), FEATURES)
    record["time"] = features.time
    record["signals"] = [features.signals[name] for name in SIGNAL_NAMES]
    record["events"][:, 0] = -1.0
    for event in features.events:
        record["events"][EVENT_NAMES.index(event.name)] = event.value, features.time - event.time
    record["spectrum"] = features.spectrum
    record["waveform"] = features.waveform
    return np.frombuffer(record.tobytes(), np.uint8)


def unpack_features(data: npt.NDArray[np.uint8]) -> Features:
    """The inverse of `pack_features`."""
    record = data.view(FEATURES)[0]
    time = float(record["time"])
    return Features(
        time=time,
        signals=dict(zip(SIGNAL_NAMES, record["signals"].tolist(), strict=True)),
        events=tuple(
            Event(time - age, name, value, "audio")
            for name, (value, age) in zip(EVENT_NAMES, record["events"].tolist(), strict=True)
            if value >= 0.0
        ),
        spectrum=record["spectrum"],
        waveform=record["waveform"],
    )


SPARSE = (48, 64)
"""Rows and columns of the grid at which a canvas is looked at: 3072 places, whatever its size."""

_FLAG_BITS, _LOOK_BITS = 8, 8


def sparse(pixels: Pixels) -> Pixels:
    """A canvas at a fixed grid of places, copied: what tells one picture from another within 0.1 ms."""
    (height, width), (rows, columns) = pixels.shape[:2], SPARSE
    down, across = max(1, height // rows), max(1, width // columns)
    return np.ascontiguousarray(pixels[down // 2 :: down, across // 2 :: across])


def signature(places: Pixels) -> int:
    """Of a canvas's `sparse` places: never 0, which stands for a picture that nobody signed."""
    return zlib.crc32(places.data) or 1


@dataclass(frozen=True, slots=True)
class Stamp:
    """What travels with a canvas in its ring's flags.

    `look` changes whenever the show itself changes what is to be seen: another scene, a time that stands.
    `signature` is the engine's, over the very bytes it wrote: whoever reads them computes it again.
    """

    flags: Flag = Flag.NONE
    look: int = 0
    signature: int = 0

    def pack(self) -> int:
        """As the ring's flags: bits 0-7 flags, 8-15 look, 16-47 signature."""
        return int(self.flags) | (self.look & 0xFF) << _FLAG_BITS | self.signature << (_FLAG_BITS + _LOOK_BITS)


def read_stamp(packed: int) -> Stamp:
    """The inverse of `Stamp.pack`."""
    rest = packed >> (_FLAG_BITS + _LOOK_BITS)
    return Stamp(Flag(packed & 0x3F), packed >> _FLAG_BITS & 0xFF, rest & 0xFFFFFFFF)


def stamp(pixels: Pixels, flags: Flag, look: str) -> int:
    """The stamp of a canvas about to be written, packed; `look` in words."""
    return Stamp(flags, zlib.crc32(look.encode()) & 0xFF, signature(sparse(pixels))).pack()


LONGEST_TEXT, CUT_BYTES = 200, 24
"""Of a line that is too long: what is left of a text, and the room for `cut`."""


class Lines:
    """A ring of small JSON objects: log lines and operator events. The oldest are dropped.

    A line too long for its slot keeps its shortest fields and says by `cut` how long it was.
    """

    def __init__(self, ring: Latest) -> None:
        self._ring = ring
        self._bytes = ring.layout.shape[0]

    def write(self, fields: Mapping[str, Any]) -> None:
        text = json.dumps(fields, separators=(",", ":"), default=str).encode()
        if len(text) > self._bytes:
            text = json.dumps({**_essentials(fields, self._bytes), "cut": len(text)}, separators=(",", ":")).encode()
        line = np.zeros(self._bytes, np.uint8)
        line[: len(text)] = np.frombuffer(text, np.uint8)
        self._ring.write(line, time=float(fields.get("t", 0.0)))

    def drain(self) -> list[dict[str, Any]]:
        return [_parse(r) for r in self._ring.drain()]

    def newest(self) -> dict[str, Any] | None:
        """The last line written, seen or not."""
        reading = self._ring.read()
        return _parse(reading) if reading else None


def _parse(reading: shm.Reading) -> dict[str, Any]:
    line: dict[str, Any] = json.loads(bytes(reading.data).rstrip(b"\0"))
    return line


def _essentials(fields: Mapping[str, Any], room: int) -> dict[str, Any]:
    """What of an overlong line is kept in `room` bytes: the shortest of its values, texts cut to LONGEST_TEXT."""
    kept = {k: v[:LONGEST_TEXT] if isinstance(v, str) else v for k, v in fields.items()}
    sizes = {k: len(json.dumps({k: v}, separators=(",", ":"), default=str)) for k, v in kept.items()}
    left, found = room - CUT_BYTES, set()
    for name in sorted(sizes, key=lambda name: sizes[name]):
        left -= sizes[name]
        if left < 0:
            break
        found.add(name)
    return {k: v if isinstance(v, str | int | float | dict | list) else str(v) for k, v in kept.items() if k in found}


Order = Event | Listening | Tempo


class Orders:
    """What the engine tells the ears, over `Lines`: the operator's words, what a saved show and other clocks say."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    def write(self, orders: Iterable[Order]) -> None:
        for order in orders:
            self._lines.write(asdict(order))

    def drain(self) -> Sequence[Order]:
        return [_order(fields) for fields in self._lines.drain()]


def _order(fields: dict[str, Any]) -> Order:
    if "name" in fields:
        return Event(**fields)
    return Listening(**{k: _tuple(v) for k, v in fields.items()}) if "bpm_range" in fields else Tempo(**fields)


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value  # JSON knows no tuples


class Readings:
    """Where a tape is, over `Lines`: a `Source` of `Reading` on the reading side."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    def write(self, readings: Iterable[Reading]) -> None:
        for r in readings:
            place = {"index": r.timecode.index, "rate": r.timecode.rate.name}
            self._lines.write({"time": r.time, **place, "part": r.part, "direction": r.direction})

    def drain(self) -> Sequence[Reading]:
        return [_reading(**fields) for fields in self._lines.drain()]


def _reading(index: int, rate: str, **rest: Any) -> Reading:
    return Reading(timecode=Timecode.of_index(index, RATES[rate]), **rest)


class EventLines:
    """Operator events over `Lines`: a `Source` of `Event` on the reading side."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    def write(self, events: Iterable[Event]) -> None:
        for e in events:
            self._lines.write(asdict(e))

    def drain(self) -> Sequence[Event]:
        return [Event(**fields) for fields in self._lines.drain()]
