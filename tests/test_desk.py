"""What desks do to a show: by themselves, by its bindings, and through real ports into a real engine."""

from __future__ import annotations

import io
import json
import logging
import re
import socket
import sys
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from tests.control.jack import JackServer, controller, desk, jack_server
from tests.show.catalogue import Shelf
from tests.show.test_signals import features
from visuals.cli import app
from visuals.clock import RealClock, monotonic, sleep
from visuals.control.dmx.fixture import CHANNELS
from visuals.control.midi.channels import PAIRS
from visuals.control.midi.messages import newest_controls
from visuals.control.msc.message import CODES, FORMATS, ShowControl
from visuals.control.msc.udp import pack, unpack
from visuals.control.osc.packet import decode, encode
from visuals.control.timecode.chase import SILENCE_S
from visuals.desk import EQUIPMENT, Desk, counted, equipped, listened, personality, receiver, space
from visuals.engine import Engine, NoDream, tempo_events
from visuals.library import open_show
from visuals.offline import NoHands
from visuals.render.compositor import Compositor
from visuals.render.gpu import Gpu
from visuals.render.materials import Materials
from visuals.show.actions import LOW_HALF
from visuals.show.bindings import Bindings
from visuals.show.director import Director
from visuals.show.load import load_show
from visuals.show.tape import SHORTEST_FREEWHEEL_S
from visuals.telemetry import Log, Meter
from visuals.types import (
    DmxSettings,
    Event,
    FeedbackSettings,
    Flag,
    Look,
    MscFollower,
    MscSettings,
    OscSettings,
    Part,
    Show,
)
from visuals.vocabulary import DMX_CHANNELS, MSC_COMMANDS, MSC_FORMATS

WITHIN_S = 5.0
FLASH = Path(__file__).parent / "drills" / "flash" / "show.yaml"

SHOW = """\
show: Desks
scenes:
  dawn:
    layers: [{name: haze, shader: generators/haze, inputs: {density: 0.2}}]
    rules: [{drive: haze.flash, from: bass}]
  inferno:
    layers: [{name: haze, shader: generators/haze}]
  tide:
    layers: [{name: haze, shader: generators/haze}]
cues:
  - {cue: 1, scene: dawn}
  - {cue: 2, scene: inferno, fade: 1s}
  - {cue: 4.5, scene: tide, fade: cut}
osc: {}
dmx: {sacn: {universe: 1}}
"""


def load(folder: Path, bindings: str = "", text: str = SHOW) -> Show:
    file = folder / "show.yaml"
    lines = "".join(f"  - {{{line}}}\n" for line in bindings.split("\n") if line)
    file.write_text(text + (f"midi:\n{lines}" if lines else ""))
    return equipped(load_show(file, Shelf()))


class Stage:
    """A show that is played an event at a time."""

    def __init__(self, show: Show) -> None:
        self.director, self.now = Director(show), 0.0
        self.look = self.director.step([features(0.0)], [], 0.0)

    def hear(self, name: str, value: float = 1.0, fade: float | None = None, after: float = 1.0) -> Look:
        self.now += after
        event = Event(self.now, name, value, "desk", fade)
        self.look = self.director.step([features(self.now)], [event], self.now)
        return self.look

    def wait(self, seconds: float) -> Look:
        self.now += seconds
        self.look = self.director.step([features(self.now)], [], self.now)
        return self.look

    @property
    def scene(self) -> str:
        return self.look.parts[-1].scene

    @property
    def told(self) -> list[tuple[str, str]]:
        return [(f.why, f.what) for f in self.look.fired]


# ---- show control by itself


@pytest.mark.parametrize(
    ("names", "scene"),
    [
        ("msc.go.2", "inferno"),
        ("msc.go.1/2", "inferno"),
        ("msc.go.5.1/4.5", "tide"),
        ("msc.go", "dawn"),
        ("msc.go msc.go", "inferno"),
        ("msc.go.1/2 msc.go.1/", "tide"),
        ("msc.go.2 msc.go.0", "tide"),
        ("msc.go.2 msc.go.1/0", "tide"),
        ("msc.go.4.5 msc.go", "tide"),
        ("msc.go.4.5 msc.reset", "dawn"),
        ("msc.go.2 msc.go_off.1/2", "inferno"),
        ("msc.go.2 msc.load.4.5", "inferno"),
        ("msc.fire.64", "dawn"),
        ("osc.scene.tide", "tide"),
        ("osc.cue.4.5", "tide"),
        ("osc.press.go osc.press.go", "inferno"),
        ("dmx.scene.3", "tide"),
        ("dmx.scene.3 dmx.scene.1", "dawn"),
    ],
)
def test_what_calls_a_scene_by_itself(tmp_path: Path, names: str, scene: str) -> None:
    stage = Stage(load(tmp_path))
    for name in names.split():
        stage.hear(name)
    assert stage.scene == scene


def test_a_cue_of_the_desk_that_the_show_does_not_have_is_told(tmp_path: Path) -> None:
    stage = Stage(load(tmp_path))
    stage.hear("msc.go.2")
    stage.hear("msc.go.1/7")
    assert (stage.scene, stage.told) == ("inferno", [("msc.go.1/7 1.00", "no such cue")])


def test_cue_zero_is_the_shows_own_if_it_has_one(tmp_path: Path) -> None:
    stage = Stage(load(tmp_path, text=SHOW.replace("{cue: 4.5", "{cue: 0")))
    stage.hear("msc.go.1/0")
    assert (stage.scene, stage.director.cue) == ("tide", "0")


