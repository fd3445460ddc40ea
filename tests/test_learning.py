"""A desk's message becomes a binding, and not a letter more; every message is told with what it is bound to."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.control.jack import JackServer, desk, jack_server
from visuals.cli import app
from visuals.clock import monotonic, sleep
from visuals.control.midi.monitor import Monitor, Row
from visuals.control.midi.ports import ports
from visuals.errors import ShowError
from visuals.learning import Choice, Learnt, Task, Verb, bind, choices, rehearse, understood
from visuals.library import open_show
from visuals.monitoring import Bound, as_json, line
from visuals.types import Follow

SHOW = """\
# My show.
show: Learning      # for the small club
scenes:
  dawn:
    layers: [{name: haze, shader: generators/haze}]   # soft
    rules: [{when: midi.note.1/99, go: inferno}]
  inferno:
    layers: [{name: haze, shader: generators/haze}]
cues:
  - {cue: 1, scene: dawn}
  - {cue: 2.5, scene: inferno}
midi:
  - {note: 1/36, go: dawn}        # the big pad
  - {cc: 1/7, drive: master, name: grand}

# the keys
keys: {b: blackout}
"""


@pytest.fixture
def show(tmp_path: Path) -> Path:
    path = tmp_path / "show.yaml"
    path.write_text(SHOW)
    return path


def learnt(*messages: str) -> Learnt | None:
    """What is meant, of messages 10 ms apart."""
    monitor, choice = Monitor(), Choice()
    heard = [(0.01 * n, "desk", bytes.fromhex(m)) for n, m in enumerate(messages)]
    assert choice.add(monitor.rows(heard, 0.2), 0.2) is None
    return choice.add([], 0.5)


@pytest.mark.parametrize(
    ("messages", "event"),
    [
        (["90 24 7F"], "midi.note.1/36"),
        (["90 24 00", "80 25 40", "F8", "FE"], ""),
        (["90 24 7F", "A0 24 10", "80 24 00"], "midi.note.1/36"),
        (["B0 07 00"], "midi.cc.1/7"),
        (["B0 07 10", "B0 27 01"], "midi.cc14.1/7"),
        (["B0 27 01", "B0 07 10", "B0 27 02"], "midi.cc14.1/7"),
        (["B0 30 40"], "midi.cc.1/48"),
        (["B0 30 10", "B0 30 20", "B0 30 30", "B0 30 40"], "midi.cc.1/48"),
        (["B0 00 01", "B0 20 00", "C0 05"], "midi.program.1/16389"),
        (["B0 00 01"], "midi.cc.1/0"),
        (["E0 00 40"], ""),
        (["E0 00 7F", "E0 00 40"], "midi.bend.1"),
        (["F0 7F 7F 02 01 01 35 00 31 F7"], "msc.go.1/5"),
    ],
)
def test_the_message_that_a_hand_means_is_chosen(messages: list[str], event: str) -> None:
    found = learnt(*messages)
    assert (found.row.events[0].name if found else "") == event


@pytest.mark.parametrize(
    ("messages", "way"),
    [
        (["B0 14 7F", "B0 14 7F", "B0 14 7E"], "relative: twos complement"),
        (["B0 14 01", "B0 14 01", "B0 14 02"], "relative: twos complement"),
        (["B0 14 3F", "B0 14 3F"], "relative: binary offset"),
        (["B0 14 41", "B0 14 3F", "B0 14 3F"], "relative: binary offset"),
        (["B0 14 41", "B0 14 41", "B0 14 01"], "relative: sign magnitude"),
        (["B0 31 7F", "B0 31 7F", "B0 31 7E"], "relative: twos complement"),
        (["B0 07 40", "B0 07 41", "B0 07 43"], "pickup: true"),
        (["B0 30 40", "B0 30 41", "B0 30 43"], "pickup: true"),
        (["B0 07 40", "B0 27 01", "B0 27 02", "B0 27 03"], "pickup: true"),
        (["B0 07 40"], ""),
        (["B0 40 7F", "B0 40 00"], ""),
        (["90 24 7F", "80 24 00", "90 24 7F", "90 24 10", "90 24 11"], ""),
        (["E0 00 7F", "E0 00 70", "E0 00 68", "E0 00 40"], ""),
    ],
)
def test_a_knob_is_told_from_a_fader_and_a_fader_from_a_desks_order(messages: list[str], way: str) -> None:
    found = learnt(*messages)
    assert found is not None
    assert found.way == way


def test_only_what_a_control_follows_is_written_with_its_way(show: Path) -> None:
    told = bind(show, "midi.cc.1/20", Task("drive", "haze.density"), way="relative: sign magnitude")
    assert told[0].endswith("{cc: 1/20, drive: haze.density, relative: sign magnitude}")
    told = bind(show, "midi.cc14.1/8", Task("drive", "speed"), way="pickup: true")
    assert told[0].endswith("{cc14: 1/8, drive: speed, range: [0, 4], pickup: true}")
    assert bind(show, "midi.cc.1/9", Task("go", "dawn"), way="pickup: true")[0].endswith("{cc: 1/9, go: dawn}")
    follows = {b.event: b.action for b in open_show(show, None)[0].bindings if isinstance(b.action, Follow)}
    assert follows["midi.cc.1/20"].relative == "sign magnitude"
    assert follows["midi.cc14.1/8"].pickup


@pytest.mark.parametrize(
    ("event", "task", "written"),
    [
        ("midi.note.2/40", Task("go", "inferno"), "{note: 2/40, go: inferno}"),
        ("midi.program.1/12", Task("cue", "2.5"), "{program: 1/12, cue: 2.5}"),
        ("midi.cc.1/8", Task("drive", "speed"), "{cc: 1/8, drive: speed, range: [0, 4]}"),
        ("midi.cc14.1/8", Task("drive", "haze.density"), "{cc14: 1/8, drive: haze.density}"),
        ("midi.bend.3", Task("drive", "master"), "{bend: 3, drive: master}"),
        ("midi.pressure.1/36", Task("drive", "master"), "{pressure: 1/36, drive: master}"),
        ("midi.note.1/41", Task("press", "blackout"), "{note: 1/41, press: blackout}"),
        ("msc.go.1/5", Task("cue", "1"), "{msc: 1/5, cue: 1}"),
        ("msc.go.4.5", Task("cue", "1"), "{msc: 4.5, cue: 1}"),
        ("msc.go.5.1/4.5", Task("cue", "1"), "{msc: 5.1/4.5, cue: 1}"),
        ("msc.go", Task("press", "go"), "{msc: go, press: go}"),
        ("msc.go.1/", Task("press", "go"), "{msc: 1/, press: go}"),
        ("msc.go.3.1:1.9/25.5", Task("cue", "1"), '{msc: "3.1:1.9/25.5", cue: 1}'),
        ("msc.fire.64", Task("press", "tap"), "{msc: fire/64, press: tap}"),
        ("msc.set.258", Task("drive", "master"), "{msc: set/258, drive: master}"),
        ("msc.stop.1/", Task("press", "freeze"), "{msc: stop/1/, press: freeze}"),
        ("msc.all_off", Task("press", "blackout"), "{msc: all_off, press: blackout}"),
    ],
)
def test_every_kind_of_message_is_written_so_that_the_show_hears_it(
    show: Path, event: str, task: Task, written: str
) -> None:
    told = bind(show, event, task)
    after = "  - {cc: 1/7, drive: master, name: grand}\n"
    assert show.read_text() == SHOW.replace(after, f"{after}  - {written}\n")
    assert told == [f"kept in {show}: {written}", "undo: delete line 15"]
    (binding,) = [b for b in open_show(show, None)[0].bindings if b.event == event]
    assert binding.line == 15


def test_what_is_bound_is_replaced_only_when_asked_and_keeps_its_name(show: Path) -> None:
    with pytest.raises(ShowError, match=r"show\.yaml:13: midi\.note\.1/36 is bound already, expected --replace"):
        bind(show, "midi.note.1/36", Task("go", "inferno"))
    assert show.read_text() == SHOW
    told = bind(show, "midi.note.1/36", Task("go", "inferno"), replace=True)
    assert show.read_text() == SHOW.replace("{note: 1/36, go: dawn} ", "{note: 1/36, go: inferno} ")
    assert told[1:] == ["undo: make line 13 again:", "  - {note: 1/36, go: dawn}        # the big pad"]
    bind(show, "midi.cc.1/7", Task("drive", "haze.density"), replace=True)
    assert "  - {cc: 1/7, drive: haze.density, name: grand}\n" in show.read_text()


@pytest.mark.parametrize(
    ("event", "task", "said"),
    [
        ("midi.note.1/40", Task("go", "dwan"), "unknown scene `dwan`.*nearest is `dawn`"),
        ("midi.note.1/40", Task("cue", "3"), "unknown cue `3`"),
        ("midi.note.1/40", Task("press", "blakout"), "unknown word `blakout`.*nearest is `blackout`"),
        (
            "midi.cc.1/40",
            Task("drive", "haze.densty"),
            r"show\.yaml:15:\d+: .*`haze.densty`.*nearest is `haze.density`",
        ),
        ("midi.program.1/4", Task("drive", "master"), "has no value that `master` could follow"),
        ("midi.cc.1/40", Task("go", "a: b}"), "unknown scene"),
    ],
)
def test_a_binding_that_would_be_wrong_changes_nothing(show: Path, event: str, task: Task, said: str) -> None:
    with pytest.raises(ShowError, match=said):
        bind(show, event, task)
    assert show.read_text() == SHOW
    assert [path.name for path in show.parent.iterdir()] == ["show.yaml"]


def test_a_show_without_a_desk_has_one_then(tmp_path: Path) -> None:
    path = tmp_path / "show.yaml"
    path.write_text(SHOW.split("midi:")[0])
    told = bind(path, "midi.note.1/36", Task("go", "dawn"))
    assert path.read_text() == SHOW.split("midi:")[0] + "midi:\n  - {note: 1/36, go: dawn}\n"
    assert told[1] == "undo: delete lines 12 to 13"


@pytest.mark.parametrize(
    ("text", "moves", "task", "is_exact"),
    [
        ("dawn", False, Task("go", "dawn"), True),
        ("go inferno", False, Task("go", "inferno"), True),
        ("cue 2.5", False, Task("cue", "2.5"), True),
        ("blackout", False, Task("press", "blackout"), True),
        ("blackout", True, Task("drive", "blackout"), True),
        ("go", False, Task("press", "go"), True),
        ("infreno", False, Task("go", "inferno"), False),
        ("haze.den", True, Task("drive", "haze.density"), False),
        ("xyzzy", False, None, False),
        ("", False, None, False),
    ],
)
def test_an_answer_is_understood_or_the_nearest_is_offered(
    show: Path, text: str, moves: bool, task: Task | None, is_exact: bool
) -> None:
    names: dict[Verb, tuple[str, ...]] = choices(open_show(show, None)[0])
    assert understood(text, names, moves) == (task, is_exact)


# ---- the monitor


def rows(data: str) -> list[Row]:
    return Monitor().rows([(1.5, "desk:out", bytes.fromhex(data))], 1.5)


def test_a_message_is_told_with_what_it_is_bound_to(show: Path) -> None:
    bound = Bound(open_show(show, None)[0])
    (row,) = rows("90 24 7F")
    assert line(row, bound) == (
        "    1.500  desk:out  90 24 7F  |  channel 1 (wire 0): note 36 (C2, where 60 is C4) on, velocity 127"
        "  |  midi.note.1/36 1.000  |  go: dawn (line 13)"
    )
    assert "name: grand (line 14); drive: master (line 14)" in line(rows("B0 07 40")[0], bound)
    assert "go: inferno in scene dawn (line 6)" in line(rows("90 63 40")[0], bound)
    assert line(rows("F0 7F 7F 02 01 01 32 2E 35 F7")[0], bound).endswith("msc.go.2.5 1.000  |  cue: 2.5")
    assert "35 2E 31 F7  |" in line(rows("F0 7F 7F 02 7F 01 33 37 2E 32 30 30 00 35 2E 31 F7")[0], bound)
    assert "01 01 …  |" in line(rows("F0 7D" + "01" * 500 + "F7")[0], bound)
    told = json.loads(as_json(row, bound))
    assert told["bound"] == [{"does": "go: dawn", "line": 13}]
    assert (told["channel"], told["wire"], told["bytes"]) == (1, 0, "90 24 7F")
    assert json.loads(as_json(rows("F8 FA")[0], Bound(None)))["channel"] is None


@pytest.mark.parametrize("data", ["90 24 00", "80 24 40", "90 63 00", "80 63 7F", "B0 32 00", "B0 32 3F"])
def test_what_a_release_does_not_do_is_not_told_of_it(show: Path, data: str) -> None:
    bind(show, "midi.cc.1/50", Task("go", "dawn"))
    bound = Bound(open_show(show, None)[0])
    (row,) = rows(data)
    assert "dawn" not in line(row, bound)
    assert json.loads(as_json(row, bound))["bound"] == []


def test_what_a_release_does_is_told(show: Path) -> None:
    show.write_text(SHOW.replace("cc: 1/7,", "note: 1/7,") + "# end\n")
    amended = show.read_text().replace("  - {note: 1/36, go: dawn}", "  - {note: 1/36, press: freeze, mode: momentary}")
    show.write_text(amended)
    bound = Bound(open_show(show, None)[0])
    assert line(rows("80 24 40")[0], bound).endswith("press: freeze, momentary (line 13)")
    assert line(rows("90 07 00")[0], bound).endswith("drive: master (line 14)")


def test_a_cue_that_the_show_does_not_have_is_told(show: Path) -> None:
    bound, (row,) = Bound(open_show(show, None)[0]), rows("F0 7F 7F 02 01 01 39 39 F7")
    assert "not obeyed: no such cue" in line(row, bound)
    assert json.loads(as_json(row, bound))["refused"] == "no such cue"
    assert "not obeyed" not in line(rows("F0 7F 7F 02 01 01 31 F7")[0], bound)
    assert "not obeyed" not in line(rows("F0 7F 7F 02 01 01 F7")[0], bound)
    assert "not obeyed" not in line(row, Bound(None))


def test_learning_needs_one_thing_to_do(show: Path) -> None:
    result = CliRunner().invoke(app, ["midi", "learn", str(show), "--go", "dawn", "--cue", "1"])
    assert result.exit_code == 2
    assert "expected one of --go, --cue, --drive and --press" in result.output
    assert "terminal" not in result.output
    result = CliRunner().invoke(app, ["midi", "learn", str(show)])
    assert result.exit_code == 2
    told = " ".join(result.output.split())
    assert "there is no terminal here to ask in, expected one of --go, --cue, --drive and --press" in told


def test_a_name_that_the_show_does_not_have_is_told_before_anybody_waits(show: Path) -> None:
    result = CliRunner().invoke(app, ["midi", "learn", str(show), "--go", "dwan"])
    assert isinstance(result.exception, ShowError)
    assert "nearest is `dawn`" in str(result.exception)
    result = CliRunner().invoke(app, ["midi", "learn", str(show), "--drive", "haze.densty"])
    assert isinstance(result.exception, ShowError)
    assert str(result.exception).startswith("found the unknown control `haze.densty`")


def test_a_rehearsal_leaves_the_show_as_it_was(show: Path) -> None:
    for task in (Task("drive", "haze.density"), Task("go", "inferno"), Task("cue", "2.5"), Task("press", "tap")):
        rehearse(show, task)
    assert show.read_text() == SHOW
    assert [path.name for path in show.parent.iterdir()] == ["show.yaml"]


# ---- with a real desk


@pytest.fixture
def server(tmp_path: Path) -> Iterator[JackServer]:
    with jack_server(tmp_path) as running:
        yield running


def run(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", "from visuals.cli import main; main()", "midi", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.mark.jack
def test_a_desk_is_learned_and_monitored(server: JackServer, show: Path) -> None:
    with desk() as out:
        learning = run("learn", str(show), "--go", "inferno", "--midi", "desk", "--for", "20s")
        deadline = monotonic() + 20.0
        while learning.poll() is None and monotonic() < deadline:
            out.send([0x91, 40, 100], [0x81, 40, 0])
            sleep(0.2)
        said, _ = learning.communicate()
        assert "channel 2 (wire 1): note 40" in said
        assert "  - {note: 2/40, go: inferno}\n" in show.read_text()
        watching = run("monitor", "--show", str(show), "--midi", "desk", "--for", "4s", "--json")
        for _ in range(300):
            out.send([0xF8], [0xFE])
            sleep(0.0208 / 2)
        out.send([0x91, 40, 100])
        said, _ = watching.communicate()
        told = [json.loads(text) for text in said.splitlines() if text.startswith("{")]
        assert [t["kind"] for t in told].count("active_sensing") == 1
        assert 1 <= [t["kind"] for t in told].count("clock") <= 4
        (note,) = [t for t in told if t["kind"] == "note_on"]
        assert note["bound"] == [{"does": "go: inferno", "line": 15}]
        assert ports("jack") == ["desk:out"]


@pytest.mark.jack
def test_a_fader_that_has_the_number_of_a_low_half_is_learnt_as_it_is(server: JackServer, show: Path) -> None:
    with desk() as out:
        learning = run("learn", str(show), "--drive", "haze.density", "--midi", "desk", "--for", "20s")
        deadline, place = monotonic() + 20.0, 0
        while learning.poll() is None and monotonic() < deadline:
            place = (place + 1) % 128
            out.send([0xB0, 48, place])
            sleep(0.02)
        learning.communicate()
    assert "  - {cc: 1/48, drive: haze.density, pickup: true}\n" in show.read_text()


@pytest.mark.jack
def test_learning_from_nobody_ends(server: JackServer, show: Path) -> None:
    with desk():
        learning = run("learn", str(show), "--go", "dawn", "--for", "0.5s")
        said, _ = learning.communicate()
    assert learning.returncode == 3
    assert "nothing came from desk:out in 0.5 s" in said
    assert show.read_text() == SHOW
