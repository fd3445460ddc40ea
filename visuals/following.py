"""The other clocks that a show follows: their words for the ears, the place in timecode, the cues that pass.

It is given what came in on ports, tapes and networks, and believes what the show file says of them. It
opens none of them, and fires nothing itself: a frame that passes is an event, which its cue is bound to.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from visuals.control.midi.inputs import Timed
from visuals.control.tempo.midi_clock import Beat, MidiClock
from visuals.control.timecode import Chase, MtcReader, Place, Timeline
from visuals.control.timecode.chase import SILENCE_S
from visuals.engine import Followed
from visuals.timecode import RATES, Reading, Timecode, label_event
from visuals.types import Chasing, Conductor, Event, Show, Tempo

WORDS_S = 0.25
"""How often the ears are told of another clock's beat, which they carry on in between."""

ASTRAY_BEATS, ASTRAY_TEMPO = 0.05, 0.01
"""What is off by more than this from what they carry on, in beats or as a share of the tempo, they are told at once."""

LEAP_BEATS = 0.5
"""A clock that is off by more than this was started anew somewhere, as after a stop that came between two steps."""

MOST_PORTS = 16
"""MIDI ports whose time is followed; of more, the first heard are forgotten."""

OTHER_PORT_S = 1.0
"""Another port is believed once the one that timecode came on was silent for so long."""

OTHER_RATE = 50
"""So many frames in a row at another rate than the show's are no slip."""

AT_REST = {"timecode": 0.0, "timecode.running": 0.0}
"""What rules read where no timecode was heard."""

logger = logging.getLogger(__name__)


class Following:
    """All other clocks of a show, stepped. `midi`, `tape` and `link` say what came since, each where there is one."""

    def __init__(
        self,
        show: Show,
        *,
        midi: Callable[[], Sequence[Timed]] = tuple,
        tape: Callable[[], Sequence[Reading]] = tuple,
        link: Callable[[], Beat] | None = None,
    ) -> None:
        self._midi, self._tape, self._link = midi, tape, link
        self._clocks = Clocks()
        self._words = {name: Words(name) for name in ("clock", "link")}
        self._opened = self._show = show
        self._chased = _chased(show)

    def step(self, now: float) -> Followed:
        """What is new at `now`."""
        timing = self._midi()
        for timed in timing:
            self._clocks.take(timed)
        tempo = list(self._tempo(now))
        if self._chased is None:
            return Followed((), AT_REST, tempo)
        return replace(self._chased.step(timing, self._tape(), now), tempo=tempo)

    def take(self, show: Show) -> None:
        """Let an edited show take over; the tape goes on where it is, and no cue fires because of that."""
        told = set(_needs_a_start(self._opened, self._show))
        for need in _needs_a_start(self._opened, show):
            if need not in told:
                logger.warning("%s is listened to from the next start on", need[0])
        last, self._show, self._chased = self._chased, show, _chased(show)
        if last is not None and self._chased is not None:
            self._chased.succeed(last)

    @property
    def place(self) -> Place | None:
        """Where the tape was in the last step; None where none was heard."""
        return None if self._chased is None else self._chased.place

    def memo(self) -> dict[str, Any]:
        """What a restarted engine needs, so that no cue fires twice: plain JSON."""
        return {} if self._chased is None else self._chased.memo()

    def restore(self, memo: Mapping[str, Any]) -> None:
        """Go on from a memo. Call before the first step."""
        if self._chased is not None and "timecode" in memo:
            self._chased.resume(float(memo["timecode"]))

    def _tempo(self, now: float) -> Iterator[Tempo]:
        follow = self._show.listening.follow
        if "clock" in follow:
            yield from self._words["clock"].say(self._clocks.at(now), now)
        if "link" in follow and self._link is not None:
            yield from self._words["link"].say(self._link(), now)


# ---- tempo


class Clocks:
    """The MIDI clocks of all ports, of which the first that runs counts until it stops."""

    def __init__(self) -> None:
        self._ports: dict[str, MidiClock] = {}
        self._port = ""

    def take(self, timed: Timed) -> None:
        clock = self._ports.get(timed.port)
        if clock is None:
            clock = self._ports[timed.port] = MidiClock()
            if len(self._ports) > MOST_PORTS:
                del self._ports[next(iter(self._ports))]
        clock.take(timed.message, timed.time)

    def at(self, now: float) -> Beat:
        beats = {port: clock.at(now) for port, clock in self._ports.items()}
        if not beats.get(self._port, Beat()).running:
            self._port = next((port for port, beat in beats.items() if beat.running), self._port)
        return beats.get(self._port, Beat())


