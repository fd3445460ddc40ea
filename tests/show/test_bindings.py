"""What a show binds to desks: what is right becomes settings and bindings, what is wrong is told with its place."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from tests.show.catalogue import Shelf
from visuals.errors import ShowError
from visuals.show.bindings import Bindings, wider
from visuals.show.load import load_show
from visuals.types import (
    Binding,
    Desks,
    DmxSettings,
    FeedbackSettings,
    FireCue,
    Follow,
    Go,
    MscFollower,
    MscSettings,
    OscSettings,
    Press,
    Show,
    When,
)

SHOW = """\
show: Bound
scenes:
  dawn:
    layers: [{name: haze, shader: generators/haze}]
    rules: [{drive: haze.flash, from: bass}]
  tide: {layers: [{name: haze, shader: generators/haze}]}
cues: [{cue: 1, scene: dawn}, {cue: 2.50, scene: tide}]
"""
LINE = SHOW.count("\n") + 1


def load(folder: Path, last: str) -> Show:
    (folder / "show.yaml").write_text(f"{SHOW}{last}\n")
    return load_show(folder / "show.yaml", Shelf())


WRONG: tuple[tuple[str, str, str], ...] = (
    # MIDI: channels and numbers
    (
        "midi: [{note: 17/36, go: dawn}]",
        "17/36",
        "expected channel/number such as 1/36: channel 1 to 16, number 0 to 127",
    ),
    ("midi: [{note: 1/128, go: dawn}]", "1/128", "number 0 to 127"),
    ("midi: [{note: 36, go: dawn}]", "36", "found `36`, expected channel/number such as 1/36"),
    ("midi: [{cc: 1/7/3, drive: master}]", "1/7/3", "expected channel/number"),
    ("midi: [{cc14: 1/32, drive: master}]", "1/32", "such as 1/7: channel 1 to 16, number 0 to 31"),
    ("midi: [{cc14: 0/7, drive: master}]", "0/7", "channel 1 to 16"),
    ("midi: [{program: 1/-1, cue: 1}]", "1/-1", "number 0 to 2097151"),
    ("midi: [{bend: 17, drive: master}]", "17", "found `17`, expected a channel, 1 to 16"),
    ("midi: [{bend: 1/3, drive: master}]", "1/3", "expected a channel, 1 to 16"),
    ("midi: [{pressure: 1/200, drive: master}]", "1/200", "expected a channel such as 1, or channel/note such as 1/36"),
    # which message, and what it does
    (
        "midi: [{notes: 1/36, go: dawn}]",
        "notes",
        "found the unknown key `notes`, expected one of 15 known; nearest is `note`",
    ),
    ("midi: [{cc: 1/7, note: 1/8, drive: master}]", "{cc", "expected exactly one of note, cc, cc14, program, bend, "),
    ("midi: [{go: dawn}]", "{go", "expected exactly one of note, cc, cc14, program, bend, pressure, msc, dmx, osc"),
    ("midi: [{cc: 1/7}]", "{cc", "expected an entry with `pulse`, `set`, `go`, `cue`, `drive`, `press` or `name`"),
    (
        "midi: [{cc: 1/7, drvie: master}]",
        "drvie",
        "found the unknown key `drvie`, expected one of 14 known; nearest is `drive`",
    ),
    (
        "midi: [{note: 1/36, go: tidd}]",
        "tidd",
        "the unknown scene `tidd`, expected one of dawn, tide; nearest is `tide`",
    ),
    ("midi: [{note: 1/36, cue: 3}]", "3}", "found the unknown cue `3`, expected one of 1, 2.5"),
    ("midi: [{note: 1/36, press: blackot}]", "blackot", "nearest is `blackout`"),
    (
        "midi: [{cc: 1/7, drive: mastr}]",
        "mastr",
        "found the unknown control `mastr`, expected one of 17 known; nearest is `master`",
    ),
    ("midi: [{cc: 1/7, drive: haze.densty}]", "haze.densty", "nearest is `haze.density`"),
    ("midi: [{cc: 1/7, drive: haze.density, range: [0, 9]}]", "9]", "found 9, expected 0 to 1"),
    ("midi: [{cc: 1/7, drive: haze.flash}]", "haze.flash", "`haze.flash` is driven by the rule in line 5"),
    ("midi: [{cc: 1/1, name: my fader}]", "my fader", "expected a name: a letter, then letters, digits or _"),
    # how knobs, faders and buttons are meant
    ("midi: [{cc: 1/20, drive: master, relative: twos complment}]", "twos", "nearest is `twos complement`"),
    ("midi: [{cc: 1/20, drive: master, relativ: binary offset}]", "relativ", "nearest is `relative`"),
    ("midi: [{note: 1/20, drive: master, relative: binary offset}]", "{note", "expected `cc` for what is `relative`"),
    (
        "midi: [{cc: 1/2, drive: master, relative: sign magnitude, pickup: true}]",
        "{cc",
        "either `relative` or `pickup`",
    ),
    ("midi: [{cc: 1/20, drive: master, pickup: yes}]", "yes", "found `yes`, expected true or false"),
    (
        "midi: [{note: 1/40, press: go, mode: momentary}]",
        "{note",
        "expected `mode` only for blackout, freeze, loop, safe",
    ),
    ("midi: [{note: 1/40, press: freeze, mode: momentry}]", "momentry", "nearest is `momentary`"),
    ("midi: [{note: 1/40, press: tap, mode: toggle}]", "{note", "expected `mode` only for blackout, freeze"),
    # two things at once
    ("midi: [{cc: 1/7, drive: master, go: dawn}]", "drive", "found `drive` beside `go`, expected one of them"),
    ("midi: [{cc: 1/7, press: tap, cue: 1}]", "press", "found `press` beside `cue`, expected one of them"),
    ("keys: {b: {go: dawn, press: tap}}", "press", "found `press` beside `go`, expected one of them"),
    (
        "midi: [{cc: 1/39, drive: speed}, {cc14: 1/7, drive: master}]",
        "1/39",
        f"found 1/39, the low half of `cc14: 1/7` in line {LINE}, expected one of them",
    ),
    # show control
    ("midi: [{msc: 1/a, cue: 1}]", "1/a", "expected go, go/5 or go/1/5, with list and cue as numbers"),
    ("midi: [{msc: fier/64, press: go}]", "fier/64", "expected one of 14 known; nearest is `fire`"),
    ("midi: [{msc: fire, press: go}]", "fire", "expected fire/number, 0 to 255"),
    ("midi: [{msc: fire/256, press: go}]", "fire/256", "expected fire/number, 0 to 255"),
    ("midi: [{msc: set/16384, drive: master}]", "set/16384", "expected set/number, 0 to 16383"),
    ("midi: [{msc: stop/1/2/3, press: freeze}]", "stop/1", "expected stop, stop/5 or stop/1/5"),
    ("midi: [{msc: all_off/1, press: blackout}]", "all_off/1", "expected all_off alone, which is for the whole show"),
    ("midi: [{msc: open_cue_list, press: go}]", "open_cue_list", "expected open_cue_list/3, with the list's number"),
    ("midi: [{msc: true, cue: 1}]", "true", "expected a cue such as 5 or 1/5 (list/cue) or a command such as fire/64"),
    ("midi: [{msc: 1/5, cue: 5}]", "5}", "found the unknown cue `5`, expected one of 1, 2.5"),
    ("msc: {device: 112}", "112", "found `112`, expected 111 or less"),
    ("msc: {device: 3, devices: [1, 2]}", "{device", "expected either `device` or `devices`"),
    ("msc: {formats: [vidoe]}", "vidoe", "expected one of lighting, video, projection, all; nearest is `video`"),
    ("msc: {device: 1, groups: [16]}", "16]", "found `16`, expected 15 or less"),
    ("msc: {groups: [2]}", "{groups", "expected `device` or `devices` beside `groups`"),
    ("msc: {udp: 70000}", "70000", "found `70000`, expected 65535 or less"),
    ("msc: {upd: 6004}", "upd", "nearest is `udp`"),
    ("msc: {host: 10.0.0.2}", "{host", "expected `udp: 6004` beside `host`"),
    # OSC
    ("osx: {port: 7000}", "osx", "nearest is `osc`"),
    ("midi: [{osc: /1/fader1, drive: master}]", "/1/", "expected `osc: {port: 7000}` in the show as well"),
    ("midi: [{osc: fader1, drive: master}]", "fader1", "expected an address such as /1/fader1"),
    ("midi: [{osc: /1/*, drive: master}]", "/1/*", "expected an address such as /1/fader1"),
    ("osc: {port: 0}", "0}", "found `0`, expected 1 or more"),
    ("osc: {host: localhost}", "localhost", "found `localhost`, expected an address such as 10.0.0.5"),
    ("osc: {query: 70800}", "70800", "expected a port such as 7080, or address:port such as 0.0.0.0:7080"),
    ("osc: {tell: [10.0.0.5]}", "10.0.0.5", "found `10.0.0.5`, expected address:port such as 10.0.0.5:9000"),
    ("osc: {tell: [10.0.0.5:9000/compositon]}", "10.0", "address:port/show or address:port/composition"),
    # DMX
    (
        "midi: [{dmx: hue, drive: master}]",
        "hue",
        "expected `dmx: {sacn: {universe: 1}}` in the show, which is no fixture yet",
    ),
    ("midi: [{dmx: asign.1, drive: master}]", "asign.1", "nearest is `assign.1`"),
    ("midi: [{dmx: assign.9, drive: master}]", "assign.9", "nearest is `assign.8`"),
    ("midi: [{dmx: nix, drive: master}]", "nix", "expected scene.1 to that of the last scene, master, speed, hue, "),
    (
        "midi: [{dmx: nix, drive: master}]",
        "nix",
        "link (1 while the desk is heard, 0 when it is lost), release (nobody",
    ),
    ("{midi: [{dmx: scene.3, go: dawn}], dmx: {sacn: {}}}", "scene.3", "found `scene.3`, expected scene.1 to scene.2"),
    ("dmx: {address: 499, sacn: {}}", "499", "found `499`, expected 498 or less"),
    ("dmx: {sacn: {universe: 64000}}", "64000", "found `64000`, expected 63999 or less"),
    ("dmx: {sacn: {unvierse: 1}}", "unvierse", "expected one of interface, universe; nearest is `universe`"),
    ("dmx: {artnet: {universe: 0:16:0}}", "0:16:0", "0 to 32767, or net:sub-net:universe, 0:0:0 to 127:15:15"),
    ("dmx: {artnet: {}, sacn: {}}", "{artnet", "expected either `sacn` or `artnet`"),
    ("dmx: {sacn: {}, hold: forever}", "forever", "expected hold, release, or how long it is held such as 10s"),
    ("dmx: {sacn: {}, hold: 2 beats}", "2 beats", "expected hold, release, or how long it is held such as 10s"),
    # who follows
    ("msc: {send: {prot: Desk}}", "prot", "found the unknown key `prot`"),
    ("msc: {send: {port: Desk, host: 10.0.0.9}}", "{port", "expected either `port` or `host`"),
    ("msc: {send: [{device: 3}]}", "{device", "expected either `port` or `host`"),
    ("msc: {send: {port: Desk, udp: 6004}}", "{port", "expected `host` beside `udp`"),
    ("msc: {send: {port: Desk, list: main}}", "main", "found `main`, expected the number of a cue list such as 1"),
    ("msc: {send: {host: desk.local}}", "desk.local", "expected an address such as 10.0.0.5"),
    # what controllers are shown
    (
        "midi: [{note: 1/36, go: dawn, light: red}]",
        "red",
        "found `red`, expected `feedback: {port: APC, palette: apc-mini}` in the show as well",
    ),
    ("midi: [{note: 1/36, go: dawn, light: gren}]", "gren", "cyan, purple, pink, white; nearest is `green`"),
    ("midi: [{program: 1/3, go: dawn, light: red}]", "{program", "expected `light` only for a `note` or a `cc`"),
    ("midi: [{cc: 1/3, drive: master, light: red}]", "light", "found the unknown key `light`"),
    ("feedback: apc", "apc", "found `apc`, expected {port: APC, palette: apc-mini}, or a list of them"),
    ("msc: {send: Desk}", "Desk", "found `Desk`, expected {port: Desk}, or a list of them"),
    ("feedback: {palette: apc-mini}", "{palette", "`port` is missing"),
    ("feedback: {port: APC, palette: apc-mimi}", "apc-mimi", "nearest is `apc-mini`"),
    ("feedback: [{port: APC}, {prot: Launchpad}]", "prot", "found the unknown key `prot`"),
)
"""The last line of a show file, where in it the fault stands, what is said about it."""


@pytest.mark.parametrize(("last", "token", "hint"), WRONG, ids=[last for last, *_ in WRONG])
def test_a_wrong_binding_is_told_with_its_place_and_what_is_near(
    tmp_path: Path, last: str, token: str, hint: str
) -> None:
    lines = last[1:-1].replace("], ", "]\n") if last.startswith("{") else last
    with pytest.raises(ShowError) as raised:
        load(tmp_path, lines)
    place = f"{tmp_path / 'show.yaml'}:{LINE}:{lines.index(token) + 1}: "
    told = [str(problem) for problem in raised.value.problems]
    assert any(text.startswith(place) and hint in text for text in told), told


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ("note: 1/0, go: dawn", "note: 1/0, go: tide", "midi.note.1/0 goes to a scene"),
        ("note: 1/0, go: dawn", "note: 1/0, cue: 2.5", "midi.note.1/0 goes to a scene"),
        ("note: 1/0, press: blackout", "note: 1/0, press: blackout, mode: on", "midi.note.1/0 presses `blackout`"),
        ("cc: 1/7, drive: master", "cc: 1/7, drive: master, range: [0, 0.5]", "midi.cc.1/7 drives `master`"),
        ("msc: 1/5, cue: 1", "msc: 1/5.0, go: tide", "msc.go.1/5 goes to a scene"),
        ("bend: 3, set: speed, to: 1", "bend: 3, set: speed, to: 0", "midi.bend.3 sets `speed`"),
    ],
)
def test_a_message_that_does_one_thing_twice_is_told(tmp_path: Path, first: str, second: str, told: str) -> None:
    for last, line, column in (
        (f"midi:\n  - {{{first}}}\n  - {{{second}}}", LINE + 1, f"{LINE + 2}:5"),
        (f"midi: [{{{first}}}, {{{second}}}]", LINE, f"{LINE}:{len(first) + 12}"),
    ):
        with pytest.raises(ShowError) as raised:
            load(tmp_path, last)
        assert str(raised.value) == f"{tmp_path / 'show.yaml'}:{column}: {told} already, in line {line}"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("cc: 1/7, drive: master", "cc: 1/7, drive: speed"),
        ("cc: 1/7, drive: master", "cc: 1/7, name: fader"),
        ("cc: 1/7, drive: master", "cc: 2/7, drive: master"),
        ("note: 1/0, go: dawn", "note: 1/0, press: blackout, mode: off"),
        ("note: 1/0, press: loop, mode: off", "note: 1/0, press: blackout, mode: off"),
        ("note: 1/0, go: dawn", "note: 1/0, set: haze.density, to: 1"),
        ("cc14: 1/7, drive: master", "cc: 2/39, drive: speed"),
        ("cc14: 1/7, drive: master", "cc: 1/7, drive: speed"),
        ("cc: 1/0, drive: master", "cc: 1/32, drive: speed"),
    ],
)
def test_a_message_may_do_several_things(tmp_path: Path, first: str, second: str) -> None:
    assert len(load(tmp_path, f"midi: [{{{first}}}, {{{second}}}]").bindings) == 2


def test_only_what_tells_the_kind_of_an_entry_twice_is_told_of_it(tmp_path: Path) -> None:
    with pytest.raises(ShowError) as raised:
        load(tmp_path, "midi: [{cc: 1/7, drive: master, range: [0, 1], pickup: true, go: dawn}]")
    (problem,) = raised.value.problems
    assert problem.text == "found `drive` beside `go`, expected one of them: an entry does one"


def test_there_are_enough_of_them() -> None:
    assert len(WRONG) >= 40


@pytest.mark.parametrize(
    ("entry", "event"),
    [
        ("note: 1/036", "midi.note.1/36"),
        ("cc14: 16/31", "midi.cc14.16/31"),
        ("program: 1/130", "midi.program.1/130"),
        ("bend: 3", "midi.bend.3"),
        ("pressure: 3", "midi.pressure.3"),
        ("pressure: 3/60", "midi.pressure.3/60"),
        ("msc: 5", "msc.go.5"),
        ("msc: 5.10", "msc.go.5.1"),
        ("msc: 4.000", "msc.go.4"),
        ("msc: 1/05.50", "msc.go.1/5.5"),
        ("msc: 5.10/3", "msc.go.5.10/3"),
        ("msc: 1/", "msc.go.1/"),
        ("msc: 0", "msc.go.0"),
        ("msc: go", "msc.go"),
        ("msc: stop", "msc.stop"),
        ("msc: stop/1/0", "msc.stop.1/"),
        ("msc: go_off/1/5", "msc.go_off.1/5"),
        ("msc: load/5", "msc.load.5"),
        ("msc: fire/064", "msc.fire.64"),
        ("msc: set/258", "msc.set.258"),
        ("msc: open_cue_list/3.0", "msc.open_cue_list.3"),
        ("msc: reset", "msc.reset"),
    ],
)
def test_an_address_is_the_name_of_its_event(tmp_path: Path, entry: str, event: str) -> None:
    assert load(tmp_path, f"midi: [{{{entry}, cue: 2.5}}]").bindings == (Binding(event, FireCue("2.5"), LINE),)


@pytest.mark.parametrize("event", ["midi.cc14.1/7", "midi.bend.3", "midi.pressure.3", "midi.pressure.3/60"])
def test_rules_hear_what_moves_too(tmp_path: Path, event: str) -> None:
    (tmp_path / "show.yaml").write_text(SHOW.replace("{drive: haze.flash, from: bass}", f"{{when: {event}, cue: 1}}"))
    (rule,) = load_show(tmp_path / "show.yaml", Shelf()).scenes["dawn"].rules
    assert rule == When(event, FireCue("1"), line=5)


def test_what_a_fader_a_knob_and_a_button_are(tmp_path: Path) -> None:
    entries = "{cc: 1/7, drive: speed, range: [0, 2], pickup: true}, {cc: 1/8, drive: master, relative: binary offset}"
    show = load(
        tmp_path, f"midi: [{entries}, {{note: 1/1, press: freeze, mode: momentary}}, {{note: 1/2, press: tap}}]"
    )
    assert [binding.action for binding in show.bindings] == [
        Follow("speed", 0.0, 2.0, pickup=True),
        Follow("master", relative="binary offset"),
        Press("freeze", "momentary"),
        Press("tap"),
    ]


@pytest.mark.parametrize(
    ("last", "desks"),
    [
        ("", Desks()),
        ("msc: {}", Desks()),
        (
            "msc: {device: 3, groups: [1, 15], formats: [all], udp: 6004}",
            Desks(MscSettings(frozenset({3}), frozenset({1, 15}), frozenset({"all"}), 6004)),
        ),
        (
            "msc: {send: [{port: Desk, device: 3, list: 1.0}, {host: 10.0.0.9, format: all}]}",
            Desks(
                MscSettings(
                    followers=(
                        MscFollower("Desk", device=3, cue_list="1"),
                        MscFollower(host="10.0.0.9", udp=6004, format="all"),
                    )
                )
            ),
        ),
        (
            "msc: {send: {host: 10.0.0.9, udp: 6005}}",
            Desks(MscSettings(followers=(MscFollower("", "10.0.0.9", 6005),))),
        ),
        ("msc: {devices: [0, 111]}", Desks(MscSettings(frozenset({0, 111})))),
        ("osc: {}", Desks(osc=OscSettings("0.0.0.0", 7000))),
        (
            'osc: {port: 7001, host: 10.0.0.2, query: 7080, tell: ["10.0.0.5:9000", 10.0.0.6:9001/composition]}',
            Desks(
                osc=OscSettings(
                    "10.0.0.2",
                    7001,
                    ("127.0.0.1", 7080),
                    (("10.0.0.5", 9000, "/show"), ("10.0.0.6", 9001, "/composition")),
                )
            ),
        ),
        ("osc: {query: 0.0.0.0:7080}", Desks(osc=OscSettings(query=("0.0.0.0", 7080)))),
        ("dmx: {sacn: {}}", Desks(dmx=DmxSettings())),
        (
            "dmx: {sacn: {universe: 7, interface: eth0}, address: 498, hold: release}",
            Desks(dmx=DmxSettings("sacn", 7, 498, "eth0", 0.0)),
        ),
        ("dmx: {artnet: {universe: 1:2:3}, hold: 10s}", Desks(dmx=DmxSettings("artnet", 0x123, hold=10.0))),
        ("dmx: {artnet: {universe: 5}, hold: hold}", Desks(dmx=DmxSettings("artnet", 5, hold=math.inf))),
    ],
)
def test_where_desks_are_listened_to(tmp_path: Path, last: str, desks: Desks) -> None:
    assert load(tmp_path, last).desks == desks


def test_what_a_desk_may_move_and_how_far(tmp_path: Path) -> None:
    ranges = load(tmp_path, "").ranges
    assert (ranges["haze.density"], ranges["haze.opacity"]) == ((0.0, 1.0), (0.0, 1.0))


@pytest.mark.parametrize(
    ("event", "names"),
    [
        ("msc.go.1/5", ["msc.go.5"]),
        ("msc.go.1/5.5", ["msc.go.5.5"]),
        ("msc.go.5.1/3", ["msc.go.3"]),
        ("msc.go.5", []),
        ("msc.go.5.5", []),
        ("msc.go.1/0", ["msc.go.0", "msc.go.1/", "msc.go"]),
        ("msc.go.1/", ["msc.go"]),
        ("msc.go.0", ["msc.go"]),
        ("msc.stop.1/5", ["msc.stop.5", "msc.stop.1/", "msc.stop"]),
        ("msc.resume.5", ["msc.resume"]),
        ("msc.load.1/5", ["msc.load.5"]),
        ("msc.fire.64", []),
        ("msc.open_cue_list.3", []),
        ("msc.go", []),
        ("msc.stop", []),
    ],
)
def test_what_a_show_control_message_stands_for_besides(event: str, names: list[str]) -> None:
    assert list(wider(event)) == names


def test_a_name_leaves_to_others_what_is_done() -> None:
    name, go = Binding("msc.go.1/5", Follow("midi.five")), Binding("msc.go.5", Go("a"))
    assert list(Bindings([name, go]).of("msc.go.1/5")) == [name, go]
    assert list(Bindings([name]).of("msc.go.1/5")) == [name]


def test_the_nearest_binding_counts() -> None:
    bound = Bindings([Binding("msc.go.1/5", Go("a")), Binding("msc.go.5", Go("b")), Binding("msc.go", Press("go"))])
    found = {
        event: [binding.action for binding in bound.of(event)] for event in ("msc.go.1/5", "msc.go.2/5", "msc.go.7")
    }
    assert found == {"msc.go.1/5": [Go("a")], "msc.go.2/5": [Go("b")], "msc.go.7": []}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("feedback: {port: APC, palette: apc-mini}", [FeedbackSettings("APC", "apc-mini")]),
        ("feedback: [{port: APC}, {port: X}]", [FeedbackSettings("APC", "plain"), FeedbackSettings("X", "plain")]),
        ("", []),
    ],
)
def test_who_is_shown_what_is_on(tmp_path: Path, written: str, meant: list[FeedbackSettings]) -> None:
    assert load(tmp_path, written).desks.feedback == tuple(meant)


def test_a_button_has_the_colour_that_the_show_gives_it(tmp_path: Path) -> None:
    show = load(tmp_path, "feedback: {port: APC}\nmidi: [{note: 1/1, go: dawn, light: red}, {cc: 1/2, press: tap}]")
    assert [binding.light for binding in show.bindings] == ["red", ""]