@pytest.mark.parametrize(
    ("on", "off", "flag"), [("stop", "resume", Flag.FREEZE), ("all_off", "restore", Flag.BLACKOUT)]
)
def test_what_stops_stops_however_often_it_is_said(tmp_path: Path, on: str, off: str, flag: Flag) -> None:
    stage = Stage(load(tmp_path))
    for name, flags in ((on, flag), (on, flag), (off, Flag.NONE), (off, Flag.NONE), (on, flag)):
        assert stage.hear(f"msc.{name}").flags == flags


def test_a_list_or_a_cue_stops_the_show_as_well(tmp_path: Path) -> None:
    stage = Stage(load(tmp_path))
    assert stage.hear("msc.stop.1/").flags == Flag.FREEZE
    assert stage.hear("msc.resume.1/2").flags == Flag.NONE
    assert stage.hear("msc.stop.2").flags == Flag.FREEZE


@pytest.mark.parametrize("name", ["msc.go.2", "msc.go.1/4.5", "msc.go"])
def test_a_desk_says_how_long_a_fade_takes(tmp_path: Path, name: str) -> None:
    stage = Stage(load(tmp_path))
    stage.hear("msc.go.1")
    stage.hear(name, fade=4.0)
    weights = [part.weight for part in stage.wait(2.0).parts]
    assert weights == pytest.approx([0.5, 0.5])
    assert [part.weight for part in stage.wait(2.0).parts] == [1.0]


def test_a_fade_of_no_time_is_a_cut(tmp_path: Path) -> None:
    stage = Stage(load(tmp_path))
    assert [part.scene for part in stage.hear("msc.go.2", fade=0.0).parts] == ["inferno"]


# ---- and by the show's bindings


def test_what_the_show_binds_comes_before_what_desks_do_by_themselves(tmp_path: Path) -> None:
    bindings = "msc: 1/2, go: tide\nmsc: 4.500, press: blackout\nmsc: stop, press: loop\nmsc: reset, cue: 2\n"
    bindings += "dmx: master, drive: speed, range: [0, 4]\ndmx: scene.1, go: tide"
    show = load(tmp_path, bindings)
    for name, scene, flags in (
        ("msc.go.1/2", "tide", Flag.NONE),
        ("msc.go.2/2", "inferno", Flag.NONE),
        ("msc.go.1/4.5", "dawn", Flag.BLACKOUT),
        ("msc.stop.1/", "dawn", Flag.LOOP),
        ("msc.reset", "inferno", Flag.NONE),
        ("dmx.scene.1", "tide", Flag.NONE),
    ):
        stage = Stage(show)
        stage.hear(name)
        assert (name, stage.scene, stage.look.flags) == (name, scene, flags)
    look = Stage(show).hear("dmx.master", 0.25)
    assert (look.master, look.speed) == (1.0, 1.0)


def test_a_name_alone_takes_nothing_from_a_channel(tmp_path: Path) -> None:
    stage = Stage(load(tmp_path, "dmx: master, name: level"))
    assert stage.hear("dmx.master", 0.25).master == 0.25
    assert stage.director.memo()["signals"]["midi.level"] == 0.25


def test_a_loaded_cue_is_the_next_one_until_another_is_fired(tmp_path: Path) -> None:
    stage = Stage(load(tmp_path, "msc: load/2, press: tap\nmsc: load/1/2, cue: 2"))
    scenes = []
    for name in ("msc.load.1/4.5", "msc.load.9", "msc.go", "msc.go.1", "msc.go", "msc.load.4.5", "msc.go.1", "msc.go"):
        stage.hear(name)
        stage.wait(2.0)
        scenes.append(stage.scene)
    assert scenes == ["dawn", "dawn", "tide", "dawn", "inferno", "inferno", "dawn", "inferno"]
    stage.hear("msc.load.4.5")
    stage.director.take(load(tmp_path))
    memo = stage.director.memo()
    stage.director = Director(load(tmp_path))
    stage.director.restore(memo)
    stage.hear("go")
    assert stage.scene == "tide"
    stage.hear("msc.load.1/17")
    assert stage.told == [("msc.load.1/17 1.00", "no such cue")]
    assert stage.hear("msc.go_off.4.5").flags == Flag.NONE


def test_cues_are_passed_on_when_they_come_but_never_to_who_asked_for_them(tmp_path: Path) -> None:
    text = SHOW.replace("rules: [", "rules: [{when: key.x, cue: 4.5}, ")
    text = text.replace("scene: inferno, fade: 1s}", "scene: inferno, fade: 1s, at: bar}")
    stage = Stage(
        load(tmp_path, "note: 1/1, cue: 1\nnote: 1/2, cue: 2\nmsc: 1/7, cue: 1\nmsc: fire/2, press: go", text)
    )
    passed = []
    for name in ("msc.go.1", "msc.go.1/7", "msc.fire.2", "midi.note.1/1", "midi.note.1/1", "key.x"):
        stage.hear(name)
        passed.append(list(stage.director.passed_on))
    assert passed == [[], [], [], ["1"], ["1"], ["4.5"]]
    stage.wait(0.1)
    assert stage.director.passed_on == []
    stage.hear("midi.note.1/2", after=0.001)
    told = list(stage.director.passed_on)
    for _ in range(400):
        if told:
            break
        stage.wait(1 / 100)
        told += stage.director.passed_on
    assert (told, stage.scene) == (["2"], "inferno")


