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


FREQUENCIES = (1.5, 3.0)
"""Of the sines the network sees its noise through; shapes are sharp functions of it, and hard to learn without."""


def waves(noise: Tensor) -> Tensor:
    """Noise [n, 8, h, w] as sines and cosines [n, 32, h, w]."""
    return torch.cat([f(k * noise) for k in FREQUENCIES for f in (torch.sin, torch.cos)], dim=1)


class OneStep(nn.Module):
    """Noise to picture: x0 = x_t - t v(x_t, t, c), the decoder, then the palette."""

    def __init__(self, unet: nn.Module, vae: Any, scaling: float, shift: float) -> None:
        super().__init__()
        self.unet, self.decoder = unet, vae.decoder
        self.scaling, self.shift = scaling, shift

    def forward(
        self, noisy: Tensor, noise: Tensor, places: Tensor, t: Tensor, conditions: Tensor, palette: Tensor
    ) -> tuple[Tensor, Tensor]:
        """See `backends.Inputs`; gives clean latents [1, 8, h, w] and RGBA [8h, 8w, 4] uint8."""
        seen = torch.cat([noisy, places, waves(noise)], dim=1)
        velocity = self.unet(seen, 1000.0 * t, None, class_labels=conditions, return_dict=False)[0]
        clean = noisy - t.view(1, 1, 1, 1) * velocity
        sketch = functional.pixel_shuffle(self.decoder(clean / self.scaling + self.shift), SHUFFLE)
        picture = torch.clamp(255.0 * coloured(sketch, palette) + 0.5, 0.0, 255.0)
        opaque = torch.full_like(picture[:, :1], 255.0)
        return clean, torch.cat([picture, opaque], dim=1)[0].permute(1, 2, 0).contiguous().to(torch.uint8)


LIGHT_GAIN, SPARK_GAIN = 1.2, 1.5
"""A sketch holds light and spark as 1 - exp(-gain x)."""


def coloured(sketch: Tensor, palette: Tensor) -> Tensor:
    """Colour a sketch [n, 3, h, w] in -1..1 with palettes [n, 9]: the style shaders' `finish`, to 0..1.

    A sketch's channels are light, the share of the second colour, and spark.
    """
    light, second, spark = torch.split((0.5 * sketch + 0.5).clamp(0.0, 0.996), 1, dim=1)
    light, spark = -torch.log(1.0 - light) / LIGHT_GAIN, -torch.log(1.0 - spark) / SPARK_GAIN
    first, other, grade = torch.split(palette.view(-1, 9, 1, 1), 3, dim=1)
    saturation, brightness, contrast = torch.split(grade, 1, dim=1)
    tint = first + (other - first) * second
    shaped = torch.exp((0.7 + 1.7 * contrast) * torch.log(light.clamp(min=1e-4)))
    colour = tint * shaped + (0.35 * tint + 0.65) * spark * (0.35 + 0.65 * contrast)
    red, green, blue = torch.split(colour, 1, dim=1)
    grey = 0.3 * red + 0.5 * green + 0.2 * blue
    colour = (grey + (colour - grey) * 1.1 * saturation).clamp(min=0.0)
    return 1.0 - torch.exp(-colour * (0.45 + 4.15 * brightness * brightness))


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
