"""What a show is drawn of, as it is read from disk: shaders, pictures, texts set, clips and cameras opened.

It is read wherever waiting does no harm, so that nothing between two frames has to. It knows no graphics
processor.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TypeVar, cast

import numpy as np
from PIL import Image

from visuals.errors import MediaError, VisualsError
from visuals.render.gpu import Size
from visuals.render.isf import Isf
from visuals.render.isf.pictures import from_disk
from visuals.render.media.camera import Camera
from visuals.render.media.footage import Footage
from visuals.render.media.image import load_image
from visuals.render.media.text import render_text
from visuals.render.media.video import Video
from visuals.render.pictures.place import extent
from visuals.types import Layer, Pixels, Show, every, transitions

T = TypeVar("T")
OFFLINE_PATIENCE_S = 10.0

Place = tuple[str, str]
"""A layer's place in a show: its scene ("" for the show's own filters) and its name."""

Stamp = tuple[int, int]
"""When a file was written, ns, and how long it is; zeros where there is none."""

REMADE_BY = ("kind", "source", "fit", "lettering", "images", "opaque")
"""What of a layer, changed by an edit, asks for another picture; all else is only drawn otherwise."""


def places(show: Show) -> Iterator[tuple[Place, Layer]]:
    """Every layer of a show, at any depth, with its place."""
    for scene, layers in (("", show.filters), *((scene.name, scene.layers) for scene in show.scenes.values())):
        for layer in every(layers):
            yield (scene, layer.name), layer


def is_same(one: Layer, other: Layer | None) -> bool:
    """Whether what one layer shows will do for the other."""
    return other is not None and all(getattr(one, what) == getattr(other, what) for what in REMADE_BY)


def media_files(show: Show) -> set[Path]:
    """The pictures and clips of a show's own that its layers show."""
    return {path for _, layer in places(show) for path in _own_files(show, layer)}


def _own_files(show: Show, layer: Layer) -> list[Path]:
    sources = [layer.source] if layer.kind in ("image", "video") else []
    return [show.folder / path for path in (*layer.images.values(), *sources)]


class Materials:
    """Everything of one show, read when this is made, save what `former` shows of the same files in the same place.

    `shader` gives a shader by its name. Unless `live`, clips are waited for and cameras see nothing: the same
    show gives the same pictures. What could not be read raises when it is asked for: ShaderError,
    MediaError. Footage belongs to whoever asks for it first; `close` closes what nobody asked for. `stamps`
    tell by place when the files of a layer were written.
    """

    def __init__(
        self, show: Show, shader: Callable[[str], Isf], former: Materials | None = None, *, live: bool = True
    ) -> None:
        self.show, self._shader, self._live = show, shader, live
        self.stamps: dict[Place, tuple[Stamp, ...]] = {}
        self._read: dict[object, object] = {}
        kept = dict(places(former.show)) if former else {}
        for place, layer in places(show):
            with suppress(VisualsError):
                self.stamps[place] = tuple(map(_stamp, self._files(layer)))
                same = former and is_same(layer, kept.get(place)) and self.stamps[place] == former.stamps.get(place)
                if layer.kind == "shader" or not same:
                    self._prepare(place, layer)
        for name in transitions(show):
            with suppress(VisualsError):
                self._prepare_shader(name)

    def shader(self, name: str) -> Isf:
        return self._once(("shader", name), partial(self._shader, name))

    def picture(self, path: Path) -> Pixels | None:
        """A picture that a shader brings, row 0 on top; None where there is none."""
        return self._once(("picture", path), partial(from_disk, path))

    def pixels(self, place: Place, layer: Layer) -> Pixels:
        """What an image's or a text's layer shows."""
        make = _lettered if layer.kind == "text" else partial(_image, self.show.folder)
        return self._once(place, partial(make, layer, self.show.canvas))

    def footage(self, place: Place, layer: Layer) -> Footage:
        """The clip or camera of a layer, handed over."""
        found = self._once(place, partial(_footage, layer, self.show, self._live))
        del self._read[place]
        return found

    def close(self) -> None:
        for left in self._read.values():
            if isinstance(left, Video | Camera):
                left.close()
        self._read.clear()

    def _once(self, key: object, read: Callable[[], T]) -> T:
        if key not in self._read:
            try:
                self._read[key] = read()
            except VisualsError as error:
                self._read[key] = error
        found = self._read[key]
        if isinstance(found, VisualsError):
            raise found
        return cast(T, found)

    def _files(self, layer: Layer) -> list[Path]:
        """The files that a layer's picture is made of, beside the texts of its shader. Raises ShaderError."""
        imports = self.shader(layer.source).imports if layer.kind == "shader" else ()
        return [*_own_files(self.show, layer), *(path for item in imports for path in item.paths)]

    def _prepare(self, place: Place, layer: Layer) -> None:
        if layer.kind == "shader":
            self._prepare_shader(layer.source)
            for path in _own_files(self.show, layer):
                self.picture(path)
        elif layer.kind in ("image", "text"):
            self.pixels(place, layer)
        elif layer.kind in ("video", "camera"):
            self._once(place, partial(_footage, layer, self.show, self._live))

    def _prepare_shader(self, name: str) -> None:
        for item in self.shader(name).imports:
            for path in item.paths:
                self.picture(path)


def _stamp(path: Path) -> Stamp:
    try:
        told = os.stat(path)
    except (OSError, ValueError):
        return 0, 0
    return told.st_mtime_ns, told.st_size


def _image(folder: Path, layer: Layer, canvas: Size) -> Pixels:
    """A file's pixels, no finer than the canvas can show of them at twice its size."""
    pixels = load_image(folder / layer.source)
    height, width, _ = pixels.shape
    wide, high = extent((width, height), canvas, layer.fit)
    if width <= 2 * wide and height <= 2 * high:
        return pixels
    size = min(width, round(2 * wide)), min(height, round(2 * high))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))


def _lettered(layer: Layer, canvas: Size) -> Pixels:
    """A text as large as the canvas."""
    said = layer.lettering
    red, green, blue = (round(255 * c) for c in said.color)
    height = said.height * canvas[1]
    return render_text(layer.source, canvas, font=said.font, height=height, align=said.align, colour=(red, green, blue))


class NoCamera:
    """What a camera sees where no time passes."""

    size = None

    def at(self, position_s: float) -> None:
        return None

    def close(self) -> None:
        pass


def _footage(layer: Layer, show: Show, live: bool) -> Footage:
    if layer.kind == "video":
        return Video(show.folder / layer.source, show.canvas, patience_s=0.0 if live else OFFLINE_PATIENCE_S)
    if layer.kind == "camera":
        return Camera(layer.source, show.canvas) if live else NoCamera()
    raise MediaError(f"{layer.name}: found a layer with {layer.kind}, expected a video or a camera")
