"""How the golden picture of a shader is drawn: at its defaults, on black; filters and transitions on a test picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from visuals.render.gpu import Gpu, Texture
from visuals.render.isf import Isf, load
from visuals.render.still import still

ROOT = Path(__file__).parents[2]
SHADERS = ROOT / "shaders"
GOLDEN = ROOT / "tests" / "golden"
SIZE = (128, 64)
TIME = 7.3
FRAMES = 20


def files() -> list[Path]:
    return sorted(SHADERS.rglob("*.fs"))


def draw(gpu: Gpu, path: Path) -> npt.NDArray[np.uint8]:
    """[height, width, 3], row 0 on top; after 20 frames where the shader remembers."""
    isf = load(path)
    names = [i.name for i in isf.inputs if i.type == "image"]
    images = {name: _picture(gpu, turn) for turn, name in enumerate(names)}
    pixels = still(gpu, isf, SIZE, time=TIME, images=images, frames=FRAMES if _remembers(isf) else 1)
    for texture in images.values():
        texture.release()
    return (pixels[..., :3].astype(np.float32) * pixels[..., 3:] / 255.0).round().astype(np.uint8)


def _remembers(isf: Isf) -> bool:
    return any(step.persistent for step in isf.passes)


def _picture(gpu: Gpu, turn: int) -> Texture:
    """A bright disc and soft waves of colour on black, another for each `turn`."""
    y, x = np.mgrid[0 : SIZE[1], 0 : SIZE[0]] / SIZE[1]
    wave = 0.5 + 0.5 * np.cos(7.0 * x[..., None] + 4.0 * y[..., None] * (1 + turn) + np.array([0.0, 2.1, 4.2]) + turn)
    disc = np.hypot(x - 0.7, y - 0.4)[..., None] < 0.22
    rgb = np.where(disc, [1.0, 0.95, 0.8], wave**3 * 0.7)
    texture = gpu.texture(SIZE)
    texture.write(np.dstack([(rgb * 255).astype(np.uint8), np.full(SIZE[::-1], 255, np.uint8)])[::-1])
    return texture
