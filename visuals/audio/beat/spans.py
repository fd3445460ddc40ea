"""Bars and phrases over the count of beats.

Where a bar begins is sometimes learnt late. Then only one thing moves: the end of the present bar
(or phrase). Its phase runs on from where it is, a little faster or slower, and is 1 at the new end.
"""

from __future__ import annotations

from math import ceil

BARS_PER_PHRASE = 8
_SHORTEST_BAR, _SHORTEST_PHRASE = 2, 3
_SOONEST = 0.3  # beats: an end nearer than this would look like a jump


class Span:
    """From beat `start` to beat `end`, with a phase 0..1 that is straight from the last change on."""

    def __init__(self, start: int, end: int) -> None:
        self.start, self.end = start, end
        self._place, self._phase = float(start), 0.0

    def phase(self, place: float) -> float:
        left = self.end - self._place
        share = (place - self._place) / left if left > 0.0 else 1.0
        return min(1.0 - 1e-9, max(0.0, self._phase + (1.0 - self._phase) * share))

    def move_end(self, end: int, place: float) -> None:
        """Only forward of `place`."""
        if end != self.end:
            self._place, self._phase, self.end = place, self.phase(place), end


class Layout:
    """The present bar and phrase. `beats`: of the bars to come."""

    def __init__(self, beats: int) -> None:
        self.beats = beats
        self.bar, self.phrase = Span(0, beats), Span(0, BARS_PER_PHRASE * beats)
        self._bars_left = BARS_PER_PHRASE - 1  # after the present one
        self._next_bars = BARS_PER_PHRASE
        self._aimed = False

    def enter(self, beat: int) -> tuple[bool, bool]:
        """Beat number `beat` has come: whether it begins a bar, and a phrase."""
        if beat < self.bar.end:
            return False, False
        self.bar, self._aimed = Span(beat, beat + self.beats), False
        self._bars_left -= 1
        begins = self._bars_left < 0
        if begins:
            self._bars_left, self._next_bars = self._next_bars - 1, BARS_PER_PHRASE
            self.phrase = Span(beat, self._phrase_end())
        else:
            self.phrase.move_end(self._phrase_end(), beat)
        return True, begins

    def restart(self, beat: int, place: float) -> bool:
        """Bar and phrase begin with this beat. True when it has come already; else they end there."""
        if beat > place:
            self._bars_left = 0
            self._end_bar(beat, place)
            return False
        self._bars_left = BARS_PER_PHRASE - 1
        self.bar = Span(beat, beat + self.beats)
        self.phrase = Span(beat, self._phrase_end())
        return True

    def aim(self, downbeat: int, place: float) -> bool:
        """Let the present bar end on this beat or whole bars from it, as near as a bar of 2 to 7 can.

        Once in a bar only, so that it does end. Whether it will end so.
        """
        if (self.bar.end - downbeat) % self.beats == 0 and self.bar.end <= place + self.beats:
            return True
        if self._aimed:
            return False
        self._aimed = True
        earliest = max(ceil(place + _SOONEST), self.bar.start + min(_SHORTEST_BAR, self.beats))
        self._end_bar(earliest + (downbeat - earliest) % self.beats, place)
        return True

    def begin_phrase(self, began: float, place: float) -> None:
        """A phrase begins, or began, at the bar line nearest to the place `began`: end the present one soon."""
        ago = max(-1, round((self.bar.start - began) / self.beats))
        into = round((self.bar.start - self.phrase.start) / self.beats)
        if (into - ago) % BARS_PER_PHRASE == 0:
            return
        self._bars_left = int(self.bar.end - place < _SOONEST)
        bars = (BARS_PER_PHRASE - 1 - ago - self._bars_left) % BARS_PER_PHRASE or BARS_PER_PHRASE
        self._next_bars = bars if bars >= _SHORTEST_PHRASE else bars + BARS_PER_PHRASE
        self.phrase.move_end(self._phrase_end(), place)

    def _end_bar(self, end: int, place: float) -> None:
        self.bar.move_end(end, place)
        self.phrase.move_end(self._phrase_end(), place)

    def _phrase_end(self) -> int:
        return self.bar.end + self._bars_left * self.beats
