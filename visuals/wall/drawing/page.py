"""The page: the stage on top, a table per wall below."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

from visuals.types import Rig, Wall
from visuals.wall.drawing.facts import Row, rig_rows, wall_rows
from visuals.wall.drawing.ink import FAINT, GREY, INK, Box, Sheet
from visuals.wall.drawing.walls import draw_wall

WIDTH = 1800
MARGIN = 60
HEAD = 110
STAGE = 900
"""The most of the page's height that the stage may take."""

COLUMNS = 3
LINE = 20
TABLE_GAP = 26

KEY = (
    "As the audience sees it. A cabinet: its id, its place on the cable, the arrow to its own top, where its "
    "raster begins. A dot is a port; hatched is off."
)


def draw_rig(rig: Rig) -> Image.Image:
    """The plan of a rig. Walls whose place is not known stand below the others, side by side."""
    boxes, height, scale = _stage(rig.walls)
    tables = [("the rig", rig_rows(rig)), *((wall.name, wall_rows(wall)) for wall in rig.walls)]
    rows = [tables[n : n + COLUMNS] for n in range(0, len(tables), COLUMNS)]
    deep = sum(_depth(row) for row in rows)
    sheet = Sheet((WIDTH, round(HEAD + height + 60 + deep + MARGIN)))
    sheet.text((MARGIN, 34), rig.name, 34)
    sheet.text((MARGIN, 76), KEY, 13, GREY)
    if scale:
        _ruler(sheet, 1000 * scale)
    for wall, box in zip(rig.walls, boxes, strict=True):
        draw_wall(sheet, wall, box, (box[2] - box[0]) / max(1e-9, _extent(wall)[0]))
    y = HEAD + height + 60
    for row in rows:
        _tables(sheet, row, y)
        y += _depth(row)
    return sheet.finished()


def _ruler(sheet: Sheet, metre: float) -> None:
    right, y = WIDTH - MARGIN, 84
    sheet.line([(right - metre, y), (right, y)], INK, 1.5)
    for x in (right - metre, right):
        sheet.line([(x, y - 5), (x, y + 5)], INK, 1.5)
    sheet.text((right - metre / 2, y - 6), "1 m", 13, INK, "mb")


# ---- where the walls stand ----------------------------------------------------------------------


def _extent(wall: Wall) -> tuple[float, float]:
    """Width and height in mm; of a wall whose size is not known, a pixel a mm."""
    if wall.stage:
        return wall.stage[2:]
    if not wall.cabinets:
        return float(wall.size[0]), float(wall.size[1])
    stages = [cabinet.stage for cabinet in wall.cabinets]
    return max(s[0] + s[2] for s in stages), max(s[1] + s[3] for s in stages)


def _stage(walls: Sequence[Wall]) -> tuple[list[Box], float, float]:
    """Each wall's box on the page, the height of all, and the page's pixels for one mm."""
    placed = [wall.stage for wall in walls if wall.stage]
    boxes: dict[int, Box] = {}
    height = scale = 0.0
    if placed:
        left, top = min(s[0] for s in placed), min(s[1] for s in placed)
        wide, high = max(s[0] + s[2] for s in placed) - left, max(s[1] + s[3] for s in placed) - top
        scale = min((WIDTH - 2 * MARGIN) / wide, STAGE / high)
        shift = MARGIN + (WIDTH - 2 * MARGIN - wide * scale) / 2 - left * scale
        for n, wall in enumerate(walls):
            if wall.stage:
                x, y, w, h = (value * scale for value in wall.stage)
                y += HEAD + 20 - top * scale
                boxes[n] = (shift + x, y, shift + x + w, y + h)
        height = high * scale + 20
    unplaced = [n for n, wall in enumerate(walls) if not wall.stage]
    height += _row(walls, unplaced, HEAD + height, boxes)
    return [boxes[n] for n in range(len(walls))], height, scale


def _row(walls: Sequence[Wall], unplaced: Sequence[int], y: float, boxes: dict[int, Box]) -> float:
    """Walls side by side, each as large as its share of the page allows; gives their height."""
    if not unplaced:
        return 0.0
    share = (WIDTH - 2 * MARGIN - 40 * (len(unplaced) - 1)) / len(unplaced)
    tallest = 0.0
    for column, n in enumerate(unplaced):
        width, height = _extent(walls[n])
        scale = min(share / width, 420 / height)
        x = MARGIN + column * (share + 40)
        boxes[n] = (x, y + 40, x + width * scale, y + 40 + height * scale)
        tallest = max(tallest, height * scale)
    return tallest + 40


# ---- tables -------------------------------------------------------------------------------------


def _depth(row: Sequence[tuple[str, list[Row]]]) -> float:
    return 34 + LINE * max(len(_wrapped(lines)) for _, lines in row) + TABLE_GAP


def _tables(sheet: Sheet, row: Sequence[tuple[str, list[Row]]], y: float) -> None:
    wide = (WIDTH - 2 * MARGIN) / COLUMNS
    for n, (title, lines) in enumerate(row):
        x = MARGIN + n * wide
        sheet.text((x, y), title, 16, INK)
        sheet.line([(x, y + 24), (x + wide - 30, y + 24)], FAINT, 1.0)
        for k, (what, text) in enumerate(_wrapped(lines)):
            sheet.text((x, y + 32 + k * LINE), what, 13, GREY)
            sheet.text((x + 84, y + 32 + k * LINE), text, 13, INK)


def _wrapped(lines: Sequence[Row], most: int = 62) -> list[Row]:
    """Long texts over as many lines as they need."""
    out: list[Row] = []
    for what, text in lines:
        line = ""
        for word in text.split():
            if line and len(line) + 1 + len(word) > most:
                out.append((what, line))
                what, line = "", word
            else:
                line = f"{line} {word}".strip()
        out.append((what, line))
    return out
