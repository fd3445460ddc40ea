"""A converted graph whose convolutions run in int8 as far as the pictures stay what they were.

Weights are int8 with a scale for each output channel; what a layer reads is uint8 with one range,
the largest seen in calibration (Krishnamoorthi, Quantizing deep convolutional networks, 2018). That
is OpenVINO's own contract, a FakeQuantize before the layer and a scaled int8 constant: its compiler
does the rest. Attention, the conditions and the time stay as they are: few sums, and sensitive ones.

Which blocks bear it is measured, not guessed: each alone is made int8 and what that changes in the
pictures taken. Errors of blocks add up like noise, so blocks are taken in, the most sums for the
least error first, until their sum of squares is what may be. That also leaves out what the compiler
does wrong (2026.4: the decoder's first doubling in float32, 0.7 where others are below 0.01).

NNCF chooses too, with a calibration for every layer it tries; it brings scikit-learn (51 MB) and
telemetry, this needs nothing. Knows graphs, not models.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from visuals.errors import ModelError
from visuals.generator.backends import Inputs
from visuals.generator.backends.openvino import GRAPH, input_shapes, library, read, sines

from .feeds import Size
from .graph import write

KINDS = ("Convolution", "ConvolutionBackpropData")
LEVELS = 256
Judge = Callable[[Path, str | None], float]
"""The relative error of the pictures of the graph in a folder, run in a precision; None is the machine's own."""
Ranges = Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Block:
    """Layers that are quantised together or not at all, and the multiplications they cost."""

    name: str
    layers: tuple[str, ...]
    sums: int


@dataclass(frozen=True)
class Choice:
    """What became of the blocks: those made int8, those kept, and the error each adds alone."""

    chosen: tuple[Block, ...]
    kept: tuple[Block, ...]
    errors: Mapping[str, float]

    @property
    def share(self) -> float:
        """Of all convolutions' multiplications, those in int8."""
        chosen, kept = (sum(block.sums for block in some) for some in (self.chosen, self.kept))
        return chosen / max(chosen + kept, 1)


def export(source: Path, out: Path, size: Size, calibration: Sequence[Inputs], judge: Judge, limit: float) -> Choice:
    """Write to `out` the graph in `source` with as much of it in int8 as `limit` allows, in float32 and in bfloat16.

    Raises ModelError when no block bears it.
    """
    known, found = ranges(source, size, calibration), blocks(read(source, size))
    with TemporaryDirectory() as name:
        draft = Path(name)

        def judged(some: Iterable[Block], precision: str | None = "f32") -> float:
            graph = read(source)
            quantise(graph, known, (layer for block in some for layer in block.layers))
            write(graph, draft)
            return judge(draft, precision)

        errors = {block.name: judged([block]) for block in found}
        chosen = choose(found, errors, limit)
        while chosen and max(judged(chosen), judge(draft, None)) > limit:
            chosen.remove(max(chosen, key=lambda block: errors[block.name]))
        if not chosen:
            raise ModelError(f"{source / GRAPH}: no block can be int8 with pictures within {limit:g}")
        out.mkdir(parents=True, exist_ok=True)
        for file in draft.iterdir():
            shutil.copyfile(file, out / file.name)
    return Choice(tuple(chosen), tuple(block for block in found if block not in chosen), errors)


def layers(graph: Any) -> list[Any]:
    """The layers that can be int8: convolutions with constant weights."""
    found = [op for op in graph.get_ordered_ops() if op.get_type_name() in KINDS]
    return [op for op in found if op.input_value(1).get_node().get_type_name() == "Constant"]


def blocks(graph: Any) -> list[Block]:
    """A graph of fixed shapes, block by block in the order they run."""
    found: dict[str, list[Any]] = {}
    for layer in layers(graph):
        found.setdefault(_block(layer.get_friendly_name()), []).append(layer)
    return [Block(k, tuple(x.get_friendly_name() for x in v), sum(map(_sums, v))) for k, v in found.items()]