def test_macros_and_controls_are_the_shows(tmp_path: Path) -> None:
    stage = Stage(load(tmp_path, "msc: fire/64, press: freeze\nmsc: set/258, drive: master\nmsc: set/2, press: go"))
    assert stage.hear("msc.fire.64").flags == Flag.FREEZE
    assert stage.hear("msc.set.258", 0.5).master == 0.5
    assert stage.hear("msc.set.258", 1.0, fade=2.0).master == 0.5
    assert stage.wait(1.0).master == pytest.approx(0.75)
    for value, cue in ((0.2, None), (0.6, "1"), (0.9, "1"), (0.1, "1"), (0.5, "2")):
        stage.hear("msc.set.2", value)
        assert stage.director.cue == cue


# ---- OSC and DMX


def test_tablets_move_controls_over_their_range(tmp_path: Path) -> None:
    stage = Stage(load(tmp_path))
    assert [stage.hear("osc.speed", value).speed for value in (0.0, 0.5, 1.0)] == [0.0, 1.0, 2.0]
    assert [stage.hear("dmx.speed", value).speed for value in (0.0, 0.5, 1.0)] == [0.0, 1.0, 2.0]
    assert stage.hear("osc.control.haze.density", 0.75).parts[0].controls["haze.density"] == 0.75
    assert stage.hear("osc.blackout", 1.0).flags == Flag.BLACKOUT
    assert stage.hear("osc.blackout", 0.0).flags == Flag.NONE


def test_a_show_binds_addresses_of_its_own_and_puts_others_in_their_place(tmp_path: Path) -> None:
    bindings = "osc: /1/fader1, drive: speed, range: [0, 2]\nosc: /1/push1, cue: 2\n"
    bindings += "osc: /1/hold, press: freeze, mode: momentary\nosc: /show/go, press: blackout"
    show = load(tmp_path, bindings)
    addresses = space(show).addresses
    kinds = {path: addresses[path].kind for path in ("/1/fader1", "/1/push1", "/1/hold", "/show/go")}
    assert kinds == {"/1/fader1": "level", "/1/push1": "button", "/1/hold": "level", "/show/go": "button"}
    stage = Stage(show)
    assert stage.hear(addresses["/1/fader1"].event, 0.75).speed == 1.5
    assert stage.hear(addresses["/show/go"].event).flags == Flag.BLACKOUT
    assert [stage.hear(addresses["/1/hold"].event, v).flags for v in (1.0, 0.0)] == [
        Flag.BLACKOUT | Flag.FREEZE,
        Flag.BLACKOUT,
    ]
    stage.hear(addresses["/1/push1"].event)
    assert stage.director.cue == "2"
    state = space(show).state("dawn", None, {"speed": 0.5})
    assert (state["osc./1/fader1"], state["osc.speed"]) == (0.25, 0.25)


def test_the_words_of_a_tablet_reach_the_beat_clock(tmp_path: Path) -> None:
    show = load(tmp_path, "msc: 1/5, press: resync\nmsc: 6, press: tap")
    events = [
        Event(float(n), name) for n, name in enumerate(("osc.press.tap", "msc.go.1/5", "msc.go.9/6", "osc.master"))
    ]
    assert [event.name for event in tempo_events(Bindings(show.bindings), events)] == ["tap", "resync", "tap"]


def test_a_desk_that_is_gone_gives_back_what_its_levels_held(tmp_path: Path) -> None:
    stage = Stage(load(tmp_path, "dmx: assign.1, drive: haze.density\ncc: 1/7, drive: haze.at.x"))
    stage.hear("dmx.master", 0.2)
    stage.hear("dmx.blackout", 1.0)
    stage.hear("dmx.assign.1", 0.9)
    stage.hear("midi.cc.1/7", 0.7)
    look = stage.hear("dmx.link", 0.0)
    assert (look.master, look.flags, look.parts[0].controls["haze.density"]) == (0.2, Flag.BLACKOUT, 0.9)
    look = stage.hear("dmx.release")
    assert (look.master, look.flags) == (1.0, Flag.NONE)
    assert [look.parts[0].controls[f"haze.{name}"] for name in ("density", "at.x")] == [0.2, 0.7]


def test_an_engine_that_starts_again_stays_in_its_scene_whatever_the_desk_called_before(tmp_path: Path) -> None:
    show = load(tmp_path)
    first = Stage(show)
    first.hear("dmx.scene.3")
    first.hear("msc.go.2")
    for called, scene in (("dmx.scene.3", "inferno"), ("dmx.scene.1", "dawn")):
        second = Stage(show)
        second.director = Director(show)
        second.director.restore(first.director.memo())
        second.hear(called)
        assert second.scene == scene
        second.hear("dmx.scene.3")
        assert second.scene == "tide"


def test_an_engine_that_starts_again_gives_back_what_a_desk_held_before(tmp_path: Path) -> None:
    """The desk had all at 0, and goes before it says more: nothing of it comes any more but that it is gone."""
    show = load(tmp_path, "dmx: assign.1, drive: haze.density")
    first = Stage(show)
    first.hear("dmx.master", 0.0)
    first.hear("dmx.assign.1", 0.9)
    second = Stage(show)
    second.director = Director(show)
    second.director.restore(json.loads(json.dumps(first.director.memo())))
    assert second.hear("dmx.link", 0.0).master == 0.0
    look = second.hear("dmx.release")
    assert (look.master, look.parts[0].controls["haze.density"]) == (1.0, 0.2)


def test_a_fader_that_took_over_keeps_what_it_took(tmp_path: Path) -> None:
    stage = Stage(load(tmp_path, "cc: 1/7, drive: master"))
    stage.hear("dmx.master", 0.2)
    stage.hear("midi.cc.1/7", 0.6)
    assert stage.hear("dmx.release").master == 0.6


# ---- knobs, faders, buttons


