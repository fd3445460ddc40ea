"""A session resolves what was asked for, or says what is wrong before anything opens."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.control.jack import desk, jack_server
from visuals.errors import MediaError, RigError, VisualsError
from visuals.library import Library, find_show
from visuals.session import Accepted, Console, dream_threads, light_of, plan, resolve
from visuals.types import Binding, Chasing, Event, Flag, Listening, Press
from visuals.wall.layout import load_rig

FLASH = Path(__file__).parent / "drills" / "flash" / "show.yaml"
QUIET = {"rig": "null", "audio": "none"}


def test_without_a_display_it_says_so_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    session = resolve(FLASH, audio="none")
    assert session.rig.walls[0].output[0] == "null"
    assert any("no display" in note for note in session.notes)


def test_with_a_display_there_is_a_window_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    assert resolve(FLASH, audio="none").rig.walls[0].output[0] == "window"
    assert resolve(FLASH, audio="none", headless=True).rig.walls[0].output[0] == "null"
    assert resolve(FLASH, **QUIET).rig.walls[0].output[0] == "null"  # type: ignore[arg-type]


def test_the_ears_are_told_of_the_show_and_of_the_room(tmp_path: Path) -> None:
    rig = tmp_path / "rig.yaml"
    rig.write_text(
        "rig: Cellar\nsound: {gain: 9, noise: -50}\nwalls:\n"
        "  - {name: main, canvas: [0, 0, 512, 256], output: {'null': {}}}\n"
    )
    session = resolve(FLASH, rig=str(rig), audio="none")
    accepted = Accepted(session.show)
    audio = plan(session, accepted)[0][1]
    assert audio.arguments(0) == ("none", Listening(gain_db=9.0, noise_db=-50.0))
    accepted.show = replace(session.show, listening=Listening(metre=3))
    assert audio.arguments(1) == ("none", Listening(metre=3, gain_db=9.0, noise_db=-50.0))


def test_a_show_without_a_loop_says_what_stands_by() -> None:
    assert any("visuals loop" in note for note in resolve(FLASH, **QUIET).notes)  # type: ignore[arg-type]


def test_a_rig_that_does_not_fit_the_canvas_is_refused(tmp_path: Path) -> None:
    rig = tmp_path / "rig.yaml"
    rig.write_text("rig: Wide\nwalls:\n  - {name: main, canvas: [0, 0, 4096, 64], output: {'null': {}}}\n")
    with pytest.raises(RigError, match=r"main.*512"):
        resolve(FLASH, rig=str(rig), audio="none")


def test_a_missing_sound_file_is_one_line() -> None:
    with pytest.raises(MediaError) as caught:
        resolve(FLASH, rig="null", audio="no/such/song.flac")
    assert len(str(caught.value).splitlines()) == 1


def test_a_show_without_a_model_has_no_generator() -> None:
    children, rings = plan(resolve(FLASH, **QUIET))  # type: ignore[arg-type]
    assert [child.name for child in children] == ["player", "audio", "engine"]
    assert "dream" not in rings
    for child in children:
        assert set(child.rings) <= set(rings)


def test_timecode_on_an_input_of_its_own_is_read_by_a_process_of_its_own() -> None:
    session = resolve(FLASH, **QUIET)  # type: ignore[arg-type]
    chasing = Chasing("ltc", input="LTC", channel=2)
    children, rings = plan(replace(session, show=replace(session.show, chasing=chasing)))
    assert [child.name for child in children] == ["player", "audio", "timecode", "engine"]
    rooms = {child.name: child for child in children}
    assert rooms["timecode"].arguments(0) == ("LTC", 2)
    assert rooms["timecode"].rings == ("tape",)
    assert "tape" in rooms["engine"].rings
    assert "tape" in rings
    assert len(rooms["audio"].arguments(0)) == 2


def test_timecode_beside_the_music_is_read_by_the_ears() -> None:
    session = resolve(FLASH, **QUIET)  # type: ignore[arg-type]
    children, rings = plan(replace(session, show=replace(session.show, chasing=Chasing("ltc", channel=2))))
    assert [child.name for child in children] == ["player", "audio", "engine"]
    audio = children[1]
    assert audio.arguments(0) == ("none", session.listening(session.show), True, 2)
    assert "tape" in audio.rings
    assert "tape" in rings


def test_clocks_that_nobody_will_hear_are_told(tmp_path: Path) -> None:
    folder = tmp_path / "flash"
    shutil.copytree(FLASH.parent, folder)
    with (folder / "show.yaml").open("a") as file:
        file.write("tempo: {follow: [clock, audio]}\ntimecode: {source: mtc}\n")
    told = "\n".join(resolve(folder / "show.yaml", **QUIET).notes)  # type: ignore[arg-type]
    assert "follows MIDI clock: name its port with --midi" in told
    assert "MIDI timecode: name its port with --midi" in told


@pytest.mark.jack
def test_it_says_which_midi_ports_are_heard_and_which_are_missing(tmp_path: Path) -> None:
    with jack_server(tmp_path), desk("apc"), desk("Desk"), desk("organ"):
        told = [_about_midi(pattern) for pattern in ("apc, desk, clock, nosuch", "apc", "harp", None)]
    (heard, missing), (apc,), (harp,), nothing = told
    assert set(heard.removeprefix("listening to MIDI at ").split(", ")) == {"apc:out", "Desk:out"}
    assert missing.startswith("no MIDI port matches clock, nosuch, waiting for it; there are: ")
    assert "organ:out" in missing
    assert apc == "listening to MIDI at apc:out"
    assert harp.startswith("no MIDI port matches harp, waiting for it; there are: ")
    assert nothing == []


def _about_midi(pattern: str | None) -> list[str]:
    session = resolve(FLASH, midi=pattern, midi_api="jack", **QUIET)  # type: ignore[arg-type]
    return [note for note in session.notes if "MIDI" in note]


def test_a_model_leaves_cores_to_the_wall_where_there_are_enough() -> None:
    assert [dream_threads(cores) for cores in (1, 2, 3, 4, 5, 6, 64)] == [1, 2, 2, 2, 3, 4, 4]


def test_another_performance_records_beside_the_last_one(tmp_path: Path) -> None:
    (tmp_path / "wall.mp4").touch()
    session = resolve(FLASH, record=tmp_path / "wall.mp4", **QUIET)  # type: ignore[arg-type]
    assert session.record == tmp_path / "wall-2.mp4"
    assert any("wall-2.mp4" in note for note in session.notes)
    player = plan(session)[0][0]
    # Whoever opens a recording, the first player or one that takes over, looks which name is free.
    assert player.arguments(0)[0].record == player.arguments(1)[0].record == session.record


def test_keys_toggle_overrides_and_leave_the_rest_to_the_show() -> None:
    show = resolve(FLASH, **QUIET).show  # type: ignore[arg-type]
    keys = (Binding("key.b", Press("blackout")), Binding("key.l", Press("loop")), Binding("key.space", Press("tap")))
    console = Console(replace(show, bindings=keys))
    rest = console.press([Event(0, "key.b"), Event(0, "key.l"), Event(0, "key.space"), Event(0, "key.x")])
    assert console.flags == Flag.BLACKOUT | Flag.LOOP
    assert [event.name for event in rest] == ["key.space", "key.x"]
    console.press([Event(1, "key.b")])
    assert console.flags == Flag.LOOP


def test_names_never_leave_their_folders(tmp_path: Path) -> None:
    (tmp_path / "shaders").mkdir()
    (tmp_path / "secret.fs").write_text("no")
    library = Library(tmp_path, tmp_path)
    assert library.shader_path("../secret") is None
    assert library.media(tmp_path, "../../etc/passwd") is None


def test_a_show_is_found_by_file_or_folder() -> None:
    assert find_show(str(FLASH)) == FLASH
    assert find_show(str(FLASH.parent)) == FLASH
    with pytest.raises(VisualsError):
        find_show("no-such-show")


def test_words_from_outside_say_on_or_off_and_live_releases_all_but_the_blackout() -> None:
    console = Console(resolve(FLASH, **QUIET).show)  # type: ignore[arg-type]
    rest = console.put([("loop", True), ("loop", True), ("blackout", True), ("go", True), ("freeze", False)], 5.0)
    assert console.flags == Flag.LOOP | Flag.BLACKOUT
    assert rest == [Event(5.0, "go", 1.0, "press"), Event(5.0, "freeze", 0.0, "press")]
    assert [event.name for event in console.put([("live", True)], 6.0)] == ["live"]
    assert console.flags == Flag.BLACKOUT | Flag.LIVE
    console.put([("live", True), ("blackout", False)], 7.0)
    assert console.flags == Flag.NONE


SACN = """
rig: Hall
walls:
  - {name: a, canvas: [0, 0, 8, 8], output: {sacn: {universe: 9, priority: 120}}}
  - {name: b, canvas: [0, 0, 8, 8], output: {sacn: {universe: 12}}}
  - {name: c, canvas: [0, 0, 8, 8], output: {window: {monitor: DP-1}}}
  - {name: d, canvas: [0, 0, 8, 8], output: {'null': {}}}
