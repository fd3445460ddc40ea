"""One step of a model, made runnable: by CUDA where there is a GPU, else by OpenVINO, else by PyTorch.

A step takes noisy latents, places, the time and the condition, and gives clean latents and the
picture; an eye makes latents of a picture from elsewhere. Knows nothing of walks, controls or shows;
each backend is loaded only when it is chosen.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from visuals.errors import ModelError
from visuals.generator import condition, latents
from visuals.generator.card import Card
from visuals.types import Float32s, Pixels

logger = logging.getLogger(__name__)

DOWNSAMPLING, PALETTE = 8, 9
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


class Encode(Protocol):
    """Clean latents [8, h, w] of a picture [8h, 8w, 4] uint8 from elsewhere, as a palette [9] can draw it."""

    def __call__(self, picture: Pixels, palette: Float32s, /) -> Float32s: ...


class Backend(NamedTuple):
    """What runs a model: how its step and its eye are opened, for a size (width, height) and with so many threads."""

    step: Callable[[tuple[int, int], int], Step]
    encode: Callable[[tuple[int, int], int], Encode]


def open_step(card: Card, size: tuple[int, int], threads: int = 1, backend: str = "auto") -> Step:
    """The fastest step there is here for pictures of `size` (width, height).

    `backend` is one of `BACKENDS`. The number of threads is fixed, so that the same inputs give the
    same bytes whatever else the machine does. Raises ModelError when a backend is demanded that
    cannot be had, or by another name.
    """
    return choose(card, backend).step(size, threads)


def open_encode(card: Card, size: tuple[int, int], threads: int = 1, backend: str = "auto") -> Encode:
    """What makes latents of pictures of `size` from elsewhere; see `open_step`."""
    return choose(card, backend).encode(size, threads)


def choose(card: Card, backend: str = "auto") -> Backend:
    """The fastest backend for a model here, or the one demanded; see `open_step`."""
    if backend not in BACKENDS:
        raise ModelError(f"found the backend {backend:.40}, expected {', '.join(BACKENDS[:-1])} or {BACKENDS[-1]}")
    if backend == "cuda" or (backend == "auto" and gpu_here()):
        from visuals.generator.backends.cuda import CudaEncode, CudaStep, usable

        if usable():
            return Backend(lambda size, _: CudaStep(card, size), lambda size, _: CudaEncode(card, size))
        if backend == "cuda":
            raise ModelError("the backend cuda needs an NVIDIA GPU and a PyTorch made for it; openvino runs here")
        logger.warning("there is a GPU, but this PyTorch cannot use it: the model runs on the processor")
    if backend != "torch":
        from visuals.generator.backends.conversion import prepared
        from visuals.generator.backends.openvino import OpenvinoEncode, OpenvinoStep

        graph = prepared(card)
        if graph is not None:
            return Backend(partial(OpenvinoStep, graph), partial(OpenvinoEncode, graph))
        if backend == "openvino":
            raise ModelError(f"{card.folder}: OpenVINO could not convert this model; the backend torch can run it")
        logger.warning("OpenVINO could not convert %s: left to PyTorch, which is slower", card.folder.name)
    from visuals.generator.backends.reference import TorchEncode, TorchStep

    return Backend(lambda _, threads: TorchStep(card, threads), lambda *_: TorchEncode(card))


def gpu_here() -> bool:
    """Whether the machine shows a GPU that CUDA could use. Costs nothing and promises nothing."""
    return any(path.exists() for path in GPU_FILES)


def pixels(words: Any) -> Pixels:
    """A picture [h, w] of 32-bit words, see `network.packed`, as RGBA [h, w, 4]; the same memory."""
    return np.asarray(words.view(np.uint8).reshape(*words.shape, 4))


def apart(found: Pixels, truth: Pixels) -> float:
    """||found - truth|| / ||truth|| over all pictures; infinite where all of the truth is black."""
    wanted = truth.astype(np.float32)
    norm = float(np.linalg.norm(wanted))
    return float(np.linalg.norm(found - wanted)) / norm if norm > 0.0 else float("inf")


def example(card: Card, size: tuple[int, int]) -> Inputs:
    """Inputs of a step as they come in a show."""
    across = size[0] // DOWNSAMPLING, size[1] // DOWNSAMPLING
    noise = latents.spread(latents.Walk(0).lattice(), 0.5, across)[None]
    told, palette = condition.split(condition.vector({}, card.styles))
    where = latents.places(across, 0.0)[None]
    return Inputs(noise, noise, where, np.ones(1, np.float32), told[None], palette[None])
