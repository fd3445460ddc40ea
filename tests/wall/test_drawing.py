"""The plan of a rig, drawn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from visuals.cli import app
from visuals.types import Cabinet, Rig, Wall
from visuals.wall.drawing import draw_rig
from visuals.wall.drawing.facts import rig_rows, wall_rows
from visuals.wall.drawing.ink import PORTS, tint
from visuals.wall.drawing.page import HEAD, MARGIN, WIDTH
from visuals.wall.layout import load_rig

RIGS = Path(__file__).parents[2] / "shows" / "rigs"


def cabinet(name: str, column: int, **more: object) -> Cabinet:
    return Cabinet(name, (16 * column, 0, 16, 16), (500.0 * column, 0.0, 500.0, 500.0), **more)  # type: ignore[arg-type]


def near(page: Image.Image, box: tuple[float, float, float, float], colour: tuple[int, int, int]) -> int:
    """How many pixels of a part of the page are of a colour."""
    part = np.asarray(page.crop(tuple(round(v) for v in box))).astype(int)
    return int((np.abs(part - colour).max(axis=2) <= 3).sum())


def test_cabinets_stand_where_they_hang_in_their_ports_colours() -> None:
    cabinets = (cabinet("A1", 0, port=1), cabinet("A2", 1, port=2), cabinet("A3", 2, port=2, enabled=False))
    wall = Wall("w", (0, 0, 48, 16), (48, 16), ("null", {}), cabinets=cabinets, stage=(0.0, 0.0, 1500.0, 500.0))
    page = draw_rig(Rig("r", (wall,)))
    side = (WIDTH - 2 * MARGIN) / 3
    boxes = [(MARGIN + n * side, HEAD + 20, MARGIN + (n + 1) * side, HEAD + 20 + side) for n in range(3)]
    areas = [[near(page, box, tint(colour, 0.16)) / side**2 for colour in PORTS[:2]] for box in boxes]
    assert areas[0][0] > 0.7
    assert areas[0][1] == 0.0
    assert areas[1][1] > 0.7
    assert areas[2][1] < 0.1  # hatched grey, only the name's plate is of the port
    assert near(page, (boxes[0][0], boxes[0][1], boxes[2][2], boxes[2][3]), PORTS[0]) > 100  # the port's dot


@pytest.mark.parametrize("name", ["club", "festival", "ceiling"])
def test_each_rig_is_drawn(tmp_path: Path, name: str) -> None:
    out = tmp_path / "rig.png"
    done = CliRunner().invoke(app, ["wall", "draw", str(RIGS / f"{name}.yaml"), "--out", str(out)])
    assert done.exit_code == 0
    with Image.open(out) as page:
        assert page.width == WIDTH
        ink = np.asarray(page.convert("L")) < 128
    assert 0.002 < ink.mean() < 0.2


def test_a_large_wall_and_walls_without_a_place_fit_the_page() -> None:
    many = tuple(
        Cabinet(f"{r}.{c}", (8 * c, 8 * r, 8, 8), (100.0 * c, 100.0 * r, 100.0, 100.0), port=1 + r)
        for r in range(20)
        for c in range(40)
    )
    walls = [Wall(f"w{n}", (0, 0, 320, 160), (320, 160), ("null", {}), cabinets=many) for n in range(2)]
    walls.append(Wall("strip", (0, 0, 320, 1), (170, 1), ("null", {})))
    page = np.asarray(draw_rig(Rig("r", tuple(walls))))
    assert (page[:, : MARGIN - 6] == 255).all()
    assert (page[:, WIDTH - MARGIN + 6 :] == 255).all()


def test_the_tables_say_what_counts() -> None:
    rig = load_rig(RIGS / "festival.yaml")
    upstage = dict(wall_rows(rig.walls[0]))
    assert upstage["cabinets"] == "30 of 64 x 64; off: C3"
    assert upstage["ports"] == "4, at most 32,768 pixels of 32,768 (100 %)"
    assert upstage["power"] == "4,408 W at white (5,510 W at full brightness), dimmed to 3,500 W"
    ceiling = dict(wall_rows(load_rig(RIGS / "ceiling.yaml").walls[0]))
    assert ceiling["output"] == "sacn multicast, universes 1 to 7"
    assert dict(rig_rows(rig))["power"] == "7,096 W at white (8,390 W at full brightness), limited to 6,188 W"
