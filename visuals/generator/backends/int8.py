"""Convolutions in int8: which of a model's bear it and what they read, and a graph made so.

Weights are int8 with a scale for each output channel; what a layer reads is uint8 with one range,
the largest seen in calibration (Krishnamoorthi, Quantizing deep convolutional networks, 2018). That
is OpenVINO's own contract, a FakeQuantize before the layer and a scaled int8 constant: its compiler
does the rest. A model's ranges are measured once (`tools/export_prism`) and lie beside its weights, so
that every machine plays the same. Knows graphs, and the one file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from visuals.errors import ModelError
from visuals.generator.backends.openvino import opset
from visuals.generator.card import Card
from visuals.generator.folder import read_json

FILE = "int8.json"
LEVELS = 256
LARGEST = 1e30
"""No number in a network comes near it."""
Ranges = Mapping[str, tuple[float, float]]
"""Least and largest value a layer reads, by the layer's name."""


def read_ranges(card: Card, digest: str) -> Ranges:
    """The layers of a model of this digest that may be int8; none where nobody measured. Raises ModelError."""
    path = card.folder / FILE
    if not path.exists():
        return {}
    data = read_json(path)
    if (found := data.get("weights")) != digest:
        said = f"found ranges of other weights ({str(found)[:12]!r}, expected {digest[:12]!r})"
        raise ModelError(f"{path}: {said}: delete it, or measure anew: tools/export_prism --int8 --keep {card.folder}")
    ranges = data.get("ranges")
    if not isinstance(ranges, dict):
        raise ModelError(f"{path}: found no table `ranges`, expected a least and a largest value for each layer")
    return {name: _range(path, name, ends) for name, ends in ranges.items()}


def _range(path: Path, name: str, ends: Any) -> tuple[float, float]:
    if isinstance(ends, list) and len(ends) == 2 and all(isinstance(x, int | float) for x in ends):
        low, high = ends
        if -LARGEST <= low <= high <= LARGEST:
            return float(low), float(high)
    raise ModelError(f"{path}: found {ends!r:.60} for {name[:80]!r}, expected the least value, then the largest")


def layers(graph: Any) -> dict[str, Any]:
    """The layers that can be int8, convolutions with constant weights, in the order they run.

    Not the doublings: of transposed convolutions OpenVINO leaves most as they are and draws one wrong (2026.4).
    """
    found = [op for op in graph.get_ordered_ops() if op.get_type_name() == "Convolution"]
    constant = [op for op in found if op.input_value(1).get_node().get_type_name() == "Constant"]
    return {_name(op.get_friendly_name()): op for op in constant}


def _name(friendly: str) -> str:
    """`unet.up_blocks.1.resnets.0.conv1` of a layer's path; the converter renames one, the decoder's last."""
    path = re.search(r"(unet|decoder)(\.\w+)+", friendly)
    return path.group() if path else "decoder.last"


def quantise(graph: Any, ranges: Ranges) -> None:
    """Make the layers that have a range int8, in place. Raises ModelError when the graph lacks one of them."""
    found, made = layers(graph), dict[tuple[str, int], Any]()
    if strangers := [name for name in ranges if name not in found]:
        raise ModelError(f"{FILE}: found a range for {strangers[0][:80]!r}, a layer this model does not have")
    for name, ends in ranges.items():
        layer, source = found[name], found[name].input_value(0)
        key = source.get_node().get_friendly_name(), source.get_index()
        # Layers that read the same share what is made of it.
        made[key] = made.get(key) or _rounded(source, *ends)
        layer.input(0).replace_source_output(made[key])
        layer.input(1).replace_source_output(_whole(layer))


def _rounded(source: Any, low: float, high: float) -> Any:
    """A value as one of 256 levels of which one is 0: convolutions pad with it."""
    low, high = min(low, 0.0), max(high, 0.0)
    step = max(high - low, 1e-6) / (LEVELS - 1)
    low = -round(-low / step) * step
    ends = [np.float32(low), np.float32(low + (LEVELS - 1) * step)]
    return opset().fake_quantize(source, *ends, *ends, LEVELS).output(0)


def _whole(layer: Any) -> Any:
    """A layer's weights as int8 times a scale for each output channel."""
    weights = np.array(layer.input_value(1).get_node().data, np.float32)
    scale = np.maximum(np.abs(weights).max(axis=(1, 2, 3), keepdims=True), 1e-12) / 127.0
    whole = opset().constant(np.round(weights / scale).astype(np.int8))
    return opset().multiply(opset().convert(whole, "f32"), opset().constant(scale.astype(np.float32))).output(0)
