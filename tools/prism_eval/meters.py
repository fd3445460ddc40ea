"""What can be measured in a picture without a network: colour, light, filling, size, symmetry, edges.

Pictures are [height, width, 3 or 4] uint8 sRGB, row 0 on top. Each meter is closed-form and knows nothing of
styles or shaders; how far it can be trusted as the meter of a fader is measured on real renders (`faders`).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from visuals.types import Float32s

LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
"""Rec. 709."""
FILLED = 0.3
"""A place is filled from this share of the picture's bright luma (its 98th percentile) on."""
BRIGHT_PERCENTILE = 98.0
DARKEST = 0.05
"""Luma below which differences do not count."""
SHAPE_BLUR_PX, FINE_PX = 4.0, 4.0
REACH = 0.99


def luma(pixels: np.ndarray) -> Float32s:
    return np.asarray(pixels[..., :3].astype(np.float32) @ LUMA / 255.0, np.float32)


def brightness(pixels: np.ndarray) -> float:
    """Mean luma, 0..1."""
    return float(luma(pixels).mean())


def contrast(pixels: np.ndarray) -> float:
    """Spread of luma beside its mean: coefficient of variation."""
    light = luma(pixels)
    return float(light.std() / max(float(light.mean()), 1e-4))


def density(pixels: np.ndarray) -> float:
    """Share of the picture that is filled, beside its own bright places."""
    light = luma(pixels)
    return float((light > FILLED * max(float(np.percentile(light, BRIGHT_PERCENTILE)), 1e-3)).mean())


def saturation(pixels: np.ndarray) -> float:
    """Chroma over value, weighted by value."""
    rgb = pixels[..., :3].astype(np.float32) / 255.0
    top = rgb.max(-1)
    return float((top - rgb.min(-1)).sum() / max(float(top.sum()), 1e-6))


def scale(pixels: np.ndarray) -> float:
    """Size of the shapes, in picture heights: how gently the lines of equal light bend, whatever their contrast.

    One over the mean curvature of the isophotes of log luma, blurred, weighted by how steep they are.
    """
    light = blurred(np.log(luma(pixels) + DARKEST), SHAPE_BLUR_PX)
    down, across = np.gradient(light)
    steep = np.hypot(across, down) + 1e-6
    bend = np.abs(np.gradient(across / steep, axis=1) + np.gradient(down / steep, axis=0))
    return float(steep.sum() / max(float((bend * steep).sum()), 1e-9)) / len(light)


def energy(pixels: np.ndarray) -> float:
    """How agitated: share of the spread of log luma that is finer than a few pixels."""
    light = np.log(luma(pixels) + DARKEST)
    return float((light - blurred(light, FINE_PX)).std()) / max(float(light.std()), 1e-4)


def blurred(light: np.ndarray, sigma: float) -> Float32s:
    """A Gaussian blur in pixels of [height, width, ...]; at an edge the weights that fall outside are left out."""
    down, across = (_kernel(n, sigma) for n in light.shape[:2])
    return np.asarray(np.einsum("ij,jk...,lk->il...", down, light, across, optimize=True), np.float32)


@lru_cache(maxsize=16)
def _kernel(length: int, sigma: float) -> Float32s:
    at = np.arange(length)
    weights = np.exp(-0.5 * ((at[:, None] - at[None]) / sigma) ** 2)
    return np.asarray(weights / weights.sum(1, keepdims=True), np.float32)


def mirror_likeness(pixels: np.ndarray, axis: int = 1) -> float:
    """Correlation of the picture with its mirror image: left to right, or (axis 0) top to bottom."""
    light = luma(pixels).astype(np.float64)
    light -= light.mean()
    return float((light * np.flip(light, axis)).mean() / max(float((light**2).mean()), 1e-9))


def symmetry(pixels: np.ndarray) -> float:
    """Mean of both mirror correlations, -1..1."""
    return 0.5 * (mirror_likeness(pixels, 1) + mirror_likeness(pixels, 0))


def hue(pixels: np.ndarray) -> float:
    """Mean hue as a turn 0..1, weighted by chroma: the angle of the mean colour on the opponent axes."""
    chroma = _chroma(pixels / 255.0).mean()
    return float(np.angle(chroma) / (2.0 * np.pi) % 1.0)


def far_hue(pixels: np.ndarray, known: np.ndarray) -> float:
    """Of a picture mixed of two hues, one of which `known` [3] has, the other one; turns.

    All mixtures lie between the two, so it is as far from the known one as chroma reaches: the quantile `REACH`
    of the angle between them, towards the side with more chroma, weighted by chroma. Hues mix in light: that of
    the pixels is taken before the shoulder 1 - exp -x, and so must be `known`.
    """
    light = -np.log(1.0 - 0.996 * pixels[..., :3].astype(np.float32) / 255.0)
    start = float(np.angle(_chroma(known)))
    chroma = _chroma(light).ravel() * np.exp(-1j * start)
    angle, weight = np.angle(chroma), np.abs(chroma)
    side = 1.0 if float((weight * angle).sum()) >= 0.0 else -1.0
    order = np.argsort(side * angle)
    heap = np.cumsum(weight[order])
    far = angle[order][min(int(np.searchsorted(heap, REACH * heap[-1])), len(order) - 1)]
    return float((start + far) / (2.0 * np.pi) % 1.0)


def _chroma(rgb: np.ndarray) -> np.ndarray:
    """Colour on the opponent axes as complex numbers; the angle is the hue, red at 0."""
    r, g, b = (rgb[..., i].astype(np.float32) for i in range(3))
    return np.asarray((2.0 * r - g - b) + 1j * np.sqrt(3.0) * (g - b)) / 2.0


def hue_distance(a: float, b: float) -> float:
    """Along the shorter way round, 0..0.5 turn."""
    away = abs(a - b) % 1.0
    return min(away, 1.0 - away)


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    """Peak signal to noise ratio of two uint8 pictures in dB; 138 dB when they are the same."""
    error = np.square(a[..., :3].astype(np.float64) - b[..., :3].astype(np.float64)).mean()
    return float(10.0 * np.log10(255.0**2 / max(error, 1e-9)))
