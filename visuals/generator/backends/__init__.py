"""One step of a model, made runnable: by CUDA where there is a GPU, else by OpenVINO, else by PyTorch.

A step takes noisy latents, places, the time and the condition, and gives clean latents and the
picture. Knows nothing of walks, controls or shows; each backend is loaded only when it is chosen.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from visuals.errors import ModelError
from visuals.generator import condition, latents
from visuals.generator.card import Card
from visuals.types import Float32s, Pixels

logger = logging.getLogger(__name__)

DOWNSAMPLING = 8
BACKENDS = ("auto", "cuda", "openvino", "torch")
GPU_FILES = (Path("/dev/nvidia0"), Path("/dev/dxg"))
"""What NVIDIA's driver shows of itself on Linux and under WSL: asking PyTorch would cost two seconds."""


class Inputs(NamedTuple):
    """What a step is given: the start on the flow's path, the noise in it, where things lie, time, wish, colours.

    noisy and noise [1, 8, h, w], places [1, 3, h, w], t [1], conditions [1, n], palette [1, 9]: float32.
    """

    noisy: Float32s
    noise: Float32s
    places: Float32s
    t: Float32s
    conditions: Float32s
    palette: Float32s


class Step(Protocol):
    """Clean latents [1, 8, h, w] and picture [8h, 8w, 4] uint8, both owned by the caller."""

    @property
    def name(self) -> str: ...

    def __call__(self, inputs: Inputs) -> tuple[Float32s, Pixels]: ...


def open_step(card: Card, size: tuple[int, int], threads: int = 1, backend: str = "auto") -> Step:
    """The fastest step there is here for pictures of `size` (width, height).

    `backend` is one of `BACKENDS`. The number of threads is fixed, so that the same inputs give the
    same bytes whatever else the machine does. Raises ModelError when a backend is demanded that
    cannot be had, or by another name.
    """
    if backend not in BACKENDS:
        raise ModelError(f"found the backend {backend:.40}, expected {', '.join(BACKENDS[:-1])} or {BACKENDS[-1]}")
    if backend == "cuda" or (backend == "auto" and gpu_here()):
        from visuals.generator.backends.cuda import CudaStep, usable

        if usable():
            return CudaStep(card, size)
        if backend == "cuda":
            raise ModelError("the backend cuda needs an NVIDIA GPU and a PyTorch made for it; openvino runs here")
        logger.warning("there is a GPU, but this PyTorch cannot use it: the model runs on the processor")
    if backend != "torch":
        from visuals.generator.backends.openvino import OpenvinoStep, prepared

        graph = prepared(card)
        if graph is not None:
            return OpenvinoStep(graph, size, threads)
        if backend == "openvino":
            raise ModelError(f"{card.folder}: OpenVINO could not convert this model; the backend torch can run it")
        logger.warning("OpenVINO cannot run %s here, PyTorch does it slower", card.folder.name)
    return TorchStep(card, threads)


def gpu_here() -> bool:
    """Whether the machine shows a GPU that CUDA could use. Costs nothing and promises nothing."""
    return any(path.exists() for path in GPU_FILES)


class TorchStep:
    """The reference: the networks as diffusers has them, in float32, at any size."""

    name = "torch"

    def __init__(self, card: Card, threads: int) -> None:
        import torch

        from visuals.generator.backends.network import load

        torch.set_num_threads(threads)
        self._torch, self._model = torch, load(card)

    def __call__(self, inputs: Inputs) -> tuple[Float32s, Pixels]:
        with self._torch.inference_mode():
            clean, words = self._model(*(self._torch.from_numpy(x) for x in inputs))
        return clean.numpy(), pixels(words.numpy())


def pixels(words: Any) -> Pixels:
    """A picture [h, w] of 32-bit words, see `network.packed`, as RGBA [h, w, 4]; the same memory."""
    return np.asarray(words.view(np.uint8).reshape(*words.shape, 4))


def example(card: Card, size: tuple[int, int]) -> Inputs:
    """Inputs of a step as they come in a show."""
    across = size[0] // DOWNSAMPLING, size[1] // DOWNSAMPLING
    noise = latents.spread(latents.Walk(0).lattice(), 0.5, across)[None]
    told, palette = condition.split(condition.vector({}, card.styles))
    where = latents.places(across, 0.0)[None]
    return Inputs(noise, noise, where, np.ones(1, np.float32), told[None], palette[None])
