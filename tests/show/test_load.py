"""A good show becomes a `Show`; each broken one says where, what was found, expected and nearest."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.show.catalogue import Shelf
from visuals.errors import ShowError
from visuals.show.load import load_show
from visuals.types import Chasing, Cue, Drive, Duration, FireCue, Follow, Go, Listening, Press, Pulse, Show, When

BROKEN = Path(__file__).parent / "broken"
GOOD = """\
show: First Light
canvas: [512, 256]
seed: 7
model: prism
audio: {track: song.flac}
scenes:
  dawn:
    layers:
      - {name: dream, model: {style: aurora, memory: 0.3}}
      - {name: haze, shader: generators/haze, blend: screen, opacity: 0.6, inputs: {tint: [1, 0.5, 0], at: [0, 1]}}
    rules:
      - {drive: dream.hue, from: note.class / 12, smooth: 300ms}
      - {drive: haze.density, from: 0.7*bass + 0.3*midi.fader1, range: [0.1, 0.9], attack: 10ms, release: 1 beat}
      - {when: kick, pulse: haze.flash, amount: 0.8, decay: 1/4 beat, cooldown: 100ms}
      - {when: drop, go: inferno, fade: 1 bar, at: bar, if: tempo.confidence > 0.5}
  inferno:
    layers: [{name: dream, model: {style: {ink: 0.7, neon: 0.3}}}, {name: logo, image: logo.png}]
cues:
  - {cue: 1, scene: dawn, fade: 2 bars}
  - {cue: 2.50, scene: inferno, fade: cut}
midi:
  - {note: 1/36, go: dawn}
  - {cc: 1/7, drive: master}
  - {cc: 1/1, name: fader1}
  - {program: 1/12, cue: "2.5"}
