"""Shows of solid colours, drawn: what tests of the compositor share."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from visuals.render.compositor import Compositor
from visuals.render.gpu import Gpu
from visuals.render.isf import load
from visuals.render.materials import Materials
from visuals.types import Frame, Layer, Look, Part, Scene, Show

CANVAS = (64, 32)
SOLID = """/*{"INPUTS": [{"NAME": "tint", "TYPE": "color", "DEFAULT": [1, 0, 0, 1]}]}*/
void main() { gl_FragColor = tint; }
"""
INVERT = """/*{"INPUTS": [{"NAME": "inputImage", "TYPE": "image"}]}*/
void main() { gl_FragColor = vec4(1.0 - IMG_THIS_PIXEL(inputImage).rgb, 1.0); }
"""
CLOCK = """/*{}*/
void main() { gl_FragColor = vec4(TIME / 10.0, float(FRAMEINDEX) / 100.0, isf_FragNormCoord.y, 1.0); }
"""
COUNT = """/*{"PASSES": [{"TARGET": "n", "PERSISTENT": true, "FLOAT": true}, {}]}*/
void main() { gl_FragColor = IMG_THIS_PIXEL(n) + (PASSINDEX == 0 ? vec4(0.1, 0.0, 0.0, 1.0) : vec4(0.0)); }
"""
HIT = """/*{"INPUTS": [{"NAME": "hit", "TYPE": "event"}]}*/
void main() { gl_FragColor = vec4(hit ? 1.0 : 0.0, 0.0, 0.0, 1.0); }
"""
WIPE = """/*{"INPUTS": [{"NAME": "startImage", "TYPE": "image"}, {"NAME": "endImage", "TYPE": "image"},
    {"NAME": "progress", "TYPE": "float"}, {"NAME": "gain", "TYPE": "float", "DEFAULT": 1}]}*/
void main() {
    bool over = isf_FragNormCoord.x < progress;
    gl_FragColor = gain * (over ? IMG_THIS_PIXEL(endImage) : IMG_THIS_PIXEL(startImage));
}
"""
RAMP = """/*{}*/
void main() { gl_FragColor = vec4(vec3(isf_FragNormCoord.x), 1.0); }
"""
SHADERS = {"solid": SOLID, "invert": INVERT, "clock": CLOCK, "count": COUNT, "hit": HIT, "wipe": WIPE, "ramp": RAMP}


def write_shaders(folder: Path) -> Path:
    for name, text in SHADERS.items():
        (folder / f"{name}.fs").write_text(text)
    return folder


def a_show(folder: Path, **scenes: tuple[Layer, ...]) -> Show:
    return Show("t", folder, CANVAS, 60.0, 1, None, None, {n: Scene(n, layers) for n, layers in scenes.items()})


def materials(show: Show, former: Materials | None = None) -> Materials:
    return Materials(show, lambda source: load(show.folder / f"{source}.fs"), former)


def take(stage: Compositor, show: Show, former: Show | None = None) -> None:
    """Let an edited show take over, all steps at once."""
    for _ in stage.taking(materials(show, materials(former) if former else None)):
        pass


def compositor(gpu: Gpu, show: Show, depth: int | None = None) -> Compositor:
    return Compositor(gpu, materials(show), depth=depth)


def pictures(stage: Compositor, *looks: Look, dream: Frame | None = None) -> list[Frame]:
    frames = [frame for look in looks if (frame := stage.render(look, dream, None))]
    return frames + stage.flush()


def one(gpu: Gpu, show: Show, controls: Mapping[str, float] | None = None, **look: float) -> np.ndarray:
    with compositor(gpu, show) as stage:
        scene = next(iter(show.scenes))
        return pictures(stage, Look(0.0, (Part(scene, 1.0, controls or {}),), **look))[0].pixels


def near(pixels: np.ndarray, *rgb: float, steps: float = 1.0) -> None:
    assert np.abs(pixels[..., :3].astype(float) - np.multiply(rgb, 255.0)).max() <= steps, (pixels[0, 0], rgb)
    assert (pixels[..., 3] == 255).all()


def solid(name: str, blend: str = "normal", opacity: float = 1.0, **tint: float) -> Layer:
    return Layer(name, "shader", "solid", blend, opacity, {f"tint.{c}": v for c, v in tint.items()})  # type: ignore[arg-type]


BELOW = {"r": 0.2, "g": 0.6, "b": 0.4}
ABOVE = {"r": 0.8, "g": 0.4, "b": 0.5, "a": 0.5}