"""


def test_a_stand_by_machine_is_a_second_source_of_less_priority(tmp_path: Path) -> None:
    rig = tmp_path / "rig.yaml"
    rig.write_text(SACN)
    session = resolve(FLASH, rig=str(rig), audio="none", standby=True)
    told = [wall.output[1].get("priority") for wall in session.rig.walls]
    assert told == [119, 99, None, None]
    assert session.rig.name != load_rig(rig).name
    rig.write_text(SACN.replace("120", "0"))
    with pytest.raises(RigError, match="priority"):
        resolve(FLASH, rig=str(rig), audio="none", standby=True)


def test_light_is_named_the_same_by_whoever_makes_it(tmp_path: Path) -> None:
    one, two = tmp_path / "one.yaml", tmp_path / "two.yaml"
    one.write_text(SACN)
    two.write_text(SACN.replace("rig: Hall", "rig: Other").replace("DP-1", "DP-2"))
    assert len(light_of(str(one), headless=False)) == 3
    assert len(set(light_of(str(one), headless=False)) & set(light_of(str(two), headless=False))) == 2
    assert not set(light_of(str(one), headless=True)) & set(light_of(str(one), headless=True, standby=True))
    assert light_of("null", headless=False) == light_of(None, headless=True) == ()


def test_a_show_may_ask_for_fewer_flashes_than_the_venue_and_never_for_more(tmp_path: Path) -> None:
    show, rig = tmp_path / "show.yaml", tmp_path / "rig.yaml"
    shutil.copytree(FLASH.parent / "shaders", tmp_path / "shaders")
    rig.write_text("rig: Hall\nwalls:\n  - {name: a, canvas: [0, 0, 8, 8], output: {'null': {}}}\n")
    for key, expected in (("", 3), ("flash: {flashes: 1}\n", 1)):
        show.write_text(key + "failover: latched\nsafe: true\n" + FLASH.read_text())
        session = resolve(show, rig=str(rig), audio="none")
        assert session.rig.flash.flashes == expected
        told = plan(session)[0][0].arguments(0)[0]
        assert (told.latched, told.safe, told.fps, told.rig.flash.flashes) == (True, True, 60.0, expected)
    show.write_text("flash: {flashes: 4}\n" + FLASH.read_text())
    with pytest.raises(VisualsError, match="expected 3 or less"):
        resolve(show, rig=str(rig), audio="none")
