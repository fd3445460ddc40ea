"""Whom the beat follows, where a show knows of other clocks than the sound.

A show lists whom it trusts, the most trusted first, and the first of them that has something to say leads:

    clock, link   while it runs, and no longer than STALE_S after its last word
    tap           from the second tap on, until the song is over or a clock of the list is started
    audio         while its beat is found; and without one, where nobody else leads

A tap that the list does not name comes first of all: a hand is always right. Where nobody leads, the last
tempo is held. Twice, half, "this is one" and nudges are laid over the clock that leads, and stay with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from visuals.audio.beat.clock import BPM_RANGE, LINK, MIDI_CLOCK
from visuals.types import Conductor, Tempo

SOURCES: dict[Conductor, int] = {"clock": MIDI_CLOCK, "link": LINK}
"""The other clocks, and how `tempo.source` tells of them."""

LEAD_FROM = 0.3
"""The confidence from which on a clock leads: some ticks have told its tempo."""

STALE_S = 1.0
"""Its words come a few times a second. Without any the engine is away, and what it knew is old."""


class Guide:
    """Another clock's beat as it was last told, with the operator's corrections on top."""

    def __init__(self, source: int) -> None:
        self.source = source
        self._told: Tempo | None = None
        self._factor, self._shift = 1.0, 0.0
        self._is_news = False
        self.is_anew = False
        """Whether it was started and nobody has begun its bar since."""

    def take(self, tempo: Tempo) -> bool:
        """A word of the clock. True where it has been started with it. Nonsense is left out."""
        if not all(map(isfinite, (tempo.time, tempo.bpm, tempo.confidence, tempo.position or 0.0))):
            return False
        ran = self._runs()
        self._told, self._is_news = tempo, True
        started = not ran and self._runs() and tempo.position is not None
        if started:
            self._shift, self.is_anew = 0.0, True
        return started

    def leads(self, now: float) -> bool:
        return self._runs() and self._told is not None and now - self._told.time < STALE_S

    def news(self) -> Tempo | None:
        """The last word, once."""
        is_news, self._is_news = self._is_news, False
        return self._told if is_news else None

    @property
    def bpm(self) -> float:
        return self._told.bpm * self._factor if self._told else 0.0

    def position(self, time: float) -> float | None:
        """Beats since the song's start, or since the operator's "this is one"; None where only the tempo is known."""
        if self._told is None or self._told.position is None:
            return None
        passed = (time - self._told.time) * self._told.bpm / 60.0
        return (self._told.position + passed) * self._factor + self._shift

    def scale(self, factor: float) -> None:
        """Count so many times as fast, as far as that is a tempo."""
        if BPM_RANGE[0] <= self.bpm * factor <= BPM_RANGE[1]:
            self._factor *= factor
            self._shift *= factor

    def restart(self, time: float, near: float) -> None:
        """This moment is beat one; within `near` beats of a beat, it is that beat which is one."""
        position = self.position(time)
        if position is not None:
            beat = round(position)
            self._shift -= beat if abs(position - beat) <= near else position

    def _runs(self) -> bool:
        return self._told is not None and self._told.bpm > 0.0 and self._told.confidence >= LEAD_FROM


class Trust:
    """Who leads, by the order of a show."""

    def __init__(self, follow: Sequence[Conductor]) -> None:
        self._order: tuple[Conductor, ...] = tuple(follow) if "tap" in follow else ("tap", *follow)
        self.guides = {name: Guide(SOURCES[name]) for name in self._order if name in SOURCES}
        self.hears_sound = "audio" in follow

    def take(self, tempo: Tempo) -> bool:
        """A word of another clock. True where a clock that is trusted has been started with it."""
        guide = self.guides.get(tempo.source)
        return guide is not None and guide.take(tempo)

    def leader(self, now: float, tapped: bool, found: bool) -> Conductor | None:
        """Who leads at `now`. `tapped`: the operator gave the tempo; `found`: the sound's beat is known."""
        for name in self._order:
            if name == "tap":
                leads = tapped
            elif name == "audio":
                leads = found
            else:
                leads = self.guides[name].leads(now)
            if leads:
                return name
        return "audio" if self.hears_sound else None

    def obeys_taps(self, now: float, found: bool) -> bool:
        """Whether nobody leads who is trusted more than taps."""
        return self.leader(now, True, found) == "tap"
