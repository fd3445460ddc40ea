"""What can be measured in a picture without a network: colour, light, filling, symmetry, texture.

Pictures are [height, width, 3 or 4] uint8.
"""

from __future__ import annotations

import numpy as np

from visuals.types import Float32s

FILLED_ABOVE = 0.12
"""Luma from which a place counts as filled."""
BANDS = (2, 4, 8, 16)
"""Pixels per cell of the scales texture is measured at."""


def luma(pixels: np.ndarray) -> Float32s:
    return np.asarray(pixels[..., :3] @ np.array([0.2126, 0.7152, 0.0722]) / 255.0, np.float32)


def brightness(pixels: np.ndarray) -> float:
    return float(luma(pixels).mean())


def filling(pixels: np.ndarray) -> float:
    """Share of the picture that is not dark."""
    return float((luma(pixels) > FILLED_ABOVE).mean())


def saturation(pixels: np.ndarray) -> float:
    """Chroma over value, weighted by value."""
    rgb = pixels[..., :3].astype(np.float32) / 255.0
    top = rgb.max(-1)
    return float((top - rgb.min(-1)).sum() / max(float(top.sum()), 1e-6))


def hue(pixels: np.ndarray) -> float:
    """Mean hue as a turn 0..1, weighted by chroma: the angle of the mean colour on the opponent axes."""
    r, g, b = (pixels[..., i].astype(np.float64).mean() for i in range(3))
    return float(np.arctan2(np.sqrt(3.0) * (g - b), 2.0 * r - g - b) / (2.0 * np.pi) % 1.0)


def hue_distance(a: float, b: float) -> float:
    """Along the shorter way round, 0..0.5 turn."""
    away = abs(a - b) % 1.0
    return min(away, 1.0 - away)


def mirror_likeness(pixels: np.ndarray) -> float:
    """Correlation of the picture with its mirror image."""
    light = luma(pixels)
    return float(np.corrcoef(light.ravel(), light[:, ::-1].ravel())[0, 1])


def texture(pixels: np.ndarray) -> Float32s:
    """What a picture is made of, whatever its colours: edges by scale and direction, and spread of light."""
    light = luma(pixels)
    light = light / max(float(np.percentile(light, 98)), 1e-3)
    features = [np.histogram(np.clip(light, 0, 1), 8, (0, 1))[0] / light.size]
    for cell in BANDS:
        height, width = (n // cell * cell for n in light.shape)
        small = light[:height, :width].reshape(height // cell, cell, width // cell, cell).mean((1, 3))
        across, down = np.abs(np.diff(small, axis=1)), np.abs(np.diff(small, axis=0))
        features.append(np.array([across.mean(), down.mean(), across.std(), down.std()]) * 4.0)
    return np.concatenate(features).astype(np.float32)


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    error = np.square(a[..., :3].astype(np.float64) - b[..., :3].astype(np.float64)).mean()
    return float(10.0 * np.log10(255.0**2 / max(error, 1e-9)))


def spearman(x: np.ndarray, y: np.ndarray) -> float:
    """Rank correlation."""
    ranks = [np.argsort(np.argsort(v)).astype(float) for v in (x, y)]
    return float(np.corrcoef(np.stack(ranks))[0, 1])
