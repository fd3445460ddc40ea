"""A model run by OpenVINO on the processor: the step, and the eye for pictures from elsewhere.

They read the graphs that `conversion` makes. OpenVINO is reached through here alone.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from visuals.generator.backends import DOWNSAMPLING, PALETTE, Inputs, pixels
from visuals.types import Float32s, Pixels

GRAPH, WEIGHTS = "step.xml", "step.bin"
ENCODER = "encoder.xml", "encoder.bin"
INT8 = "int8"
"""The precision, and in a folder of graphs the folder of the step in it."""


class OpenvinoStep:
    """A converted graph on the CPU: with convolutions in int8 where the folder has such a graph; the rest, or all,
    in bfloat16 where the processor has it, else in float32.

    `precision` is `int8`, `bf16` or `f32` where it is not to be the quickest.
    """

    def __init__(self, folder: Path, size: tuple[int, int], threads: int, precision: str | None = None) -> None:
        known = precisions(folder)
        precision = precision or known[0]
        real = next(one for one in known if one != INT8)
        self.name = f"openvino {precision}"
        graph = read(folder / INT8 if precision == INT8 else folder, size)
        self._width = input_shapes(graph)[-1][1]
        self._request = _compiled(graph, threads, real if precision == INT8 else precision)

    def __call__(self, inputs: Inputs) -> tuple[Float32s, Pixels]:
        self._request.infer([*inputs, sines(inputs.t, self._width)], share_inputs=True)
        clean, words = (self._request.get_output_tensor(i).data for i in range(2))
        return clean.copy(), pixels(words.copy())


def precisions(folder: Path) -> tuple[str, ...]:
    """What a step can be run in here, the quickest first."""
    has = core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    whole = "INT8" in has and (folder / INT8 / GRAPH).exists()
    return (*((INT8,) if whole else ()), *(("bf16",) if "BF16" in has else ()), "f32")


class OpenvinoEncode:
    """Latents of pictures from elsewhere, in float32: bfloat16 cannot tell two near hues apart."""

    def __init__(self, folder: Path, size: tuple[int, int], threads: int) -> None:
        graph = core().read_model(folder / ENCODER[0])
        graph.reshape({0: [size[1], size[0], 4], 1: [1, PALETTE]})
        self._request = _compiled(graph, threads, "f32")

    def __call__(self, picture: Pixels, palette: Float32s) -> Float32s:
        self._request.infer([picture.astype(np.float32), palette[None]], share_inputs=True)
        return np.array(self._request.get_output_tensor(0).data[0])


def _compiled(graph: Any, threads: int, precision: str) -> Any:
    options = {
        "PERFORMANCE_HINT": "LATENCY",
        "NUM_STREAMS": "1",
        "INFERENCE_NUM_THREADS": str(threads),
        "INFERENCE_PRECISION_HINT": precision,
        "ENABLE_CPU_PINNING": "NO",
    }
    if precision == "f32":
        # In float32 its code generator dies on a group norm with scale and shift (2026.4).
        options["SNIPPETS_MODE"] = "DISABLE"
    return core().compile_model(graph, "CPU", options).create_infer_request()


def sines(t: Float32s, width: int) -> Float32s:
    """Cosines and sines [n, width] of times t [n] in 0..1, which the networks count in thousandths.

    As diffusers' `Timesteps` has them (`flip_sin_to_cos`, no shift), after Vaswani et al. 2017, 3.5.
    """
    angles = 1000.0 * t[:, None].astype(np.float64) * 10_000.0 ** (-np.arange(width // 2) / (width // 2))
    return np.concatenate([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def read(folder: Path, size: tuple[int, int] | None = None) -> Any:
    """The step's graph in a folder, for pictures of one size (width, height) or of any."""
    graph = core().read_model(folder / GRAPH)
    if size is not None:
        across = [size[1] // DOWNSAMPLING, size[0] // DOWNSAMPLING]
        graph.reshape({i: [*shape[:2], *across] for i, shape in enumerate(input_shapes(graph)) if len(shape) == 4})
    return graph


def input_shapes(graph: Any) -> list[list[int]]:
    """The inputs' shapes, -1 where any size fits."""
    return [[-1 if side.is_dynamic else side.get_length() for side in x.get_partial_shape()] for x in graph.inputs]


@cache
def core() -> Any:
    """OpenVINO's core, one for a process: making it looks for devices."""
    return library().Core()


def opset() -> Any:
    """The operations that graphs are built of."""
    return library().opset13


def library() -> Any:
    """OpenVINO without its telemetry, which would report each conversion over the network."""
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino

    return openvino