@pytest.mark.parametrize(("kind", "right", "left"), [("twos complement", 1, 127), ("binary offset", 65, 63)])
def test_an_endless_knob_goes_on_from_its_controls_place(tmp_path: Path, kind: str, right: int, left: int) -> None:
    show = load(tmp_path, f"cc: 1/20, drive: haze.density, relative: {kind}\ncc: 1/21, drive: haze.density")
    assert counted(show) == {"midi.cc.1/20"}
    stage = Stage(show)
    look = stage.hear("midi.cc.1/20", right / 127)
    assert look.parts[0].controls["haze.density"] == pytest.approx(0.2 + 1 / 127)
    stage.hear("midi.cc.1/21", 0.5)
    stage.hear("midi.cc.1/20", left / 127)
    look = stage.hear("midi.cc.1/20", left / 127)
    assert look.parts[0].controls["haze.density"] == pytest.approx(0.5 - 2 / 127)


def test_a_button_that_is_a_controller_counts_however_short_it_is_down(tmp_path: Path) -> None:
    bindings = "cc: 1/41, press: go\ncc14: 1/3, go: tide\ncc: 1/7, drive: master\nnote: 1/1, cue: 1"
    text = SHOW.replace("rules: [", "rules: [{when: midi.cc.1/42, cue: 4.5}, ")
    show = load(tmp_path, bindings, text)
    assert counted(show) == {"midi.cc.1/41", "midi.cc.1/42", "midi.cc14.1/3"}
    director = Director(show)
    came = [Event(0.01 * n, "midi.cc.1/41", value, "desk") for n, value in enumerate((1.0, 0.0, 1.0, 0.0))]
    director.step([], newest_controls(came, counted=counted(show)), 0.1)
    assert director.cue == "2"


def test_a_fader_with_pickup_waits_for_its_value(tmp_path: Path) -> None:
    stage = Stage(load(tmp_path, "cc14: 1/7, drive: speed, range: [0, 2], pickup: true"))
    values = [stage.hear("midi.cc14.1/7", value).speed for value in (0.1, 0.3, 0.6, 0.8)]
    assert values == pytest.approx([1.0, 1.0, 1.2, 1.6])
    stage.hear("osc.speed", 0.2)
    assert stage.hear("midi.cc14.1/7", 0.81).speed == pytest.approx(0.4)
    assert stage.hear("midi.cc14.1/7", 0.15).speed == pytest.approx(0.3)


def density(look: Look) -> float:
    return look.parts[-1].controls["haze.density"]


def test_a_fader_with_pickup_comes_for_what_a_button_set(tmp_path: Path) -> None:
    bindings = "cc: 1/7, drive: haze.density, pickup: true\nnote: 1/1, set: haze.density, to: 0.9, fade: 2s"
    stage = Stage(load(tmp_path, bindings))
    assert [density(stage.hear("midi.cc.1/7", value)) for value in (0.1, 0.25, 0.3)] == [0.2, 0.25, 0.3]
    stage.hear("midi.note.1/1")
    half = density(stage.wait(1.0))
    assert 0.5 < half == stage.director.stands("haze.density") < 0.7
    stage.wait(2.0)
    assert [density(stage.hear("midi.cc.1/7", value)) for value in (0.31, 0.8, 0.92)] == [0.9, 0.9, 0.92]


def test_a_fader_with_pickup_does_not_jump_after_a_scene_an_edit_or_a_lost_port(tmp_path: Path) -> None:
    binding = "cc: 1/7, drive: haze.density, pickup: true"
    stage = Stage(load(tmp_path, binding))
    assert [density(stage.hear("midi.cc.1/7", value)) for value in (0.1, 0.3)] == [0.2, 0.3]
    stage.hear("msc.go.4.5")
    assert [density(stage.hear("midi.cc.1/7", value)) for value in (0.32, 0.34)] == [0.32, 0.34]
    stage.director.take(load(tmp_path, binding.replace("pickup", "range: [0.1, 0.9], pickup")))
    assert [density(stage.hear("midi.cc.1/7", value)) for value in (0.9, 0.6)] == [0.34, 0.34]
    assert density(stage.hear("midi.cc.1/7", 0.25)) == pytest.approx(0.3)
    stage.director.step([], [Event(stage.now, "midi.lost", 0.0, "another")], stage.now)
    assert density(stage.hear("midi.cc.1/7", 0.5)) == pytest.approx(0.5)
    stage.director.step([], [Event(stage.now, "midi.lost", 0.0, "desk")], stage.now)
    assert [density(stage.hear("midi.cc.1/7", value)) for value in (0.9, 0.8)] == pytest.approx([0.5, 0.5])
    assert density(stage.hear("midi.cc.1/7", 0.4)) == pytest.approx(0.42)


def test_each_of_two_controllers_has_its_own_faders(tmp_path: Path) -> None:
    director = Director(load(tmp_path, "cc: 1/7, drive: haze.density, pickup: true"))
    values = []
    for port, value in (("left", 0.2), ("left", 0.3), ("right", 0.9), ("right", 0.8), ("left", 0.35), ("right", 0.1)):
        values.append(density(director.step([], [Event(0.0, "midi.cc.1/7", value, port)], 0.0)))
    assert values == [0.2, 0.3, 0.3, 0.3, 0.35, 0.1]


def test_what_is_held_down_at_a_port_that_is_lost_is_let_go(tmp_path: Path) -> None:
    stage = Stage(load(tmp_path, "note: 1/1, press: blackout, mode: momentary\nnote: 1/2, press: freeze"))
    stage.hear("midi.note.1/2")
    assert stage.hear("midi.note.1/1").flags == Flag.BLACKOUT | Flag.FREEZE
    for port, flags in (("another", Flag.BLACKOUT | Flag.FREEZE), ("desk", Flag.FREEZE)):
        look = stage.director.step([], [Event(stage.now, "midi.lost", 0.0, port)], stage.now)
        assert look.flags == flags


