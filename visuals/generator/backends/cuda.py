"""Steps as one captured CUDA graph: all memory is laid out once, and a frame is one copy in, one launch, one copy out.

What a frame is told lies in one block of pinned memory, copied in one go to its static place on the
device; the graph reads there, and writes to static results. So a frame allocates nothing on the
device, and the host waits for it once, for the result. The same code runs without a GPU, where
replaying is calling. Knows networks by their call alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from math import prod

import numpy as np
import torch
from torch import Tensor, nn

from visuals.generator.backends import PALETTE, Inputs, example, pixels
from visuals.generator.backends.network import load, load_encoder
from visuals.generator.card import Card
from visuals.types import Float32s, Pixels

WARM_UPS = 3
"""Calls before the capture: libraries choose their kernels and take their workspace in the first ones."""
ALIGNMENT = 64
"""Numbers between the beginnings of two inputs at least: vectors are loaded from round addresses."""


def usable() -> bool:
    """Whether this PyTorch has a GPU to work on."""
    return torch.cuda.is_available()


class Recorded:
    """A module's call with float32 inputs of fixed shapes, to be repeated with other numbers in them.

    On a GPU the call is captured, so the module must not wait for the device, move anything between
    host and device or depend on the numbers in what it launches. `results` are the static tensors on
    the device that each `replay` writes anew.
    """

    def __init__(self, module: nn.Module, shapes: Sequence[Sequence[int]], device: torch.device) -> None:
        self._module, self._gpu = module, device.type == "cuda"
        lengths = [-(-prod(shape) // ALIGNMENT) * ALIGNMENT for shape in shapes]
        self._host = torch.zeros(sum(lengths), pin_memory=self._gpu)
        self._device = torch.zeros(sum(lengths), device=device)
        cuts = [
            slice(start, start + prod(shape))
            for start, shape in zip(accumulate(lengths, initial=0), shapes, strict=False)
        ]
        self._told = [self._host[cut].numpy() for cut in cuts]
        self._inputs = [self._device[cut].view(*shape) for cut, shape in zip(cuts, shapes, strict=True)]
        self._stream = torch.cuda.Stream(device) if self._gpu else None  # type: ignore[no-untyped-call]
        self._graph: torch.cuda.CUDAGraph | None
        self.results: tuple[Tensor, ...]
        with torch.inference_mode(), torch.cuda.stream(self._stream):
            self._graph, self.results = self._captured() if self._gpu else (None, self._called())
        self._kept = [torch.empty(x.shape, dtype=x.dtype, pin_memory=self._gpu) for x in self.results]
        self._arrays = [x.numpy() for x in self._kept]
        # Blocking: while the GPU works, this core belongs to sound and light.
        self._done = torch.cuda.Event(blocking=True) if self._gpu else None  # type: ignore[no-untyped-call]

    def _captured(self) -> tuple[torch.cuda.CUDAGraph, tuple[Tensor, ...]]:
        torch.backends.cudnn.benchmark = True
        # The weights may still be on their way, on another stream.
        torch.cuda.synchronize()
        for _ in range(WARM_UPS):
            self._module(*self._inputs)
        torch.cuda.synchronize()
        graph = torch.cuda.CUDAGraph()
        # Other threads may go on: a smaller picture's graph is captured while this one's plays.
        with torch.cuda.graph(graph, stream=self._stream, capture_error_mode="thread_local"):
            results = self._module(*self._inputs)
        return graph, tuple(results)

    def _called(self) -> tuple[Tensor, ...]:
        return tuple(torch.empty_like(x).copy_(x) for x in self._module(*self._inputs))

    def replay(self, arrays: Sequence[np.ndarray]) -> None:
        """Start a call with these inputs; on a GPU it is not waited for."""
        for place, array in zip(self._told, arrays, strict=True):
            np.copyto(place, array.reshape(-1))
        with torch.inference_mode(), torch.cuda.stream(self._stream):
            self._device.copy_(self._host, non_blocking=True)
            if self._graph is not None:
                self._graph.replay()
                return
            for kept, result in zip(self.results, self._module(*self._inputs), strict=True):
                kept.copy_(result)

    def __call__(self, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Call, wait and give the results, in memory that the next call overwrites."""
        self.replay(arrays)
        with torch.inference_mode(), torch.cuda.stream(self._stream):
            for place, result in zip(self._kept, self.results, strict=True):
                place.copy_(result, non_blocking=True)
        self.wait()
        return self._arrays

    def wait(self) -> None:
        """Until all that was started is done."""
        if self._done is not None:
            self._done.record(self._stream)
            self._done.synchronize()


class CudaStep:
    """Prism on a GPU in half precision, for pictures of `size` (width, height); in float32 on a `device` without."""

    def __init__(self, card: Card, size: tuple[int, int], device: str = "cuda") -> None:
        gpu = device != "cpu"
        dtype = torch.float16 if gpu else torch.float32
        self.name = "cuda f16" if gpu else f"{device} f32, static"
        model = load(card, dtype).to(device)
        self.recorded = Recorded(model, [x.shape for x in example(card, size)], torch.device(device))

    def __call__(self, inputs: Inputs) -> tuple[Float32s, Pixels]:
        clean, words = self.recorded(inputs)
        return clean.copy(), pixels(words.copy())


class CudaEncode:
    """Latents of pictures from elsewhere; a `device` without a GPU as at `CudaStep`."""

    def __init__(self, card: Card, size: tuple[int, int], device: str = "cuda") -> None:
        model = load_encoder(card, torch.float32 if device == "cpu" else torch.float16).to(device)
        self.recorded = Recorded(model, [(size[1], size[0], 4), (1, PALETTE)], torch.device(device))

    def __call__(self, picture: Pixels, palette: Float32s) -> Float32s:
        return np.array(self.recorded([picture, palette])[0][0])
