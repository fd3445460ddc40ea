"""Stage `export`: the weights of the furthest stage as a model folder in diffusers' layout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from diffusers import AutoencoderTiny, FlowMatchEulerDiscreteScheduler, UNet2DConditionModel
from safetensors.torch import load_file

from visuals.generator import condition, latents
from visuals.generator.card import SKETCH

from . import networks
from .samples import PICTURE, STYLES

INDEX = {
    "_class_name": "PrismPipeline",
    "scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"],
    "unet": ["diffusers", "UNet2DConditionModel"],
    "vae": ["diffusers", "AutoencoderTiny"],
}


def export(folder: Path, model: Path) -> None:
    """Write `model` from the checkpoints in `folder`: half precision, configurations, conditions."""
    scaling = json.loads((folder / "latents.json").read_text())
    unet, vae = UNet2DConditionModel(**networks.UNET), AutoencoderTiny(**networks.AUTOENCODER)
    unet.load_state_dict(load_file(folder / "unet.safetensors"))
    stages = (folder / f"vae{stage}.safetensors" for stage in ("_finished", "_student"))
    vae.load_state_dict(load_file(next(path for path in stages if path.exists())))
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
            "picture": PICTURE,
            "noise": latents.description(),
        },
    )


def _write(path: Path, data: Any) -> None:
    path.write_text(json.dumps(data, indent=2) + "\n")