@pytest.mark.parametrize(
    ("binding", "event", "values", "cues"),
    [
        ("cc14: 1/7", "midi.cc14.1/7", (0.4, 0.5, 0.9, 0.1, 0.6), [None, "1", "1", "1", "2"]),
        ("pressure: 1", "midi.pressure.1", (0.4, 0.5, 0.9, 0.1, 0.6), [None, "1", "1", "1", "2"]),
        ("pressure: 1/36", "midi.pressure.1/36", (0.2, 0.7), [None, "1"]),
        ("bend: 2", "midi.bend.2", (0.5, 0.8, 1.0, 0.5, 0.9), [None, "1", "1", "1", "2"]),
        ("dmx: assign.8", "dmx.assign.8", (0.4, 0.6, 0.3, 0.7), [None, "1", "1", "2"]),
        ("program: 1/130", "midi.program.1/130", (1.0, 1.0), ["1", "2"]),
    ],
)
def test_what_moves_is_a_button_when_it_is_far_enough(
    tmp_path: Path, binding: str, event: str, values: tuple[float, ...], cues: list[str | None]
) -> None:
    stage = Stage(load(tmp_path, f"{binding}, press: go"))
    found = []
    for value in values:
        stage.hear(event, value)
        found.append(stage.director.cue)
    assert found == cues


def test_a_switch_is_turned_over_held_or_put(tmp_path: Path) -> None:
    modes = {36: "toggle", 37: "momentary", 38: "on", 39: "off"}
    stage = Stage(load(tmp_path, "\n".join(f"note: 1/{n}, press: freeze, mode: {mode}" for n, mode in modes.items())))
    pressed = [(36, 1), (36, 0), (36, 1), (37, 0.1), (37, 0), (38, 1), (38, 0), (38, 1), (39, 1), (39, 1)]
    found = [bool(stage.hear(f"midi.note.1/{n}", value).flags) for n, value in pressed]
    assert found == [True, True, False, True, False, True, True, True, False, False]


NAMES = "msc.go.1/2 msc.go.4.5 msc.go msc.go.9 msc.stop msc.resume.1/ msc.all_off msc.reset msc.set.258 msc.fire.64"
NAMES += " osc.scene.tide osc.master osc.speed osc.control.haze.density osc.press.go dmx.scene.2 dmx.master dmx.release"
NAMES += " dmx.assign.1 dmx.blackout dmx.link midi.cc.1/20 midi.cc14.1/7 midi.bend.1 midi.note.1/36"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(NAMES.split()), st.floats(), st.none() | st.floats(0.0, 1e5), st.floats(0.0, 2.0)),
        max_size=40,
    )
)
def test_nothing_a_desk_says_makes_a_bad_look(
    tmp_path: Path, said: list[tuple[str, float, float | None, float]]
) -> None:
    bindings = "msc: set/258, drive: haze.at.y\nmsc: fire/64, set: speed, to: 2\ndmx: assign.1, drive: haze.density\n"
    bindings += "cc: 1/20, drive: haze.at.x, relative: sign magnitude\ncc14: 1/7, drive: master, pickup: true\n"
    bindings += "bend: 1, drive: speed, range: [0, 4], pickup: true\nnote: 1/36, press: loop, mode: momentary"
    stage = Stage(load(tmp_path, bindings))
    for name, value, fade, after in said:
        look = stage.hear(name, value, fade, after)
        assert sum(part.weight for part in look.parts) == pytest.approx(1.0)
        assert all(0.0 <= v <= 1.0 for part in look.parts for v in part.controls.values())
        assert 0.0 <= look.master <= 1.0
        assert 0.0 <= look.speed <= 4.0
    json.dumps(stage.director.memo(), allow_nan=False)


# ---- what is told, and written for the desk


def test_what_is_listened_to_is_told_before_the_show(tmp_path: Path) -> None:
    told = "msc: {devices: [3, 1], udp: 6004, send: [{port: Desk}, {host: 10.0.0.9}]}\n"
    told += "osc: {query: 7080, tell: [10.0.0.5:9000]}\n"
    told += "dmx: {artnet: {universe: 0:0:1}, address: 101}\n"
    show = load(tmp_path, text=SHOW.split("osc:")[0] + told)
    assert list(listened(show)) == [
        "listening to MIDI Show Control for device 1, 3 at 0.0.0.0:6004",
        "telling cues by MIDI Show Control to MIDI outputs like `Desk`",
        "telling cues by MIDI Show Control to 10.0.0.9:6004",
        "listening to OSC at 0.0.0.0:7000, described at 127.0.0.1:7080, telling 10.0.0.5:9000",
        "listening to Art-Net universe 1, channels 101 to 115",
    ]
    assert list(listened(load(tmp_path, text=SHOW.split("osc:")[0]))) == []


def test_a_light_that_the_controller_does_not_have_is_told_before_the_show(tmp_path: Path) -> None:
    text = SHOW.split("osc:")[0] + "feedback: {port: APC, palette: apc-mini}\n"
    show = load(tmp_path, "note: 1/0, go: dawn, light: blue\nnote: 1/1, go: tide, light: red", text)
    assert list(listened(show)) == [
        "showing what is on at MIDI outputs like `APC`, as apc-mini",
        "line 16: found `light: blue`, which apc-mini shows as green",
    ]


