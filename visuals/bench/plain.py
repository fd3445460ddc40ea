"""Prism's step as diffusers' documentation would have it: the peer that ours is held beside.

`UNet2DConditionModel`, `FlowMatchEulerDiscreteScheduler.step`, `AutoencoderTiny.decode` and the
conversion of `VaeImageProcessor` (denormalise, clamp, to the CPU, times 255, round), in float32, on
PyTorch's own memory layout. Only what no pipeline of theirs has is ours: the features of the noise
and the palette.
"""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional

from visuals.generator.backends import Inputs
from visuals.generator.backends.network import SHUFFLE, coloured, waves
from visuals.generator.card import Card
from visuals.generator.libraries import diffusers
from visuals.types import Pixels


class Plain:
    """The model of `card` on the CPU, on this many threads."""

    def __init__(self, card: Card, threads: int) -> None:
        self._threads, self._card = threads, card
        parts, library = {"local_files_only": True, "use_safetensors": True}, diffusers()
        self._unet = library.UNet2DConditionModel.from_pretrained(card.folder, subfolder="unet", **parts).float().eval()
        self._vae = library.AutoencoderTiny.from_pretrained(card.folder, subfolder="vae", **parts).float().eval()
        self._scheduler = library.FlowMatchEulerDiscreteScheduler()
        self._images = library.image_processor.VaeImageProcessor(vae_scale_factor=8)

    @torch.inference_mode()
    def __call__(self, inputs: Inputs) -> Pixels:
        """The picture [h, w, 3] uint8 of a step from pure noise."""
        torch.set_num_threads(self._threads)
        noisy, noise, places, _, conditions, palette = (torch.from_numpy(x) for x in inputs)
        self._scheduler.set_timesteps(sigmas=[1.0])
        t = self._scheduler.timesteps[0]
        seen = torch.cat([noisy, places, waves(noise)], dim=1)
        velocity = self._unet(seen, t, encoder_hidden_states=None, class_labels=conditions).sample
        clean = self._scheduler.step(velocity, t, noisy).prev_sample
        sketch = functional.pixel_shuffle(
            self._vae.decode(clean / self._card.scaling + self._card.shift).sample, SHUFFLE
        )
        picture = 2.0 * torch.cat(coloured(sketch, palette), dim=1) - 1.0
        shown = self._images.postprocess(picture, output_type="np")
        return np.asarray((shown[0] * 255.0).round().astype(np.uint8))
