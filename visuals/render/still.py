"""One picture of one shader, for goldens, thumbnails and training pictures. Not for the frame path."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from visuals.render.gpu import Gpu, Size, Texture
from visuals.render.isf import Isf
from visuals.render.isf.program import Program
from visuals.types import Features, Pixels


def still(
    gpu: Gpu,
    isf: Isf,
    size: Size,
    *,
    time: float = 0.0,
    inputs: Mapping[str, float] | None = None,
    images: Mapping[str, Texture] | None = None,
    features: Features | None = None,
    frames: int = 1,
    fps: float = 60.0,
) -> Pixels:
    """The last of `frames` frames, the last one at `time`: [height, width, 4] uint8, row 0 on top.

    Persistent shaders need more than one frame. Raises ShaderError.
    """
    program = Program(gpu, isf)
    target = gpu.target(size)
    try:
        for n in range(frames):
            moment = time - (frames - 1 - n) / fps
            delta = 1.0 / fps if n else 0.0
            program.draw(target, time=moment, delta=delta, frame=n, inputs=inputs, images=images, features=features)
        return np.ascontiguousarray(target.read()[::-1])
    finally:
        target.release()
        program.release()
