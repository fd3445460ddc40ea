"""A shader as a picture: it keeps its own time, which runs at the look's speed and stands while it is not drawn."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from visuals.render.gpu import Gpu, Texture
from visuals.render.isf import Import, Isf, terms
from visuals.render.isf.pictures import Pictures, Read
from visuals.render.isf.program import Program
from visuals.render.lay import Onto
from visuals.render.pictures.picture import Moment
from visuals.types import Controls

LONG_ON_AIR = 3600.0
"""s of a layer's own time after which it starts anew when its scene next comes on the air."""


class ShaderPicture:
    """A generator; or a filter, which reads what is below as `inputImage`. Raises ShaderError, MediaError.

    `images` are files for other image inputs; `opaque`: see `Onto`.
    """

    def __init__(self, gpu: Gpu, isf: Isf, read: Read, images: Mapping[str, Path], opaque: bool = False) -> None:
        self.isf = isf
        self._opaque = opaque
        self.wants: Literal["", "below"] = "below" if isf.kind == "filter" else ""
        self.inputs = {name: term.rest for name, term in terms(isf).items()}
        self._program = Program(gpu, isf, read)
        self._brought = Pictures(gpu, [Import(name, (path,)) for name, path in images.items()], read)
        self._images: dict[str, Texture] = {n: t for n, t in self._brought.textures.items() if isinstance(t, Texture)}
        self._time = 0.0
        self._frame = 0

    def draw(self, onto: Onto, values: Controls, moment: Moment, image: Texture | None) -> None:
        self._time += moment.elapsed
        if image:
            self._images["inputImage"] = image
        self._program.draw(
            onto.target,
            time=self._time,
            delta=moment.elapsed if self._frame else 0.0,
            frame=self._frame,
            inputs=values,
            images=self._images,
            features=moment.features,
            date=moment.date,
            blend=onto.blend,
            opacity=onto.opacity,
            opaque=self._opaque,
        )
        self._frame += 1

    def enter(self) -> None:
        self._program.restart()
        self._frame = 0
        if self._time > LONG_ON_AIR:
            self._time = 0.0

    def rewind(self) -> None:
        self.enter()
        self._time = 0.0

    def release(self) -> None:
        self._program.release()
        self._brought.release()
