"""Logarithms of a graph as roots and sums: OpenVINO computes its own one number at a time (2026.4).

ln y = 32 ln r with r the 32nd root of y, five square roots; and ln r = 2 artanh s with s = (r - 1) / (r + 1),
whose series (Abramowitz and Stegun, 4.1.27) needs three terms so near to 1. Within 2e-5 for y from 1e-4 to 5,
which are a picture's levels. A sixteenth of the time of an int8 step was in three logarithms.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from visuals.generator.backends.openvino import opset

ROOTS = 5
SERIES = (1.0, 1.0 / 3.0, 1.0 / 5.0)


def unroll(graph: Any) -> None:
    """Replace every logarithm of an OpenVINO graph, in place."""
    for op in graph.get_ordered_ops():
        if op.get_type_name() == "Log":
            replacement = logarithm(op.input_value(0))
            for reader in op.output(0).get_target_inputs():
                reader.replace_source_output(replacement)


def logarithm(y: Any) -> Any:
    """The natural logarithm of a positive float32 output, as a graph's nodes."""
    ops = opset()
    for _ in range(ROOTS):
        y = ops.sqrt(y)
    one = np.float32(1.0)
    s = ops.divide(ops.subtract(y, one), ops.add(y, one))
    square = ops.multiply(s, s)
    total = ops.constant(np.float32(SERIES[-1]))
    for factor in reversed(SERIES[:-1]):
        total = ops.add(ops.multiply(total, square), np.float32(factor))
    return ops.multiply(ops.multiply(s, total), np.float32(2.0 * 2.0**ROOTS)).output(0)
