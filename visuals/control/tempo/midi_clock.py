"""MIDI clock: tempo and place in the music out of jittery ticks, start, stop and song position.

Source: MIDI 1.0 Detailed Specification 4.2.1, System Real Time Messages and Song Position Pointer. A
pure listener: knows no ports, and leaves it to the show whether to believe it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import pairwise
from math import exp, inf, isfinite

from visuals.control.midi.messages import Message
from visuals.control.tempo.line import Line

TICKS_PER_BEAT = 24
TICKS_PER_SIXTEENTH = 6
"""What song position counts: a MIDI beat of six clocks."""

BPM_RANGE = (20.0, 400.0)
_SLOPES = tuple(bpm / 60.0 * TICKS_PER_BEAT for bpm in BPM_RANGE)  # ticks a second
FREEWHEEL_S = 2.0
"""How long the music goes on when ticks fail to come. Its confidence falls from the first missing beat on."""

SLOW_TICKS, QUICK_TICKS = 18.0, 6.0
"""Memories (time constants) of the line that is told and of the one that finds out that the tempo changed."""

SLOW_JITTERS = 300.0
"""The slow memory is at least this many times the jitter, and the quick one in proportion. Ticks that come in steps
of a JACK period keep the period's tempo until a step is skipped: only many steps tell their own."""

MOST_STEP_S = 0.035
"""A step up to here is a period's: 1024 frames at 44.1 kHz last 23 ms, and a fetch adds 4."""

_SCATTER_KEPT = exp(-1.0 / 48.0)
_SCATTER_S = 0.001  # what is assumed of a clock that was not heard yet
_SCATTER = 0.9  # of the mean by which two ticks in a row part, which no slope has a share in: a standard deviation
_WORST = 0.4  # of the most by which two parted: of even steps 0.3 would do, but they are met seldom
_WORST_S = 10.0  # how long (time constant) that is remembered: a tempo near the period's skips a step every 8 s
# The lines have parted: at least, of the scatter (by chance they part by 1.1 in a quarter hour), of the worst.
_PARTED_S, _PARTED_SCATTERS, _PARTED_WORST = 0.001, 1.3, 0.65
# A tick further off than this is late by itself, or the first of a new tempo: of the scatter, but at least and at
# most, or of the worst.
_DOUBTFUL, _DOUBTFUL_S, _DOUBTFUL_TICKS, _DOUBTFUL_WORST = 6.0, 0.006, 0.75, 1.25
_GOES_ON = 0.3  # of what the first was off: the next is further off by so much, where the tempo is new
_LOST_WITHIN = 0.35  # of a tick: gaps this close to a whole number
_LOST_SCATTER, _LOST_WORST = 0.15, 0.65  # of a tick: of a clock as steady as this
_MOST_GAPS = 2  # in a row have lost ticks; more are a slower tempo
SURE_TICKS = 6
"""So many ticks after a gap show that it was one: until then it may have been the first of a slower tempo."""

EVEN_LOSSES, _EVEN = 4, 0.1
"""So many losses, as far apart from each other but for this share, were none."""
_SETTLED_TICKS = 12.0
_UNPLACED = 0.5
MUCH_JITTER = 1.0
"""Of a tick: a clock that scatters by this much is half believed."""


@dataclass(frozen=True, slots=True)
class Beat:
    """Where a clock is: `position` in beats since the start of the song, `confidence` 0..1.

    `bpm` is 0 as long as there is none. `running`: between start (or continue) and stop, while ticks come.
    A clock met on its way, whose start nobody heard, is not `placed` and runs with a confidence under a
    half: its tempo is known, the beginnings of its beats are not.
    """

    bpm: float = 0.0
    position: float = 0.0
    confidence: float = 0.0
    running: bool = False
    placed: bool = False