def test_the_personality_is_two_files_that_any_disk_can_hold(tmp_path: Path) -> None:
    show = replace(load(tmp_path), name="../First: Light?")
    files = personality(show)
    assert list(files) == ["visuals@..-First- Light-.gdtf", "visuals@..-First- Light-@show.xml"]
    archive, xml = files.values()
    assert archive[:2] == b"PK"
    assert b"inferno" in xml


def test_the_personality_calls_channels_by_what_the_show_does_with_them(tmp_path: Path) -> None:
    bindings = "dmx: assign.1, drive: haze.density\ndmx: assign.2, name: fog\ndmx: assign.3, press: tap\n"
    bare, show = load(tmp_path), replace(load(tmp_path, bindings + "dmx: scene.2, cue: 4.5"), name="Desks")
    plain, (archive, xml) = personality(bare), personality(show).values()
    for written in (zipfile.ZipFile(io.BytesIO(archive)).read("description.xml").decode(), xml.decode()):
        for label in ("haze density", "fog", "tap", "Assign 4", "Hue", "Master"):
            assert f'ame="{label}"' in written
        assert not re.search("Assign [123]", written)
        assert 'Name="cue 4-5"' in written.replace("name=", "Name=")
        assert 'ame="inferno"' not in written
    assert b"Assign 1" in plain["visuals@Desks@show.xml"]


def test_the_command_writes_the_personality(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["dmx", "fixture", str(FLASH), "--out", str(tmp_path / "new" / "desk")])
    assert done.exit_code == 0, done.output
    written = sorted(path.name for path in (tmp_path / "new" / "desk").iterdir())
    assert written == ["visuals@Flash.gdtf", "visuals@Flash@show.xml"]


# ---- tables of two rooms that say the same


def test_the_vocabulary_is_what_the_rooms_speak() -> None:
    assert {channel.name: channel.slots for channel in CHANNELS} == DMX_CHANNELS
    assert [channel.name for channel in CHANNELS] == list(DMX_CHANNELS)
    assert {name for name in CODES if name != "timed_go"} == set(MSC_COMMANDS)
    assert set(EQUIPMENT) == set(MSC_FORMATS)
    assert EQUIPMENT["all"] == frozenset(FORMATS)
    assert SHORTEST_FREEWHEEL_S == SILENCE_S
    assert LOW_HALF == PAIRS


def test_whom_a_show_answers() -> None:
    everybody = receiver(MscSettings())
    assert everybody.hears(ShowControl(12, 0x01, "go"))
    assert not everybody.hears(ShowControl(12, 0x10, "go"))
    assert receiver(MscSettings(formats=frozenset({"all"}))).hears(ShowControl(12, 0x10, "go"))
    one = receiver(MscSettings(frozenset({3}), frozenset({2})))
    assert [one.hears(ShowControl(device, 0x30, "go")) for device in (3, 4, 0x70, 0x71, 0x7F)] == [1, 0, 0, 1, 1]


# ---- through real ports into a real engine


@pytest.fixture(scope="module")
def gpu() -> Iterator[Gpu]:
    with Gpu() as gpu:
        yield gpu


@pytest.fixture
def out() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind(("127.0.0.1", 0))
        sender.settimeout(WITHIN_S)
        yield sender


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Performance:
    """An engine that is played by a show's desks."""

    def __init__(self, gpu: Gpu, show: Show, desk: Desk, clock: RealClock) -> None:
        log = Log(clock)
        self.director, self.desk, self.clock = Director(show), desk, clock
        self.engine = Engine(
            show,
            ears=NoHands(),  # type: ignore[arg-type]
            hands=desk,
            director=self.director,
            generator=NoDream(),
            compositor=Compositor(gpu, Materials(show, open_show(FLASH, None)[1].isf)),
            log=log,
            meter=Meter(clock, log, "engine"),
        )

    def until(self, scene: str) -> float:
        """Play until a scene is on; its light, 0..255, some frames later."""
        deadline = monotonic() + WITHIN_S
        while self.engine.scene != scene:
            assert monotonic() < deadline, f"{scene} never came"
            self.step()
            sleep(0.002)
        return [frame.pixels[..., :3].mean() for _ in range(5) if (frame := self.step()) is not None][-1]

    def step(self):  # type: ignore[no-untyped-def]
        now = self.clock.now()
        frame = self.engine.step(now)
        self.desk.publish(self.engine.shown, self.director.cue, now)
        return frame


def flash(**desks: object) -> Show:
    show, _ = open_show(FLASH, None)
    return equipped(replace(show, desks=replace(show.desks, **desks)))  # type: ignore[arg-type]


@pytest.mark.expects_warnings
def test_a_desks_go_reaches_the_picture(gpu: Gpu, out: socket.socket) -> None:
    port = free_port()
    show, clock = flash(msc=MscSettings(frozenset({3}), udp=port, host="127.0.0.1")), RealClock()
    with Desk(show, clock) as desk:
        playing = Performance(gpu, show, desk, clock)
        dark = playing.until("dark")
        out.sendto(pack(ShowControl(4, 0x01, "go", cue="1")), ("127.0.0.1", port))
        out.sendto(pack(ShowControl(3, 0x01, "go", cue="2", cue_list="1")), ("127.0.0.1", port))
        assert playing.until("half") > dark + 60
        out.sendto(pack(ShowControl(3, 0x01, "all_off")), ("127.0.0.1", port))
        deadline = monotonic() + WITHIN_S
        while Flag.BLACKOUT not in playing.engine.shown.flags:
            assert monotonic() < deadline
            playing.step()


