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
    """Noise to picture: x0 = x_t - t v(x_t, t, c), the decoder, then the palette.

    The networks' weights and what runs through them are `dtype`, all arithmetic around them float32.
    """

    def __init__(self, unet: Any, vae: Any, scaling: float, shift: float, dtype: torch.dtype) -> None:
        super().__init__()
        self.unet, self.decoder = unet.to(dtype), vae.decoder.to(dtype)
        self.scaling, self.shift, self.dtype = scaling, shift, dtype

    def forward(
        self, noisy: Tensor, noise: Tensor, places: Tensor, t: Tensor, conditions: Tensor, palette: Tensor
    ) -> tuple[Tensor, Tensor]:
        """See `backends.Inputs`; gives clean latents [1, 8, h, w] and the picture [8h, 8w] as `packed` has it."""
        seen, told = torch.cat([noisy, places, waves(noise)], dim=1).to(self.dtype), conditions.to(self.dtype)
        velocity = self.unet(seen, 1000.0 * t, None, class_labels=told, return_dict=False)[0].float()
        clean = noisy - t.view(1, 1, 1, 1) * velocity
        sketch = self.decoder((clean / self.scaling + self.shift).to(self.dtype)).float()
        # Coloured before it is shuffled: planes of one word a pixel move in a fifth of the time.
        return clean, functional.pixel_shuffle(packed(*coloured(sketch, palette)), SHUFFLE)[0, 0]


LIGHT_GAIN, SPARK_GAIN = 1.2, 1.5
"""A sketch holds light and spark as 1 - exp(-gain x)."""


def coloured(sketch: Tensor, palette: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Colour a sketch [n, 3k, h, w] in -1..1 with palettes [n, 9]: the style shaders' `finish`.

    Gives red, green and blue [n, k, h, w], 0..1. The sketch's channels are k of light, k of the share
    of the second colour, and k of spark: one each for a picture, four for one unshuffled by two.
    """
    k = sketch.shape[1] // 3
    light, second, spark = ((0.5 * sketch[:, i * k : (i + 1) * k] + 0.5).clamp(0.0, 0.996) for i in range(3))
    light, spark = -torch.log(1.0 - light) / LIGHT_GAIN, -torch.log(1.0 - spark) / SPARK_GAIN
    first, other, grade = ([palette[:, i + j].view(-1, 1, 1, 1) for j in range(3)] for i in (0, 3, 6))
    saturation, brightness, contrast = grade
    shaped = torch.exp((0.7 + 1.7 * contrast) * torch.log(light.clamp(min=1e-4)))
    glint = spark * (0.35 + 0.65 * contrast)
    tints = [a + (b - a) * second for a, b in zip(first, other, strict=True)]
    red, green, blue = (tint * shaped + (0.35 * tint + 0.65) * glint for tint in tints)
    grey = 0.3 * red + 0.5 * green + 0.2 * blue
    exposure = 0.45 + 4.15 * brightness * brightness
    red, green, blue = (
        1.0 - torch.exp(-(grey + (colour - grey) * 1.1 * saturation).clamp(min=0.0) * exposure)
        for colour in (red, green, blue)
    )
    return red, green, blue


def packed(red: Tensor, green: Tensor, blue: Tensor) -> Tensor:
    """Levels 0..1 as int32 whose bytes, the lowest first, are red, green, blue and an opaque alpha."""
    red, green, blue = (torch.floor(255.0 * level + 0.5) for level in (red, green, blue))
    return (red + 256.0 * green + 65536.0 * blue).to(torch.int32) - (1 << 24)


def load(card: Card, dtype: torch.dtype = torch.float32) -> OneStep:
    """The networks of a checked folder, ready to run. Raises ModelError when weights and configuration differ."""
    from diffusers import AutoencoderTiny, UNet2DConditionModel
    from diffusers.utils import logging as diffusers_logging

    diffusers_logging.set_verbosity_error()
    unet = _part(UNet2DConditionModel, card.folder / "unet")
    vae = _part(AutoencoderTiny, card.folder / "vae")
    model = OneStep(unet, vae, card.scaling, card.shift, dtype)
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
