"""A picture that does not change, as one from a file or a text: pixels in, placed on the canvas."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image

from visuals.render.gpu import Gpu, Size, Texture
from visuals.render.lay import Onto
from visuals.render.media.image import load_image
from visuals.render.media.text import render_text
from visuals.render.pictures.picture import Lasting, Moment, rest
from visuals.render.pictures.place import Placer, extent
from visuals.types import Controls, Fit, Lettering, Pixels
from visuals.vocabulary import PLACE_CONTROLS


class StillPicture(Lasting):
    """Pixels [height, width, 4] with straight alpha, row 0 on top."""

    wants: Literal[""] = ""
    inputs = rest(PLACE_CONTROLS)

    def __init__(self, gpu: Gpu, pixels: Pixels, fit: Fit) -> None:
        self._placer = Placer(gpu, fit)
        self._texture = gpu.texture((pixels.shape[1], pixels.shape[0]))
        self._texture.write(pixels)

    def draw(self, onto: Onto, values: Controls, moment: Moment, image: Texture | None) -> None:
        self._placer.lay(self._texture, onto, values)

    def release(self) -> None:
        self._texture.release()
        self._placer.release()


def file(path: Path, canvas: Size, fit: Fit) -> Pixels:
    """A file's pixels, no finer than the canvas can show of them at twice their size. Raises MediaError."""
    pixels = load_image(path)
    height, width, _ = pixels.shape
    wide, high = extent((width, height), canvas, fit)
    if width <= 2 * wide and height <= 2 * high:
        return pixels
    size = min(width, round(2 * wide)), min(height, round(2 * high))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))


def lettered(words: str, lettering: Lettering, canvas: Size) -> Pixels:
    """A text as large as the canvas. Raises MediaError."""
    red, green, blue = (round(255 * c) for c in lettering.color)
    height, font = lettering.height * canvas[1], lettering.font
    return render_text(words, canvas, font=font, height=height, align=lettering.align, colour=(red, green, blue))
