"""The pictures of a clip that are at hand, and which is to be decoded next. Pure: no file, no thread, no clock.

A short clip comes to be here as a whole. Of a longer one those are kept that are wanted soonest, the
clip being played round and round in the direction it goes.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from operator import attrgetter

import numpy as np

from visuals.render.media.footage import wrap
from visuals.types import Pixels

BEHIND_S = 0.2
"""Kept behind the position where there is room, for a beat that is put right by a little."""

JUST_BEFORE_S = 1e-6
"""Shorter than a tick of any file."""

TURN_S = 0.1
"""A position goes backwards when it went back by this: less is a beat that is put right."""

JUMP_S = 0.5
"""A larger step is a jump, which does not tell where it goes on to."""

NOTHING: Pixels = np.zeros((0, 0, 4), np.uint8)
_START = attrgetter("start")


@dataclass(frozen=True, slots=True)
class Span:
    """A picture and the seconds of the clip it stands for: from `start` until before `end`."""

    start: float
    end: float
    pixels: Pixels


@dataclass(frozen=True, slots=True)
class Course:
    """Where a clip is and which way it goes; `anchor` is the furthest it came that way."""

    at: float = 0.0
    forward: bool = True
    anchor: float = 0.0

    def on(self, at: float, duration: float) -> Course:
        """The course that leads to `at` by the shorter way round."""
        step = wrap(at - self.anchor + duration / 2.0, duration) - duration / 2.0
        if abs(step) > JUMP_S or (step >= 0.0) == self.forward:
            return Course(at, self.forward, at)
        if abs(step) > TURN_S:
            return Course(at, not self.forward, at)
        return Course(at, self.forward, self.anchor)


class Store:
    """Up to `room` spans of a clip of `duration` (s). One thread adds while others find: nobody waits."""

    def __init__(self, duration: float, room: int) -> None:
        self._duration, self._room = duration, room
        self._spans: tuple[Span, ...] = ()
        self._was_full = False

    def __len__(self) -> int:
        return len(self._spans)

    @property
    def is_whole(self) -> bool:
        """Whether the clip is here from its beginning to its end."""
        return self._gap(Course(), self._room + 1) is None

    def find(self, at: float) -> Span | None:
        """The newest span not after `at`; it may have ended before."""
        spans = self._spans
        n = bisect_right(spans, at, key=_START)
        return spans[n - 1] if n else None

    def add(self, span: Span, course: Course) -> None:
        """Take it in, in place of the one wanted latest when there is no room."""
        spans = [other for other in self._spans if other.start != span.start]
        spans.insert(bisect_right(spans, span.start, key=_START), span)
        if len(spans) > self._room:
            self._was_full = True
            spans.remove(self._latest(spans, course))
        self._spans = tuple(spans)

    def wants(self, start: float, end: float, course: Course) -> bool:
        """Whether a span would stay if it were added."""
        span = Span(start, end, NOTHING)
        return len(self._spans) < self._room or self._latest([*self._spans, span], course) is not span

    def missing(self, course: Course) -> float | None:
        """The nearest time ahead whose picture is not here; None when enough is.

        Enough is a full store at first, then half of one, so that a run backwards from one picture that
        can be decoded by itself to the next pays.
        """
        return self._gap(course, self._enough if self._was_full else self._room)

    @property
    def _enough(self) -> int:
        return self._room // 2

    def _gap(self, course: Course, enough: int) -> float | None:
        spans, at = self._spans, course.at
        n = bisect_right(spans, at, key=_START) - 1
        for _ in range(min(enough, len(spans) + 1)):
            span = spans[n] if spans else None
            if span is None or not span.start <= at < span.end:
                return at
            at = self._beyond(span, course.forward)
            n = (n + (1 if course.forward else -1)) % len(spans)
        return None

    def _beyond(self, span: Span, forward: bool) -> float:
        if forward:
            return span.end if span.end < self._duration else 0.0
        return (span.start if span.start > 0.0 else self._duration) - JUST_BEFORE_S

    def _latest(self, spans: list[Span], course: Course) -> Span:
        """The one wanted latest, not counting those that are enough ahead."""
        soonest_first = sorted(spans, key=lambda span: self._ahead(span, course))
        return max(soonest_first[self._enough :], key=lambda span: self._ahead(span, course, BEHIND_S))

    def _ahead(self, span: Span, course: Course, behind: float = 0.0) -> float:
        """Seconds until the span has been played, if it is not more than `behind` past."""
        left = span.end - course.at if course.forward else course.at - span.start
        return wrap(left + behind, self._duration)
