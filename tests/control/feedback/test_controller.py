from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visuals.clock import monotonic
from visuals.control.feedback.controller import MOST, REST_S, Feedback, fader
from visuals.control.feedback.palette import FOLDER, Area, open_palette
from visuals.control.midi.channels import Channels
from visuals.control.midi.messages import Parser
from visuals.types import Binding, Event, FireCue, Flag, Follow, Go, Press
from visuals.vocabulary import LIGHTS, PALETTES

BINDINGS = (
    Binding("midi.note.1/0", Go("dawn"), 1),
    Binding("midi.note.1/1", Go("inferno"), 2, "red"),
    Binding("midi.note.1/2", FireCue("2"), 3, "yellow"),
    Binding("midi.note.1/64", Press("blackout"), 4),
    Binding("midi.cc.1/48", Follow("master"), 5),
    Binding("midi.cc.1/48", Follow("midi.grand"), 5),
    Binding("midi.cc.1/49", Follow("haze.density", 0.2, 0.6), 6),
    Binding("midi.cc14.2/7", Follow("speed", 0.0, 4.0), 7),
    Binding("midi.program.1/3", Go("dawn"), 8),
    Binding("msc.go.1", FireCue("1"), 0),
    Binding("key.b", Press("blackout"), 9),
)
LEVELS = {"master": 1.0, "haze.density": 0.4, "speed": 1.0}


def show(bindings: Sequence[Binding] = BINDINGS, palette: str = "apc-mini") -> Feedback:
    return Feedback(bindings, open_palette(palette))


def said(messages: Sequence[bytes]) -> list[str]:
    return [message.hex(" ").upper() for message in messages]


def dawn(feedback: Feedback, now: float = 0.0, cue: str | None = None, **levels: float) -> list[str]:
    return said(feedback.step("dawn", cue, Flag.NONE, {**LEVELS, **levels}, now))


def test_all_of_it_is_said_once_and_then_what_changed() -> None:
    feedback = show()
    assert feedback.controls == {"master", "haze.density", "speed"}
    assert dawn(feedback) == [
        *("90 00 01", "90 01 00", "90 02 00", "90 40 00"),
        *("B0 30 7F", "B0 31 40", "B1 07 20", "B1 27 00"),
    ]
    assert dawn(feedback) == []
    assert said(feedback.step("inferno", "2", Flag.BLACKOUT, LEVELS, 0.1)) == [
        *("90 00 00", "90 01 03", "90 02 05", "90 40 01"),
    ]
    assert dawn(feedback, 0.2, master=0.5) == ["90 00 01", "90 01 00", "90 02 00", "90 40 00", "B0 30 40"]


def test_a_fader_hears_nothing_while_a_hand_moves_it_nor_what_it_said_itself() -> None:
    feedback = show()
    dawn(feedback)
    for n in range(100):
        now = n / 60
        feedback.hear([Event(now, "midi.cc.1/48", n / 127)])
        assert dawn(feedback, now, master=n / 127) == []
    assert dawn(feedback, 100 / 60 + REST_S, master=99 / 127) == []
    # What a show does meanwhile is said when the hand has rested.
    feedback.hear([Event(5.0, "midi.cc.1/48", 0.5)])
    assert dawn(feedback, 5.0 + REST_S - 0.01, master=1.0) == []
    assert dawn(feedback, 5.0 + REST_S, master=1.0) == ["B0 30 7F"]


def test_a_fader_that_waits_for_its_value_is_brought_there() -> None:
    feedback = show([Binding("midi.cc.1/7", Follow("master", pickup=True))])
    dawn(feedback)
    feedback.hear([Event(1.0, "midi.cc.1/7", 0.1)])
    assert dawn(feedback, 1.4) == []
    assert dawn(feedback, 1.6) == ["B0 07 7F"]


def test_the_ring_of_an_endless_knob_shows_where_it_stands() -> None:
    feedback = show([Binding("midi.cc.1/20", Follow("speed", 0.0, 4.0, "twos complement"))])
    assert dawn(feedback) == ["B0 14 20"]
    feedback.hear([Event(1.0, "midi.cc.1/20", 1 / 127)])
    assert dawn(feedback, 1.1, speed=2.0) == []
    assert dawn(feedback, 1.6, speed=2.0) == ["B0 14 40"]


def test_a_button_is_lit_at_once_and_again_when_it_was_let_go() -> None:
    feedback = show()
    dawn(feedback)
    feedback.hear([Event(1.0, "midi.note.1/1", 1.0)])
    assert said(feedback.step("inferno", None, Flag.NONE, LEVELS, 1.0)) == ["90 00 00", "90 01 03"]
    feedback.hear([Event(1.1, "midi.note.1/1", 0.0)])
    assert said(feedback.step("inferno", None, Flag.NONE, LEVELS, 1.1)) == ["90 01 03"]
    feedback.hear([Event(1.1, "midi.note.1/77", 0.0)])
    assert said(feedback.step("inferno", None, Flag.NONE, LEVELS, 1.2)) == []


def test_what_moves_in_every_frame_is_said_in_turns_and_nothing_waits_for_ever() -> None:
    bindings = [Binding(f"midi.cc.{c}/{n}", Follow(f"x.{c}.{n}")) for c in (1, 2) for n in range(60)]
    feedback, heard = show(bindings), dict[bytes, list[int]]()
    for frame in range(40):
        levels = dict.fromkeys(feedback.controls, (frame % 128) / 127)
        messages = feedback.step("dawn", None, Flag.NONE, levels, frame / 60)
        assert len(messages) <= MOST
        assert len({message[:2] for message in messages}) == len(messages)
        for message in messages:
            heard.setdefault(message[:2], []).append(frame)
            assert message[2] == frame
    assert len(heard) == 120
    assert all(b - a <= 4 for frames in heard.values() for a, b in pairwise(frames))


