"""What a model folder says of itself, read and checked without loading the model.

A folder in diffusers' layout with `model_index.json`, `cond.json` and weights as safetensors. Nothing
in it is ever executed; a file of any other kind is refused, because weights in a pickle are code.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from visuals.errors import ModelError
from visuals.generator import condition, latents
from visuals.vocabulary import MODEL_CONTROLS, Term

KINDS: Mapping[str, str] = {
    "PrismPipeline": "noise and conditions to a picture in one step: UNet2DConditionModel and AutoencoderTiny",
}
"""The pipelines that can be played, by the `_class_name` of their `model_index.json`."""

ALLOWED = (".safetensors", ".json", ".md", ".png")
WEIGHTS = "diffusion_pytorch_model.safetensors"
PARTS = ("unet", "vae")
DTYPE_BYTES = {"F32": 4, "F16": 2, "BF16": 2}
SKETCH = ["light", "second", "spark"]
"""What the decoder's three channels hold; colours come from the palette."""
MAX_HEADER_BYTES = 1 << 20
MAX_JSON_BYTES = 1 << 20
SIZE_STEP = 32
"""Pictures are cut into latents of 8 pixels, and the network halves those twice."""


@dataclass(frozen=True, slots=True)
class Card:
    """A model that can be played: its controls with their ranges, its own picture size (width, height).

    `scaling` and `shift` turn the autoencoder's latents into the network's: (z - shift) * scaling.
    """

    folder: Path
    kind: str
    styles: tuple[str, ...]
    controls: Mapping[str, Term]
    size: tuple[int, int]
    scaling: float
    shift: float

    def digest(self) -> str:
        """SHA-256 over every file the pictures depend on."""
        total = hashlib.sha256()
        names = ("cond.json", *(f"{part}/{name}" for part in PARTS for name in ("config.json", WEIGHTS)))
        for name in names:
            total.update(name.encode())
            total.update(hashlib.sha256((self.folder / name).read_bytes()).digest())
        return total.hexdigest()


def read_card(folder: Path) -> Card:
    """Check a model folder and say what it offers.

    Raises ModelError: no such folder, a file that is not safetensors, json, md or png, a kind of
    model we cannot run, a broken description or damaged weights.
    """
    if not folder.is_dir():
        raise ModelError(f"{folder}: no model folder there{_nearest_folder(folder)}")
    _refuse_foreign_files(folder)
    kind = _kind(folder)
    conditions, vae = _json(folder / "cond.json"), _json(folder / "vae" / "config.json")
    for part in PARTS:
        _json(folder / part / "config.json")
        check_weights(folder / part / WEIGHTS)
    try:
        card = _card(folder, kind, conditions, vae)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{folder / 'cond.json'}: {type(error).__name__.lower()}: {error}") from error
    return card


def picture_size(canvas: tuple[int, int], card: Card) -> tuple[int, int]:
    """The size to dream at for a canvas (width, height): its aspect, and as many pixels as the model's own.

    Multiples of 32. More pixels cost time and show smaller shapes than the model has learnt, fewer
    show larger ones; the graphics processor scales to the canvas better than the model does.
    """
    width, height = canvas
    factor = math.sqrt(card.size[0] * card.size[1] / (width * height)) / SIZE_STEP
    return max(2, round(width * factor)) * SIZE_STEP, max(2, round(height * factor)) * SIZE_STEP


def check_weights(path: Path) -> None:
    """Check a safetensors file's header against its length. Raises ModelError."""
    if not path.is_file():
        raise ModelError(f"{path}: missing, expected the weights as safetensors")
    length = path.stat().st_size
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        if not 2 <= size <= min(MAX_HEADER_BYTES, length - 8):
            raise ModelError(f"{path}: no safetensors: found a header of {size} bytes in a file of {length}")
        try:
            header = json.loads(file.read(size))
        except ValueError as error:
            raise ModelError(f"{path}: no safetensors: the header is not JSON ({error})") from error
    _check_tensors(path, header, length - 8 - size)


def _check_tensors(path: Path, header: Any, room: int) -> None:
    """Every tensor of a known type, none outside the file, nothing left over."""
    if not isinstance(header, dict):
        raise ModelError(f"{path}: no safetensors: expected an object as its header")
    held = 0
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        try:
            width, (start, end) = DTYPE_BYTES[entry["dtype"]], entry["data_offsets"]
            whole = end - start == width * math.prod(entry["shape"]) and 0 <= start <= end <= room
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(
                f"{path}: tensor {name:.60}: expected F32, F16 or BF16 with offsets ({error!r})"
            ) from error
        if not whole:
            raise ModelError(f"{path}: tensor {name:.60}: its bytes {start}..{end} do not fit its shape or the file")
        held += end - start
    if held != room:
        raise ModelError(f"{path}: found {room} bytes of weights, expected {held}")


def _card(folder: Path, kind: str, conditions: dict[str, Any], vae: dict[str, Any]) -> Card:
    styles = tuple(str(style) for style in conditions["styles"])
    if not styles:
        raise ValueError("no styles")
    _expect(conditions, "structure", list(condition.STRUCTURE))
    _expect(conditions, "picture_of", SKETCH)
    _expect(conditions, "noise", latents.description())
    width, height = (int(side) for side in conditions["picture"])
    if not (0 < width <= 2048 and 0 < height <= 2048 and width % SIZE_STEP == height % SIZE_STEP == 0):
        raise ValueError(f"picture {width}x{height}, expected multiples of {SIZE_STEP} up to 2048")
    weights = {f"{condition.STYLE_PREFIX}{s}": Term(0.0, 1.0, "", 0.0, f"weight of the style {s}") for s in styles}
    first = f"{condition.STYLE_PREFIX}{styles[0]}"
    weights[first] = replace(weights[first], rest=1.0)
    scaling, shift = float(vae["scaling_factor"]), float(vae["shift_factor"])
    return Card(folder, kind, styles, {**MODEL_CONTROLS, **weights}, (width, height), scaling, shift)


def _expect(found: dict[str, Any], key: str, expected: object) -> None:
    if found[key] != expected:
        raise ValueError(f"found {key} {found[key]!r:.200}, expected {expected!r}")


def _kind(folder: Path) -> str:
    """The pipeline class the folder was made for, if we can run it."""
    kind = str(_json(folder / "model_index.json").get("_class_name", ""))
    if kind not in KINDS:
        raise ModelError(f"{folder}: a {kind or 'nameless'!s:.60} model, expected one of: {', '.join(KINDS)}")
    return kind


def _refuse_foreign_files(folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            continue
        if path.suffix.lower() not in ALLOWED or not path.resolve().is_relative_to(folder.resolve()):
            raise ModelError(f"{path}: refused, a model folder holds only {', '.join(ALLOWED)} files of its own")


def _json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise ModelError(f"{path}: missing, expected a model in diffusers' layout")
    if path.stat().st_size > MAX_JSON_BYTES:
        raise ModelError(f"{path}: {path.stat().st_size} bytes, expected at most {MAX_JSON_BYTES}")
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ModelError(f"{path}: not JSON: {error}") from error
    if not isinstance(data, dict):
        raise ModelError(f"{path}: found {type(data).__name__}, expected an object")
    return data


def _nearest_folder(folder: Path) -> str:
    there = sorted(p.name for p in folder.parent.glob("*/") if p.is_dir()) if folder.parent.is_dir() else []
    near = difflib.get_close_matches(folder.name, there, n=1)
    return f"; did you mean {near[0]}?" if near else ""
