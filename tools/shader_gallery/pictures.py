"""Thumbnails: generators at a good moment, filters over one of them, transitions as three stages of one to another."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import NamedTuple

import numpy as np
from PIL import Image

from tools.shader_gallery.page import SHADERS, thumbnail
from visuals.audio.analysis import Analyser
from visuals.audio.track import Track
from visuals.render.gpu import Gpu, Size, Target
from visuals.render.isf import Isf, load
from visuals.render.isf.program import Program
from visuals.types import Features, Pixels

TRACK = SHADERS.parent / "shows" / "first-light" / "first-light.flac"
DROP = 38.0
"""s into the track, within its drop: what the shaders hear."""
DRAWN: Size = (512, 256)
SHOWN: Size = (256, 128)
STAGES = (0.25, 0.5, 0.75)
FRAMES, FPS = 60, 60.0
QUALITY = 82


class Moment(NamedTuple):
    """When and how a shader looks best, and what a filter is laid over."""

    time: float = 5.0
    inputs: Mapping[str, float] = {}
    below: str = "plasma"


MOMENTS: Mapping[str, Moment] = {
    "generators/aurora": Moment(11, {"seed": 11, "hue": 0.42, "hue2": 0.78, "density": 0.7, "brightness": 0.7}),
    "generators/beams": Moment(9, {"level": 1, "width": 1.4, "sweep": 0.1}),
    "generators/bokeh": Moment(11, {"seed": 11, "hue": 0.08, "hue2": 0.95}),
    "generators/cells": Moment(3, {"seed": 3, "hue": 0.35, "hue2": 0.55}),
    "generators/constellation": Moment(11, {"seed": 11, "hue": 0.6, "hue2": 0.9, "density": 0.7}),
    "generators/crystal": Moment(21, {"seed": 21, "hue": 0.55, "hue2": 0.75}),
    "generators/eclipse": Moment(4),
    "generators/fire": Moment(3, {"seed": 3, "hue": 0.02, "hue2": 0.1, "density": 0.75, "brightness": 0.65}),
    "generators/flow": Moment(3, {"seed": 3, "hue": 0.9, "hue2": 0.08, "density": 0.6}),
    "generators/haze": Moment(12, {"density": 0.8}),
    "generators/hive": Moment(3, {"seed": 3, "hue": 0.12, "hue2": 0.02, "density": 0.65}),
    "generators/ink": Moment(3, {"seed": 3, "hue": 0.62, "hue2": 0.97, "density": 0.65}),
    "generators/lightning": Moment(21, {"seed": 21, "hue": 0.62, "hue2": 0.78, "density": 0.65}),
    "generators/mosaic": Moment(4.2, {"density": 0.75}),
    "generators/nebula": Moment(11, {"seed": 11, "hue": 0.9, "hue2": 0.62, "density": 0.65}),
    "generators/plasma": Moment(5),
    "generators/pylons": Moment(5.7, {"phase": 0.1, "flash": 0.4}),
    "generators/rings": Moment(3, {"level": 1, "phase": 0.6}),
    "generators/rosette": Moment(11, {"seed": 11, "hue": 0.95, "hue2": 0.12, "density": 0.65, "symmetry": 0.8}),
    "generators/scope": Moment(2, {"gain": 3}),
    "generators/smoke": Moment(3, {"seed": 3, "hue": 0.07, "hue2": 0.6, "density": 0.65}),
    "generators/spark": Moment(6, {"burst": 1, "size": 1.6, "density": 0.8}),
    "generators/tunnel": Moment(3, {"seed": 3, "hue": 0.5, "hue2": 0.65}),
    "generators/waves": Moment(3, {"seed": 3, "hue": 0.97, "hue2": 0.1}),
    "filters/blur": Moment(3, {"focus": 0.25, "amount": 0.6}, "hive"),
    "filters/chroma": Moment(3, {"amount": 0.8}, "hive"),
    "filters/dots": Moment(5, {}, "plasma"),
    "filters/duotone": Moment(21, {}, "crystal"),
    "filters/glitch": Moment(3, {}, "tunnel"),
    "filters/glow": Moment(11, {"amount": 1.6, "threshold": 0.3, "size": 1.6}, "constellation"),
    "filters/grade": Moment(3, {"warmth": 0.6, "contrast": 1.4, "vignette": 0.8}, "ink"),
    "filters/kaleido": Moment(3, {}, "flow"),
    "filters/liquid": Moment(3, {"amount": 0.7}, "hive"),
    "filters/mirror": Moment(3, {}, "flow"),
    "filters/neon": Moment(21, {}, "crystal"),
    "filters/ripple": Moment(3, {"phase": 0.3}, "hive"),
    "filters/shutter": Moment(3, {}, "waves"),
    "filters/smear": Moment(3, {}, "ink"),
    "filters/streaks": Moment(11, {"amount": 1.6, "threshold": 0.5}, "constellation"),
    "filters/trails": Moment(11, {"memory": 2, "zoom": 0.8}, "constellation"),
    "filters/tube": Moment(3, {}, "hive"),
}
"""By the colours each likes best; transitions show their defaults."""
OLD, NEW = Moment(5, {}, "plasma"), Moment(5, {"hue": 0.03, "hue2": 0.11}, "crystal")


def hear() -> Sequence[Features]:
    """What the ears hear in the first second of the track's drop, frame by frame."""
    analyser = Analyser()
    heard = [analyser.hear(block) for block in takewhile(lambda b: b.time < DROP + FRAMES / FPS, Track(TRACK))]
    times = [features.time for features in heard]
    return [heard[bisect(times, DROP + n / FPS) - 1] for n in range(FRAMES)]


