"""E3: what a picture is made of, told by arithmetic alone. Nothing in it was ever trained, so nothing can be gamed.

Colour histograms, oriented energies at several scales, the radial power spectrum, and a convolutional network
with random weights. All of it changes continuously with the picture, so that small steps stay small.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from visuals.types import Float32s

from .meters import LUMA

LIGHT_BINS, HUE_BINS, CHROMA_BINS = 10, 12, 6
SCALES, DIRECTIONS = 4, 4
GABOR_SIDE, GABOR_WAVE, GABOR_WIDTH = 9, 4.0, 2.0
"""Pixels: of the filter, its wave and the standard deviation of its window, at each scale."""
RINGS = 16
RANDOM_WIDTHS = (24, 32, 48)
SEED = 20
FAINTEST = 1.0 / 255.0
"""Amplitude below which texture does not count: rounding to 8 bits is none."""

GROUPS = (LIGHT_BINS + HUE_BINS + CHROMA_BINS, 2 * SCALES * DIRECTIONS, RINGS, 2 * RANDOM_WIDTHS[-1])
"""Lengths of the four parts; each is given the same say."""


@torch.inference_mode()
def features(pixels: Tensor) -> Float32s:
    """Pictures [n, 3, h, w] in 0..1 to features [n, 172]."""
    light = torch.einsum("nchw,c->nhw", pixels, torch.from_numpy(LUMA))[:, None]
    parts = (_colours(pixels, light), _directions(light), _spectrum(light), _random(pixels))
    return np.asarray(torch.cat(parts, 1).numpy(), np.float32)


def weights() -> Float32s:
    """What each feature counts, so that the four parts count the same."""
    return np.concatenate([np.full(n, 1.0 / math.sqrt(n)) for n in GROUPS]).astype(np.float32)


def _colours(pixels: Tensor, light: Tensor) -> Tensor:
    """Shares of luma and of chroma by their size, and chroma by hue."""
    red, green, blue = pixels.unbind(1)
    x, y = red - 0.5 * (green + blue), 0.5 * math.sqrt(3.0) * (green - blue)
    chroma = torch.hypot(x, y).flatten(1)
    turn = torch.atan2(y, x).flatten(1) / (2.0 * math.pi) % 1.0
    even = torch.ones_like(chroma)
    hues = _soft_bins(turn * HUE_BINS, chroma, HUE_BINS, around=True)
    return torch.cat(
        [
            _soft_bins(light.flatten(1).sqrt() * (LIGHT_BINS - 1), even, LIGHT_BINS),
            hues / (hues.sum(1, keepdim=True) + 0.02),
            _soft_bins(chroma.clamp(max=1.0) * (CHROMA_BINS - 1), even, CHROMA_BINS),
        ],
        1,
    )


def _soft_bins(at: Tensor, weight: Tensor, count: int, around: bool = False) -> Tensor:
    """A histogram in which a value between two bins belongs to both: mean weights [n, count]."""
    low = at.floor()
    share, first = at - low, low.long()
    second = (first + 1) % count if around else (first + 1).clamp(max=count - 1)
    bins = torch.zeros(len(at), count)
    bins.scatter_add_(1, first % count, weight * (1.0 - share))
    bins.scatter_add_(1, second, weight * share)
    return bins / at.shape[1]


def _directions(light: Tensor) -> Tensor:
    """Log of the mean and of the peak energy of quadrature Gabor filters, by scale and direction."""
    found = []
    for scale in range(SCALES):
        small = functional.avg_pool2d(light, 2**scale) if scale else light
        answer = functional.conv2d(small, _gabors())
        energy = answer[:, :DIRECTIONS].square() + answer[:, DIRECTIONS:].square()
        found += [energy.mean((2, 3)), energy.square().mean((2, 3)).sqrt()]
    return torch.log(torch.cat(found, 1) + FAINTEST**2)


@lru_cache(maxsize=1)
def _gabors() -> Tensor:
    """Even filters, then odd ones [8, 1, 9, 9], without a constant part."""
    at = torch.arange(GABOR_SIDE) - GABOR_SIDE // 2
    y, x = torch.meshgrid(at, at, indexing="ij")
    window = torch.exp(-0.5 * (x**2 + y**2) / GABOR_WIDTH**2)
    angles = [math.pi * i / DIRECTIONS for i in range(DIRECTIONS)]
    phases = [2.0 * math.pi / GABOR_WAVE * (math.cos(a) * x + math.sin(a) * y) for a in angles]
    filters = torch.stack([f(phase) * window for f in (torch.cos, torch.sin) for phase in phases])
    filters -= window * (filters.sum((1, 2), keepdim=True) / window.sum())
    return (filters / window.sum())[:, None]


def _spectrum(light: Tensor) -> Tensor:
    """Log power in rings of equal width in octaves, from one wave in the picture's height to the finest."""
    height, width = light.shape[2:]
    window = torch.hann_window(height)[:, None] * torch.hann_window(width)
    centred = (light[:, 0] - light[:, 0].mean((1, 2), keepdim=True)) * window
    power = torch.fft.rfft2(centred, norm="ortho").abs().square().flatten(1)
    up, across = torch.fft.fftfreq(height) * height, torch.fft.rfftfreq(width) * height
    octave = torch.log2(torch.hypot(up[:, None], across[None]).clamp(min=1.0)).flatten()
    ring = (octave * (RINGS / math.log2(height / 2.0))).long().clamp(max=RINGS - 1)
    total = torch.zeros(len(light), RINGS).index_add_(1, ring, power)
    count = torch.zeros(RINGS).index_add_(0, ring, torch.ones_like(octave)).clamp(min=1.0)
    return torch.log(total / count + FAINTEST**2)


def _random(pixels: Tensor) -> Tensor:
    """Mean and spread over the picture of the last of three convolutions nobody trained."""
    x = pixels - 0.5
    for kernel in _random_kernels():
        x = functional.leaky_relu(functional.conv2d(x, kernel, stride=2), 0.1)
    return torch.cat([x.mean((2, 3)), x.std((2, 3))], 1)


@lru_cache(maxsize=1)
def _random_kernels() -> list[Tensor]:
    rng = torch.Generator().manual_seed(SEED)
    sides = (5, 3, 3)
    before = (3, *RANDOM_WIDTHS[:-1])
    return [
        torch.randn(wide, narrow, side, side, generator=rng) * math.sqrt(2.0 / (narrow * side * side))
        for wide, narrow, side in zip(RANDOM_WIDTHS, before, sides, strict=True)
    ]