def test_a_controller_that_returns_is_told_all_of_it_again() -> None:
    feedback = show(palette="launchpad-x", bindings=BINDINGS[:2] + BINDINGS[4:5])
    first = dawn(feedback)
    assert first == ["F0 00 20 29 02 0C 0E 01 F7", "B0 30 7F"]
    feedback = show([Binding("midi.note.1/81", Go("dawn"), 0, "blue"), BINDINGS[4]], "launchpad-x")
    first = dawn(feedback)
    assert first == ["F0 00 20 29 02 0C 0E 01 F7", "90 51 2D", "B0 30 7F"]
    assert dawn(feedback) == []
    feedback.renew()
    assert dawn(feedback) == first


def test_an_edited_show_darkens_what_it_binds_no_more() -> None:
    feedback = show()
    dawn(feedback)
    feedback.take([Binding("midi.note.1/5", Go("dawn"), 1, "red"), BINDINGS[4]])
    assert dawn(feedback) == ["90 00 00", "90 05 03"]
    assert feedback.controls == {"master"}
    feedback.renew()
    assert dawn(feedback) == ["B0 30 7F", "90 00 00", "90 01 00", "90 02 00", "90 40 00", "90 05 03"]
    assert said(feedback.farewell()) == ["90 05 00"]


@pytest.mark.parametrize("event", ["midi.cc.3/9", "midi.cc14.2/7", "midi.bend.16"])
@given(st.floats(0.0, 1.0))
def test_a_fader_that_is_sent_back_would_say_the_same(event: str, level: float) -> None:
    messages = fader(event, level)
    assert messages is not None
    channels, events = Channels(), list[Event]()
    for message in Parser().feed(b"".join(messages)):
        events += channels.events(message, 0.0, "desk")
    assert events[-1].name == event
    assert events[-1].value == pytest.approx(level, abs=0.51 / (127 if event == "midi.cc.3/9" else 8191))


@pytest.mark.parametrize("event", ["midi.note.1/3", "midi.pressure.1", "midi.program.1/1", "msc.set.3", "key.b"])
def test_what_has_no_place_is_no_fader(event: str) -> None:
    assert fader(event, 0.5) is None


# ---- palettes


def test_the_files_are_those_a_show_may_name() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(PALETTES)


@pytest.mark.parametrize("name", PALETTES)
def test_a_palette_lights_in_every_colour_and_darkens(name: str) -> None:
    palette = open_palette(name)
    assert (FOLDER / f"{name}.yaml").read_text().splitlines()[1] == f"palette: {name}"
    lit = [f"midi.{kind}.1/{n}" for kind in ("note", "cc") for n in range(128)]
    lit = [event for event in lit if palette.message(event, None)]
    assert len(lit) >= 64
    for event in lit:
        dark = palette.message(event, None)
        for light in LIGHTS:
            message = palette.message(event, light)
            assert message is not None
            assert dark is not None
            assert message[:2] == dark[:2]
            assert message[2] != dark[2]
            assert message[1:].isascii()
    for event in ("midi.program.1/3", "midi.bend.1", "msc.go", "midi.note.1/200", ""):
        assert palette.message(event, "green") is None
    for hello in palette.hello:
        assert [message.kind for message in Parser().feed(hello)] == ["sysex"]


@pytest.mark.parametrize(
    ("palette", "event", "light", "message"),
    [
        ("apc-mini", "midi.note.1/0", "green", "90 00 01"),
        ("apc-mini", "midi.note.1/63", "red", "90 3F 03"),
        ("apc-mini", "midi.note.1/82", "red", "90 52 01"),
        ("apc-mini-mk2", "midi.note.1/0", "red", "96 00 05"),
        ("apc-mini-mk2", "midi.note.1/112", "red", "90 70 01"),
        ("apc40", "midi.note.8/53", "yellow", "97 35 05"),
        ("apc40", "midi.note.3/50", "yellow", "92 32 01"),
        ("launchpad", "midi.note.1/0", "green", "90 00 3C"),
        ("launchpad", "midi.note.1/0", "red", "90 00 0F"),
        ("launchpad", "midi.cc.1/104", None, "B0 68 0C"),
        ("launchpad-mini-mk3", "midi.note.1/11", "green", "90 0B 15"),
        ("launchpad-mini-mk3", "midi.cc.1/91", "blue", "B0 5B 2D"),
        ("plain", "midi.note.4/9", "blue", "93 09 7F"),
    ],
)
def test_a_button_is_lit_as_its_maker_says(palette: str, event: str, light: str | None, message: str) -> None:
    assert open_palette(palette).message(event, light) == bytes.fromhex(message)


@pytest.mark.parametrize(
    "area",
    [{"on": 1}, {"notes": [0, 1], "controls": [0, 1], "on": 1}, {"notes": [0, 1]}, {"notes": [0, 1], "colors": {}}],
)
def test_an_area_that_is_not_whole_is_refused(area: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="expected"):
        Area.model_validate(area)


def test_two_thousand_buttons_cost_a_frame_little() -> None:
    scenes = [f"scene{n}" for n in range(2000)]
    bindings = [Binding(f"midi.note.{1 + n // 128}/{n % 128}", Go(scene)) for n, scene in enumerate(scenes)]
    feedback, said_in_all, start = Feedback(bindings, open_palette("plain")), 0, monotonic()
    for frame in range(200):
        said_in_all += len(feedback.step(scenes[frame], None, Flag(frame % 2 * 16), {}, frame / 60))
    assert (monotonic() - start) / 200 < 0.02
    assert 2000 <= said_in_all <= 200 * MOST
