"""Layers of their own as one picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from visuals.render.composition import Composition
from visuals.render.gpu import Gpu, Texture
from visuals.render.lay import Copier, Onto
from visuals.render.pictures.picture import Moment
from visuals.render.scratch import Scratch
from visuals.types import Controls


class GroupPicture:
    """A group; the pictures in it belong to whoever made them."""

    wants: Literal[""] = ""
    inputs: Mapping[str, float] = {}

    def __init__(self, gpu: Gpu, scratch: Scratch, composition: Composition) -> None:
        self._scratch, self._composition = scratch, composition
        self._copier = Copier(gpu)

    def draw(self, onto: Onto, values: Controls, moment: Moment, image: Texture | None) -> None:
        with self._scratch.passes() as passes:
            self._copier.lay(self._composition.draw(passes, moment), onto)

    def enter(self) -> None:
        self._composition.enter()

    def rewind(self) -> None:
        self._composition.enter()

    def release(self) -> None:
        self._composition.release()
        self._copier.release()