class MidiClock:
    """Takes the messages of one port with the times they arrived at. Times that go back count as now."""

    def __init__(self) -> None:
        self._slow: Line | None = None  # through (time, ticks heard)
        self._quick = Line(0.0, 0.0, 0.0)
        self._heard, self._time = 0, -inf  # ticks so far with those that were lost, time of the last
        self._scatter, self._worst = _SCATTER_S, 0.0
        self._lates = (0.0, 0.0)  # how late the last two ticks were
        self._doubted = False  # the last tick was left out
        self._following = 0  # so many more ticks the quick line is told
        self._gaps, self._filled = 0, 0  # the gaps in a row up to now, the ticks that gaps are taken to have lost
        self._sure = 0  # the ticks since the last gap that bear it out
        self._comes_in_steps = False  # of a tick: nothing is taken for lost
        self._losses: deque[int] = deque(maxlen=EVEN_LOSSES)  # the ticks before which one was taken for lost
        self._stopped = self._placed = False
        self._due: int | None = 0  # the song's tick that the next one to come is; None while it just counts on
        self._shift = 0  # from ticks heard to the song's ticks
        self._told = 0.0  # song ticks, the furthest told of this run

    def take(self, message: Message, time: float) -> None:
        """What arrived at `time`; other messages than a clock's are left alone."""
        if not isfinite(time):
            return
        if message.kind == "clock":
            self._tick(max(time, self._time))
        elif message.kind == "start":
            self._placed, self._stopped, self._due = True, False, 0
        elif message.kind == "continue":
            self._stopped, self._due = False, self._next()
        elif message.kind == "stop":
            self._stopped, self._due = True, self._next()
        elif message.kind == "song_position" and len(message.data) == 2:
            sixteenths = message.data[0] | message.data[1] << 7
            self._placed, self._due = True, sixteenths * TICKS_PER_SIXTEENTH

    def at(self, now: float) -> Beat:
        """The beat at `now`. While it runs, the position does not go back unless the sender moves it."""
        if self._slow is None:
            return Beat(position=(self._due or 0) / TICKS_PER_BEAT)
        silence = max(0.0, now - self._time)
        running = self._due is None and silence < FREEWHEEL_S
        if self._due is None:
            self._told = max(self._told, self._slow.at(min(now, self._time + FREEWHEEL_S)) + self._shift)
        position = self._told if self._due is None else float(self._due)
        bpm = self._slow.slope * 60.0 / TICKS_PER_BEAT if self._slow.count > 1 and silence < FREEWHEEL_S else 0.0
        return Beat(bpm, position / TICKS_PER_BEAT, self._confidence(silence), running, self._placed)

    def _confidence(self, silence: float) -> float:
        assert self._slow is not None
        beat = TICKS_PER_BEAT / self._slow.slope
        settled = 1.0 - exp(-(self._slow.count - 1) / _SETTLED_TICKS)
        steady = 1.0 / (1.0 + (self._scatter * self._slow.slope / MUCH_JITTER) ** 2)
        present = min(1.0, max(0.0, (FREEWHEEL_S - silence) / max(1e-3, FREEWHEEL_S - beat)))
        return settled * steady * present * (1.0 if self._placed else _UNPLACED)

    @property
    def _jitter(self) -> float:
        """Of the ticks, in s: a standard deviation, if they scatter by chance."""
        return max(self._scatter, _WORST * self._worst)

    # ---- the song

    def _next(self) -> int:
        """The song's tick that the next one would be, if it runs."""
        return self._heard + 1 + self._shift if self._due is None else self._due

    def _count_on(self) -> None:
        """The tick just heard is the one that was due, if the song runs."""
        if self._due is not None and not self._stopped:
            self._shift, self._told, self._due = self._due - self._heard, float(self._due), None

    # ---- the ticks

    def _tick(self, time: float) -> None:
        if self._slow is None or time - self._time > FREEWHEEL_S:
            self._begin(time)
        else:
            self._go_on(self._slow, time)
        self._time = time
        self._count_on()

    def _begin(self, time: float) -> None:
        """A first tick, or one after a silence. A song that ran on then waits where it was left."""
        if self._slow is not None and self._due is None:
            self._due, self._placed = round(self._slow.at(self._time + FREEWHEEL_S)) + self._shift, False
        slope = self._slow.slope if self._slow is not None else 120.0 / 60.0 * TICKS_PER_BEAT
        self._heard += 1
        self._slow, self._quick = Line(time, self._heard, slope), Line(time, self._heard, slope)
        self._doubted, self._gaps, self._filled, self._following, self._lates = False, 0, 0, 0, (0.0, 0.0)

    def _forget(self) -> None:
        """What was held against the last ticks."""
        self._doubted, self._gaps, self._filled, self._following, self._lates = False, 0, 0, 0, (0.0, 0.0)
        self._losses.clear()
        self._comes_in_steps = False

    def _go_on(self, line: Line, time: float) -> None:
        lost = self._lost(line, time)
        self._heard += 1 + lost
        if lost and self._are_steps(lost):
            self._take_back(line)
        late = (line.at(time) - self._heard) / line.slope
        doubtful = line.count > 4 and abs(late) > self._believable(line)
        again = doubtful and self._doubted
        if self._gaps > _MOST_GAPS or (again and self._goes_on(late)):
            self._restart(line.slope, time)
            return
        if again:
            self._worst = max(self._worst, abs(self._lates[1] - self._lates[0]))
        if again or not doubtful:
            self._fit(line, time, late)
            if not lost:
                self._gaps, self._sure = 0, self._sure + 1
            if self._sure >= SURE_TICKS:
                self._filled = 0
        self._lates, self._doubted = (self._lates[1], late), doubtful and not again

    def _believable(self, line: Line) -> float:
        """How late or early (s) a tick may be."""
        most = min(max(_DOUBTFUL_S, _DOUBTFUL * self._scatter), _DOUBTFUL_TICKS / line.slope)
        return max(most, _DOUBTFUL_WORST * self._worst)

    def _goes_on(self, late: float) -> bool:
        """Whether two ticks that were doubtful are the first of a new tempo, and not behind one step."""
        first = self._lates[1]
        return self._filled > 0 or abs(late) > MOST_STEP_S or (late - first) * first > _GOES_ON * first * first

    def _lost(self, line: Line, time: float) -> int:
        """How many ticks were lost before this one, if their gap and their lack both tell."""
        whole = round((time - self._time) * line.slope)
        if whole < 2 or line.count < SLOW_TICKS or not self._tells_gaps(line.slope):
            return 0
        if abs(line.at(time) - self._heard - whole) > _LOST_WITHIN:
            return 0
        self._gaps, self._filled, self._sure = self._gaps + 1, self._filled + whole - 1, 0
        return whole - 1

    def _tells_gaps(self, slope: float) -> bool:
        steady = self._scatter * slope <= _LOST_SCATTER and self._worst * slope <= _LOST_WORST
        return steady and not self._comes_in_steps

    def _are_steps(self, lost: int) -> bool:
        """Whether what just looked lost did so too evenly to be: a period that no tick fell into, again and again."""
        if lost > 1:
            self._losses.clear()
            return False
        self._losses.append(self._heard)
        apart = [b - a for a, b in pairwise(self._losses)]
        return len(apart) == EVEN_LOSSES - 1 and max(apart) - min(apart) <= max(2.0, _EVEN * max(apart))

    def _take_back(self, line: Line) -> None:
        """Nothing was lost: the clock comes in steps of a tick and is that much slower."""
        losses = len(self._losses)
        self._heard -= losses
        line.shift(-losses)
        self._quick.shift(-losses)
        self._worst, self._gaps, self._filled = 1.0 / line.slope, 0, 0
        self._losses.clear()
        self._comes_in_steps = True

    def _restart(self, slope: float, time: float) -> None:
        """Another tempo: begin with the two ticks that told it. What looked like lost ticks was that."""
        self._heard -= self._filled
        self._slow = Line(self._time, self._heard - 1, slope)
        self._slow.add(time, self._heard, 1.0)
        self._slow.bound(*_SLOPES)
        self._quick = self._slow.copy()
        self._forget()

    def _fit(self, line: Line, time: float, late: float) -> None:
        apart = abs(late - self._lates[1])
        self._scatter += (1.0 - _SCATTER_KEPT) * (_SCATTER * apart - self._scatter)
        self._worst = max(apart, self._worst * exp(-(time - self._time) / _WORST_S))
        memory = max(1.0, SLOW_JITTERS * self._jitter * line.slope / SLOW_TICKS)
        line.add(time, self._heard, exp(-1.0 / (memory * SLOW_TICKS)))
        self._quick.add(time, self._heard, exp(-1.0 / (memory * QUICK_TICKS)))
        line.bound(*_SLOPES)
        self._quick.bound(*_SLOPES)
        parted = abs(self._quick.at(time) - line.at(time)) / line.slope
        if line.count > 2 * QUICK_TICKS * memory and parted > max(
            _PARTED_S, _PARTED_SCATTERS * self._scatter, _PARTED_WORST * self._worst
        ):
            self._following = TICKS_PER_BEAT
        if self._following:
            self._following -= 1
            self._slow = self._quick.copy()
