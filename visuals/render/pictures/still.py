"""A picture that does not change, as one from a file or a text: pixels in, placed on the canvas."""

from __future__ import annotations

from typing import Literal

from visuals.render.gpu import Gpu, Texture
from visuals.render.lay import Onto
from visuals.render.pictures.picture import Lasting, Moment, rest
from visuals.render.pictures.place import Placer
from visuals.types import Controls, Fit, Pixels
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
