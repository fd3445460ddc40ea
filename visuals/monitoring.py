"""Monitoring: what desks send by MIDI, a line each, and what a show does with it.

What a message says the room of `control` knows; here it meets the show's bindings and the terminal.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from visuals.clock import RealClock, sleep
from visuals.control.midi.inputs import MidiIn
from visuals.control.midi.monitor import Monitor, Row
from visuals.control.midi.ports import Api
from visuals.desk import equipped, receiver
from visuals.library import open_show
from visuals.show.bindings import CALLS, Bindings, heeds_release, is_press
from visuals.types import Action, Event, FireCue, Follow, Go, Press, Pulse, Set, Show, StandBy, When

POLL_S = 0.005
SHOWN_BYTES = 128
"""The longest show control message is shown whole; of a synthesizer's dump its beginning."""
PATIENCE_S = 1.0
"""Before it is told which ports there are."""


class Bound:
    """What a show does with an event, in its file's words; line 0 is what every show does by itself."""

    def __init__(self, show: Show | None) -> None:
        self._is_known = show is not None
        self._bindings = Bindings(equipped(show).bindings if show else ())
        self._rules = [(scene, rule) for scene in (show.scenes.values() if show else ()) for rule in scene.rules]

    def of(self, event: Event) -> Iterator[tuple[str, int]]:
        """Each thing that it does, and the line where the file says so; of a button that is let go what that does."""
        pressed = is_press(event)
        for binding in self._bindings.of(event.name):
            if pressed or heeds_release(binding):
                yield does(binding.action), binding.line
        for scene, rule in self._rules:
            if pressed and isinstance(rule, When) and rule.event == event.name:
                yield f"{does(rule.action)} in scene {scene.name}", rule.line

    def refusal(self, row: Row) -> str:
        """Why a message does nothing; "" where it does, or where nothing is known of it."""
        calls = [event.name for event in row.events if event.name.startswith(CALLS)]
        if self._is_known and any(not self._bindings.of(name) for name in calls):
            return "no such cue"
        return row.refused


def does(action: Action) -> str:
    """An action as a show file writes it."""
    match action:
        case Go(scene):
            return f"go: {scene}"
        case FireCue(cue):
            return f"cue: {cue}"
        case StandBy(cue):
            return f"cue {cue} is next"
        case Follow(control):
            return f"name: {control[5:]}" if control.startswith("midi.") else f"drive: {control}"
        case Press(command, mode):
            return f"press: {command}" + ("" if mode == "toggle" else f", {mode}")
        case Pulse(control):
            return f"pulse: {control}"
        case Set(control, value):
            return f"set: {control} to {value:g}"


def line(row: Row, bound: Bound) -> str:
    """A row for people."""
    more = " …" if len(row.data) > SHOWN_BYTES else ""
    told = f"{row.time:9.3f}  {row.port}  {row.data[:SHOWN_BYTES].hex(' ').upper()}{more}"
    done = [f"{what} (line {number})" if number else what for e in row.events for what, number in bound.of(e)]
    named = ", ".join(f"{e.name} {e.value:.3f}" for e in row.events)
    why = bound.refusal(row)
    refused = f"not obeyed: {why}" if why else ""
    return "  |  ".join(part for part in (told, row.meaning, refused, named, "; ".join(done)) if part)


def as_json(row: Row, bound: Bound) -> str:
    """A row for programs, one JSON object on a line."""
    return json.dumps(
        {
            "t": round(row.time, 4),
            "port": row.port,
            "bytes": row.data.hex(" ").upper(),
            "kind": row.kind,
            "channel": row.channel or None,
            "wire": row.channel - 1 if row.channel else None,
            "meaning": row.meaning,
            "refused": bound.refusal(row) or None,
            "events": [{"name": e.name, "value": round(e.value, 6)} for e in row.events],
            "bound": [{"does": what, "line": n or None} for e in row.events for what, n in bound.of(e)],
        }
    )


def monitor(
    path: Path | None, pattern: str | None, api: Api, seconds: float, tell: Callable[[Row, Bound], str]
) -> None:
    """Print every message as `tell` writes it, for so long or until Ctrl-C. Raises VisualsError of a broken show."""
    show = open_show(path, None)[0] if path is not None else None
    bound, clock = Bound(show), RealClock()
    rows = Monitor(receiver(show.desks.msc) if show else None)
    with MidiIn(pattern, clock, api, everything=True) as midi, suppress(KeyboardInterrupt):
        listening: tuple[str, ...] | None = None
        while clock.now() < seconds:
            if clock.now() > PATIENCE_S and midi.connected != listening:
                listening = midi.connected
                print(f"listening to {', '.join(listening) or 'no port, waiting for one'}", file=sys.stderr)
            for row in rows.rows(midi.heard(), clock.now()):
                print(tell(row, bound), flush=True)
            sleep(POLL_S)
