"""The training set: sketches by the style shaders, with the field each was drawn from.

One folder a style, so that a style can come or change without the others being drawn again.
"""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from rich.progress import track

from visuals.generator import condition
from visuals.render.gpu import Gpu
from visuals.render.isf import load
from visuals.render.isf.program import Program
from visuals.types import Pixels

from .networks import LATENT_CHANNELS, PLACES
from .samples import ASPECTS, LATENT, SIDE, STYLES, Sample, Split, draw_samples

SHADERS = Path(__file__).parents[2] / "shaders" / "generators"
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
        self._gpu, self._sketch = Gpu(), sketch
        self._programs: dict[str, Program] = {}
        self._targets = {aspect: self._gpu.target((aspect * SIDE, SIDE)) for aspect in ASPECTS}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._gpu.release()

    def draw(self, sample: Sample) -> Pixels:
        """[256, 256, 3] uint8, row 0 on top: the sample's window of its canvas, and nothing else is shaded."""
        program = self._programs.get(sample.style) or self._program(sample.style)
        target, left = self._targets[sample.aspect], 8 * sample.left
        target.only((left, 0, SIDE, SIDE))
        inputs = {**sample.controls, "seed": float(sample.seed)}
        program.draw(target, time=0.0, delta=0.0, frame=0, inputs=inputs)
        return np.ascontiguousarray(target.read()[::-1, left : left + SIDE, :3])

    def _program(self, style: str) -> Program:
        path = SHADERS / f"{style}.fs"
        if self._sketch:
            with tempfile.TemporaryDirectory() as folder:
                changed = Path(folder) / path.name
                text, count = FINISH.subn(lambda _: SKETCH, path.read_text())
                assert count == 1, f"{path}: no finish() to replace"
                changed.write_text(text)
                self._programs[style] = Program(self._gpu, load(changed))
        else:
            self._programs[style] = Program(self._gpu, load(path))
        return self._programs[style]


class Shelf:
    """The pictures of one style on disk, mapped: sketch, field, places and structure of each sample.

    `windows` are its canvas's aspect and its own first column, in latents.
    """

    FILES: ClassVar[dict[str, tuple[type, tuple[int, ...]]]] = {
        "pictures": (np.uint8, (SIDE, SIDE, 3)),
        "fields": (np.float16, (LATENT_CHANNELS, LATENT, LATENT)),
        "places": (np.float16, (PLACES, LATENT, LATENT)),
        "structures": (np.float32, (len(condition.STRUCTURE),)),
        "windows": (np.int16, (2,)),
    }

    def __init__(self, folder: Path, style: str, split: Split) -> None:
        self.style, self.folder = style, folder / split / style

    @property
    def note(self) -> dict[str, Any]:
        """How many samples there are, whole, what is known of each, and the digest of the shader that drew them."""
        done = self.folder / "done.json"
        found: dict[str, Any] = json.loads(done.read_text()) if done.exists() else {"count": 0}
        return found

    @property
    def count(self) -> int:
        return int(self.note["count"])

    def wanted(self, count: int) -> dict[str, Any]:
        """The note of `count` samples by the shader as it is now."""
        shader = hashlib.sha256((SHADERS / f"{self.style}.fs").read_bytes())
        return {"count": count, "shader": shader.hexdigest(), "files": list(self.FILES)}

    def open(self, name: str) -> np.ndarray:
        return np.asarray(np.load(self.folder / f"{name}.npy", mmap_mode="r"))

    def fill(self, samples: list[Sample], renderer: Renderer) -> None:
        """Draw `samples` anew."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "done.json").unlink(missing_ok=True)
        arrays: dict[str, Any] = {
            name: np.lib.format.open_memmap(self.folder / f"{name}.npy", "w+", dtype, (len(samples), *shape))
            for name, (dtype, shape) in self.FILES.items()
        }
        for i, sample in enumerate(track(samples, f"{self.folder.parent.name} {self.style}")):
            arrays["pictures"][i], arrays["fields"][i] = renderer.draw(sample), sample.field
            arrays["places"][i], arrays["structures"][i] = sample.places, sample.structure
            arrays["windows"][i] = sample.aspect, sample.left
        (self.folder / "done.json").write_text(json.dumps(self.wanted(len(samples))))


def make(folder: Path, pictures: int, split: Split = "train", seed: int = 0) -> None:
    """Draw `pictures` samples of a split, the styles in equal parts; what is there already stays."""
    each = pictures // len(STYLES)
    shelves = {style: Shelf(folder, style, split) for style in STYLES}
    missing = [style for style, shelf in shelves.items() if shelf.note != shelf.wanted(each)]
    if not missing:
        return
    with Renderer(sketch=True) as renderer:
        for style in missing:
            samples = draw_samples(each, split, seed + STYLES.index(style), [style])
            shelves[style].fill(samples, renderer)


class Samples:
    """The shelves of a split side by side: index 0..len-1 over all of them."""

    def __init__(self, folder: Path, split: Split = "train", styles: tuple[str, ...] = STYLES) -> None:
        shelves = [Shelf(folder, style, split) for style in styles]
        self._arrays = {name: [shelf.open(name) for shelf in shelves] for name in Shelf.FILES}
        self._starts = np.cumsum([0, *(shelf.count for shelf in shelves)])
        self._columns = [STYLES.index(style) for style in styles]

    def __len__(self) -> int:
        return int(self._starts[-1])

    def take(self, name: str, index: np.ndarray) -> np.ndarray:
        """Rows of one file, in the order of `index`."""
        shelf = np.searchsorted(self._starts, index, "right") - 1
        arrays = self._arrays[name]
        return np.stack([arrays[s][i - self._starts[s]] for s, i in zip(shelf, index, strict=True)])

    def conditions(self, index: np.ndarray) -> np.ndarray:
        """What the network is told [n, styles + 4]."""
        shelf = np.searchsorted(self._starts, index, "right") - 1
        styles = np.zeros((len(index), len(STYLES)), np.float32)
        styles[np.arange(len(index)), np.asarray(self._columns)[shelf]] = 1.0
        return np.concatenate([styles, self.take("structures", index)], axis=1)
