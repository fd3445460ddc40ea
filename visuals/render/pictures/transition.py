"""A transition's shader between two pictures."""

from __future__ import annotations

from visuals.render.gpu import Gpu, Texture
from visuals.render.isf import Isf
from visuals.render.isf.nouns import BETWEEN
from visuals.render.isf.pictures import Read
from visuals.render.isf.program import Program
from visuals.render.lay import Onto
from visuals.render.pictures.picture import Moment
from visuals.types import Controls


class TransitionPicture:
    """It keeps its own time, from when it began. Raises ShaderError, MediaError."""

    def __init__(self, gpu: Gpu, isf: Isf, read: Read) -> None:
        self.isf = isf
        self._program = Program(gpu, isf, read)
        self._time, self._frame = 0.0, 0

    def between(
        self, onto: Onto, first: Texture, second: Texture, progress: float, values: Controls, moment: Moment
    ) -> None:
        """Draw what is `progress` (0..1) of the way from the first to the second."""
        self._time += moment.elapsed
        self._program.draw(
            onto.target,
            time=self._time,
            delta=moment.elapsed if self._frame else 0.0,
            frame=self._frame,
            inputs={**values, "progress": progress},
            images={name: picture for names in BETWEEN for name, picture in zip(names, (first, second), strict=True)},
            features=moment.features,
            date=moment.date,
            blend=onto.blend,
        )
        self._frame += 1

    def rewind(self) -> None:
        """It begins."""
        self._program.restart()
        self._time, self._frame = 0.0, 0

    def release(self) -> None:
        self._program.release()
