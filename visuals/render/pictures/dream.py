"""The model's dream, which all scenes share, as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from visuals.render.dream import Dream
from visuals.render.gpu import Texture
from visuals.render.lay import Onto
from visuals.render.pictures.picture import Lasting, Moment
from visuals.types import Controls


class DreamPicture(Lasting):
    """Its controls are the generator's affair, and so is its end."""

    wants: Literal[""] = ""
    inputs: Mapping[str, float] = {}

    def __init__(self, dream: Dream) -> None:
        self._dream = dream

    def draw(self, onto: Onto, values: Controls, moment: Moment, image: Texture | None) -> None:
        self._dream.lay(onto)

    def release(self) -> None:
        pass
