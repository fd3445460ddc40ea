"""Which convolutions of a converted graph can be int8 so that the pictures stay what they were, and their ranges.

Attention, the conditions and the time stay as they are: few sums, and sensitive ones. Which blocks
bear it is measured, not guessed: each alone is made int8 and what that changes in the pictures taken.
Errors of blocks add up like noise, so blocks are taken in, the most sums for the least error first,
until their sum of squares is what may be.

NNCF chooses too, with a calibration for every layer it tries; it brings scikit-learn (51 MB) and
telemetry, this needs nothing. Knows graphs, not models.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from visuals.errors import ModelError
from visuals.generator.backends import Inputs
from visuals.generator.backends.int8 import FILE, Ranges, layers, quantise
from visuals.generator.backends.openvino import GRAPH, core, input_shapes, library, read, sines
from visuals.generator.card import Card

from .feeds import Size
from .graph import write

Judge = Callable[[Path, str | None], float]
"""The relative error of the pictures of the graph in a folder, run in a precision; None is the machine's own."""


@dataclass(frozen=True)
class Block:
    """Layers that are quantised together or not at all, and the multiplications they cost."""

    name: str
    layers: tuple[str, ...]
    sums: int


@dataclass(frozen=True)
class Choice:
    """What became of the blocks: those made int8, those kept, the error each adds alone; what the first read."""

    chosen: tuple[Block, ...]
    kept: tuple[Block, ...]
    errors: Mapping[str, float]
    ranges: Ranges

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
            quantise(graph, _of(known, some), library().opset13)
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
    kept = tuple(block for block in found if block not in chosen)
    return Choice(tuple(chosen), kept, errors, _of(known, chosen))


def _of(known: Ranges, some: Iterable[Block]) -> Ranges:
    return {layer: known[layer] for block in some for layer in block.layers}


def keep(card: Card, ranges: Ranges) -> None:
    """Lay the ranges beside the weights they were measured of: shows then play the model in int8."""
    rounded = {name: [float(f"{end:.5g}") for end in ends] for name, ends in ranges.items()}
    (card.folder / FILE).write_text(json.dumps({"weights": card.digest(), "ranges": rounded}, indent=1) + "\n")


def blocks(graph: Any) -> list[Block]:
    """A graph of fixed shapes, block by block in the order they run."""
    found: dict[str, list[tuple[str, Any]]] = {}
    for name, layer in layers(graph).items():
        found.setdefault(_block(name), []).append((name, layer))
    return [
        Block(block, tuple(name for name, _ in some), sum(_sums(layer) for _, layer in some))
        for block, some in found.items()
    ]


def _block(layer: str) -> str:
    """`unet.up_blocks.1` of `unet.up_blocks.1.resnets.0.conv1`; `unet.conv_in`; `decoder.layers.3`."""
    parts = layer.split(".")
    return ".".join(parts[:3] if parts[2:] and parts[2].isdigit() else parts[:2])


def _sums(layer: Any) -> int:
    """Each weight is used once for each place of what the layer makes."""
    return int(np.prod(layer.input_value(1).get_shape())) * int(np.prod(layer.output(0).get_shape()[2:]))


def ranges(source: Path, size: Size, calibration: Iterable[Inputs]) -> Ranges:
    """Least and largest value that each layer reads, over all inputs."""
    opset, graph = library().opset13, read(source, size)
    seen, width = layers(graph), input_shapes(graph)[-1][1]
    first, axis = len(graph.outputs), np.array([0], np.int64)
    for layer in seen.values():
        flat = opset.reshape(layer.input_value(0), np.array([-1], np.int64), special_zero=False)
        graph.add_outputs([reduce(flat, axis).output(0) for reduce in (opset.reduce_min, opset.reduce_max)])
    # In float32 a code generator of 2026.4 dies, see `OpenvinoStep`.
    options = {"INFERENCE_PRECISION_HINT": "f32", "SNIPPETS_MODE": "DISABLE"}
    request = core().compile_model(graph, "CPU", options).create_infer_request()
    ends = []
    for inputs in calibration:
        request.infer([*inputs, sines(inputs.t, width)])
        ends.append([request.get_output_tensor(first + i).data.item() for i in range(2 * len(seen))])
    lows, highs = np.min(ends, axis=0)[0::2], np.max(ends, axis=0)[1::2]
    return {name: (float(a), float(b)) for name, a, b in zip(seen, lows, highs, strict=True)}


def choose(found: Sequence[Block], errors: Mapping[str, float], limit: float) -> list[Block]:
    """The blocks to be int8, given the relative error each adds alone: the most sums within `limit`."""
    chosen, total = [], 0.0
    for block in sorted(found, key=lambda block: errors[block.name] ** 2 / block.sums):
        if total + errors[block.name] ** 2 <= limit**2:
            chosen.append(block)
            total += errors[block.name] ** 2
    return chosen
