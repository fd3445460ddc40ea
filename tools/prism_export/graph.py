"""Graphs as the show's own step reads them: a folder with the graph, its weights and a manifest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from visuals.generator.backends.conversion import write_manifest
from visuals.generator.backends.openvino import GRAPH, WEIGHTS, library, opset

WEIGHTY = 1024
"""Numbers from which on a constant is weights."""


def write(graph: Any, folder: Path) -> None:
    """The graph, its weights in half precision where that loses nothing; it is changed in place.

    They were trained to it, but the sums in a folded doubling were not: rounded, they alone are 0.0016 of
    the pictures, and the palette's constants, which OpenVINO would round too, another 0.001.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for op in graph.get_ordered_ops():
        if op.get_type_name() == "Constant" and op.get_element_type().to_string() == "f32" and op.data.size >= WEIGHTY:
            half = op.data.astype(np.float16)
            if np.array_equal(half, op.data):
                real = opset().convert(opset().constant(half), "f32").output(0)
                for reader in op.output(0).get_target_inputs():
                    reader.replace_source_output(real)
    library().save_model(graph, folder / GRAPH, compress_to_fp16=False)
    write_manifest(folder, GRAPH, WEIGHTS)
