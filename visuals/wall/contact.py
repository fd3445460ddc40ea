"""A contact sheet: stills of a video, evenly spread, on one dark page with their times."""

from __future__ import annotations

from math import ceil, sqrt
from pathlib import Path
from typing import Any

import av
from PIL import Image, ImageDraw, ImageFont

from visuals.errors import MediaError

STILL_PX, GAP_PX, LABEL_PX = 320, 8, 18
PAPER, INK = (14, 14, 16), (150, 150, 158)


def contact_sheet(video: Path, out: Path, count: int = 24) -> None:
    """Write a PNG of `count` stills of `video`, or all its pictures when it has fewer.

    Raises MediaError when it cannot be read as a video.
    """
    try:
        with av.open(str(video)) as container:
            stills = _stills(container, count)
    except (OSError, av.FFmpegError, IndexError) as error:
        raise MediaError(f"{video}: cannot be read as a video: {error}") from error
    if not stills:
        raise MediaError(f"{video}: found no picture in it, expected a video")
    out.parent.mkdir(parents=True, exist_ok=True)
    _sheet(stills).save(out)


def _stills(container: Any, count: int) -> list[tuple[float, Image.Image]]:
    """Pictures nearest to the middles of `count` equal parts; one pass, for files without an index."""
    times = [packet.pts * packet.time_base for packet in container.demux(video=0) if packet.pts is not None]
    if not times:
        return []
    start, span = min(times), max(times) - min(times)
    wanted = [float(start + span * (2 * i + 1) / (2 * count)) for i in range(count)]
    container.seek(0)
    stills: list[tuple[float, Image.Image]] = []
    for picture in container.decode(video=0):
        if len(stills) < count and picture.time >= wanted[len(stills)]:
            height = max(1, round(STILL_PX * picture.height / picture.width))
            stills.append((picture.time, picture.to_image(width=STILL_PX, height=height)))
    return stills


def _sheet(stills: list[tuple[float, Image.Image]]) -> Image.Image:
    width, height = stills[0][1].size
    # The page comes out about 3:2.
    columns = max(1, min(len(stills), round(sqrt(1.5 * len(stills) * height / width))))
    rows = ceil(len(stills) / columns)
    cell = (width + GAP_PX, height + GAP_PX + LABEL_PX)
    page = Image.new("RGB", (columns * cell[0] + GAP_PX, rows * cell[1] + GAP_PX), PAPER)
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(12)
    for i, (time, still) in enumerate(stills):
        x, y = GAP_PX + (i % columns) * cell[0], GAP_PX + (i // columns) * cell[1]
        page.paste(still, (x, y))
        draw.text((x + 1, y + height + 2), f"{int(time // 60)}:{time % 60:04.1f}", INK, font)
    return page
