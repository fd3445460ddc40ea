"""Logarithms of a graph as roots and sums."""

from __future__ import annotations

from typing import Any

import numpy as np

from visuals.generator.backends import logarithm
from visuals.generator.backends.openvino import library


def graph_of_a_log() -> Any:
    opset = library().opset13
    x = opset.parameter([-1], np.float32)
    return library().Model([opset.multiply(opset.log(opset.add(x, np.float32(0.0))), np.float32(2.0))], [x])


def test_a_graph_s_logarithms_are_replaced_and_the_same() -> None:
    graph = graph_of_a_log()
    logarithm.unroll(graph)
    assert "Log" not in [op.get_type_name() for op in graph.get_ops()]
    levels = np.geomspace(1e-4, 5.0, 2000).astype(np.float32)
    found = library().compile_model(graph, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})(levels)[0]
    assert np.abs(0.5 * found - np.log(levels)).max() <= 2e-5
