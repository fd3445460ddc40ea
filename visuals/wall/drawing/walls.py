"""Draws a wall on the plan: its cabinets as they hang, their cables, its name."""

from __future__ import annotations

from collections import Counter
from itertools import groupby, pairwise

from visuals.types import Cabinet, Wall
from visuals.wall.drawing.ink import FAINT, GREY, INK, PAPER, UNKNOWN, Box, Point, Sheet, port_colour, tint
from visuals.wall.layout.claims import address

UP = {0: (0.0, -1.0), 90: (1.0, 0.0), 180: (0.0, 1.0), 270: (-1.0, 0.0)}
"""Where the top of a cabinet points that hangs turned clockwise; y grows downwards."""


def draw_wall(sheet: Sheet, wall: Wall, box: Box, scale: float) -> None:
    """Draw `wall` into `box`; `scale` is the page's pixels for one of the stage's mm."""
    x, y = box[:2]
    sheet.text((x, y - 6), wall.name, 15, INK, "ls")
    sheet.text((x + sheet.width(wall.name, 15) + 10, y - 6), address(wall), 12, GREY, "ls")
    if not wall.cabinets:
        _field(sheet, wall, box)
        return
    sheet.box((box[0] - 3, box[1] - 3, box[2] + 3, box[3] + 3), line=FAINT)
    boxes = [_hung(cabinet, (x, y), scale) for cabinet in wall.cabinets]
    for cabinet, place in zip(wall.cabinets, boxes, strict=True):
        _cabinet(sheet, cabinet, place)
    for port, run in groupby(zip(wall.cabinets, boxes, strict=True), key=lambda pair: pair[0].port):
        if port:
            _cable(sheet, port, [place for _, place in run])
    count: Counter[int] = Counter()
    for cabinet, place in zip(wall.cabinets, boxes, strict=True):
        count[cabinet.port] += 1
        _labels(sheet, cabinet, place, count[cabinet.port])


def _hung(cabinet: Cabinet, corner: Point, scale: float) -> Box:
    left, top, width, height = (value * scale for value in cabinet.stage)
    return corner[0] + left, corner[1] + top, corner[0] + left + width, corner[1] + top + height


def _cabinet(sheet: Sheet, cabinet: Cabinet, box: Box) -> None:
    colour = port_colour(cabinet.port)
    sheet.box(box, tint(colour, 0.16) if cabinet.enabled else tint(UNKNOWN, 0.2), tint(colour, 0.75), 1.0)
    if not cabinet.enabled:
        sheet.hatch(box, GREY)


def _labels(sheet: Sheet, cabinet: Cabinet, box: Box, number: int) -> None:
    """Its id in the middle, its raster's corner in a corner, its place on the cable and an arrow to its own top."""
    width, height = box[2] - box[0], box[3] - box[1]
    small = min(width, height)
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    size = min(20.0, 0.26 * small, 0.8 * width / max(1, len(cabinet.name)))
    if size < 4.0:
        return
    plate = sheet.width(cabinet.name, size) / 2 + 3
    sheet.box((x - plate, y - 0.62 * size, x + plate, y + 0.62 * size), tint(port_colour(cabinet.port), 0.16))
    sheet.text((x, y), cabinet.name, size, INK, "mm")
    low = max(4.0, 0.5 * size)
    corner = f"{cabinet.raster[0]},{cabinet.raster[1]}"
    sheet.text((box[0] + 0.5 * low, box[3] - 0.5 * low), corner, low, GREY, "lb")
    sheet.text((box[0] + 0.5 * low, box[1] + 0.4 * low), str(number), low, GREY, "lt")
    _arrow_up(sheet, cabinet, box, small)


def _arrow_up(sheet: Sheet, cabinet: Cabinet, box: Box, small: float) -> None:
    dx, dy = UP[cabinet.turn]
    x, y = box[2] - 0.14 * small, box[1] + 0.16 * small
    long = 0.09 * small
    start, end = (x - dx * long, y - dy * long), (x + dx * long, y + dy * long)
    sheet.arrow(start, end, INK, max(1.0, 0.02 * small), 0.1 * small)


def _cable(sheet: Sheet, port: int, boxes: list[Box]) -> None:
    """From the port through its cabinets in their order."""
    colour = port_colour(port)
    small = min(boxes[0][2] - boxes[0][0], boxes[0][3] - boxes[0][1])
    stops = [((b[0] + b[2]) / 2, (b[1] + b[3]) / 2 + 0.29 * min(b[2] - b[0], b[3] - b[1])) for b in boxes]
    pen = max(1.2, min(3.0, 0.03 * small))
    for start, end in pairwise(stops):
        sheet.arrow(start, end, colour, pen, 4.0 * pen)
    radius = max(4.0, min(11.0, 0.11 * small))
    sheet.dot(stops[0], radius, colour)
    sheet.text(stops[0], str(port), 1.25 * radius, PAPER, "mm")


def _field(sheet: Sheet, wall: Wall, box: Box) -> None:
    """Pixels without cabinets: a field of dots, as many as there are where they can be told apart."""
    sheet.box(box, tint(UNKNOWN, 0.15), UNKNOWN, 1.0)
    across, down = (box[2] - box[0]) / wall.size[0], (box[3] - box[1]) / wall.size[1]
    if min(across, down) >= 4.0:
        for row in range(wall.size[1]):
            for column in range(wall.size[0]):
                at = (box[0] + (column + 0.5) * across, box[1] + (row + 0.5) * down)
                sheet.dot(at, min(2.5, 0.22 * min(across, down)), UNKNOWN)
    label = f"{wall.size[0]} x {wall.size[1]}"
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    size = min(18.0, 0.3 * (box[3] - box[1]))
    plate = sheet.width(label, size) / 2 + 5
    sheet.box((x - plate, y - 0.8 * size, x + plate, y + 0.8 * size), PAPER)
    sheet.text((x, y), label, size, INK, "mm")
