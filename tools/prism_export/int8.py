"""Which convolutions of a converted graph can be int8 so that the pictures stay what they were, and their ranges.

Attention, the conditions and the time stay as they are: few sums, and sensitive ones. Which layers
bear it is measured, not guessed: each alone is made int8 and what that changes in the pictures taken.
Their errors add up like noise, so layers are taken in, the most sums for the least error first, until
the sum of squares is what may be; then any other that still fits, because some cancel.

NNCF chooses too, with a calibration for every layer it tries; it brings scikit-learn (51 MB) and
telemetry, this needs nothing. Knows graphs, not models.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from visuals.errors import ModelError
from visuals.generator.backends import Inputs
from visuals.generator.backends.int8 import FILE, Ranges, layers, quantise
from visuals.generator.backends.openvino import GRAPH, core, input_shapes, opset, read, sines
from visuals.generator.card import Card

from .feeds import Size
from .graph import write

Judge = Callable[[Path, str | None], float]
"""The relative error of the pictures of the graph in a folder, run in a precision; None is the machine's own."""


@dataclass(frozen=True)
class Layer:
    """A convolution, and the multiplications it costs."""

    name: str
    sums: int


@dataclass(frozen=True)
class Choice:
    """What became of the layers: those made int8, those kept, the error each adds alone; what the first read."""

    chosen: tuple[Layer, ...]
    kept: tuple[Layer, ...]
    errors: Mapping[str, float]
    ranges: Ranges

    @property
    def share(self) -> float:
        """Of all their multiplications, those in int8."""
        chosen, kept = (sum(layer.sums for layer in some) for some in (self.chosen, self.kept))
        return chosen / max(chosen + kept, 1)


def export(source: Path, out: Path, size: Size, calibration: Sequence[Inputs], judge: Judge, limit: float) -> Choice:
    """Write to `out` the graph in `source` with as much of it in int8 as `limit` allows, in float32 and in bfloat16.

    Raises ModelError when no layer bears it.
    """
    known = ranges(source, size, calibration)
    found = [Layer(name, _sums(layer)) for name, layer in layers(read(source, size)).items()]
    with TemporaryDirectory() as name:
        draft = Path(name)

        def made(some: Iterable[Layer]) -> Any:
            graph = read(source)
            quantise(graph, _of(known, some))
            return graph

        def error(some: Iterable[Layer]) -> float:
            write(made(some), draft)
            return judge(draft, "f32")

        def fits(some: Iterable[Layer]) -> bool:
            return max(error(some), judge(draft, None)) <= limit

        errors = {layer.name: error([layer]) for layer in found}
        chosen = choose(found, errors, limit)
        while chosen and not fits(chosen):
            chosen.pop()
        if not chosen:
            raise ModelError(f"{source / GRAPH}: no layer can be int8 with pictures within {limit:g}")
        for layer in cheapest(found, errors):
            if layer not in chosen and fits([*chosen, layer]):
                chosen.append(layer)
        write(made(chosen), out)
    kept = tuple(layer for layer in found if layer not in chosen)
    return Choice(tuple(chosen), kept, errors, _of(known, chosen))


def _of(known: Ranges, some: Iterable[Layer]) -> Ranges:
    return {layer.name: known[layer.name] for layer in some}


def keep(card: Card, ranges: Ranges) -> None:
    """Lay the ranges beside the weights they were measured of: shows then play the model in int8."""
    rounded = {name: [float(f"{end:.5g}") for end in ends] for name, ends in ranges.items()}
    (card.folder / FILE).write_text(json.dumps({"weights": card.digest(), "ranges": rounded}, indent=1) + "\n")


def _sums(layer: Any) -> int:
    """Each weight is used once for each place of what the layer makes."""
    return int(np.prod(layer.input_value(1).get_shape())) * int(np.prod(layer.output(0).get_shape()[2:]))


def ranges(source: Path, size: Size, calibration: Iterable[Inputs]) -> Ranges:
    """Least and largest value that each layer reads, over all inputs."""
    graph = read(source, size)
    seen, width = layers(graph), input_shapes(graph)[-1][1]
    first, axis = len(graph.outputs), np.array([0], np.int64)
    for layer in seen.values():
        flat = opset().reshape(layer.input_value(0), np.array([-1], np.int64), special_zero=False)
        graph.add_outputs([reduce(flat, axis).output(0) for reduce in (opset().reduce_min, opset().reduce_max)])
    # In float32 a code generator of 2026.4 dies, see `OpenvinoStep`.
    options = {"INFERENCE_PRECISION_HINT": "f32", "SNIPPETS_MODE": "DISABLE"}
    request = core().compile_model(graph, "CPU", options).create_infer_request()
    ends = []
    for inputs in calibration:
        request.infer([*inputs, sines(inputs.t, width)])
        ends.append([request.get_output_tensor(first + i).data.item() for i in range(2 * len(seen))])
    lows, highs = np.min(ends, axis=0)[0::2], np.max(ends, axis=0)[1::2]
    return {name: (float(a), float(b)) for name, a, b in zip(seen, lows, highs, strict=True)}


def choose(found: Sequence[Layer], errors: Mapping[str, float], limit: float) -> list[Layer]:
    """The layers to be int8, given the relative error each adds alone: the most sums within `limit`, best first."""
    chosen, total = [], 0.0
    for layer in cheapest(found, errors):
        if total + errors[layer.name] ** 2 <= limit**2:
            chosen.append(layer)
            total += errors[layer.name] ** 2
    return chosen


def cheapest(found: Sequence[Layer], errors: Mapping[str, float]) -> list[Layer]:
    """Least error for the most sums first."""
    return sorted(found, key=lambda layer: errors[layer.name] ** 2 / layer.sums)
