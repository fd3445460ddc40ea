"""Who leads the tempo, and where timecode stands: a line in the log when that changes, a few words for the operator.

Bounded, whatever a clock or a tape does. Knows nothing of how either is followed.
"""

from __future__ import annotations

from visuals.audio.beat.clock import HELD, LINK, MIDI_CLOCK, OPERATOR, SOUND
from visuals.control.allowance import Allowance
from visuals.control.timecode import Place
from visuals.control.timecode.chase import State
from visuals.telemetry import Log
from visuals.types import Features, Signals

LEADERS: dict[int, str] = {HELD: "held", SOUND: "audio", OPERATOR: "tap", MIDI_CLOCK: "clock", LINK: "link"}
"""The signal `tempo.source` in a show file's words; held is the last tempo, when nobody leads."""

CHANGES: dict[tuple[State, State], str] = {
    ("stopped", "locked"): "start",
    ("stopped", "freewheel"): "start",
    ("locked", "freewheel"): "lost",
    ("freewheel", "locked"): "back",
    ("locked", "stopped"): "stop",
    ("freewheel", "stopped"): "stop",
}
"""How a tape ran and runs -> what the log calls that; lost is one that is believed to run on unheard."""

LINES_HZ, LINES_AT_ONCE = 0.2, 16


def leader(signals: Signals) -> str:
    """Who leads, "" for nobody that is known."""
    return LEADERS.get(round(signals.get("tempo.source", SOUND)), "")


def led_by(signals: Signals) -> str:
    """Who leads, for the status line: nothing where that is the sound, as it is on most nights."""
    who = leader(signals)
    return "" if who == LEADERS[SOUND] else f" {who}"


class Conductors:
    """Compares what was told last with what is. What changed while lines were short is told later, as it is then."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._leader = LEADERS[HELD]
        self._state: State = "stopped"
        self._told: tuple[State, int] = self._state, 0
        self._may_tell_tempo = Allowance(LINES_HZ, LINES_AT_ONCE)
        self._may_tell_timecode = Allowance(LINES_HZ, LINES_AT_ONCE)
        self._place: Place | None = None

    def step(self, features: Features | None, place: Place | None, now: float) -> None:
        """What is heard and where the tape is at `now` (s); None where nothing or none was heard."""
        if features is not None:
            self._tell_tempo(leader(features.signals), now)
        self._place, self._state = place or self._place, "stopped" if place is None else place.state
        self._tell_timecode(now)

    @property
    def timecode(self) -> str:
        """Where the tape is while it runs, "" while it stands."""
        return "" if self._place is None or self._state == "stopped" else str(self._place.timecode)

    def _tell_tempo(self, leads: str, now: float) -> None:
        if leads != self._leader and self._may_tell_tempo.take(now):
            self._log.write("tempo", **{"from": self._leader, "to": leads})
            self._leader = leads

    def _tell_timecode(self, now: float) -> None:
        place = self._place
        if place is None or (self._state, place.jumps) == self._told or not self._may_tell_timecode.take(now):
            return
        what = CHANGES.get((self._told[0], self._state), "jump")
        self._log.write("timecode", what=what, timecode=str(place.timecode), rate=place.rate.name)
        self._told = self._state, place.jumps
