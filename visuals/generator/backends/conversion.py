"""A model converted for OpenVINO, once for a machine: its graphs on disk.

The graphs are made for all picture sizes by a child process: converting takes seconds, needs PyTorch,
and a compiler that dies must not take the generator with it. They are kept under a name made of all
they depend on, so that the next start imports neither PyTorch nor diffusers.
"""

from __future__ import annotations

import hashlib
import json
import logging
import multiprocessing
import shutil
import sys
import tempfile
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

from visuals.cache import cache_folder
from visuals.errors import ModelError
from visuals.generator.backends import PALETTE, Inputs, apart, example, int8, logarithm
from visuals.generator.backends.openvino import (
    ENCODER,
    GRAPH,
    INT8,
    WEIGHTS,
    OpenvinoEncode,
    OpenvinoStep,
    library,
    read,
    sines,
)
from visuals.generator.card import Card, read_card
from visuals.types import Pixels

logger = logging.getLogger(__name__)

BUILD_LIMIT_S = 170.0
MANIFEST = "manifest.json"
INT8_LIMIT = 5e-2
"""How far one picture in int8 may be from the same without it, relative; over many it is 2e-2. Processors that add
int8 up with too few bits are seen here: what is wrong is wrong by 0.1 and more."""
FORMAT = "6"
"""Changes when the graphs' inputs, outputs or arithmetic do."""


def graph_key(card: Card) -> str:
    """Names a graph by all it depends on: weights, what may be int8, and the versions that convert it."""
    versions = [f"{name} {version(name)}" for name in ("openvino", "torch", "diffusers")]
    digest = card.digest()
    ranges = json.dumps(int8.read_ranges(card, digest))
    return hashlib.sha256("\n".join([FORMAT, digest, ranges, *versions]).encode()).hexdigest()[:24]


def converted(card: Card) -> bool:
    """Whether the model's graphs are there, so that its weights were read and fitted."""
    try:
        return whole(cache_folder() / graph_key(card))
    except ModelError:
        return False  # ranges that do not fit; so may the weights not, which weighs more


def prepared(card: Card) -> Path | None:
    """The folder of the converted graph, made if it is missing or damaged; None if it cannot be made.

    Takes seconds the first time.
    """
    folder = cache_folder() / graph_key(card)
    if not (whole(folder) or _built(card, folder)):
        return None
    if (card.folder / int8.FILE).exists() and not (folder / INT8).exists():
        told = "%s: its int8 did not do here, and it plays without; tools/export_prism --int8 --keep %s measures anew"
        logger.warning(told, card.folder.name, card.folder)
    return folder


def _built(card: Card, folder: Path) -> bool:
    """Whether a child process could make the graphs."""
    again = "its graph was damaged" if folder.exists() else "once for this machine"
    logger.info("%s is converted for this processor (%s), some 20 s", card.folder.name, again)
    process = multiprocessing.get_context("spawn").Process(target=_build, args=(card.folder, folder))
    process.start()
    process.join(BUILD_LIMIT_S)
    if process.is_alive():
        process.kill()
        process.join()
    return whole(folder)


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
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix="draft-", dir=folder.parent))
    try:
        card = read_card(model)
        convert(card, draft)
        _convert_encoder(card, draft)
        told = example(card, card.size)
        _, picture = OpenvinoStep(draft, card.size, 1)(told)
        OpenvinoEncode(draft, card.size, 1)(picture, told.palette[0])
        quick = _convert_int8(card, draft, told, picture)
        write_manifest(draft, GRAPH, WEIGHTS, *ENCODER, *quick)
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


def _convert_int8(card: Card, folder: Path, told: Inputs, picture: Pixels) -> list[str]:
    """The graph in `folder` with int8 where the model bears it: its files, none when `picture` is not what it draws."""
    ranges = int8.read_ranges(card, card.digest())
    if not ranges:
        return []
    names = [f"{INT8}/{name}" for name in (GRAPH, WEIGHTS)]
    try:
        graph = read(folder)
        int8.quantise(graph, ranges)
        library().save_model(graph, folder / names[0], compress_to_fp16=False)
        off = apart(OpenvinoStep(folder, card.size, 1)(told)[1][..., :3], picture[..., :3])
        if off <= INT8_LIMIT:
            return names
        reason = f"pictures differ by {off:.2g}, at most {INT8_LIMIT:g}"
    except ModelError as error:
        reason = str(error)
    logger.warning("%s: %s", card.folder, reason)
    shutil.rmtree(folder / INT8, ignore_errors=True)
    return []


def _save(model: Any, inputs: Any, shapes: list[list[int]], path: Path) -> None:
    # Tracing warns of shapes it takes for constants; those of the networks' widths are.
    warnings.simplefilter("ignore")
    graph = library().convert_model(model, example_input=inputs, input=shapes)
    logarithm.unroll(graph)
    library().save_model(graph, path, compress_to_fp16=False)
