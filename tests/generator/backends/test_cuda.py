"""The captured step: its code on any machine, its promises of memory and waiting where there is a GPU."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from visuals.generator import backends
from visuals.generator.backends.cuda import CudaEncode, CudaStep, Recorded
from visuals.generator.backends.reference import TorchEncode, TorchStep
from visuals.generator.card import Card, read_card

SIZE = (128, 64)
on_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU and a PyTorch made for it")


class Mix(nn.Module):
    """A sum and a product of two inputs of different shapes."""

    def forward(self, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
        return a + b.sum(), (3.0 * b).to(torch.int32)


@pytest.fixture(scope="module")
def card(model: Path) -> Card:
    return read_card(model)


def test_a_recorded_call_gives_what_the_module_gives() -> None:
    recorded = Recorded(Mix(), [(2, 3), (5,)], torch.device("cpu"))
    for n in range(3):
        a, b = np.full((2, 3), n, np.float32), np.arange(5, dtype=np.float32) + n
        total, tripled = recorded([a, b])
        assert (total == a + b.sum()).all()
        assert (tripled == 3 * b).all()


def test_its_memory_stays_where_it_is() -> None:
    recorded = Recorded(Mix(), [(2, 3), (5,)], torch.device("cpu"))

    def places() -> list[int]:
        return [x.data_ptr() for x in (recorded._host, recorded._device, *recorded.results, *recorded._kept)]

    before = places()
    for n in range(3):
        recorded([np.full((2, 3), n, np.float32), np.zeros(5, np.float32)])
        assert places() == before


def test_an_input_of_another_length_is_refused() -> None:
    recorded = Recorded(Mix(), [(2, 3), (5,)], torch.device("cpu"))
    with pytest.raises(ValueError, match="broadcast"):
        recorded([np.zeros((2, 2), np.float32), np.zeros(5, np.float32)])


def test_without_a_gpu_its_pictures_are_the_reference(card: Card) -> None:
    step, reference = CudaStep(card, SIZE, "cpu"), TorchStep(card, 1)
    told = backends.example(card, SIZE)
    for inputs in (told, told._replace(noisy=-told.noisy, noise=-told.noise)):
        (clean, pixels), (exact, wanted) = step(inputs), reference(inputs)
        assert clean == pytest.approx(exact, abs=1e-5)
        assert np.abs(pixels.astype(int) - wanted).max() <= 1


def test_without_a_gpu_it_sees_what_the_reference_sees(card: Card) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (SIZE[1], SIZE[0], 4), np.uint8)
    palette = backends.example(card, SIZE).palette[0]
    for shown in (picture, 255 - picture):
        found = CudaEncode(card, SIZE, "cpu")(shown, palette)
        assert found.shape == (8, SIZE[1] // 8, SIZE[0] // 8)
        assert found == pytest.approx(TorchEncode(card)(shown, palette), abs=1e-4)


def test_its_results_belong_to_the_caller(card: Card) -> None:
    step = CudaStep(card, SIZE, "cpu")
    told = backends.example(card, SIZE)
    first = step(told)
    kept = [x.copy() for x in first]
    step(told._replace(noisy=-told.noisy))
    assert all((a == b).all() for a, b in zip(first, kept, strict=True))


@on_gpu
def test_a_frame_allocates_nothing_and_waits_once(card: Card) -> None:
    step = CudaStep(card, (512, 256))
    told = backends.example(card, (512, 256))
    step(told)
    before = torch.cuda.memory_stats()["allocation.all.allocated"]
    torch.cuda.set_sync_debug_mode("error")
    try:
        for _ in range(10):
            step(told)
    finally:
        torch.cuda.set_sync_debug_mode("default")
    assert torch.cuda.memory_stats()["allocation.all.allocated"] == before


@on_gpu
def test_on_a_gpu_half_precision_is_near_the_reference(card: Card) -> None:
    told = backends.example(card, (512, 256))
    (clean, pixels), (exact, wanted) = CudaStep(card, (512, 256))(told), TorchStep(card, 2)(told)
    assert np.linalg.norm(clean - exact) <= 1e-2 * np.linalg.norm(exact)
    assert np.abs(pixels.astype(int) - wanted).mean() <= 2.55
