"""Text as pixels: glyphs on nothing, as large as they fit."""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from visuals.errors import MediaError
from visuals.types import Pixels

Align = Literal["left", "center", "right"]
Font = ImageFont.FreeTypeFont

LONGEST = 1000
"""Characters of a text."""

LARGEST = 4096
"""Pixels on a side."""

TRIAL_PX = 64.0
"""Height of the letters by which a text is measured."""

LINE_GAP = 0.2
"""Between lines, as a share of the letters' height."""

WHITE = (255, 255, 255)


def render_text(
    text: str,
    size: tuple[int, int],
    *,
    font: Path | None = None,
    height: float | None = None,
    align: Align = "center",
    colour: tuple[int, int, int] = WHITE,
) -> Pixels:
    """[height, width, 4] uint8 of `size` (width, height), straight alpha: `colour` everywhere, alpha its letters.

    Lines end where the text says. Letters are `height` px high (the font's em), smaller where the text would not
    fit, as large as fits where it is None. Without a `font` it is DejaVu Sans: Latin, Greek, Cyrillic, Hebrew and
    Arabic letters. Right-to-left and joined letters need Pillow's raqm, which its wheels have. Raises MediaError.
    """
    _check(text, size)
    lines = _printable(text)
    try:
        layer = _draw(lines, size, font, height, align)
    except (OSError, ValueError, OverflowError) as error:
        raise MediaError(f"{font or 'the font'}: not a font that can be used ({error})") from error
    pixels = np.empty((size[1], size[0], 4), np.uint8)
    pixels[..., :3], pixels[..., 3] = colour, np.asarray(layer)
    return pixels


def _check(text: str, size: tuple[int, int]) -> None:
    if len(text) > LONGEST:
        raise MediaError(f"found a text of {len(text)} characters, expected at most {LONGEST}")
    if not all(1 <= side <= LARGEST for side in size):
        raise MediaError(f"found a text of {size[0]}x{size[1]} pixels, expected 1x1 to {LARGEST}x{LARGEST}")


def _printable(text: str) -> str:
    """Without what no font draws: control characters, halves of surrogate pairs."""
    lines = text.expandtabs(4).replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in lines if c == "\n" or unicodedata.category(c) not in {"Cc", "Cs"})


def _draw(lines: str, size: tuple[int, int], path: Path | None, height: float | None, align: Align) -> Image.Image:
    layer = Image.new("L", size)
    pen = ImageDraw.Draw(layer)
    trial = _box(pen, lines, _font(path, TRIAL_PX), align)
    if trial[2] <= trial[0] or trial[3] <= trial[1]:
        return layer
    fits = TRIAL_PX * min(size[0] / (trial[2] - trial[0]), size[1] / (trial[3] - trial[1]))
    em = min(height or fits, fits)
    while True:
        font = _font(path, em)
        box = _box(pen, lines, font, align)
        if em <= 1.0 or (box[2] - box[0] <= size[0] and box[3] - box[1] <= size[1]):
            break
        em *= 0.98  # hinting rounds each letter to whole pixels
    left = {"left": 0.0, "center": 0.5, "right": 1.0}[align] * (size[0] - box[2] + box[0]) - box[0]
    top = 0.5 * (size[1] - box[3] + box[1]) - box[1]
    pen.multiline_text((round(left), round(top)), lines, 255, font, align=align, spacing=LINE_GAP * em)
    return layer


def _box(pen: ImageDraw.ImageDraw, lines: str, font: Font, align: Align) -> tuple[float, float, float, float]:
    """What the letters cover: left, top, right, bottom."""
    return pen.multiline_textbbox((0, 0), lines, font, align=align, spacing=LINE_GAP * font.size)


def _font(path: Path | None, em: float) -> Font:
    path = path or _default_font()
    if not path.is_file():  # Pillow would look for its name among the system's fonts
        raise MediaError(f"{path}: no such font")
    return ImageFont.truetype(path, max(1.0, em))


@cache
def _default_font() -> Path:
    """DejaVu Sans where Matplotlib keeps it. Pillow's own has the letters of ASCII and no others."""
    found = find_spec("matplotlib")
    if found is None or found.origin is None:
        raise MediaError("found no font, expected one by name, or Matplotlib's")
    return Path(found.origin).parent / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"
