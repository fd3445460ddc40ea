"""Pictures that a shader brings (ISF 2, "IMPORTED"): flat ones, and six as a cube. Read once, before it draws."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from visuals.errors import MediaError
from visuals.render.gpu import Cube, Gpu, Texture
from visuals.render.isf.nouns import Import
from visuals.render.media.image import load_image
from visuals.types import Pixels

Read = Callable[[Path], Pixels | None]


def from_disk(path: Path) -> Pixels | None:
    """The simplest way to read. Raises MediaError."""
    return load_image(path) if os.path.isfile(path) else None


class Pictures:
    """Textures of what is there, by name; what is missing is left to the host's transparent one.

    `read` gives a file's pixels, None where there is no file. Raises MediaError for a file that is no picture.
    """

    def __init__(self, gpu: Gpu, imports: Iterable[Import], read: Read) -> None:
        self.textures: dict[str, Texture | Cube] = {}
        try:
            for item in imports:
                found = [pixels for path in item.paths if (pixels := read(path)) is not None]
                if len(found) == len(item.paths):
                    self.textures[item.name] = _flat(gpu, found[0]) if item.type == "image" else _cube(gpu, found)
        except MediaError:
            self.release()
            raise

    def release(self) -> None:
        for texture in self.textures.values():
            texture.release()


def _flat(gpu: Gpu, pixels: Pixels) -> Texture:
    texture = gpu.texture((pixels.shape[1], pixels.shape[0]))
    texture.write(np.flipud(pixels))
    return texture


def _cube(gpu: Gpu, faces: list[Pixels]) -> Cube:
    """Faces of one size, the smallest's shorter side; GL hangs them with row 0 on top."""
    side = min(min(face.shape[:2]) for face in faces)
    cube = gpu.cube(side)
    for n, face in enumerate(faces):
        cube.write(n, np.asarray(Image.fromarray(face).resize((side, side))))
    return cube
