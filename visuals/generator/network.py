"""A model's networks as PyTorch modules. The only file that needs diffusers; the frame path does not import it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from visuals.errors import ModelError
from visuals.generator.card import WEIGHTS, Card

os.environ.setdefault("HF_HUB_OFFLINE", "1")

SHUFFLE = 2
"""The autoencoder works on pixels unshuffled by two."""


class OneStep(nn.Module):
    """Noise to picture: x0 = x_t - t v(x_t, t, c), then the decoder."""

    def __init__(self, unet: nn.Module, vae: Any, scaling: float, shift: float) -> None:
        super().__init__()
        self.unet, self.decoder = unet, vae.decoder
        self.scaling, self.shift = scaling, shift

    def forward(self, noisy: Tensor, places: Tensor, t: Tensor, conditions: Tensor) -> tuple[Tensor, Tensor]:
        """[1, 8, h, w], [1, 3, h, w], [1], [1, n] to clean latents [1, 8, h, w] and RGBA [8h, 8w, 4] uint8."""
        seen = torch.cat([noisy, places], dim=1)
        velocity = self.unet(seen, 1000.0 * t, None, class_labels=conditions, return_dict=False)[0]
        clean = noisy - t.view(1, 1, 1, 1) * velocity
        picture = functional.pixel_shuffle(self.decoder(clean / self.scaling + self.shift), SHUFFLE)
        pixels = torch.clamp(127.5 * picture + 128.0, 0.0, 255.0)
        opaque = torch.full_like(pixels[:, :1], 255.0)
        return clean, torch.cat([pixels, opaque], dim=1)[0].permute(1, 2, 0).contiguous().to(torch.uint8)


def load(card: Card) -> OneStep:
    """The networks of a checked folder, ready to run. Raises ModelError when weights and configuration differ."""
    from diffusers import AutoencoderTiny, UNet2DConditionModel
    from diffusers.utils import logging as diffusers_logging

    diffusers_logging.set_verbosity_error()
    unet = _part(UNet2DConditionModel, card.folder / "unet")
    vae = _part(AutoencoderTiny, card.folder / "vae")
    model = OneStep(unet, vae, card.scaling, card.shift)
    return model.eval().requires_grad_(False).to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def _part(kind: Any, folder: Path) -> Any:
    try:
        net = kind.from_config(json.loads((folder / "config.json").read_text()))
        net.load_state_dict({k: v.float() for k, v in load_file(folder / WEIGHTS).items()})
    except (TypeError, ValueError, RuntimeError) as error:
        raise ModelError(
            f"{folder}: weights and configuration do not fit: {str(error).splitlines()[0]:.200}"
        ) from error
    return net