def test_a_tablet_plays_and_hears_what_is_on(gpu: Gpu, out: socket.socket) -> None:
    port, msc, tablet, clock = free_port(), free_port(), out.getsockname(), RealClock()
    osc = OscSettings("127.0.0.1", port, ("127.0.0.1", free_port()), ((*tablet, "/show"),))
    show = flash(osc=osc, msc=MscSettings(udp=msc, host="127.0.0.1"))
    with Desk(show, clock) as desk:
        playing = Performance(gpu, show, desk, clock)
        playing.until("dark")
        out.sendto(encode("/show/scene/light", 1), ("127.0.0.1", port))
        assert playing.until("light") > 150
        out.sendto(pack(ShowControl(3, 0x01, "go", cue="2")), ("127.0.0.1", msc))
        told: dict[str, object] = {}
        deadline = monotonic() + WITHIN_S
        out.settimeout(0.01)
        while told.get("/show/scene/half") != 1 or told.get("/show/cue/2") != 1:
            assert monotonic() < deadline, told
            playing.step()
            with suppress(TimeoutError):
                told |= {m.address: m.arguments[0] for m in decode(out.recv(65_536))}
        assert (told["/show/master"], told["/show/blackout"]) == (1.0, 0.0)


def test_a_tablets_push_button_is_lit_after_its_release(gpu: Gpu, out: socket.socket) -> None:
    port, clock = free_port(), RealClock()
    show = flash(osc=OscSettings("127.0.0.1", port))
    with Desk(show, clock) as desk:
        playing = Performance(gpu, show, desk, clock)
        playing.until("dark")
        out.sendto(encode("/show/subscribe"), ("127.0.0.1", port))
        out.sendto(encode("/show/scene/light", 1.0), ("127.0.0.1", port))
        playing.until("light")
        out.settimeout(0.01)
        told: list[tuple[object, ...]] = []

        def listen(seconds: float) -> None:
            until = monotonic() + seconds
            while monotonic() < until:
                playing.step()
                with suppress(TimeoutError):
                    told.extend((m.address, *m.arguments) for m in decode(out.recv(65_536)))

        listen(0.3)
        told.clear()
        out.sendto(encode("/show/scene/light", 0.0), ("127.0.0.1", port))
        listen(1.0)
        assert told.count(("/show/scene/light", 1)) == 1
        assert playing.engine.scene == "light"


def test_an_edited_shows_names_count_and_its_ports_wait(out: socket.socket, caplog: pytest.LogCaptureFixture) -> None:
    show = flash(osc=OscSettings("127.0.0.1", free_port()))
    clock = RealClock()
    assert show.desks.osc is not None
    scenes = {**show.scenes, "tide": show.scenes["light"]}
    with Desk(show, clock) as desk, caplog.at_level(logging.WARNING):
        desk.take(replace(show, scenes=scenes))
        assert not caplog.records
        deadline, came = monotonic() + WITHIN_S, list[Event]()
        while not came:
            assert monotonic() < deadline
            out.sendto(encode("/show/scene/tide", 1), ("127.0.0.1", show.desks.osc.port))
            sleep(0.05)
            came += desk.drain()
        assert came[0].name == "osc.scene.tide"


@pytest.mark.expects_warnings
def test_other_ports_are_told_once(caplog: pytest.LogCaptureFixture) -> None:
    show = flash()
    with Desk(show, RealClock()) as desk, caplog.at_level(logging.WARNING):
        for _ in range(2):
            desk.take(replace(show, desks=replace(show.desks, dmx=DmxSettings())))
    assert [r.getMessage() for r in caplog.records] == [
        "the show's `msc`, `osc`, `dmx` or `feedback` is another now: its ports are opened at the next start"
    ]


@pytest.mark.expects_warnings
def test_a_saved_show_whose_ports_are_those_that_are_open_warns_of_nothing(caplog: pytest.LogCaptureFixture) -> None:
    show = flash(osc=OscSettings("127.0.0.1", free_port()))
    other = replace(show, desks=replace(show.desks, dmx=DmxSettings()))
    with Desk(show, RealClock()) as desk, caplog.at_level(logging.WARNING):
        desk.take(other)
        assert len(caplog.records) == 1
        desk.take(show)
        assert len(caplog.records) == 1
        desk.take(other)
        assert len(caplog.records) == 2


def test_without_a_word_in_the_show_nothing_is_listened_to() -> None:
    show = flash()
    with Desk(show, RealClock()) as desk:
        assert (desk._midi, desk._msc, desk._osc, desk._query, desk._dmx, desk._lights) == (None,) * 6
        assert desk._followers is None
        assert desk.drain() == []
        desk.call(["1"])
        desk.publish(Look(0.0, ()), None, 0.0)
        desk.light(Look(0.0, ()), None, lambda control: 0.0, 0.0)
    assert not [b for b in show.bindings if b.event.startswith(("osc.", "dmx."))]


def test_who_follows_hears_the_cues() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ears:
        ears.bind(("127.0.0.1", 0))
        ears.settimeout(WITHIN_S)
        to = MscFollower(host="127.0.0.1", udp=ears.getsockname()[1])
        with Desk(flash(msc=MscSettings(followers=(to,))), RealClock()) as desk:
            desk.call(["2"])
            assert unpack(ears.recv(2048)) == ShowControl(0x7F, 0x01, "go", "2")


