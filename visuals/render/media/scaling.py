"""Decoded pictures as pixels of one size, upright."""

from __future__ import annotations

from typing import Any

import numpy as np
from av.video.reformatter import Colorspace, Interpolation, VideoReformatter

from visuals.types import Pixels

Size = tuple[int, int]

UNTOLD = 2
"""ITU-T H.273: code point of a colour matrix that is not told."""

HD_LINES = 720
"""From here on players take BT.709 for a matrix that is not told, below BT.601."""


class Scaler:
    """Makes pictures to be seen at `size` fit into `limit`, never larger than they are; `turns` by 90° to the left."""

    def __init__(self, size: Size, limit: Size, turns: int = 0) -> None:
        share = min(1.0, limit[0] / size[0], limit[1] / size[1])
        self.size = max(1, round(size[0] * share)), max(1, round(size[1] * share))
        self._turns = turns % 4
        self._coded = self.size if turns % 2 == 0 else self.size[::-1]
        self._reformatter = VideoReformatter()

    @property
    def bytes(self) -> int:
        """A picture takes."""
        return self.size[0] * self.size[1] * 4

    def __call__(self, picture: Any) -> Pixels:
        told = picture.colorspace
        matrix = Colorspace.ITU709 if told == UNTOLD and picture.height >= HD_LINES else None
        scaled = self._reformatter.reformat(
            picture, *self._coded, "rgba", src_colorspace=matrix, interpolation=Interpolation.AREA
        )
        pixels: Pixels = np.ascontiguousarray(np.rot90(scaled.to_ndarray(), self._turns))
        pixels.setflags(write=False)
        return pixels
