"""Stage `export`: the weights of the furthest stage as a model folder in diffusers' layout."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from diffusers import FlowMatchEulerDiscreteScheduler

from visuals.generator import condition, latents
from visuals.generator.backends import int8
from visuals.generator.card import SKETCH

from . import networks
from .budget import averaged
from .samples import SIDE, STYLES

INDEX = {
    "_class_name": "PrismPipeline",
    "scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"],
    "unet": ["diffusers", "UNet2DConditionModel"],
    "vae": ["diffusers", "AutoencoderTiny"],
}


def export(folder: Path, model: Path, size: str) -> None:
    """Write `model` from the checkpoints in `folder`: half precision, configurations, conditions."""
    # Ranges measured of other weights would be refused.
    (model / int8.FILE).unlink(missing_ok=True)
    scaling = json.loads((folder / "latents.json").read_text())
    unet, vae = networks.unet(size), networks.autoencoder(size)
    unet.load_state_dict(averaged(_furthest(folder, ("finish", "student", "teacher")), "unet"))
    vae.load_state_dict(averaged(folder / "autoencoder.safetensors", "vae"))
    vae.register_to_config(**scaling)
    for part, name in ((unet, "unet"), (vae, "vae")):
        part.half().save_pretrained(model / name, safe_serialization=True)
        (model / name / "diffusion_pytorch_model.safetensors").chmod(0o644)
    FlowMatchEulerDiscreteScheduler(num_train_timesteps=1000, shift=1.0).save_pretrained(model / "scheduler")
    _write(model / "model_index.json", INDEX)
    _write(
        model / "cond.json",
        {
            "styles": STYLES,
            "structure": condition.STRUCTURE,
            "picture_of": SKETCH,
            "picture": (2 * SIDE, SIDE),
            "noise": latents.description(),
        },
    )


def _furthest(folder: Path, stages: Sequence[str]) -> Path:
    """The checkpoint of the last stage that was reached."""
    paths = [folder / f"{stage}.safetensors" for stage in stages]
    return next((path for path in paths if path.exists()), paths[-1])


def _write(path: Path, data: Any) -> None:
    path.write_text(json.dumps(data, indent=2) + "\n")
