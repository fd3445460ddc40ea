"""A model converted for OpenVINO: its graphs on disk, the step, and the eye for pictures from elsewhere.

The graphs are made once for all picture sizes, by a child process: converting takes seconds, needs
PyTorch, and a compiler that dies must not take the generator with it. They are kept under a name made
of all they depend on, so that the next start imports neither PyTorch nor diffusers. The only file
that needs OpenVINO.
"""

from __future__ import annotations

import hashlib
import json
import logging
import multiprocessing
import os
import shutil
import sys
import tempfile
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from visuals.generator.backends import DOWNSAMPLING, PALETTE, Inputs, example, pixels
from visuals.generator.card import Card
from visuals.types import Float32s, Pixels

logger = logging.getLogger(__name__)

BUILD_LIMIT_S = 170.0
GRAPH, WEIGHTS, MANIFEST = "step.xml", "step.bin", "manifest.json"
ENCODER = "encoder.xml", "encoder.bin"
FORMAT = "5"
"""Changes when the graphs' inputs, outputs or arithmetic do."""


class OpenvinoStep:
    """A converted graph on the CPU: bfloat16 where the processor has it, float32 elsewhere."""

    def __init__(self, folder: Path, size: tuple[int, int], threads: int, precision: str | None = None) -> None:
        core = library().Core()
        if precision is None:
            precision = "bf16" if "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES") else "f32"
        self.name = f"openvino {precision}"
        graph = read(folder, size)
        self._width = input_shapes(graph)[-1][1]
        self._request = _compiled(core, graph, threads, precision)

    def __call__(self, inputs: Inputs) -> tuple[Float32s, Pixels]:
        self._request.infer([*inputs, sines(inputs.t, self._width)], share_inputs=True)
        clean, words = (self._request.get_output_tensor(i).data for i in range(2))
        return clean.copy(), pixels(words.copy())


class OpenvinoEncode:
    """Latents of pictures from elsewhere, in float32: bfloat16 cannot tell two near hues apart."""

    def __init__(self, folder: Path, size: tuple[int, int], threads: int) -> None:
        core = library().Core()
        graph = core.read_model(folder / ENCODER[0])
        graph.reshape({0: [size[1], size[0], 4], 1: [1, PALETTE]})
        self._request = _compiled(core, graph, threads, "f32")

    def __call__(self, picture: Pixels, palette: Float32s) -> Float32s:
        self._request.infer([picture.astype(np.float32), palette[None]], share_inputs=True)
        return np.array(self._request.get_output_tensor(0).data[0])


def _compiled(core: Any, graph: Any, threads: int, precision: str) -> Any:
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
    return core.compile_model(graph, "CPU", options).create_infer_request()


