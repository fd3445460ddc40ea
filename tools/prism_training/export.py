"""Stage `export`: the weights of the furthest stage as a model folder in diffusers' layout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from diffusers import AutoencoderTiny, FlowMatchEulerDiscreteScheduler, UNet2DConditionModel
from safetensors.torch import load_file

from visuals.generator import condition, latents

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
    for net, name in ((unet, "unet"), (vae, "vae")):
        finished = folder / f"{name}_finished.safetensors"
        net.load_state_dict(load_file(finished if finished.exists() else folder / f"{name}.safetensors"))
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
            "turns": condition.TURNS,
            "levels": condition.LEVELS,
            "picture": PICTURE,
            "noise": latents.description(),
        },
    )


def _write(path: Path, data: Any) -> None:
    path.write_text(json.dumps(data, indent=2) + "\n")