def save(gpu: Gpu, isf: Isf, heard: Sequence[Features]) -> None:
    """Draw a shader's thumbnail and write it as WebP."""
    moment = MOMENTS.get(isf.path.relative_to(SHADERS).with_suffix("").as_posix(), Moment())
    stages = [moment]
    if isf.kind == "transition":
        stages = [moment._replace(inputs={**moment.inputs, "progress": progress}) for progress in STAGES]
    strip = np.hstack([_small(draw(gpu, isf, stage, heard)) for stage in stages])
    path = thumbnail(isf)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(strip).save(path, quality=QUALITY, method=6)


def draw(gpu: Gpu, isf: Isf, moment: Moment, heard: Sequence[Features]) -> Pixels:
    """[height, width, 3] after a second of frames, so that what remembers has something to remember."""
    target = gpu.target(DRAWN)
    program = Drawing(gpu, isf, moment.inputs, target)
    below = {i.name: _below(gpu, i.name, moment) for i in isf.inputs if i.type == "image"}
    for n, features in enumerate(heard):
        time = moment.time - (len(heard) - 1 - n) / FPS
        images = {name: drawing.draw(n, time, features) for name, drawing in below.items()}
        program.draw(n, time, features, images)
    pixels = target.read()[::-1].astype(np.float32)
    for drawing in (program, *below.values()):
        drawing.release()
    return (pixels[..., :3] * pixels[..., 3:] / 255.0).round().astype(np.uint8)


class Drawing:
    """A shader with the inputs it is drawn with and the target it is drawn on."""

    def __init__(self, gpu: Gpu, isf: Isf, inputs: Mapping[str, float], target: Target) -> None:
        self._program, self._inputs, self._target = Program(gpu, isf), inputs, target

    def draw(self, n: int, time: float, features: Features, images: Mapping[str, Target] | None = None) -> Target:
        self._program.draw(
            self._target,
            time=time,
            delta=1.0 / FPS if n else 0.0,
            frame=n,
            inputs=self._inputs,
            images=images,
            features=features,
        )
        return self._target

    def release(self) -> None:
        self._program.release()
        self._target.release()


def _below(gpu: Gpu, image: str, moment: Moment) -> Drawing:
    """What an image input shows: a filter the generator below, a transition the old or the new scene."""
    over = {"startImage": OLD, "endImage": NEW}.get(image, moment)
    name = f"generators/{over.below}"
    inputs = over.inputs if over is not moment else MOMENTS[name].inputs
    return Drawing(gpu, load(SHADERS / f"{name}.fs"), inputs, gpu.target(DRAWN))


def _small(pixels: Pixels) -> Pixels:
    return np.asarray(Image.fromarray(pixels).resize(SHOWN, Image.Resampling.LANCZOS))
