"""What a model folder says of itself, read and checked without loading the model.

A folder in diffusers' layout: Prism's, with `cond.json`, or a text-to-image one of Stable Diffusion's family.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from visuals.errors import ModelError
from visuals.generator import condition, latents
from visuals.generator.folder import CONFIG, read_json, read_kind, refuse_others
from visuals.generator.text import folder as text_folder
from visuals.generator.weights import read_shapes
from visuals.vocabulary import MODEL_CONTROLS, Term

PRISM = "PrismPipeline"
KINDS: Mapping[str, str] = {
    PRISM: "noise and conditions to a picture in one step: UNet2DConditionModel and AutoencoderTiny",
    **text_folder.KINDS,
}
"""The pipelines that can be played, by the `_class_name` of their `model_index.json`."""

MOTION = (
    *("walk", "walk.low", "walk.high", "jump", "reseed"),
    *("strength", "memory", "zoom", "rotate", "shift.x", "shift.y"),
)
"""Controls that every model has: they act on its noise and on its last picture."""

ALLOWED = (".safetensors", ".json", ".md", ".png")
WEIGHTS = "diffusion_pytorch_model.safetensors"
PARTS: Mapping[str, str] = {"unet": "UNet2DConditionModel", "vae": "AutoencoderTiny"}
"""The networks of a folder of ours and their classes."""
SKETCH = ["light", "second", "spark"]
"""What the decoder's three channels hold; colours come from the palette."""
SIZE_STEP = 32
"""Prism's pictures are cut into latents of 8 pixels, and its network halves those twice."""


@dataclass(frozen=True, slots=True)
class Card:
    """A model that can be played: its controls with their ranges, its own picture size (width, height).

    `scaling` and `shift` turn the autoencoder's latents into the network's: (z - shift) * scaling.
    Sides of pictures are multiples of `multiple`. A model that is told a text has no styles, and a
    control `prompt.<name>` for each prompt of the show.
    """

    folder: Path
    kind: str
    styles: tuple[str, ...]
    controls: Mapping[str, Term]
    size: tuple[int, int]
    scaling: float
    shift: float
    multiple: int = SIZE_STEP

    @property
    def told_text(self) -> bool:
        """Whether the model dreams what the show's prompts say."""
        return self.kind != PRISM

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

    Raises ModelError: no such folder, a file that could be code, a kind of model we cannot run, a
    missing part, a broken description or damaged weights.
    """
    kind = read_kind(folder, KINDS)
    return _prism_card(folder) if kind == PRISM else _text_card(folder, kind)


def _text_card(folder: Path, kind: str) -> Card:
    found = text_folder.read_text_folder(folder)
    controls = {name: MODEL_CONTROLS[name] for name in MOTION}
    return Card(folder, kind, (), controls, found.size, *found.latent_norm, found.multiple)


def _prism_card(folder: Path) -> Card:
    refuse_others(folder, ALLOWED)
    conditions = read_json(folder / "cond.json")
    configs = {part: read_json(folder / part / CONFIG) for part in PARTS}
    for part, kind in PARTS.items():
        if (found := configs[part].get("_class_name")) != kind:
            raise ModelError(f"{folder / part / CONFIG}: found the class {found!s:.60}, expected {kind}")
        read_shapes(folder / part / WEIGHTS)
    try:
        return _card(folder, conditions, configs["unet"], configs["vae"])
    except KeyError as error:
        raise ModelError(f"{folder}: cond.json, unet/{CONFIG} or vae/{CONFIG}: {error} is missing") from error
    except (TypeError, ValueError) as error:
        raise ModelError(f"{folder / 'cond.json'}: {error}") from error


def _card(folder: Path, conditions: dict[str, Any], unet: dict[str, Any], vae: dict[str, Any]) -> Card:
    styles = tuple(str(style) for style in conditions["styles"])
    if not styles:
        raise ValueError("no styles")
    told = unet["projection_class_embeddings_input_dim"]
    if told != condition.length(styles):
        raise ValueError(f"found {len(styles)} styles, expected {told - len(condition.STRUCTURE)} by unet/{CONFIG}")
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
    return Card(folder, PRISM, styles, {**MODEL_CONTROLS, **weights}, (width, height), scaling, shift)


def _expect(found: dict[str, Any], key: str, expected: object) -> None:
    if found[key] != expected:
        raise ValueError(f"found {key} {found[key]!r:.200}, expected {expected!r}")
