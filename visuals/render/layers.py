"""A scene's layers as things that can be laid on a target: shaders, dreams, pictures.

Each layer keeps its own time, which runs at the look's speed and stands while the layer is not drawn.
They do not know other scenes, crossfades or where the controls come from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from visuals.render.dream import Dream
from visuals.render.gpu import Gpu, Target
from visuals.render.isf import Isf
from visuals.render.isf.program import Program
from visuals.render.lay import Copier, Onto
from visuals.render.seen import Seen
from visuals.types import Controls, Features, Layer, Pixels

LONG_ON_AIR = 3600.0
"""s of a layer's own time after which it starts anew when its scene next comes on the air."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What all layers of a frame share. `elapsed` is the layers' time since the last frame, s."""

    elapsed: float
    features: Features | None
    date: Sequence[float]


class Picture(Protocol):
    """Something a layer shows. `below` holds what lies under it and is what it is laid on."""

    def draw(self, below: Target, blend: str, opacity: float, inputs: Mapping[str, float], moment: Moment) -> None: ...

    def enter(self) -> None:
        """Its scene comes on the air."""

    def rewind(self) -> None:
        """As if it had never been drawn."""

    def release(self) -> None: ...


class ShaderPicture:
    """An ISF generator, laid on what is below; or a filter, which reads it as `inputImage`.

    `spare` is a target of the canvas' size that filters may use for the length of a draw.
    """

    def __init__(self, gpu: Gpu, isf: Isf, spare: Target) -> None:
        self._spare = spare
        self.isf = isf
        self._program = Program(gpu, isf)
        self._copier = Copier(gpu)
        self._time = 0.0
        self._frame = 0

    def draw(self, below: Target, blend: str, opacity: float, inputs: Mapping[str, float], moment: Moment) -> None:
        self._time += moment.elapsed
        filters = self.isf.kind == "filter"
        self._program.draw(
            self._spare if filters else below,
            time=self._time,
            delta=moment.elapsed if self._frame else 0.0,
            frame=self._frame,
            inputs=inputs,
            images={"inputImage": below} if filters else None,
            features=moment.features,
            date=moment.date,
            blend="replace" if filters else blend,
            opacity=opacity,
        )
        if filters:
            self._copier.lay(self._spare, Onto(below, blend, opacity))
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
        self._copier.release()


class DreamPicture:
    """The model's dream, which all scenes share."""

    def __init__(self, dream: Dream) -> None:
        self._dream = dream

    def draw(self, below: Target, blend: str, opacity: float, inputs: Mapping[str, float], moment: Moment) -> None:
        self._dream.lay(Onto(below, blend, opacity))

    def enter(self) -> None:
        pass

    def rewind(self) -> None:
        pass

    def release(self) -> None:
        pass


class StillPicture:
    """A picture file, scaled over the whole canvas."""

    def __init__(self, gpu: Gpu, pixels: Pixels) -> None:
        self._copier = Copier(gpu)
        self._texture = gpu.texture((pixels.shape[1], pixels.shape[0]))
        self._texture.write(np.flipud(pixels))

    def draw(self, below: Target, blend: str, opacity: float, inputs: Mapping[str, float], moment: Moment) -> None:
        self._copier.lay(self._texture, Onto(below, blend, opacity))

    def enter(self) -> None:
        pass

    def rewind(self) -> None:
        pass

    def release(self) -> None:
        self._texture.release()
        self._copier.release()


class Stack:
    """A scene's layers on its own opaque target."""

    def __init__(self, target: Target, layers: Sequence[tuple[Layer, Picture]]) -> None:
        self.target = target
        self.layers = tuple(layers)
        self._watched = next((layer.seen for layer, _ in layers if layer.kind == "model"), "")

    def draw(self, controls: Controls, moment: Moment, seen: Seen | None = None) -> None:
        """Draw bottom to top; a layer without opacity is not drawn and its time stands.

        `seen` is given the picture up to the layer that the scene's dream draws from.
        """
        self.target.clear(a=1.0)
        for layer, picture in self.layers:
            opacity = min(max(controls.get(f"{layer.name}.opacity", layer.opacity), 0.0), 1.0)
            if opacity > 0.0:
                picture.draw(self.target, gpu_blend(layer), opacity, _inputs(layer, controls), moment)
            if seen is not None and layer.name == self._watched:
                seen.take(self.target)

    def enter(self) -> None:
        for picture in self.pictures():
            picture.enter()

    def pictures(self) -> list[Picture]:
        return [picture for _, picture in self.layers]

    def find(self, like: Layer) -> Picture | None:
        """The picture of a layer by the same name, kind and source."""
        same = (p for la, p in self.layers if (la.name, la.kind, la.source) == (like.name, like.kind, like.source))
        return next(same, None)


def gpu_blend(layer: Layer) -> str:
    """The draw's word for the layer's blend."""
    return "over" if layer.blend == "normal" else layer.blend


def _inputs(layer: Layer, controls: Controls) -> dict[str, float]:
    """The layer's own controls without its name in front, over its base values."""
    prefix = f"{layer.name}."
    own = {name[len(prefix) :]: value for name, value in controls.items() if name.startswith(prefix)}
    return {**layer.controls, **own}
