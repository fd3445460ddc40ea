"""The palette is arithmetic: it must be the style shaders' own colouring, seen through the real renderer."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from tools.prism_training import measure
from tools.prism_training.dataset import Renderer
from tools.prism_training.samples import Sample, draw_samples
from visuals.generator.backends.network import SHUFFLE, coloured, packed, waves


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
        seen = torch.cat(coloured(told, torch.from_numpy(palette)[None]), 1)[0].permute(1, 2, 0).numpy()
        # A sketch is kept in 8 bits, which is coarse where the light is strong.
        assert measure.psnr(255.0 * seen, wanted) > 35.0


def test_waves_are_bounded_and_four_for_each_channel() -> None:
    seen = waves(torch.randn(2, 8, 4, 4))
    assert seen.shape == (2, 32, 4, 4)
    assert float(seen.abs().max()) <= 1.0


def test_a_sketch_may_be_coloured_before_it_is_shuffled() -> None:
    sketch, palette = torch.rand(1, 12, 6, 10) * 2.4 - 1.2, torch.rand(1, 9)
    late = coloured(functional.pixel_shuffle(sketch, SHUFFLE), palette)
    for early, wanted in zip(coloured(sketch, palette), late, strict=True):
        torch.testing.assert_close(functional.pixel_shuffle(early, SHUFFLE), wanted)


def test_a_packed_picture_is_red_green_blue_and_opaque() -> None:
    levels = torch.tensor([[0.0, 1.0, 0.5]]), torch.tensor([[1.0, 0.2, 0.0]]), torch.tensor([[0.4, 1.0, 0.0]])
    words = packed(*levels).numpy()
    found = words.view(np.uint8).reshape(1, 3, 4)
    assert found.tolist() == [[[0, 255, 102, 255], [255, 51, 255, 255], [128, 0, 0, 255]]]
