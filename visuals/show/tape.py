"""What a show file says of timecode: where it comes from, and which cues it fires. Follows nothing itself."""

from __future__ import annotations

from visuals.document import Keys
from visuals.errors import ShowError
from visuals.show import schema
from visuals.show.names import Faults
from visuals.timecode import RATES, Timecode, label_event
from visuals.types import Binding, Chasing, FireCue

SHORTEST_FREEWHEEL_S = 0.2
"""Less would stand between two frames; `cut` stands as soon as that."""


class Tape:
    """A show's `timecode` entry. Its `bindings` let the frames that pass fire their cues, as hands would."""

    def __init__(self, entry: schema.Timecode | None, faults: Faults) -> None:
        self._faults = faults
        self._lines: dict[str, int] = {}
        self.bindings: list[Binding] = []
        self.chasing = None if entry is None else self._chasing(entry)

    def fires(self, keys: Keys, label: str | None, cue: str) -> str:
        """The frame that fires a cue, as its rate writes it; "" for none."""
        if label is None:
            return ""
        if self.chasing is None:
            self._faults.add(keys, f"found `{label:.60}`, expected `timecode: {{source: mtc}}` or ltc in the show")
            return ""
        frame = self._frame(keys, label, self.chasing.rate)
        if frame is None:
            return ""
        if not 0.0 <= float(frame.elapsed) + self.chasing.offset < frame.rate.day:
            self._faults.add(keys, f"with the offset {frame} falls outside of the day, and would never come")
        line = self._faults.line(keys)
        if self._lines.setdefault(str(frame), line) != line:
            self._faults.add(keys, f"two cues at {frame}, the first in line {self._lines[str(frame)]}")
        self.bindings.append(Binding(label_event(str(frame)), FireCue(cue), line))
        return str(frame)

    def _chasing(self, entry: schema.Timecode) -> Chasing:
        at = ("timecode",)
        if entry.freewheel.unit != "s":
            self._faults.add((*at, "freewheel"), "found a duration in music, expected one in seconds, like 1s")
        elif 0.0 < entry.freewheel.amount < SHORTEST_FREEWHEEL_S:
            text = f"found {entry.freewheel.amount:g} s, expected {SHORTEST_FREEWHEEL_S:g} s or more, or cut"
            self._faults.add((*at, "freewheel"), text)
        if entry.source == "mtc":
            for key in ("input", "channel"):
                if getattr(entry, key) is not None:
                    self._faults.add((*at, key), "expected `source: ltc`: MTC comes over MIDI", at_key=True)
        elif entry.input is None and entry.channel is None:
            text = "found neither `input` (a sound input's name) nor `channel` (of the show's own sound), expected one"
            self._faults.add((*at, "source"), text)
        return Chasing(
            entry.source,
            entry.rate,
            entry.freewheel.amount,
            self._offset((*at, "offset"), entry.offset, entry.rate),
            entry.input,
            entry.channel or 1,
        )

    def _offset(self, keys: Keys, text: str, rate: str) -> float:
        """In seconds; a minus in front lets the cues come earlier."""
        frame = self._frame(keys, text.removeprefix("-"), rate)
        seconds = float(frame.elapsed) if frame is not None else 0.0
        return -seconds if text.startswith("-") else seconds

    def _frame(self, keys: Keys, label: str, rate: str) -> Timecode | None:
        try:
            return Timecode.parse(label, RATES[rate])
        except ShowError as error:
            self._faults.add(keys, str(error))
            return None