class Words:
    """What the ears are told of one clock: a word at once where it starts, stops or leaps, else one every WORDS_S."""

    def __init__(self, source: Conductor) -> None:
        self._source: Conductor = source
        self._said: Tempo | None = None

    def say(self, beat: Beat, now: float) -> Iterator[Tempo]:
        runs = beat.running and beat.confidence > 0.0
        word = Tempo(now, self._source, beat.bpm, beat.position if beat.placed else None, beat.confidence * runs)
        last = self._said or Tempo(now, self._source)
        if last.confidence == 0.0 or word.confidence == 0.0:
            is_news = last.confidence != word.confidence
        else:
            astray = _astray(last, word)
            if astray > LEAP_BEATS:
                yield Tempo(now, self._source)
            is_news = now - last.time >= WORDS_S or astray > ASTRAY_BEATS or _is_other_tempo(last, word)
        if is_news:
            self._said = word
            yield word


def _astray(last: Tempo, word: Tempo) -> float:
    """How far (beats) a word is from where the last one was going."""
    if last.position is None or word.position is None:
        return 0.0
    return abs(word.position - last.position - (word.time - last.time) * last.bpm / 60.0)


def _is_other_tempo(last: Tempo, word: Tempo) -> bool:
    return (last.position is None) != (word.position is None) or abs(word.bpm - last.bpm) > ASTRAY_TEMPO * last.bpm


# ---- timecode


class Chased:
    """A tape that is followed, and the cues along it. One that stands fires nothing.

    Cues come as their frame passes here and are seen when the walls show it: where that is late, a show's
    `offset` lets them come earlier.
    """

    def __init__(self, chasing: Chasing, show: Show) -> None:
        self.chasing, self._rate = chasing, RATES[chasing.rate]
        labels = [cue.timecode for cue in show.cues if cue.timecode]
        frames = [(float(Timecode.parse(label, self._rate).elapsed), label) for label in labels]
        self._timeline: Timeline[str] = Timeline(frames, chasing.offset)
        self._chase = Chase(max(chasing.freewheel, SILENCE_S))  # less would stand between two frames
        self._readers: dict[str, MtcReader] = {}
        self._port, self._heard = "", 0.0
        self._strange = 0  # frames in a row at another rate
        self.place: Place | None = None

    def step(self, timing: Sequence[Timed], tape: Sequence[Reading], now: float) -> Followed:
        for reading in self._mtc(timing) if self.chasing.source == "mtc" else tape:
            self._chase.take(self._counted(reading))
        place = self.place = self._chase.at(now)
        if place is None:
            return Followed((), AT_REST)
        runs = place.state != "stopped"
        passed = self._timeline.advance(place.position, place.jumps) if runs else []
        events = [Event(now, label_event(label), 1.0, "timecode") for label in passed]
        return Followed(events, {"timecode": place.position, "timecode.running": float(runs)})

    def succeed(self, last: Chased) -> None:
        """Follow the same tape on, if it is one."""
        if (last.chasing.source, last.chasing.freewheel) == (self.chasing.source, self.chasing.freewheel):
            self._chase, self._readers, self.place = last._chase, last._readers, last.place
            self._port, self._heard = last._port, last._heard
            self._timeline.succeed(last._timeline)

    def memo(self) -> dict[str, Any]:
        running = self.place is not None and self.place.state != "stopped"
        return {"timecode": self.place.position} if self.place is not None and running else {}

    def resume(self, position: float) -> None:
        self._timeline.resume(position)

    def _mtc(self, timing: Sequence[Timed]) -> Iterator[Reading]:
        """The readings of the port that is believed: two tapes at once would be none."""
        for timed in timing:
            if timed.port not in self._readers and len(self._readers) >= MOST_PORTS:
                del self._readers[next(iter(self._readers))]
            reading = self._readers.setdefault(timed.port, MtcReader()).take(timed.message, timed.time)
            if reading is None:
                continue
            if timed.port != self._port and self._port and timed.time - self._heard < OTHER_PORT_S:
                continue
            self._port, self._heard = timed.port, timed.time
            yield reading

    def _counted(self, reading: Reading) -> Reading:
        """A reading as the show counts: neither MTC nor LTC can tell 29.97 from 30."""
        found, told = reading.timecode, self._rate
        if found.rate == told:
            self._strange = 0
        elif (found.rate.nominal, found.rate.drop) == (told.nominal, told.drop):
            return replace(reading, timecode=replace(found, rate=told))
        else:
            self._strange += 1
            if self._strange == OTHER_RATE:
                logger.warning("timecode counts at %s, the show's cues at %s", found.rate.name, told.name)
        return reading


def _needs_a_start(opened: Show, after: Show) -> Iterator[tuple[object, ...]]:
    """What an edited show listens to that nobody has opened, and by which input."""
    if "link" in after.listening.follow and "link" not in opened.listening.follow:
        yield ("Ableton Link",)
    wanted = _tape_input(after)
    if wanted and wanted != _tape_input(opened):
        yield "timecode on another sound input or channel", *wanted


def _tape_input(show: Show) -> tuple[object, ...]:
    tape = show.chasing
    return (tape.input, tape.channel) if tape is not None and tape.source == "ltc" else ()


def _chased(show: Show) -> Chased | None:
    return None if show.chasing is None else Chased(show.chasing, show)
