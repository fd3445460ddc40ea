"""How the golden picture of a shader is drawn: at its defaults, on black, hearing a chord over a kick.

Filters and transitions draw on test pictures, transitions on their way from one to another.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from visuals.render.gpu import Gpu, Texture
from visuals.render.isf import Isf, load
from visuals.render.still import still
from visuals.types import Features

Picture = npt.NDArray[np.uint8]

ROOT = Path(__file__).parents[2]
SHADERS = ROOT / "shaders"
GOLDEN = ROOT / "tests" / "golden"
SIZE = (128, 64)
TIME = 7.3
FRAMES = 20
HALFWAY = 0.45
"""Progress of a transition: not the very half, where several of them change over."""


def files() -> list[Path]:
    return sorted(SHADERS.rglob("*.fs"))


def draw(gpu: Gpu, path: Path, inputs: Mapping[str, float] | None = None, **still_options: Any) -> Picture:
    """[height, width, 3], row 0 on top; after 20 frames where the shader remembers."""
    isf = load(path)
    names = [i.name for i in isf.inputs if i.type == "image"]
    images = {name: _texture(gpu, turn) for turn, name in enumerate(names)}
    told = {**({"progress": HALFWAY} if isf.kind == "transition" else {}), **(inputs or {})}
    options = {"time": TIME, "frames": FRAMES if remembers(isf) else 1, "features": sound(), **still_options}
    pixels = still(gpu, isf, SIZE, inputs=told, images=images, **options)
    for texture in images.values():
        texture.release()
    return (pixels[..., :3].astype(np.float32) * pixels[..., 3:] / 255.0).round().astype(np.uint8)


def remembers(isf: Isf) -> bool:
    return any(step.persistent for step in isf.passes)


def sound() -> Features:
    """Four harmonics as a waveform; as a spectrum, a bass that falls away and two humps above it."""
    x, u = np.arange(512) / 512, np.arange(256) / 256
    wave = sum(np.sin(2 * np.pi * n * 3.0 * x + n) / n for n in (1, 2, 3, 5))
    hump = 0.5 * np.exp(-(((u - 0.06) / 0.03) ** 2)) + 0.4 * np.exp(-(((u - 0.2) / 0.05) ** 2))
    spectrum = 0.9 * np.exp(-14 * u) + hump + 0.2 * np.exp(-3 * u)
    return Features(0.0, {}, (), np.minimum(spectrum, 1).astype(np.float32), (0.3 * wave).astype(np.float32))


def picture(turn: int) -> Picture:
    """A bright disc and soft waves of colour on black, another for each `turn`: what images are drawn on."""
    y, x = np.mgrid[0 : SIZE[1], 0 : SIZE[0]] / SIZE[1]
    wave = 0.5 + 0.5 * np.cos(7.0 * x[..., None] + 4.0 * y[..., None] * (1 + turn) + np.array([0.0, 2.1, 4.2]) + turn)
    disc = np.hypot(x - 0.7, y - 0.4)[..., None] < 0.22
    rgb = np.where(disc, [1.0, 0.95, 0.8], wave**3 * 0.7)
    return (rgb * 255).astype(np.uint8)


def _texture(gpu: Gpu, turn: int) -> Texture:
    texture = gpu.texture(SIZE)
    texture.write(np.dstack([picture(turn), np.full(SIZE[::-1], 255, np.uint8)])[::-1])
    return texture
