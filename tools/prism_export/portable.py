"""The step as ONNX, for whatever reads it; here ONNX Runtime, so that a foreign program proves the file.

The only file that needs onnx and onnxruntime, both in the extra `edge`.
"""

from __future__ import annotations

import warnings
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from visuals.errors import DeviceError
from visuals.generator.backends import Inputs, example, pixels
from visuals.generator.card import Card
from visuals.types import Float32s, Pixels

from .feeds import Size

OPSET = 17
OUTPUTS = ("clean", "words")
"""Latents, and the picture [8h, 8w] int32 whose bytes are red, green, blue and alpha."""
NEEDS = ("onnx", "onnxruntime")


def require() -> None:
    """Raises DeviceError, with the line that mends it, when a package is missing."""
    if missing := [name for name in NEEDS if find_spec(name) is None]:
        raise DeviceError(f"--onnx needs {' and '.join(missing)}: .venv/bin/pip install -e '.[edge]'")


def write(card: Card, size: Size, path: Path) -> None:
    """One step for pictures of any size, traced at `size`; inputs are named as `backends.Inputs`."""
    import torch
    from torch.onnx import utils

    from visuals.generator.backends.folding import fold
    from visuals.generator.backends.network import load

    model = load(card)
    fold(model.unet, model.decoder)
    told = example(card, size)._asdict()
    sides = {name: {2: "rows", 3: "columns"} for name, x in told.items() if x.ndim == 4}
    picture = {"words": {0: "height", 1: "width"}, "clean": sides["noisy"]}
    utils.register_custom_op_symbolic("aten::pixel_shuffle", _shuffled, OPSET)
    try:
        with warnings.catch_warnings():
            # The tracing exporter is the elder one: it needs no onnxscript. Its warnings are of shapes of the widths.
            warnings.simplefilter("ignore")
            torch.onnx.export(
                model,
                tuple(torch.from_numpy(x) for x in told.values()),
                str(path),
                input_names=list(told),
                output_names=list(OUTPUTS),
                dynamic_axes={**sides, **picture},
                opset_version=OPSET,
                dynamo=False,
            )
    finally:
        utils.unregister_custom_op_symbolic("aten::pixel_shuffle", OPSET)


def _shuffled(g: Any, words: Any, factor: Any) -> Any:
    """ONNX Runtime has no DepthToSpace for integers; words are -2^24 to -1, which float32 holds exactly."""
    from visuals.generator.backends.network import SHUFFLE

    real = g.op("Cast", words, to_i=1)
    return g.op("Cast", g.op("DepthToSpace", real, blocksize_i=SHUFFLE, mode_s="CRD"), to_i=6)


class OnnxStep:
    """A Step (see `backends`) by ONNX Runtime on the CPU, in float32, at any size."""

    name = "onnxruntime f32"

    def __init__(self, path: Path, threads: int) -> None:
        # Not an import: type checkers need not have it.
        onnxruntime: Any = import_module("onnxruntime")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.log_severity_level = threads, 3
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def __call__(self, inputs: Inputs) -> tuple[Float32s, Pixels]:
        clean, words = self._session.run(list(OUTPUTS), inputs._asdict())
        return np.asarray(clean), pixels(words)