@pytest.mark.expects_warnings
def test_a_cue_that_the_show_does_not_have_is_told_once(out: socket.socket, caplog: pytest.LogCaptureFixture) -> None:
    port = free_port()
    show, clock = flash(msc=MscSettings(udp=port, host="127.0.0.1")), RealClock()
    deadline, came = monotonic() + WITHIN_S, list[Event]()
    with caplog.at_level(logging.WARNING), Desk(show, clock) as desk:
        for cue in ("99", "98", "1", "0"):
            out.sendto(pack(ShowControl(3, 0x01, "go", cue, "1")), ("127.0.0.1", port))
        while len(came) < 4:
            assert monotonic() < deadline
            came += desk.drain()
        desk.take(show)  # an edited show is another
        out.sendto(pack(ShowControl(3, 0x01, "load", "97")), ("127.0.0.1", port))
        while len(came) < 5:
            assert monotonic() < deadline
            came += desk.drain()
    assert [event.name for event in came[2:]] == ["msc.go.1/1", "msc.go.1/0", "msc.load.97"]
    assert [r.getMessage() for r in caplog.records] == [
        f"MIDI Show Control from 127.0.0.1: the show has no cue {cue}" for cue in ("1/99", "97")
    ]


@pytest.mark.expects_warnings
def test_a_port_that_is_taken_is_told_once_and_waited_for(out: socket.socket, caplog: pytest.LogCaptureFixture) -> None:
    port = out.getsockname()[1]
    show, clock = flash(msc=MscSettings(udp=port, host="127.0.0.1")), RealClock()
    with caplog.at_level(logging.WARNING), Desk(show, clock) as desk:
        for _ in range(10):
            assert desk.drain() == []
        assert len(caplog.records) == 1
        out.close()
        deadline, came = monotonic() + WITHIN_S, list[Event]()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            while not came:
                assert monotonic() < deadline
                sender.sendto(pack(ShowControl(0, 0x01, "go", cue="2")), ("127.0.0.1", port))
                sleep(0.05)
                came += desk.drain()
    assert came[0].name == "msc.go.2"


@pytest.mark.expects_warnings
def test_a_show_plays_without_a_desk_that_cannot_be_until_it_can(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("visuals.desk.RETRY_S", 0.05)
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "no such server")
    with monkeypatch.context() as without, caplog.at_level(logging.WARNING):
        without.setitem(sys.modules, "rtmidi", None)
        with Desk(flash(), RealClock(), "any", "jack") as desk:
            for _ in range(10):
                assert desk.drain() == []
                sleep(0.02)
            assert [r.getMessage().partition(":")[0] for r in caplog.records] == [
                "the show plays without a desk, trying again"
            ]
            assert not desk._open
            without.undo()
            deadline = monotonic() + WITHIN_S
            while not desk._open:
                assert monotonic() < deadline
                desk.drain()
                sleep(0.02)


def test_every_address_of_a_show_leads_to_something_it_has(tmp_path: Path) -> None:
    show = load(tmp_path)
    addresses = set(space(show).addresses)
    assert {"/show/scene/tide", "/show/cue/4.5", "/show/master", "/show/control/haze/density"} <= addresses
    assert {"/composition/columns/3/connect", "/composition/layers/1/video/opacity"} <= addresses


@pytest.fixture
def server(tmp_path: Path) -> Iterator[JackServer]:
    with jack_server(tmp_path) as running:
        yield running


LIT = """\
feedback: {port: apc, palette: apc-mini}
midi:
  - {note: 1/0, go: dawn}
  - {note: 1/1, go: inferno, light: red}
  - {note: 1/64, press: blackout}
  - {cc: 1/48, drive: master}
"""


@pytest.mark.jack
def test_a_controller_is_shown_what_hands_and_the_show_do(server: JackServer, tmp_path: Path) -> None:
    clock, show = RealClock(), load(tmp_path, text=SHOW.split("osc:")[0] + LIT)
    with controller("apc") as apc, desk("pads") as pads, Desk(show, clock, "pads", "jack") as ours:
        director = Director(show)

        def play(seconds: float, *wanted: str) -> float:
            """Play so long, or until the controller was shown what is wanted; how long that took."""
            start, before = clock.now(), len(apc.heard)
            while clock.now() < start + seconds and not (wanted and set(wanted) <= set(apc.heard[before:])):
                now = clock.now()
                look = director.step([features(now)], ours.drain(), now)
                ours.light(look, director.cue, director.stands, now)
                sleep(1 / 120)
            assert set(wanted) <= set(apc.heard[before:])
            return clock.now() - start

        play(WITHIN_S, "900001", "900100", "904000", "b0307f")
        while not ours._midi or not ours._midi.connected:
            ours.drain()
            sleep(0.02)
        pads.send([0x90, 1, 127])
        assert play(WITHIN_S, "900000", "900103") < 0.5
        pads.send([0x90, 1, 0], [0x90, 64, 127])
        assert play(WITHIN_S, "900103", "904001") < 0.5
        for n in range(100):
            pads.send([0xB0, 48, n])
        pads.send([0x90, 64, 0], [0x90, 64, 127])
        assert play(WITHIN_S, "904000") < 0.5
        play(1.0)
        assert director.stands("master") == pytest.approx(99 / 127)
        assert [message for message in apc.heard if message.startswith("b030")] == ["b0307f"]


@pytest.mark.expects_warnings
def test_a_show_plays_without_its_controllers_until_they_can_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("visuals.desk.RETRY_S", 0.05)
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "no such server")
    look = Look(0.0, (Part("dark", 1.0, {}),))
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "rtmidi", None)
        with Desk(flash(feedback=(FeedbackSettings("any"),)), RealClock(), api="jack") as desk:
            desk.light(look, None, lambda control: 0.0, 0.0)
            without.undo()
            deadline = monotonic() + WITHIN_S
            while desk._shut:
                assert monotonic() < deadline
                assert desk.drain() == []
                sleep(0.02)
            desk.light(look, None, lambda control: 0.0, 0.0)