def _block(layer: str) -> str:
    """`unet.up_blocks.1` of a layer's path, `unet.conv_in`, `decoder.layers.3`; the converter renames one, the last."""
    path = re.search(r"(unet|decoder)\.\w+(\.\d+)?", layer)
    return path.group() if path else "renamed"


def _sums(layer: Any) -> int:
    """Each weight is used once for each place of the finer side, or once for each of the coarser when doubling."""
    side = layer.output(0) if layer.get_type_name() == "Convolution" else layer.input_value(0)
    return int(np.prod(layer.input_value(1).get_shape())) * int(np.prod(side.get_shape()[2:]))


def ranges(source: Path, size: Size, calibration: Iterable[Inputs]) -> Ranges:
    """Least and largest value that each layer reads, over all inputs."""
    openvino, graph = library(), read(source, size)
    opset, seen, width = openvino.opset13, layers(graph), input_shapes(graph)[-1][1]
    first, axis = len(graph.outputs), np.array([0], np.int64)
    for layer in seen:
        flat = opset.reshape(layer.input_value(0), np.array([-1], np.int64), special_zero=False)
        graph.add_outputs([reduce(flat, axis).output(0) for reduce in (opset.reduce_min, opset.reduce_max)])
    # In float32 a code generator of 2026.4 dies, see `OpenvinoStep`.
    options = {"INFERENCE_PRECISION_HINT": "f32", "SNIPPETS_MODE": "DISABLE"}
    request = openvino.Core().compile_model(graph, "CPU", options).create_infer_request()
    ends = []
    for inputs in calibration:
        request.infer([*inputs, sines(inputs.t, width)])
        ends.append([request.get_output_tensor(first + i).data.item() for i in range(2 * len(seen))])
    lows, highs = np.min(ends, axis=0)[0::2], np.max(ends, axis=0)[1::2]
    return {x.get_friendly_name(): (float(a), float(b)) for x, a, b in zip(seen, lows, highs, strict=True)}


def quantise(graph: Any, known: Ranges, chosen: Iterable[str]) -> None:
    """Make the chosen layers int8, in place."""
    wanted, read = set(chosen), dict[tuple[str, int], Any]()
    for layer in layers(graph):
        name, source = layer.get_friendly_name(), layer.input_value(0)
        if name in wanted:
            key = source.get_node().get_friendly_name(), source.get_index()
            # Layers that read the same share what is made of it.
            read[key] = read.get(key) or _rounded(source, *known[name])
            layer.input(0).replace_source_output(read[key])
            layer.input(1).replace_source_output(_whole(layer))


def _rounded(source: Any, low: float, high: float) -> Any:
    """A value as one of 256 levels of which one is 0: convolutions pad with it."""
    low, high = min(low, 0.0), max(high, 0.0)
    step = max(high - low, 1e-6) / (LEVELS - 1)
    low = -round(-low / step) * step
    ends = [np.float32(low), np.float32(low + (LEVELS - 1) * step)]
    return library().opset13.fake_quantize(source, *ends, *ends, LEVELS).output(0)


def _whole(layer: Any) -> Any:
    """A layer's weights as int8 times a scale for each output channel."""
    openvino = library()
    weights = np.array(layer.input_value(1).get_node().data, np.float32)
    others = (1, 2, 3) if layer.get_type_name() == "Convolution" else (0, 2, 3)
    scale = np.maximum(np.abs(weights).max(axis=others, keepdims=True), 1e-12) / 127.0
    whole = openvino.opset13.constant(np.round(weights / scale).astype(np.int8))
    real = openvino.opset13.convert(whole, "f32")
    return openvino.opset13.multiply(real, openvino.opset13.constant(scale.astype(np.float32))).output(0)


def choose(found: Sequence[Block], errors: Mapping[str, float], limit: float) -> list[Block]:
    """The blocks to be int8, given the relative error each adds alone: the most sums within `limit`."""
    chosen, total = [], 0.0
    for block in sorted(found, key=lambda block: errors[block.name] ** 2 / block.sums):
        if total + errors[block.name] ** 2 <= limit**2:
            chosen.append(block)
            total += errors[block.name] ** 2
    return chosen
