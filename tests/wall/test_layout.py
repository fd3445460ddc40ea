from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from visuals.errors import RigError
from visuals.types import Rig
from visuals.wall.layout import fit_problems, load_rig, schema_json

RIGS = Path(__file__).parents[2] / "shows" / "rigs"


@pytest.mark.parametrize("path", sorted(RIGS.glob("*.yaml")), ids=lambda p: p.stem)
def test_the_rigs_that_come_along_fit_the_demo_canvas(path: Path) -> None:
    rig = load_rig(path)
    assert rig.walls
    assert fit_problems(rig, (512, 256)) == []


def test_a_rig_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "rig.yaml"
    path.write_text(
        "rig: Club\nwalls:\n"
        "  - {name: main, canvas: [0, 0, 512, 256], output: {window: {monitor: DP-2}}}\n"
        "  - {name: top, canvas: [0, 0, 512, 64], size: [17, 10], gamma: 2.2, brightness: 0.5,\n"
        "     output: {sacn: {host: 10.0.0.20, universe: 3}}}\n"
        "  - {name: none, canvas: [0, 0, 8, 8], output: {null: }}\n"
    )
    main, top, none = load_rig(path).walls
    assert main.size == (512, 256)
    assert main.output[0] == "window"
    assert main.output[1]["monitor"] == "DP-2"
    assert (top.size, top.light.gamma, top.light.brightness) == ((17, 10), 2.2, 0.5)
    assert {k: top.output[1][k] for k in ("host", "port", "universe", "priority")} == {
        "host": "10.0.0.20",
        "port": 5568,
        "universe": 3,
        "priority": 100,
    }
    assert none.output == ("null", {})


def test_a_rig_knows_its_room_and_its_delays(tmp_path: Path) -> None:
    path = tmp_path / "rig.yaml"
    path.write_text(
        "rig: Club\nsound: {gain: 12, noise: -62.5}\nwalls:\n"
        "  - {name: a, canvas: [0, 0, 8, 8], latency: 40ms, output: {'null': {}}}\n"
        "  - {name: b, canvas: [0, 0, 8, 8], latency: 0.085 s, output: {'null': {}}}\n"
        "  - {name: c, canvas: [0, 0, 8, 8], output: {'null': {}}}\n"
    )
    rig = load_rig(path)
    assert (rig.gain_db, rig.noise_db) == (12.0, -62.5)
    assert [wall.latency for wall in rig.walls] == pytest.approx([0.04, 0.085, 0.0])
    assert rig.lead == pytest.approx(0.085)
    assert Rig("none").lead == 0.0
    delayed = replace(rig, walls=(*rig.walls, replace(rig.walls[0], delay=0.1)))
    assert delayed.lead == pytest.approx(0.14)


def broken(*lines: str) -> str:
    return "rig: r\nwalls:\n  - name: a\n    canvas: [0, 0, 10, 5]\n" + "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        (broken("    output: {windw: {}}"), ":5:14:", "nearest is `window`"),
        (broken("    output: {}"), ":5:13:", "found nothing, expected one of null, window, sacn, artnet, ddp, record"),
        (broken("    output: {'null': {}, window: {}}"), ":5:13:", "found null and window, expected one of"),
        (broken("    gama: 2", "    output: {window: {}}"), ":5:5:", "nearest is `gamma`"),
        (broken("    brightness: 70", "    output: {window: {}}"), ":5:17:", "found `70`, expected 1"),
        (broken("    latency: 40", "    output: {window: {}}"), ":5:14:", "found `40`, expected a time such as 40ms"),
        (broken("    latency: 1100ms", "    output: {window: {}}"), ":5:14:", "at most 1s"),
        ("rig: r\nsound: {gain: 60, nois: 1}\nwalls: []\n", ":2:15:", "found `60`, expected 46"),
        ("rig: r\nsound: {gain: 6, nois: 1}\nwalls: []\n", ":2:18:", "nearest is `noise`"),
        (broken("    output: {sacn: {priority: 300}}"), ":5:31:", "found `300`, expected 200 or less"),
        (broken("    output: {sacn: {universe: 64000}}"), ":5:31:", "expected 63999 or less"),
        (broken("    size: [200, 200]", "    output: {sacn: {universe: 63990}}"), ":6:20:", "found 236 universes"),
        (broken("    output: {sacn: {channel: 511}}"), ":5:20:", "found channel 511, where no pixel of RGB fits"),
        (broken("    output: {sacn: {ordr: GRB}}"), ":5:21:", "nearest is `order`"),
        (broken("    output: {sacn: {order: GRBX}}"), ":5:28:", "found `GRBX`, expected one of RGB, RBG, GRB"),
        (broken("    output: {sacn: {order: GRBX}}"), ":5:28:", "nearest is `GRB`"),
        (broken("    output: {sacn: {start: left top}}"), ":5:28:", "expected one of top left, top right, bottom left"),
        (broken("    output: {sacn: {host: []}}"), ":5:27:", "expected text or at least 1 of them"),
        (
            broken("    output: {sacn: {interface: eth0}}"),
            ":5:32:",
            "found `eth0`, expected the IPv4 address of a network",
        ),
        (broken("    output: {artnet: {universe: 1}}"), ":5:22:", "`host` is missing"),
        (broken("    output: {artnet: }"), ":5:14:", "found nothing, expected a mapping"),
        (broken("    output: {artnet: {host: a, universe: 16}}"), ":5:42:", "found `16`, expected 15 or less"),
        (broken("    output: {artnet: {host: a, subnt: 1}}"), ":5:32:", "nearest is `subnet`"),
        (broken("    output: {ddp: {host: a, id: 250}}"), ":5:33:", "found `250`, expected 249 or less"),
        (broken("    output: {window: {scale: fill}}"), ":5:30:", "expected one of fit, stretch, pixel"),
        ("rig: r\nwalls:\n  - {name: a, canvas: [0, 0, 10], output: {window: {}}}\n", ":3:23:", "item 4 is missing"),
        ("rig: r\nwalls: []\n", ":2:8:", "found no wall"),
        (
            broken("    output: {window: {}}", "  - {name: a, canvas: [0, 0, 1, 1], output: {window: {}}}"),
            ":6:12:",
            "found a second wall `a`",
        ),
    ],
)
def test_a_broken_rig_names_the_place(tmp_path: Path, text: str, place: str, said: str) -> None:
    path = tmp_path / "rig.yaml"
    path.write_text(text)
    with pytest.raises(RigError) as caught:
        load_rig(path)
    assert place in str(caught.value)
    assert said in str(caught.value)


def test_a_rig_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(RigError, match="no such file"):
        load_rig(tmp_path / "none.yaml")


def test_the_schema_for_editors_is_current() -> None:
    assert (RIGS / "rig.schema.json").read_text() == schema_json(), (
        "run: python -m visuals.wall.layout > shows/rigs/rig.schema.json"
    )


def test_every_key_of_the_schema_says_what_it_is_for() -> None:
    made = json.loads(schema_json())
    walls = made["$defs"]["WallPart"]
    assert {"cabinet", "grid", "gaps", "fold", "power", "white"} <= set(walls["properties"])
    parts = [made, *(made["$defs"][name] for name in made["$defs"] if name.endswith(("Part", "Kind")))]
    silent = [
        f"{part['title']}.{name}"
        for part in parts
        if part["title"] not in ("OutputPart", "SoundPart")
        for name, field in part["properties"].items()
        if not field.get("description")
    ]
    assert silent == []
