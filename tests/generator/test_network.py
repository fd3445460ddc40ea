"""The palette is arithmetic: it must be the style shaders' own colouring, seen through the real renderer."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tools.prism_training import measure
from tools.prism_training.dataset import Renderer
from tools.prism_training.samples import Sample, draw_samples
from visuals.generator.network import coloured, waves


@pytest.fixture(scope="module")
def pictures() -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Sketch, palette and coloured picture of one sample a style; one renderer at a time owns the GPU."""
    samples = draw_samples(16, "test", 21)
    sketches = _draw(samples, True)
    return list(zip(sketches, [s.palette for s in samples], _draw(samples, False), strict=True))


def _draw(samples: list[Sample], sketch: bool) -> list[np.ndarray]:
    with Renderer(sketch) as renderer:
        return [renderer.draw(sample) for sample in samples]


def test_colouring_a_sketch_is_what_the_shaders_do(pictures: list[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> None:
    for sketch, palette, wanted in pictures:
        told = torch.from_numpy(sketch).permute(2, 0, 1)[None].float() / 127.5 - 1.0
        seen = coloured(told, torch.from_numpy(palette)[None])[0].permute(1, 2, 0).numpy()
        # A sketch is kept in 8 bits, which is coarse where the light is strong.
        assert measure.psnr(255.0 * seen, wanted) > 35.0


def test_waves_are_bounded_and_four_for_each_channel() -> None:
    seen = waves(torch.randn(2, 8, 4, 4))
    assert seen.shape == (2, 32, 4, 4)
    assert float(seen.abs().max()) <= 1.0
