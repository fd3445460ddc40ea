"""One step of a model, made runnable: by OpenVINO where it can be, by PyTorch where not.

A step takes noisy latents, places, the time and the condition, and gives clean latents and the
picture. Knows nothing of walks, controls or shows.

OpenVINO's graph is made once, by a child process: converting takes seconds, needs PyTorch, and a
compiler that dies must not take the generator with it. The graph is kept on disk under a name made
of all it depends on, so that the next start imports neither PyTorch nor diffusers.
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
from typing import Any, NamedTuple, Protocol

import numpy as np

from visuals.errors import ModelError
from visuals.generator import condition, latents
from visuals.generator.card import Card
from visuals.types import Float32s, Pixels

logger = logging.getLogger(__name__)

DOWNSAMPLING = 8
BUILD_LIMIT_S = 120.0
GRAPH, WEIGHTS, MANIFEST = "step.xml", "step.bin", "manifest.json"
FORMAT = "3"
"""Changes when the graph's inputs, outputs or arithmetic do."""


class Inputs(NamedTuple):
    """What a step is given: the start on the flow's path, the noise in it, where things lie, time, wish, colours.

    noisy and noise [1, 8, h, w], places [1, 3, h, w], t [1], conditions [1, n], palette [1, 9]: float32.
    """

    noisy: Float32s
    noise: Float32s
    places: Float32s
    t: Float32s
    conditions: Float32s
    palette: Float32s


class Step(Protocol):
    """Clean latents [1, 8, h, w] and picture [8h, 8w, 4] uint8, both owned by the caller."""

    name: str

    def __call__(self, inputs: Inputs) -> tuple[Float32s, Pixels]: ...


def open_step(card: Card, size: tuple[int, int], threads: int = 1, backend: str = "auto") -> Step:
    """The fastest step there is here for pictures of `size` (width, height).

    `backend` is `auto`, `openvino` or `torch`. The number of threads is fixed, so that the same
    inputs give the same bytes whatever else the machine does. Raises ModelError when `openvino` is
    demanded and cannot be had, or for a backend by another name.
    """
    if backend not in {"auto", "openvino", "torch"}:
        raise ModelError(f"found the backend {backend:.40}, expected auto, openvino or torch")
    if backend != "torch":
        graph = _graph(card, size)
        if graph is not None:
            return OpenvinoStep(graph, threads)
        if backend == "openvino":
            raise ModelError(f"{card.folder}: OpenVINO could not convert this model; the backend torch can run it")
        logger.warning("OpenVINO cannot run %s here, PyTorch does it slower", card.folder.name)
    return TorchStep(card, threads)


class TorchStep:
    """The reference: the networks as diffusers has them, in float32."""

    name = "torch"

    def __init__(self, card: Card, threads: int) -> None:
        import torch

        from visuals.generator.network import load

        torch.set_num_threads(threads)
        self._torch, self._model = torch, load(card)

    def __call__(self, inputs: Inputs) -> tuple[Float32s, Pixels]:
        with self._torch.inference_mode():
            clean, pixels = self._model(*(self._torch.from_numpy(x) for x in inputs))
        return clean.numpy(), pixels.numpy()


class OpenvinoStep:
    """A converted graph on the CPU: bfloat16 where the processor has it, float32 elsewhere."""

    def __init__(self, folder: Path, threads: int, precision: str | None = None) -> None:
        core = _openvino().Core()
        if precision is None:
            precision = "bf16" if "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES") else "f32"
        self.name = f"openvino {precision}"
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
        compiled = core.compile_model(core.read_model(folder / GRAPH), "CPU", options)
        self._request = compiled.create_infer_request()

    def __call__(self, inputs: Inputs) -> tuple[Float32s, Pixels]:
        self._request.infer(list(inputs), share_inputs=True)
        clean, pixels = (self._request.get_output_tensor(i).data for i in range(2))
        return clean.copy(), pixels.copy()


def cache_folder() -> Path:
    """Where converted graphs are kept: `$XDG_CACHE_HOME/visuals`, by default `~/.cache/visuals`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "visuals"


def graph_key(card: Card, size: tuple[int, int]) -> str:
    """Names a graph by all it depends on: weights, picture size, the versions that convert it."""
    versions = [f"{name} {version(name)}" for name in ("openvino", "torch", "diffusers")]
    return hashlib.sha256("\n".join([FORMAT, card.digest(), str(size), *versions]).encode()).hexdigest()[:24]


def prepare(card: Card, size: tuple[int, int]) -> bool:
    """Convert the model if that was not done yet; whether OpenVINO can run it. Takes seconds the first time."""
    return _graph(card, size) is not None


def _graph(card: Card, size: tuple[int, int]) -> Path | None:
    """The folder of the converted graph, made if it is missing or damaged; None if it cannot be made."""
    folder = cache_folder() / graph_key(card, size)
    if not _whole(folder):
        if folder.exists():
            logger.info("the converted model in %s is damaged and made anew", folder)
        process = multiprocessing.get_context("spawn").Process(target=_build, args=(card.folder, size, folder))
        process.start()
        process.join(BUILD_LIMIT_S)
        if process.is_alive():
            process.kill()
            process.join()
    return folder if _whole(folder) else None


def _whole(folder: Path) -> bool:
    """Whether both files are there and are what the manifest says: a cut-off graph crashes its reader."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
        return all(manifest[name] == _sha256(folder / name) for name in (GRAPH, WEIGHTS))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _build(model: Path, size: tuple[int, int], folder: Path) -> None:
    """Convert, compile and run once in this process, then publish the graph in one rename."""
    from visuals.generator.card import read_card

    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix="draft-", dir=folder.parent))
    try:
        card = read_card(model)
        _convert(card, size, draft)
        OpenvinoStep(draft, 1)(example(card, size))
        (draft / MANIFEST).write_text(json.dumps({name: _sha256(draft / name) for name in (GRAPH, WEIGHTS)}))
        shutil.rmtree(folder, ignore_errors=True)
        draft.replace(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _convert(card: Card, size: tuple[int, int], folder: Path) -> None:
    import torch

    from visuals.generator.network import load

    # Tracing warns of shapes it takes for constants; they are: a graph is made for one size.
    warnings.simplefilter("ignore")
    openvino = _openvino()
    inputs = tuple(torch.from_numpy(x) for x in example(card, size))
    graph = openvino.convert_model(load(card), example_input=inputs, input=[list(x.shape) for x in inputs])
    openvino.save_model(graph, folder / GRAPH, compress_to_fp16=True)


def example(card: Card, size: tuple[int, int]) -> Inputs:
    """Inputs of a step as they come in a show."""
    across = size[0] // DOWNSAMPLING, size[1] // DOWNSAMPLING
    noise = latents.spread(latents.Walk(0).lattice(), 0.5, across)[None]
    told, palette = condition.split(condition.vector({}, card.styles))
    where = latents.places(across, 0.0)[None]
    return Inputs(noise, noise, where, np.ones(1, np.float32), told[None], palette[None])


def _openvino() -> Any:
    """OpenVINO without its telemetry, which would report each conversion over the network."""
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino

    return openvino
