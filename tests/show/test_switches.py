"""What any hand puts over the show any other takes away: the operator at the keyboard, a desk, a tablet."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.show.test_bindings import load
from tests.show.test_signals import features
from visuals.desk import equipped
from visuals.session import Console
from visuals.show.director import Director
from visuals.types import Event, Flag, Show

SHOW = """\
osc: {port: 7000}
dmx: {sacn: {universe: 1}}
midi:
  - {note: 1/40, press: blackout}
  - {cc: 1/9, drive: blackout}
keys: {b: blackout}
"""


class Play:
    """A show, its keyboard and its log, stepped as `play` steps them."""

    def __init__(self, show: Show) -> None:
        self.director, self._frames = Director(show), itertools.count(1)
        self.console = Console(show, shown=lambda: self.shown)
        self.shown = Flag.NONE
        self.told: list[str] = []
        self.step()

    def step(self, *events: Event) -> None:
        """A frame, and the supervisor's turn after it."""
        now = next(self._frames) / 60.0
        self.director.force(self.console.flags & ~Flag.LIVE)
        look = self.director.step([features(now)], events, now)
        self.shown = look.flags
        for fired in look.fired:
            self.told.append(fired.what)
            self.console.hear({"t": now, "what": fired.what})

    @property
    def black(self) -> bool:
        self.step()
        return Flag.BLACKOUT in self.shown | self.console.flags

    def event(self, name: str, value: float = 1.0) -> None:
        self.step(Event(0.0, name, value, "desk"))

    def press(self, on: bool) -> None:
        self.step(*self.console.put([("blackout", on)], next(self._frames) / 60.0))

    def key(self) -> None:
        self.step(*self.console.press([Event(next(self._frames) / 60.0, "key.b")]))


Hand = Callable[[Play], None]

MAKES: dict[str, Hand] = {
    "show control": lambda play: play.event("msc.all_off"),
    "a MIDI button": lambda play: play.event("midi.note.1/40"),
    "a MIDI fader": lambda play: play.event("midi.cc.1/9"),
    "an OSC button": lambda play: play.event("osc.press.blackout"),
    "an OSC level": lambda play: play.event("osc.blackout"),
    "a lighting desk": lambda play: play.event("dmx.blackout"),
    "another terminal": lambda play: play.press(True),
    "the keyboard": Play.key,
}
TAKES: dict[str, Hand] = {
    "show control": lambda play: play.event("msc.restore"),
    "a MIDI button": MAKES["a MIDI button"],
    "a MIDI fader": lambda play: play.event("midi.cc.1/9", 0.0),
    "an OSC button": MAKES["an OSC button"],
    "an OSC level": lambda play: play.event("osc.blackout", 0.0),
    "a lighting desk": lambda play: play.event("dmx.blackout", 0.0),
    "another terminal": lambda play: play.press(False),
    "the keyboard": Play.key,
}


@pytest.fixture
def play(tmp_path: Path) -> Play:
    return Play(equipped(load(tmp_path, SHOW)))


@pytest.mark.parametrize("taken", TAKES)
@pytest.mark.parametrize("made", MAKES)
def test_who_takes_a_blackout_away_takes_it_away_for_all(play: Play, made: str, taken: str) -> None:
    for _ in range(2):
        MAKES[made](play)
        assert play.black
        TAKES[taken](play)
        assert not play.black


@pytest.mark.parametrize("made", [made for made in MAKES if made not in ("another terminal", "the keyboard")])
def test_the_log_says_on_and_off(play: Play, made: str) -> None:
    MAKES[made](play)
    TAKES[made](play)
    assert play.told[-2:] == ["blackout on", "blackout off"]


def test_a_word_that_is_older_than_the_keyboards_takes_nothing_away(play: Play) -> None:
    play.press(True)
    play.console.hear({"t": 0.0, "what": "blackout off"})
    assert play.black


def test_live_takes_a_frozen_picture_away_whoever_froze_it_and_leaves_the_blackout(play: Play) -> None:
    play.event("osc.freeze")
    play.event("osc.press.loop")
    play.event("msc.all_off")
    assert play.shown & (Flag.FREEZE | Flag.LOOP | Flag.BLACKOUT) == Flag.FREEZE | Flag.LOOP | Flag.BLACKOUT
    play.event("live")
    assert play.shown & (Flag.FREEZE | Flag.LOOP | Flag.BLACKOUT) == Flag.BLACKOUT