keys: {b: blackout, space: tap, 1: {cue: 1}}
"""


def load(folder: Path, text: str) -> Show:
    (folder / "song.flac").touch()
    (folder / "logo.png").touch()
    (folder / "show.yaml").write_text(text)
    return load_show(folder / "show.yaml", Shelf())


def test_a_good_show(tmp_path: Path) -> None:
    show = load(tmp_path, GOOD)
    dawn, inferno = show.scenes.values()
    assert (show.name, show.canvas, show.fps, show.seed) == ("First Light", (512, 256), 60.0, 7)
    assert show.track == tmp_path / "song.flac"
    dream, haze = dawn.layers
    assert (dream.kind, dream.source, dream.controls["memory"], dream.controls["walk"]) == ("model", "aurora", 0.3, 0.2)
    assert [dream.controls[f"style.{s}"] for s in ("aurora", "ink", "neon")] == [1.0, 0.0, 0.0]
    assert (haze.kind, haze.source, haze.blend, haze.opacity) == ("shader", "generators/haze", "screen", 0.6)
    assert [haze.controls[f"tint.{c}"] for c in "rgba"] == [1.0, 0.5, 0.0, 0.5]
    assert (haze.controls["at.y"], haze.controls["density"]) == (1.0, 0.5)
    assert inferno.layers[0].source == "ink"
    assert inferno.layers[1].source == str(tmp_path / "logo.png")
    smooth = Duration(0.3)
    assert dawn.rules[0] == Drive("dream.hue", "note.class / 12", attack=smooth, release=smooth, line=12)
    assert isinstance(dawn.rules[1], Drive)
    assert dawn.rules[1].release == Duration(1.0, "beat")
    assert dawn.rules[2] == When("kick", Pulse("haze.flash", 0.8), cooldown=Duration(0.1), line=14)
    assert dawn.rules[3] == When(
        "drop", Go("inferno", Duration(1.0, "bar")), "tempo.confidence > 0.5", at="bar", line=15
    )
    assert show.cues == (Cue("1", "dawn", Duration(2.0, "bar")), Cue("2.5", "inferno"))
    assert [(b.event, b.action) for b in show.bindings] == [
        ("midi.note.1/36", Go("dawn")),
        ("midi.cc.1/7", Follow("master")),
        ("midi.cc.1/1", Follow("midi.fader1")),
        ("midi.program.1/12", FireCue("2.5")),
        ("key.b", Press("blackout")),
        ("key.space", Press("tap")),
        ("key.1", FireCue("1")),
    ]


TABLE = (BROKEN / "expected.txt").read_text().splitlines()
"""Every problem of every broken file, as a user reads it; how many names are known is left open."""


@pytest.mark.parametrize("path", sorted(BROKEN.glob("*.yaml")), ids=lambda p: p.stem)
def test_every_fault_of_a_broken_show(path: Path) -> None:
    with pytest.raises(ShowError) as raised:
        load_show(path, Shelf())
    found = [re.sub(r"\d+ known", "N known", str(p).removeprefix(f"{BROKEN}/")) for p in raised.value.problems]
    assert found == [row for row in TABLE if row.startswith(f"{path.name}:")]


def test_the_table_has_every_file() -> None:
    assert {row.split(":")[0] for row in TABLE} == {path.name for path in BROKEN.glob("*.yaml")}


def problem(folder: Path, text: str) -> str:
    with pytest.raises(ShowError) as raised:
        load(folder, text)
    return str(raised.value.problems[0]).removeprefix(f"{folder}/")


def test_huge(tmp_path: Path) -> None:
    assert problem(tmp_path, GOOD + "#" * 1_000_000) == "show.yaml: larger than 1 MB"


@pytest.mark.parametrize(
    ("seed", "expected"),
    [("-1", "0 or more"), ("4294967296", "4294967295 or less"), ("1.5", "a whole number"), ("x", "a whole number")],
)
def test_a_seed_is_of_32_bits(tmp_path: Path, seed: str, expected: str) -> None:
    text = GOOD.replace("seed: 7", f"seed: {seed}")
    assert problem(tmp_path, text) == f"show.yaml:3:7: found `{seed}`, expected {expected}"
    for end in (0, 2**32 - 1):
        assert load(tmp_path, GOOD.replace("seed: 7", f"seed: {end}")).seed == end


@pytest.mark.parametrize(
    ("tempo", "listening"),
    [
        ("{}", Listening()),
        ("{range: [70, 180], prior: 128, metre: 3}", Listening((70.0, 180.0), 128.0, 3)),
        ("{range: [150, 190], metre: auto}", Listening((150.0, 190.0), 150.0)),
        ("{range: [60, 100]}", Listening((60.0, 100.0), 100.0)),
        ("{follow: clock}", Listening(follow=("clock",))),
        ("{follow: [link, tap, audio]}", Listening(follow=("link", "tap", "audio"))),
    ],
)
def test_what_is_known_of_the_tempo_is_for_the_ears(tmp_path: Path, tempo: str, listening: Listening) -> None:
    assert load(tmp_path, GOOD + f"tempo: {tempo}\n").listening == listening


def test_a_tape_is_believed_for_a_while_or_not_at_all(tmp_path: Path) -> None:
    for freewheel in ("0.2s", "200ms", "cut", "0s"):
        load(tmp_path, GOOD + f"timecode: {{source: mtc, freewheel: {freewheel}}}\n")
    with pytest.raises(ShowError, match=r"found 0\.05 s, expected 0\.2 s or more, or cut"):
        load(tmp_path, GOOD + "timecode: {source: mtc, freewheel: 0.05s}\n")


TAPED = GOOD.replace("fade: cut}", "fade: cut, timecode: 10:00:01:12}").replace(
    "2 bars}", "2 bars, timecode: 1:02:03:04}"
)


def test_timecode_fires_cues_as_hands_do(tmp_path: Path) -> None:
    show = load(tmp_path, TAPED + "timecode: {source: mtc, offset: '-00:00:10:00'}\n")
    assert show.chasing == Chasing("mtc", "25", 1.0, -10.0)
    assert [cue.timecode for cue in show.cues] == ["01:02:03:04", "10:00:01:12"]
    fired = {b.event: (b.action, b.line) for b in show.bindings if b.event.startswith("timecode ")}
    assert fired == {
        "timecode 01:02:03:04": (FireCue("1"), 19),
        "timecode 10:00:01:12": (FireCue("2.5"), 20),
    }


@pytest.mark.parametrize(
    ("timecode", "chasing"),
    [
        ("{source: mtc, rate: 29.97}", Chasing("mtc", "29.97")),
        ("{source: mtc, rate: 30.0, freewheel: 400ms}", Chasing("mtc", "30", 0.4)),
        ("{source: ltc, rate: '24', input: LTC}", Chasing("ltc", "24", input="LTC")),
        ("{source: ltc, rate: 25, input: LTC, channel: 2}", Chasing("ltc", "25", input="LTC", channel=2)),
        ("{source: ltc, channel: 2, freewheel: cut}", Chasing("ltc", freewheel=0.0, channel=2)),
        ("{source: ltc, channel: 1, offset: 10:00:00:00}", Chasing("ltc", offset=36000.0)),
        ("{source: mtc, rate: 29.97df, offset: 01:00:00;00}", Chasing("mtc", "29.97df", offset=107892 * 1001 / 30000)),
    ],
)
def test_where_timecode_comes_from(tmp_path: Path, timecode: str, chasing: Chasing) -> None:
    assert load(tmp_path, GOOD + f"timecode: {timecode}\n").chasing == chasing


def test_many(tmp_path: Path) -> None:
    text = GOOD.split("cues:")[0] + "cues:\n" + "  - {cue: 1, scene: dawn}\n" * 20_000
    assert problem(tmp_path, text).endswith("unfolds to more than 50000 values")


def test_deep(tmp_path: Path) -> None:
    assert problem(tmp_path, "show: " + "[" * 5000 + "]" * 5000) == "show.yaml:1:38: nested more than 32 deep"


def test_a_link_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "away.flac").symlink_to("/etc/hostname")
    text = GOOD.replace("song.flac", "away.flac")
    assert problem(tmp_path, text).startswith("show.yaml:5:16: found `away.flac`, which leads outside")


def test_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(ShowError, match="no such file"):
        load_show(tmp_path, Shelf())


def test_a_fader_may_not_fight_a_rule(tmp_path: Path) -> None:
    text = GOOD.replace("{cc: 1/7, drive: master}", "{cc: 1/7, drive: haze.density}")
    assert "`haze.density` is driven by the rule in line 13" in problem(tmp_path, text)


def test_scenes_that_wait_or_choose_are_no_cycle(tmp_path: Path) -> None:
    rule = "{when: scene, go: %s, %s}"
    for brake in ("at: bar", "cooldown: 1s", "if: energy > 0.5"):
        text = GOOD.replace("    rules:\n", "    rules:\n      - " + rule % ("inferno", brake) + "\n", 1)
        text = text.replace("cues:\n", "    rules: [" + rule % ("dawn", "at: now") + "]\ncues:\n", 1)
        assert load(tmp_path, text).scenes["dawn"].rules


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(GOOD) - 1), st.integers(0, 40), st.text("[]{}:,-&*!|>'\"#\n\t 1a.", max_size=6))
def test_no_edit_does_more_than_be_refused(tmp_path: Path, at: int, cut: int, inserted: str) -> None:
    try:
        load(tmp_path, GOOD[:at] + inserted + GOOD[at + cut :])
    except ShowError as e:
        assert e.problems  # noqa: PT017 (an edit that happens to be right raises nothing)


TOLD = """\
show: Told
model: turbo
prompts: {sea: the sea at night, fire: "fire, embers"}
scenes:
  dawn:
    layers:
      - {name: haze, shader: generators/haze}
      - {name: dream, model: {prompt: sea, strength: 0.4}, source: haze}
    rules:
      - {drive: dream.prompt.fire, from: energy}
