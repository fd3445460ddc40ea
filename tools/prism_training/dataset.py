"""Stage `dataset`: pictures of the style shaders with the noise they were drawn from."""

from __future__ import annotations

import logging
import re
import tempfile
import time
from pathlib import Path
from typing import Any, Self

import numpy as np

from visuals.render.gpu import Gpu
from visuals.render.isf import load
from visuals.render.program import Program
from visuals.types import Pixels

from . import networks
from .samples import LATENT, PICTURE, STYLES, Sample, draw_samples

SHADERS = Path(__file__).parents[2] / "shaders" / "generators"

logger = logging.getLogger(__name__)


FINISH = re.compile(r"vec3 finish\(.*?\n}\n", re.DOTALL)
SKETCH = """vec3 finish(float light, float second, float spark) {
    float told = smoothstep(0.0, 0.15, max(light, 0.0) + max(spark, 0.0));
    float share = 0.5 + (clamp(second, 0.0, 1.0) - 0.5) * told;
    return vec3(1.0 - exp(-1.2 * max(light, 0.0)), share, 1.0 - exp(-1.5 * max(spark, 0.0)));
}
"""
"""Instead of the colouring: light, share of the second colour and spark, which is what prism learns."""


class Renderer:
    """Draws samples with the shaders of `shaders/generators`, coloured or as sketches.

    Use as a context manager: one at a time owns the process's GL context.
    """

    def __init__(self, sketch: bool = False) -> None:
        self._gpu = Gpu()
        self._programs = {style: self._program(style, sketch) for style in STYLES}
        self._target = self._gpu.target(PICTURE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._gpu.release()

    def _program(self, style: str, sketch: bool) -> Program:
        path = SHADERS / f"{style}.fs"
        if not sketch:
            return Program(self._gpu, load(path))
        with tempfile.TemporaryDirectory() as folder:
            changed = Path(folder) / path.name
            text, count = FINISH.subn(lambda _: SKETCH, path.read_text())
            assert count == 1, f"{path}: no finish() to replace"
            changed.write_text(text)
            return Program(self._gpu, load(changed))

    def draw(self, sample: Sample) -> Pixels:
        """[height, width, 3] uint8, row 0 on top."""
        inputs = {**sample.controls, "seed": float(sample.seed)}
        self._programs[sample.style].draw(self._target, time=0.0, delta=0.0, frame=0, inputs=inputs)
        return np.ascontiguousarray(self._target.read()[::-1, :, :3])


def make(folder: Path, count: int, seed: int) -> None:
    """Draw `count` samples into memory-mapped arrays in `folder`; goes on where it was stopped."""
    folder.mkdir(parents=True, exist_ok=True)
    done_file = folder / "dataset.done"
    if done_file.exists() and int(done_file.read_text()) >= count:
        return
    samples = draw_samples(count, seed)
    (width, height), (columns, rows) = PICTURE, LATENT
    pictures = _open(folder / "pictures.npy", np.uint8, (count, height, width, 3))
    noise = _open(folder / "noise.npy", np.float16, (count, networks.LATENT_CHANNELS, rows, columns))
    places = _open(folder / "places.npy", np.float16, (count, networks.PLACES, rows, columns))
    conditions = _open(folder / "conditions.npy", np.float32, (count, networks.CONDITION))
    started = time.monotonic()
    with Renderer(sketch=True) as renderer:
        for i, sample in enumerate(samples):
            pictures[i], noise[i], places[i] = renderer.draw(sample), sample.noise(), sample.places()
            conditions[i] = sample.condition()
            if i % 1000 == 999:
                logger.info("dataset %d of %d pictures, %.0f s", i + 1, count, time.monotonic() - started)
    done_file.write_text(str(count))


def _open(path: Path, dtype: Any, shape: tuple[int, ...]) -> Any:
    return np.lib.format.open_memmap(path, "w+", dtype, shape)
