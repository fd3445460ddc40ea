"""The two networks of prism, as diffusers builds them, and what both sides of the student's step look like.

The autoencoder works on pixels unshuffled by two, so its top resolution is half the picture's.
"""

from __future__ import annotations

from typing import Any

import torch
from diffusers import AutoencoderTiny, UNet2DConditionModel
from torch import Tensor
from torch.nn import functional

from visuals.generator import condition
from visuals.generator.network import FREQUENCIES, SHUFFLE, waves

from .samples import STYLES

LATENT_CHANNELS = 8
PLACES = 3
CONDITION = condition.length(STYLES)

AUTOENCODER: dict[str, Any] = {
    "in_channels": 3 * SHUFFLE**2,
    "out_channels": 3 * SHUFFLE**2,
    "encoder_block_out_channels": (32, 32, 32),
    "decoder_block_out_channels": (32, 32, 32),
    "num_encoder_blocks": (1, 2, 3),
    "num_decoder_blocks": (3, 2, 1),
    "latent_channels": LATENT_CHANNELS,
}
UNET: dict[str, Any] = {
    "sample_size": 32,
    "in_channels": LATENT_CHANNELS * (1 + 2 * len(FREQUENCIES)) + PLACES,
    "out_channels": LATENT_CHANNELS,
    "down_block_types": ("DownBlock2D", "DownBlock2D", "AttnDownBlock2D"),
    "mid_block_type": "UNetMidBlock2D",
    "up_block_types": ("AttnUpBlock2D", "UpBlock2D", "UpBlock2D"),
    "block_out_channels": (64, 64, 96),
    "layers_per_block": 1,
    "norm_num_groups": 8,
    "attention_head_dim": 32,
    "resnet_time_scale_shift": "scale_shift",
    "class_embed_type": "projection",
    "projection_class_embeddings_input_dim": CONDITION,
}


def autoencoder() -> Any:
    return AutoencoderTiny(**AUTOENCODER).to(memory_format=torch.channels_last)


def unet() -> Any:
    return UNet2DConditionModel(**UNET).to(memory_format=torch.channels_last)


def encode(vae: Any, pixels: Tensor) -> Tensor:
    """Pictures [n, 3, h, w] in -1..1 to raw latents [n, 8, h/8, w/8]."""
    latents: Tensor = vae.encode(functional.pixel_unshuffle(pixels, SHUFFLE)).latents
    return latents


def decode(vae: Any, latents: Tensor) -> Tensor:
    return functional.pixel_shuffle(vae.decode(latents).sample, SHUFFLE)


def predict(net: Any, noisy: Tensor, noise: Tensor, places: Tensor, t: Tensor, conditions: Tensor) -> Tensor:
    """The clean latents the network sees in `noisy` at times `t` [n], all in unit variance."""
    seen, steps = torch.cat([noisy, places, waves(noise)], 1), 1000.0 * t
    velocity: Tensor = net(seen, steps, None, class_labels=conditions, return_dict=False)[0]
    return noisy - t.view(-1, 1, 1, 1) * velocity


def gradient_l1(a: Tensor, b: Tensor) -> Tensor:
    """Distance of two pictures' edges, at full and at half size: keeps regression from blurring."""
    loss = torch.zeros((), device=a.device)
    for _ in range(2):
        for axis in (2, 3):
            loss = loss + (a.diff(dim=axis) - b.diff(dim=axis)).abs().mean()
        a, b = functional.avg_pool2d(a, 2), functional.avg_pool2d(b, 2)
    return loss


def colour_l2(a: Tensor, b: Tensor) -> Tensor:
    """Squared distance of two pictures' colours, without their light and without detail.

    Absolute errors alone leave an autoencoder grey: between all hues, grey is a flat place.
    """
    a, b = (functional.avg_pool2d(x - x.mean(1, keepdim=True), 4) for x in (a, b))
    return (a - b).square().mean()
