"""One step, whatever runs it: the same pictures, owned by whoever asked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from visuals.errors import ModelError
from visuals.generator import backends
from visuals.generator.backends import Inputs, Step, conversion, folding, openvino
from visuals.generator.backends.network import SHUFFLE, coloured, load
from visuals.generator.card import Card, read_card

SIZE = (256, 128)
OTHER = (192, 96)


@pytest.fixture(scope="module")
def card(model: Path) -> Card:
    return read_card(model)


@pytest.fixture(scope="module")
def graph(card: Card) -> Path:
    folder = conversion.prepared(card)
    assert folder is not None
    return folder


@pytest.fixture(scope="module")
def reference(card: Card) -> Step:
    return backends.open_step(card, SIZE, 1, "torch")


def apart(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.linalg.norm(a.astype(float) - b) / np.linalg.norm(b.astype(float)))


def inputs(card: Card, size: tuple[int, int], t: float) -> Inputs:
    """A step that begins `t` on the way from a picture to noise."""
    found = backends.example(card, size)
    chance = np.random.default_rng(5).standard_normal(found.noise.shape).astype(np.float32)
    return found._replace(noisy=t * found.noise + (1.0 - t) * chance, t=np.array([t], np.float32))


@pytest.mark.parametrize("t", [1.0, 0.437])
@pytest.mark.parametrize("size", [SIZE, OTHER])
@pytest.mark.parametrize(("precision", "limit"), [("f32", 1e-3), ("bf16", 1e-2)])
def test_the_backends_agree(
    card: Card, graph: Path, reference: Step, size: tuple[int, int], precision: str, limit: float, t: float
) -> None:
    told = inputs(card, size, t)
    exact, wanted = reference(told)
    clean, pixels = openvino.OpenvinoStep(graph, size, 1, precision)(told)
    assert clean.shape == exact.shape == (1, 8, size[1] // 8, size[0] // 8)
    assert apart(clean, exact) <= limit
    assert pixels.shape == wanted.shape == (size[1], size[0], 4)
    assert pixels.dtype == np.uint8
    assert (pixels[..., 3] == 255).all()
    assert np.abs(pixels.astype(int) - wanted).mean() <= 255.0 * limit


@pytest.mark.parametrize("size", [SIZE, OTHER])
def test_int8_draws_the_same_pictures(card: Card, graph: Path, reference: Step, size: tuple[int, int]) -> None:
    """Over many pictures 2e-2, which `tools/export_prism` sees to; a single dark one may be worse than the mean."""
    if openvino.INT8 not in openvino.precisions(graph):
        pytest.skip("on this processor int8 draws other pictures, or there is none")
    step = openvino.OpenvinoStep(graph, size, 1, openvino.INT8)
    for t in (1.0, 0.437):
        told = inputs(card, size, t)
        found, wanted = (x[..., :3] for x in (step(told)[1], reference(told)[1]))
        assert apart(found, wanted) <= conversion.INT8_LIMIT


def test_the_backends_see_the_same_in_a_picture(card: Card, graph: Path, reference: Step) -> None:
    told = backends.example(card, OTHER)
    _, picture = backends.open_step(card, OTHER, 1, "torch")(told)
    exact, seen = (backends.open_encode(card, OTHER, 1, name)(picture, told.palette[0]) for name in ("torch", "auto"))
    assert seen.shape == (8, OTHER[1] // 8, OTHER[0] // 8)
    assert apart(seen, exact) <= 1e-3


def test_a_picture_that_is_seen_is_the_picture_that_was_shown(card: Card) -> None:
    """Its light comes through the autoencoder and back: 0.996 and more for six styles at 256x256."""
    told = backends.example(card, SIZE)
    _, shown = backends.open_step(card, SIZE, 1, "torch")(told)
    seen = backends.open_encode(card, SIZE, 1, "torch")(shown, told.palette[0])
    with torch.inference_mode():
        sketch = load(card).decoder(torch.from_numpy(seen)[None] / card.scaling + card.shift)
        levels = torch.cat(coloured(sketch, torch.from_numpy(told.palette)), 1)
    again = functional.pixel_shuffle(levels, SHUFFLE)[0].permute(1, 2, 0).numpy()
    grey = [(picture[..., :3] @ np.array([0.3, 0.5, 0.2])).ravel() for picture in (again, shown)]
    assert np.corrcoef(*grey)[0, 1] > 0.9


def test_rearranging_changes_no_result(card: Card) -> None:
    told = inputs(card, OTHER, 0.7)
    tensors = [torch.from_numpy(x) for x in told]
    step = load(card)
    with torch.inference_mode():
        exact, wanted = step(*tensors)
        width = step.unet.config["block_out_channels"][0]
        clean, words = folding.Rearranged(step)(*tensors, torch.from_numpy(openvino.sines(told.t, width)))
    assert apart(clean.numpy(), exact.numpy()) < 1e-5
    assert np.abs(backends.pixels(words.numpy()).astype(int) - backends.pixels(wanted.numpy())).max() <= 1


def test_results_belong_to_the_caller(card: Card, graph: Path) -> None:
    step = backends.open_step(card, SIZE)
    told = backends.example(card, SIZE)
    _, first = step(told)
    before = first.copy()
    step(told._replace(noisy=-told.noisy, noise=-told.noise))
    assert (first == before).all()


def test_threads_do_not_change_the_picture(card: Card, graph: Path) -> None:
    told = backends.example(card, SIZE)
    pictures = [backends.open_step(card, SIZE, threads)(told)[1] for threads in (1, 1, 2)]
    assert (pictures[0] == pictures[1]).all()
    # Sums in another order, in bfloat16, then rounded to int8: as much as two backends may differ.
    one, two = (picture[..., :3].astype(float) for picture in pictures[::2])
    assert np.linalg.norm(one - two) <= 2e-2 * np.linalg.norm(one)


@pytest.mark.parametrize("name", [openvino.GRAPH, conversion.MANIFEST])
def test_a_damaged_graph_is_made_anew(card: Card, graph: Path, name: str) -> None:
    damaged = graph / name
    damaged.write_bytes(damaged.read_bytes()[:-10])
    assert conversion.prepared(card) == graph
    backends.open_step(card, SIZE, 1, "openvino")(backends.example(card, SIZE))


def test_nothing_but_whole_graphs_is_left_behind(graph: Path) -> None:
    assert not list(graph.parent.glob("draft-*"))


SECOND_START = """
import sys
from pathlib import Path
from visuals.generator.prism import Prism
assert not {"torch", "diffusers"} & set(sys.modules), "before"
prism = Prism(Path(sys.argv[1]), 1, (256, 128))
assert prism.generate({}, 0.0) is not None
assert not {"torch", "diffusers", "openvino_telemetry.main"} & set(sys.modules), "after"
print(prism.backend)
"""


@pytest.mark.skipif(backends.gpu_here(), reason="there is a GPU, which only PyTorch can use")
def test_a_second_start_needs_no_torch_and_no_telemetry(model: Path, graph: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SECOND_START, str(model)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("openvino")


def test_an_unknown_backend_is_named(card: Card) -> None:
    with pytest.raises(ModelError, match="found the backend tpu, expected auto, cuda, openvino or torch"):
        backends.open_step(card, SIZE, 1, "tpu")


@pytest.mark.skipif(torch.cuda.is_available(), reason="CUDA can be had here")
def test_cuda_cannot_be_had_without_a_gpu(card: Card) -> None:
    with pytest.raises(ModelError, match="needs an NVIDIA GPU"):
        backends.open_step(card, SIZE, 1, "cuda")


@pytest.mark.expects_warnings
@pytest.mark.skipif(torch.cuda.is_available(), reason="CUDA can be had here")
def test_a_gpu_that_torch_cannot_use_is_passed_over(
    card: Card, graph: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(backends, "GPU_FILES", (tmp_path,))
    assert backends.open_step(card, SIZE).name.startswith("openvino")
    assert "this PyTorch cannot use it" in caplog.text
