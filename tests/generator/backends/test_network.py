"""The palette is arithmetic: it must be the style shaders' own colouring, seen through the real renderer."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from tools.prism_eval import meters
from tools.prism_training.dataset import Renderer
from tools.prism_training.samples import Sample, draw_samples
from visuals.generator.backends.network import SHUFFLE, coloured, packed, sketched, waves


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
        assert meters.psnr(255.0 * seen, wanted) > 35.0


PALETTES = [
    # two colours, saturation, brightness, contrast
    [1.0, 0.1, 0.0, 0.0, 0.3, 1.0, 0.9, 0.55, 0.5],
    [0.2, 0.9, 0.1, 0.9, 0.8, 0.0, 0.4, 0.3, 0.0],
    [0.0, 0.2, 1.0, 0.3, 0.0, 1.0, 0.7, 0.9, 1.0],
]


@pytest.mark.parametrize("numbers", PALETTES)
def test_what_a_palette_can_draw_is_sketched_as_it_was(numbers: list[float]) -> None:
    palette = torch.tensor([numbers])
    light, second = torch.meshgrid(torch.linspace(0.05, 0.6, 24), torch.linspace(0.0, 0.99, 24), indexing="ij")
    sketch = 2.0 * torch.stack([light, second, torch.zeros_like(light)])[None] - 1.0
    levels = torch.cat(coloured(sketch, palette), 1)
    shown = (levels > 0.05).any(1) & (levels < 0.99).all(1)
    assert shown.float().mean() > 0.3
    found = sketched(levels, palette)
    torch.testing.assert_close(torch.cat(coloured(found, palette), 1), levels, atol=2e-3, rtol=0.0)
    assert float((found - sketch).abs().amax(1)[shown].max()) < 0.02


@pytest.mark.parametrize("numbers", [*PALETTES, [0.3, 0.6, 0.9, 0.3, 0.6, 0.9, 0.0, 0.5, 0.5]])
def test_greys_come_back_as_light_as_they_were(numbers: list[float]) -> None:
    palette = torch.tensor([numbers])
    ramp = torch.linspace(0.02, 0.7, 32).expand(1, 3, 1, 32)
    seen = torch.cat(coloured(sketched(ramp, palette), palette), 1)
    weights = torch.tensor([0.3, 0.5, 0.2]).view(1, 3, 1, 1)
    grey = [(weights * -torch.log(1.0 - x)).sum(1) for x in (ramp, seen)]
    torch.testing.assert_close(grey[1], grey[0], atol=0.02, rtol=0.02)


def test_any_picture_has_a_sketch() -> None:
    for level in (0.0, 1.0):
        for palette in (torch.zeros(1, 9), torch.ones(1, 9), torch.tensor(PALETTES[:1])):
            found = sketched(torch.full((1, 3, 2, 2), level), palette)
            assert torch.isfinite(found).all()
            assert float(found.abs().max()) <= 1.0


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