"""


def test_a_show_that_tells_its_model_a_text(tmp_path: Path) -> None:
    show = load(tmp_path, TOLD)
    assert show.prompts == {"sea": "the sea at night", "fire": "fire, embers"}
    dream = show.scenes["dawn"].layers[1]
    assert (dream.source, dream.seen) == ("sea", "haze")
    assert {k: v for k, v in dream.controls.items() if v} == {"walk": 0.2, "strength": 0.4, "prompt.sea": 1.0}
    assert "prompt.fire" in dream.controls
    unsaid = load(tmp_path, TOLD.replace(", strength: 0.4", "")).scenes["dawn"].layers[1]
    assert 0.0 < unsaid.controls["strength"] < 1.0
    assert not any(name.startswith("style.") or name == "hue" for name in dream.controls)


@pytest.mark.parametrize(
    ("old", "new", "place", "text"),
    [
        (
            "strength: 0.4",
            "hue: 0.4",
            (8, "hue"),
            "found the unknown input `hue`, expected one of memory, prompt, prompt.fire",
        ),
        ("dream.prompt.fire", "dream.prompt.fier", (10, "dream.prompt"), "nearest is `dream.prompt.fire`"),
        ("dream.prompt.fire", "dream.hue", (10, "dream.hue"), "found the unknown control `dream.hue`"),
        (
            "prompt: sea",
            "prompt: see",
            (8, "see"),
            "unknown prompt `see`, expected one of fire, sea; nearest is `sea`",
        ),
        ("prompt: sea", "style: aurora", (8, "style"), "found `style`, expected `prompt` for this model"),
        (
            "source: haze",
            "source: hase",
            (8, "hase"),
            "image's layer below this one, expected one of haze",
        ),
        ("source: haze", "source: dream", (8, "dream}"), "expected a shader's or image's layer below this one"),
        (", source: haze", "", (8, "strength"), "found `strength`, expected `source: <a layer below>`"),
        ("model: turbo", "model: ai/turbo", (2, "ai/turbo"), "expected the path of a folder: nothing is downloaded"),
        (
            '{sea: the sea at night, fire: "fire, embers"}',
            "{}",
            (2, "turbo"),
            "expected `prompts: {name: text}` in the show",
        ),
        ("model: turbo", "model: prism", (3, "{"), "the model `prism` reads no text"),
        ("model: turbo\n", "", (2, "{"), "found prompts, expected a `model` in the show that is told a text"),
        ("sea: the sea at night", "sea: ''", (3, "''"), "expected at least 1 characters"),
    ],
)
def test_what_is_wrong_about_texts(tmp_path: Path, old: str, new: str, place: tuple[int, str], text: str) -> None:
    assert old in TOLD
    with pytest.raises(ShowError) as caught:
        load(tmp_path, TOLD.replace(old, new))
    line, token = place
    column = TOLD.replace(old, new).splitlines()[line - 1].index(token) + 1
    lines = [line for line in str(caught.value).splitlines() if text in line]
    assert lines, str(caught.value)
    assert lines[0].startswith(f"{tmp_path / 'show.yaml'}:{line}:{column}: ")
