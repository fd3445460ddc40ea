"""What a rig file may not say, each with its line, its column and what is told of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from visuals.errors import RigError
from visuals.types import FlashLimit
from visuals.wall.layout import load_rig
from visuals.wall.layout.fit import overlapping
from visuals.wall.layout.grid import place_name

NULL = "    output: {'null': {}}\n"
WALL = "  - name: a\n    canvas: [0, 0, 64, 32]\n"
KIND = "    cabinet: {size: [16, 16], mm: [250, 250], watts: 100}\n"
GRID = KIND + "    grid: {columns: 4, rows: 2}\n"


def rig(*lines: str, head: str = "") -> str:
    """A rig of one wall: its name on line 3, its canvas on line 4, `lines` from line 5 on."""
    return f"rig: r\n{head}walls:\n{WALL}" + "".join(line.rstrip("\n") + "\n" for line in lines) + NULL


def second(first: str, *lines: str) -> str:
    """The same and one more wall, `lines` from line 6 on."""
    return f"rig: r\nwalls:\n{WALL}{first}\n  - name: b\n" + "".join(line + "\n" for line in lines)


TALL = KIND.replace("[250, 250]", "[250, 500]")
CABINET = "      - {id: A1, raster: [0, 0], stage: [0, 0]}"

BROKEN = [
    # the shorthand
    (rig("    grid: {columns: 4, rows: 2}"), ":5:11:", "found a grid, expected `cabinet: {size: [width, height]}`"),
    (rig(KIND, "    grid: {columns: 4}"), ":6:11:", "`rows` is missing"),
    (rig(KIND, "    grid: {columns: 0, rows: 2}"), ":6:21:", "found `0`, expected 1 or more"),
    (rig(KIND, "    grid: {columns: 99, rows: 99}"), ":6:11:", "found 9801 cabinets, expected at most 2048"),
    (rig(KIND, "    grid: {columns: 4, rows: 2, hole: [A1]}"), ":6:33:", "nearest is `holes`"),
    (rig(KIND, "    grid: {columns: 4, rows: 2, holes: [A9]}"), ":6:41:", "the unknown place `A9`"),
    (rig(KIND, "    grid: {columns: 4, rows: 2, turn: 45}"), ":6:39:", "expected 0, 90, 180 or 270 degrees"),
    (rig(KIND, "    grid: {columns: 4, rows: 2, cable: zigzag}"), ":6:40:", "expected one of rows, columns"),
    (
        rig(KIND, "    grid:", "      columns: 5", "      rows: 2", "    size: [64, 32]"),
        ":6:5:",
        "`A5` reaches to 80 x 16",
    ),
    (rig(GRID, "    fold: 24"), ":7:11:", "found strips of 24 pixels, expected a multiple of the cabinet's 16"),
    (rig(GRID, "    fold: 32", "    size: [64, 32]"), ":8:11:", "found a size beside a folded grid"),
    # one by one
    (rig(KIND, "    cabinets:", CABINET, CABINET), ":8:14:", "found a second cabinet `A1`, expected another id"),
    (rig(KIND, "    cabinets:", "      - {id: A1, stage: [0, 0]}"), ":7:9:", "`raster` is missing"),
    (rig("    cabinets:", CABINET), ":6:9:", "`size` is missing: neither the cabinet nor the wall's `cabinet`"),
    (rig(GRID, "    cabinets:", "      - {id: A8, turn: 180}"), ":8:9:", "the unknown cabinet `A8`"),
    (rig(GRID, "    cabinets:", "      - {id: a2x, turn: 180}"), ":8:9:", "the unknown cabinet `a2x`"),
    (rig(GRID, "    cabinets:", "      - {id: a2, turn: 180}"), ":8:9:", "nearest is `A2`"),
    (
        rig(GRID, "    cabinets:", '      - {id: "A 2", turn: 180}'),
        ":8:14:",
        "expected letters, digits, `.`, `_` or `-`",
    ),
    (
        rig(KIND, "    grid: {columns: 4, rows: 2, holes: [B3]}", "    cabinets:", "      - {id: B3, turn: 180}"),
        ":8:9:",
        "cabinet `B3` is one of the grid's `holes`",
    ),
    (rig(GRID, "    cabinets:", "      - {id: A2, turn: 91}"), ":8:24:", "found `91`, expected 0, 90, 180 or 270"),
    (rig(GRID, "    cabinets:", "      - {id: A2, raster: [8, 0]}"), ":8:9:", "`A1` and `A2` overlap in the raster"),
    (rig(GRID, "    cabinets:", "      - {id: A2, stage: [249, 0]}"), ":8:9:", "`A1` and `A2` overlap on the stage"),
    (
        rig(GRID, "    cabinets:", "      - {id: B4, raster: [50, 16]}", "    size: [64, 32]"),
        ":8:9:",
        "reaches to 66 x 32",
    ),
    (rig(GRID, "    cabinets:", "      - {id: A 2}"), ":8:14:", "found `A 2`"),
    (
        rig(KIND, "    cabinets:", CABINET, "      - {id: A2, raster: [16, 0], stage: [250, 0], mm: [200, 200]}"),
        ":8:9:",
        "cabinet `A2` has pixels of 12.5 x 12.5 mm as it hangs, expected 15.6 x 15.6 like the others",
    ),
    (
        rig(TALL, "    cabinets:", CABINET, "      - {id: B1, turn: 90, raster: [16, 0], stage: [250, 0]}"),
        ":8:9:",
        "has pixels of 31.2 x 15.6 mm as it hangs",
    ),
    (rig(KIND, "    cabinets:", CABINET, "    fold: 8"), ":8:11:", "found a fold beside single cabinets"),
    # ports and power
    (
        rig(GRID, "    ports: {pixels: 1000, cabinets: 4}"),
        ":6:11:",
        "cabinet `A4` is too much for port 1: found 1024 pixels, expected at most 1000",
    ),
    (
        rig(GRID, "    ports: {pixels: 512}", "    cabinets:", "      - {id: A3, port: 1}"),
        ":9:9:",
        "cabinet `A3` is too much for port 1: found 768 pixels, expected at most 512",
    ),
    (
        rig(GRID, "    ports: {pixels: 100}"),
        ":6:11:",
        "cabinet `A1` alone has more than a port drives: found 256 pixels, expected at most 100",
    ),
    (rig(GRID, "    ports: {cabinets: 2}"), ":7:12:", "`pixels` is missing"),
    (
        rig(GRID, "    power: {limit: 500}"),
        ":7:20:",
        "found 800 W at brightness 1, expected at most 500 W: say `abl: true`, or a brightness of 0.62",
    ),
    (rig(GRID, "    brightness: 0.7", "    power: {limit: 500}"), ":8:20:", "found 560 W at brightness 0.7"),
    (rig("    power: {limit: 500}"), ":5:12:", "found a limit without the power of a cabinet"),
    (rig(GRID, "    power: {limit: 500, window: 20ms}"), ":7:33:", "at least 50ms and at most 10s"),
    (rig(GRID, "    power: {limit: 500, watt: 1}"), ":7:25:", "nearest is `watts`"),
    # the wall
    (rig("    gaps: hide"), ":5:11:", "expected one of content, skip"),
    (rig("    white: 1000"), ":5:12:", "found `1000`, expected 2000.0 or more"),
    (rig("    gain: [1, 1]"), ":5:11:", "item 3 is missing"),
    (rig("    gain: [1, 1.2, 1]"), ":5:15:", "found `1.2`, expected 1.0 or less"),
    (rig("    lift: 0.5"), ":5:11:", "found `0.5`, expected 0.2 or less"),
    (rig("    delay: 2s"), ":5:12:", "found `2s`, expected a time such as 40ms or 0.04s, at most 0.5s"),
    (rig("    stage: [0, 0]"), ":5:12:", "expected [x, y, width, height] of a wall without cabinets"),
    (rig(GRID, "    stage: [0, 0, 9, 9]"), ":7:12:", "expected [x, y] alone: the cabinets say how large it is"),
    (rig(GRID.replace(", mm: [250, 250]", ""), "    stage: [0, 0]"), ":7:12:", "expected `mm` in `cabinet` too"),
    (rig("    size: [16000, 16000]"), ":5:11:", "found a raster of 16000 x 16000, expected no more pixels than 8192"),
    (rig("    size: [3840, 2160]", "    delay: 400ms"), ":6:12:", "keeps 759 MB of pictures, expected at most 512 MB"),
    (rig(KIND, "    grid: {columns: 2, rows: 2, gap: 99999}"), ":6:11:", "over 6,432 x 6,432 LEDs with the gaps"),
    # the venue
    (rig(head="flash: {flashes: 4}\n"), ":2:18:", "found `4`, expected 3 or less"),
    (rig(head="flash: {waived: yes please}\n"), ":2:17:", "expected a reason in at least 3 words"),
    (rig(head="flash: {distanc: 4}\n"), ":2:9:", "nearest is `distance`"),
    # walls beside each other
    (
        second("    output: {sacn: {universe: 1}}", "    canvas: [0, 0, 16, 16]", "    output: {sacn: {universe: 13}}"),
        ":8:20:",
        "found universe 13 at its multicast group, which wall `a` takes already",
    ),
    (
        second(
            "    output: {sacn: {host: 10.0.0.9, universe: 4}}",
            "    canvas: [0, 0, 16, 16]",
            "    output:",
            "      sacn: {host: 10.0.0.9, universe: 3}",
        ),
        ":9:13:",
        "found universe 4 at 10.0.0.9",
    ),
    (
        second(
            "    output: {artnet: {host: [10.0.0.9, 10.0.0.8]}}",
            "    canvas: [0, 0, 1, 1]",
            "    output: {artnet: {host: 10.0.0.8, universe: 12}}",
        ),
        ":8:22:",
        "found universe 0.0.12 at 10.0.0.8, which wall `a` takes already",
    ),
    (
        second(
            "    output: {sacn: {universe: 1, order: RGBW}}",
            "    canvas: [0, 0, 1, 1]",
            "    output: {sacn: {universe: 16}}",
        ),
        ":8:20:",
        "found universe 16",
    ),
    (
        second("    output: {ddp: {host: a}}", "    canvas: [0, 0, 1, 1]", "    output: {ddp: {host: [b, a]}}"),
        ":8:19:",
        "found device 1 at a",
    ),
    (
        second(
            "    output: {window: {monitor: DP-2}}", "    canvas: [0, 0, 9, 9]", "    output: {window: {monitor: DP-2}}"
        ),
        ":8:22:",
        "found the monitor DP-2",
    ),
    (
        second(
            "    output: {window: {span: s, monitor: A}}",
            "    canvas: [0, 0, 9, 9]",
            "    output: {window: {span: s, monitor: A, position: [63, 0]}}",
        ),
        ":8:22:",
        "walls `a` and `b` overlap in the window s on A",
    ),
    (
        second(
            "    output: {window: {span: s, monitor: A}}",
            "    canvas: [0, 0, 9, 9]",
            "    output: {window: {span: other, monitor: A}}",
        ),
        ":8:22:",
        "found the monitor A",
    ),
    (
        second("    output: {ndi: {name: b}}", "    canvas: [0, 0, 9, 9]", "    output: {ndi: {}}"),
        ":8:19:",
        "found the NDI name b",
    ),
    (
        second(
            "    stage: [0, 0, 10, 10]\n" + NULL[:-1], "    canvas: [0, 0, 9, 9]", "    stage: [9, 0, 10, 10]", NULL
        ),
        ":9:12:",
        "walls `a` and `b` overlap on the stage",
    ),
]


@pytest.mark.parametrize(("text", "place", "said"), BROKEN)
def test_a_broken_rig_names_the_place(tmp_path: Path, text: str, place: str, said: str) -> None:
    path = tmp_path / "rig.yaml"
    path.write_text(text)
    with pytest.raises(RigError) as caught:
        load_rig(path)
    assert f"rig.yaml{place}" in str(caught.value)
    assert said in str(caught.value)
    assert len(caught.value.problems) == 1


def test_all_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "rig.yaml"
    path.write_text(rig(GRID, "    power: {limit: 500}", "    size: [60, 32]", "    stage: [0, 0, 1, 1]"))
    with pytest.raises(RigError) as caught:
        load_rig(path)
    assert [problem.line for problem in caught.value.problems] == [6, 7, 9]


def test_a_grid_is_counted_along_its_cable(tmp_path: Path) -> None:
    path = tmp_path / "rig.yaml"
    path.write_text(
        rig(
            KIND,
            "    grid: {columns: 3, rows: 2, gap: [10, 20], holes: [B2], cable: rows zigzag}",
            "    ports: {pixels: 600}",
        )
    )
    (wall,) = load_rig(path).walls
    assert [(c.name, c.port) for c in wall.cabinets] == [("A1", 1), ("A2", 1), ("A3", 2), ("B3", 2), ("B1", 3)]
    assert [c.raster[:2] for c in wall.cabinets] == [(0, 0), (16, 0), (32, 0), (32, 16), (0, 16)]
    assert [c.stage[:2] for c in wall.cabinets] == [(0, 0), (260, 0), (520, 0), (520, 270), (0, 270)]
    assert (wall.size, wall.light.watts) == ((48, 32), 500.0)


def test_a_ribbon_is_folded(tmp_path: Path) -> None:
    path = tmp_path / "rig.yaml"
    path.write_text(rig("    size: [100, 4]", "    fold: 40"))
    (wall,) = load_rig(path).walls
    assert wall.size == (40, 12)
    assert [c.raster for c in wall.cabinets] == [(0, 0, 40, 4), (0, 4, 40, 4), (0, 8, 20, 4)]
    assert [c.stage for c in wall.cabinets] == [(0, 0, 40, 4), (40, 0, 40, 4), (80, 0, 20, 4)]
    path.write_text(rig(KIND, "    grid: {columns: 4, rows: 1}", "    fold: 32"))
    (wall,) = load_rig(path).walls
    assert wall.size == (32, 32)
    assert [c.raster[:2] for c in wall.cabinets] == [(0, 0), (16, 0), (0, 16), (16, 16)]


def test_a_list_says_what_differs_from_the_grid(tmp_path: Path) -> None:
    path = tmp_path / "rig.yaml"
    path.write_text(
        rig(
            KIND,
            "    grid: {columns: 2, rows: 1}",
            "    stage: [100, 200]",
            "    cabinets:",
            "      - {id: A2, turn: 270, enabled: false, port: 3}",
            "      - {id: top, raster: [32, 0], stage: [0, -125], size: [32, 8]}",
        )
    )
    (wall,) = load_rig(path).walls
    first, other, top = wall.cabinets
    assert (first.turn, other.turn, other.enabled, other.port) == (0, 270, False, 3)
    assert (top.stage, top.raster) == ((0.0, 0.0, 500.0, 125.0), (32, 0, 32, 8))
    assert first.stage[:2] == (0.0, 125.0)
    assert wall.stage == (100.0, 200.0, 500.0, 375.0)


def test_a_venue_says_what_may_flash(tmp_path: Path) -> None:
    path = tmp_path / "rig.yaml"
    path.write_text(rig())
    assert load_rig(path).flash == FlashLimit()
    path.write_text(rig(head="flash: {flashes: 2, distance: 12, reference: 150, waived: signed by the house}\n"))
    assert load_rig(path).flash == FlashLimit(2, 12.0, 150.0, "signed by the house")


def test_rows_after_z_go_on() -> None:
    assert [place_name(row, 0) for row in (0, 25, 26, 51, 52, 701, 702)] == [
        "A1",
        "Z1",
        "AA1",
        "AZ1",
        "BA1",
        "ZZ1",
        "AAA1",
    ]


def test_touching_is_fine_and_the_first_overlap_is_named() -> None:
    assert list(overlapping([(0, 0, 10, 10), (10, 0, 10, 10), (0, 10, 10, 10)])) == []
    assert list(overlapping([(0, 0, 10, 10), (20, 0, 5, 5), (9, 9, 12, 10), (9, 9, 1, 1)])) == [(2, 0), (3, 0)]
    assert list(overlapping([(0.0, 0.0, 10.005, 10.0), (10.0, 0.0, 10.0, 10.0)], 0.01)) == []


def test_neighbours_on_the_wire_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "rig.yaml"
    for first, other in (
        ("sacn: {universe: 1}", "sacn: {universe: 14}"),
        ("sacn: {universe: 1, interface: 10.0.0.1}", "sacn: {universe: 1, interface: 10.0.1.1}"),
        ("artnet: {host: a}", "artnet: {host: b}"),
        ("ddp: {host: a}", "ddp: {host: a, id: 2}"),
        ("window: {}", "window: {}"),
        ("window: {span: s, monitor: A}", "window: {span: s, monitor: A, position: [64, 0]}"),
        ("window: {span: s, monitor: A}", "window: {span: s, monitor: B}"),
        ("ndi: {}", "ndi: {}"),
    ):
        path.write_text(second(f"    output: {{{first}}}", "    canvas: [0, 0, 8, 8]", f"    output: {{{other}}}"))
        assert len(load_rig(path).walls) == 2