def sines(t: Float32s, width: int) -> Float32s:
    """Cosines and sines [n, width] of times t [n] in 0..1, which the networks count in thousandths.

    As diffusers' `Timesteps` has them (`flip_sin_to_cos`, no shift), after Vaswani et al. 2017, 3.5.
    """
    angles = 1000.0 * t[:, None].astype(np.float64) * 10_000.0 ** (-np.arange(width // 2) / (width // 2))
    return np.concatenate([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def read(folder: Path, size: tuple[int, int] | None = None) -> Any:
    """The step's graph in a folder, for pictures of one size (width, height) or of any."""
    graph = library().Core().read_model(folder / GRAPH)
    if size is not None:
        across = [size[1] // DOWNSAMPLING, size[0] // DOWNSAMPLING]
        graph.reshape({i: [*shape[:2], *across] for i, shape in enumerate(input_shapes(graph)) if len(shape) == 4})
    return graph


def input_shapes(graph: Any) -> list[list[int]]:
    """The inputs' shapes, -1 where any size fits."""
    return [[-1 if side.is_dynamic else side.get_length() for side in x.get_partial_shape()] for x in graph.inputs]


def cache_folder() -> Path:
    """Where converted graphs are kept: `$XDG_CACHE_HOME/visuals`, by default `~/.cache/visuals`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "visuals"


def graph_key(card: Card) -> str:
    """Names a graph by all it depends on: weights and the versions that convert it."""
    versions = [f"{name} {version(name)}" for name in ("openvino", "torch", "diffusers")]
    return hashlib.sha256("\n".join([FORMAT, card.digest(), *versions]).encode()).hexdigest()[:24]


def converted(card: Card) -> bool:
    """Whether the model's graphs are there, so that its weights were read and fitted."""
    return whole(cache_folder() / graph_key(card))


def prepared(card: Card) -> Path | None:
    """The folder of the converted graph, made if it is missing or damaged; None if it cannot be made.

    Takes seconds the first time.
    """
    folder = cache_folder() / graph_key(card)
    if not whole(folder):
        again = "its graph was damaged" if folder.exists() else "once for this machine"
        logger.info("%s is converted for this processor (%s), some 20 s", card.folder.name, again)
        process = multiprocessing.get_context("spawn").Process(target=_build, args=(card.folder, folder))
        process.start()
        process.join(BUILD_LIMIT_S)
        if process.is_alive():
            process.kill()
            process.join()
    return folder if whole(folder) else None


def whole(folder: Path) -> bool:
    """Whether all files are there and are what the manifest says: a cut-off graph crashes its reader."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
        return {GRAPH, WEIGHTS} <= manifest.keys() and all(
            found == _sha256(folder / name) for name, found in manifest.items()
        )
    except (OSError, ValueError, AttributeError, TypeError):
        return False


def write_manifest(folder: Path, *names: str) -> None:
    (folder / MANIFEST).write_text(json.dumps({name: _sha256(folder / name) for name in names}))


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _build(model: Path, folder: Path) -> None:
    """Convert, compile and run once in this process, then publish the graphs in one rename."""
    from visuals.errors import ModelError
    from visuals.generator.card import read_card

    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix="draft-", dir=folder.parent))
    try:
        card = read_card(model)
        convert(card, draft)
        _convert_encoder(card, draft)
        told = example(card, card.size)
        _, picture = OpenvinoStep(draft, card.size, 1)(told)
        OpenvinoEncode(draft, card.size, 1)(picture, told.palette[0])
        write_manifest(draft, GRAPH, WEIGHTS, *ENCODER)
        shutil.rmtree(folder, ignore_errors=True)
        draft.replace(folder)
    except ModelError:
        sys.exit(1)  # whoever opens the model with PyTorch says what is wrong
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def convert(card: Card, folder: Path) -> None:
    import torch

    from visuals.generator.backends.folding import Rearranged
    from visuals.generator.backends.network import load

    model = load(card)
    told = example(card, card.size)
    width = int(model.unet.config["block_out_channels"][0])
    inputs = tuple(torch.from_numpy(x) for x in (*told, sines(told.t, width)))
    shapes = [[*x.shape[:2], -1, -1] if x.dim() == 4 else list(x.shape) for x in inputs]
    _save(Rearranged(model), inputs, shapes, folder / GRAPH)


def _convert_encoder(card: Card, folder: Path) -> None:
    import torch

    from visuals.generator.backends.network import load_encoder

    inputs = torch.full((card.size[1], card.size[0], 4), 128.0), torch.full((1, PALETTE), 0.5)
    _save(load_encoder(card), inputs, [[-1, -1, 4], [1, PALETTE]], folder / ENCODER[0])


def _save(model: Any, inputs: Any, shapes: list[list[int]], path: Path) -> None:
    # Tracing warns of shapes it takes for constants; those of the networks' widths are.
    warnings.simplefilter("ignore")
    graph = library().convert_model(model, example_input=inputs, input=shapes)
    library().save_model(graph, path, compress_to_fp16=False)


def library() -> Any:
    """OpenVINO without its telemetry, which would report each conversion over the network."""
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino

    return openvino
