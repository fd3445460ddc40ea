"""Beat, bar and phrase: the tracker, the leader, the bars and the clock put together.

Takes what a network says of successive moments, the strokes of drums, other clocks' words and the
operator's commands, and tells the position. Knows nothing of sound.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from visuals.audio.beat.bars import Accents, Bars
from visuals.audio.beat.clock import HOLD_BEATS, OPERATOR, SOUND, BeatClock, Position
from visuals.audio.beat.pulse import Lead, Leader
from visuals.audio.beat.strokes import Strokes
from visuals.audio.beat.tracker import BPM_PRIOR, BPM_RANGE, Pulse, Tracker
from visuals.audio.beat.trust import Guide, Trust
from visuals.types import BEATS_PER_BAR, Conductor, Event, Tempo

_FAINT_LEAD = 0.02  # below this confidence a lead is none, and strokes know better
_STROKES_CONFIDENCE = 0.25
_UNLOCKED_MOST = 0.3
_NEAR_BEATS = 0.2  # what is heard within this of a beat belongs to it
_NEW_SONG_BEATS = 32.0


@dataclass(frozen=True, slots=True)
class Heard:
    """Activations 0..1 of the moment `time`: how much it sounds like a beat, and like a downbeat."""

    time: float
    beat: float
    downbeat: float


class Beats:
    """One call per hop. Times are in seconds on one clock and must not decrease."""

    def __init__(
        self,
        bpm_range: tuple[float, float] = BPM_RANGE,
        bpm_prior: float = BPM_PRIOR,
        metre: int | None = None,
        follow: Sequence[Conductor] = ("audio",),
    ) -> None:
        self.clock = BeatClock(bpm_prior, metre or BEATS_PER_BAR)
        self._tracker = Tracker(bpm_range, bpm_prior)
        self._leader, self._bars, self._strokes = Leader(), Bars(metre), Strokes(bpm_range)
        self._trust, self._guide = Trust(follow), None  # type: Trust, Guide | None
        self._metre = metre or BEATS_PER_BAR
        self._by_sound, self._is_laid = True, False  # whether sound steers; whether a guide counts the bars
        self._late = 0.0
        self._accents: dict[int, Accents] = {}
        self._judged: int | None = None
        self._at_bar = False
        self._quiet_since: float | None = None
        self._held_until = 0.0

    # ---- what it hears

    def hear(self, heard: Heard | None, events: Iterable[Event], silent: bool, crowd: bool, now: float) -> Position:
        """The position at `now`. `heard` comes when a network has spoken; `events` are kicks, snares, chords."""
        if silent or crowd:
            self._hold(now)
        else:
            self._quiet_since = None
            self._take_events(events, now)
            if heard is not None:
                self._take(heard, now)
        position = self.clock.advance(now)
        self._at_bar = self._at_bar or bool(position.downbeats)
        self._choose(now)
        return position

    # ---- what other clocks say

    def take(self, tempo: Tempo) -> None:
        """A word of another clock. One that is started takes the lead back from taps that it comes after."""
        if self._trust.take(tempo) and self._leader.pinned:
            self._tracker.forget()
            self._leader = Leader()

    def _choose(self, now: float) -> None:
        """Let whoever leads now steer."""
        leader = self._trust.leader(now, self._leader.pinned, self._leader.locked)
        self._guide = self._trust.guides.get(leader) if leader else None
        self._by_sound = leader in ("audio", "tap") and self._trust.hears_sound
        if self._guide is not None:
            self._be_led(self._guide, now)
            return
        self._is_laid = False
        if leader is None:
            self.clock.coast()
        elif not self._by_sound:
            self.clock.vouch(now)
            self.clock.locked = True

    def _be_led(self, guide: Guide, now: float) -> None:
        """Go by another clock's last word, if it is a new one."""
        told = guide.news()
        if told is None:
            return
        position = guide.position(now - self._late)
        phase = self.clock.phase(now) if position is None else position % 1.0
        self.clock.follow(now, guide.bpm, phase, told.confidence, guide.source)
        self.clock.locked, self._is_laid = True, position is not None
        self._held_until = now + HOLD_BEATS * 60.0 / self.clock.bpm  # what is faintly heard then is no news
        if position is not None and guide.is_anew:
            guide.is_anew = False
            self.clock.begin(now, position, self._metre)
        if position is not None:
            self.clock.lay(now, position, self._metre)

    # ---- what the operator does

    def tap(self, time: float) -> None:
        """A beat, by the operator's finger. From the second on tempo and phase are theirs until the song is over."""
        if self._trust.obeys_taps(time, self._leader.locked) and self.clock.tap(time):
            self._late = 0.0
            self._obey(time)

    def nudge(self, seconds: float, now: float) -> None:
        """Every beat this much later from now on, or earlier when negative."""
        self._late += seconds
        self.clock.shift(now, seconds)

    def scale(self, factor: float, now: float) -> None:
        """Twice or half the tempo, until the song is over."""
        self.clock.scale(now, factor)
        self._bars.scale(factor)
        self._accents.clear()
        self._judged = None
        if self._guide is not None:
            self._guide.scale(factor)
        else:
            self._obey(now)

    def resync(self, time: float) -> None:
        """This is beat one. Far from the beat it is a beat all the same: the tracker was half a beat off."""
        away = abs(self.clock.beat_near(time)[1])
        self.clock.resync(time)
        self._bars.pin()
        self._accents.clear()
        self._judged = self.clock.beat_near(time)[0]
        if self._guide is not None:
            self._guide.restart(time - self._late, _NEAR_BEATS)
        elif away > _NEAR_BEATS:
            self._late = 0.0
            self._obey(time)

    def section(self, time: float) -> None:
        """The music became another at `time`: phrases count from there."""
        if not self._is_laid:
            self.clock.section(time)

    # ---- inside

    def _hold(self, now: float) -> None:
        """Neither silence nor applause teaches anything; a long one ends the song."""
        self._tracker.turn(now)
        if self._by_sound:
            self.clock.coast()
        if self._quiet_since is None:
            self._quiet_since = now
        elif (now - self._quiet_since) * self.clock.bpm / 60.0 > _NEW_SONG_BEATS:
            self._quiet_since = now
            self._tracker.forget()
            self._leader = Leader()
            self._bars.forget()
            self._strokes.forget()
            self.clock.locked = self._guide is not None

    def _take(self, heard: Heard, now: float) -> None:
        self._tracker.hear(heard.beat, heard.time)
        lead = self._leader.follow(self._tracker, heard.beat, heard.time, self._at_bar)
        self._at_bar = False
        if lead.locked:
            self._held_until = now + HOLD_BEATS * 60.0 / lead.pulse.bpm
        if self._by_sound:
            self.clock.locked = lead.locked
            if lead.locked or (now >= self._held_until and not self._leader.pinned):
                self._steer(lead, now)
            else:
                self.clock.coast()
        self._accent(heard.time, downbeat=heard.downbeat)
        self._count(heard.time)

    def _steer(self, lead: Lead, now: float) -> None:
        pulse, sure = lead.pulse, lead.confidence
        if not lead.locked:
            sure = min(sure, _UNLOCKED_MOST)
            if sure < _FAINT_LEAD and self.clock.running:
                return
        phase = (pulse.phase + (now - pulse.time - self._late) * pulse.bpm / 60.0) % 1.0
        self.clock.follow(now, pulse.bpm, phase, sure, OPERATOR if self._leader.pinned else SOUND)

    def _take_events(self, events: Iterable[Event], now: float) -> None:
        for event in events:
            if event.name == "kick":
                self._accent(event.time, kick=event.value)
            elif event.name == "snare":
                self._accent(event.time, snare=event.value)
            elif event.name == "chord":
                self._accent(event.time, chord=True)
            if event.name in ("kick", "snare"):
                bpm = self._strokes.hear(event.time)
                faint = now >= self._held_until and self._leader.confidence < _FAINT_LEAD
                if bpm is not None and self._by_sound and faint:
                    phase = (now - event.time) * bpm / 60.0 % 1.0
                    self.clock.follow(now, bpm, phase, _STROKES_CONFIDENCE)

    def _accent(
        self, time: float, downbeat: float = 0.0, kick: float = 0.0, snare: float = 0.0, chord: bool = False
    ) -> None:
        """Remember for the beat nearest to `time` what was heard on it."""
        if not self.clock.running:
            return
        number, away = self.clock.beat_near(time + self._late)
        if abs(away) > _NEAR_BEATS and not chord:
            return
        had = self._accents.get(number, Accents())
        self._accents[number] = Accents(
            max(had.downbeat, downbeat), max(had.kick, kick), max(had.snare, snare), had.chord or chord
        )

    def _count(self, time: float) -> None:
        """Judge the beats that are over by now."""
        number, away = self.clock.beat_near(time + self._late)
        over = number if away > _NEAR_BEATS else number - 1
        if self._judged is None or over - self._judged > 8:
            self._judged = over - 1
        while self._judged < over:
            self._judged += 1
            place = self._bars.hear(self._accents.pop(self._judged, Accents()))
            if not self._is_laid:
                self.clock.align(self._judged - place.position, place.beats, place.confidence)
        for old in [n for n in self._accents if n <= self._judged]:
            del self._accents[old]

    def _obey(self, now: float) -> None:
        """Track what the clock was told, until the song is over."""
        pulse = Pulse(now, self.clock.bpm, self.clock.phase(now + self._late), 0.0)
        self._tracker.pin(pulse)
        self._leader.take(pulse)
