"""A feature space: pictures in, points out, each feature in units of its spread among true renders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from visuals.types import Float32s, Pixels

from . import untrained
from .judges import LENGTH, Classifier, Trunk, floats

BATCH = 16
SMALLEST_SPREAD = 1e-3
REACH = 5.0
"""Spreads a feature can be away: a bin that was empty in all of training must not outshout everything else."""
ABOUT = {
    "E1": "network that tells style and attributes",
    "E2": "self-supervised network",
    "E3": "untrained: colours, directions, spectrum, random convolutions",
}


@dataclass
class Space:
    """`name` is one of ABOUT; `extract` gives raw features of [n, 3, h, w] in 0..1, `weights` what each counts."""

    name: str
    extract: Callable[[Tensor], Float32s]
    weights: Float32s
    mean: Float32s = field(init=False)
    spread: Float32s = field(init=False)

    def fit(self, renders: Pixels) -> Float32s:
        """Take the units from `renders`; gives their points."""
        raw = self._raw(renders)
        self.mean, self.spread = raw.mean(0), np.maximum(raw.std(0), SMALLEST_SPREAD)
        return self._scaled(raw)

    def __call__(self, pictures: Pixels) -> Float32s:
        """[n, h, w, 3 or 4] uint8 to points [n, length]."""
        return self._scaled(self._raw(pictures))

    def _scaled(self, raw: Float32s) -> Float32s:
        return np.asarray(REACH * np.tanh((raw - self.mean) / (REACH * self.spread)) * self.weights, np.float32)

    def _raw(self, pictures: Pixels) -> Float32s:
        parts = [self.extract(floats(pictures[i : i + BATCH])) for i in range(0, len(pictures), BATCH)]
        return np.concatenate(parts)


def spaces(classifier: Classifier, contrast: Trunk) -> list[Space]:
    """E1, E2 and E3."""
    networks = {"E1": classifier.trunk, "E2": contrast}
    made = [Space(name, _network(trunk), np.ones(LENGTH, np.float32)) for name, trunk in networks.items()]
    weights = untrained.weights()
    return [*made, Space("E3", untrained.features, weights * np.sqrt(len(weights) / (weights**2).sum()))]


def _network(trunk: Trunk) -> Callable[[Tensor], Float32s]:
    @torch.inference_mode()
    def extract(pixels: Tensor) -> Float32s:
        return np.asarray(trunk(pixels).numpy(), np.float32)

    return extract
