"""The two networks of prism, as diffusers builds them, and what both sides of a step look like.

The autoencoder works on pixels unshuffled by two, so its top resolution is half the picture's.
"""

from __future__ import annotations

from typing import Any

import torch
from diffusers import AutoencoderTiny, UNet2DConditionModel
from torch import Tensor
from torch.nn import functional

from visuals.generator import condition
from visuals.generator.backends.network import SHUFFLE, WAVES

from .samples import STYLES

LATENT_CHANNELS = 8
PLACES = 3
SEEN = LATENT_CHANNELS * (1 + WAVES) + PLACES
"""Channels a network reads: noisy latents, places, the field as waves."""

WIDTHS: dict[str, tuple[int, tuple[int, int, int]]] = {
    "small": (32, (64, 96, 128)),
    "large": (48, (96, 160, 224)),
}
"""Channels of the autoencoder and of the UNet's three resolutions: for two processor cores, for one GPU."""


def conditions() -> int:
    """How many numbers the network is told."""
    return condition.length(STYLES)


def autoencoder_config(size: str) -> dict[str, Any]:
    widths = (WIDTHS[size][0],) * 3
    return {
        "in_channels": 3 * SHUFFLE**2,
        "out_channels": 3 * SHUFFLE**2,
        "encoder_block_out_channels": widths,
        "decoder_block_out_channels": widths,
        "num_encoder_blocks": (1, 2, 3),
        "num_decoder_blocks": (3, 2, 1),
        "latent_channels": LATENT_CHANNELS,
    }


def unet_config(size: str) -> dict[str, Any]:
    return {
        "sample_size": 32,
        "in_channels": SEEN,
        "out_channels": LATENT_CHANNELS,
        "down_block_types": ("DownBlock2D", "DownBlock2D", "AttnDownBlock2D"),
        "mid_block_type": "UNetMidBlock2D",
        "up_block_types": ("AttnUpBlock2D", "UpBlock2D", "UpBlock2D"),
        "block_out_channels": WIDTHS[size][1],
        "layers_per_block": 1,
        "norm_num_groups": 8,
        "attention_head_dim": 32,
        "resnet_time_scale_shift": "scale_shift",
        "class_embed_type": "projection",
        "projection_class_embeddings_input_dim": conditions(),
    }


def autoencoder(size: str) -> Any:
    return AutoencoderTiny(**autoencoder_config(size))


def unet(size: str) -> Any:
    return UNet2DConditionModel(**unet_config(size))


def encode(vae: Any, pixels: Tensor) -> Tensor:
    """Pictures [n, 3, h, w] in -1..1 to raw latents [n, 8, h/8, w/8]."""
    latents: Tensor = vae.encode(functional.pixel_unshuffle(pixels, SHUFFLE)).latents
    return latents


def decode(vae: Any, latents: Tensor) -> Tensor:
    return functional.pixel_shuffle(vae.decode(latents).sample, SHUFFLE)


def gradient_l1(a: Tensor, b: Tensor) -> Tensor:
    """Distance of two pictures' edges, at full and at half size: keeps regression from blurring."""
    loss = torch.zeros((), device=a.device)
    for _ in range(2):
        for axis in (2, 3):
            loss = loss + (a.diff(dim=axis) - b.diff(dim=axis)).abs().mean()
        a, b = functional.avg_pool2d(a, 2), functional.avg_pool2d(b, 2)
    return loss
