"""A text-to-image model's networks as PyTorch modules: built from their configurations, filled, run.

The step is arithmetic on tensors of fixed shapes, no pipeline and no scheduler: what does not change
from picture to picture is worked out when the prompts do. Knows nothing of walks, controls or shows.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from visuals.errors import ModelError
from visuals.generator.libraries import described, diffusers, one_line
from visuals.generator.text import encoder
from visuals.generator.text.folder import Part, TextFolder
from visuals.generator.weights import check_fit

GUIDANCE = 7.5
"""What latent consistency models are told, which were distilled with every guidance: the paper's 8.5 less one."""


class Texts(NamedTuple):
    """Prompts as the network reads them: [prompt, length, width] and, for XL models, [prompt, width]."""

    words: Tensor
    whole: Tensor | None


class TextStep(nn.Module):
    """Latents and noise to a picture, told a text."""

    def __init__(self, unet: Any, vae: Any, found: TextFolder, size: tuple[int, int]) -> None:
        super().__init__()
        self.unet, self.vae = unet, vae
        self.scaling, self.shift = found.latent_norm
        self.prediction = str(found.schedule.get("prediction_type", "epsilon"))
        width = unet.config.time_cond_proj_dim
        self.register_buffer("guidance", None if width is None else waves(GUIDANCE, width))
        # XL models are told the picture's size, the cut's corner and the size asked for.
        told = None if found.unet.config.get("addition_embed_type") is None else [*size[::-1], 0, 0, *size[::-1]]
        self.register_buffer("sizes", None if told is None else torch.tensor([told], dtype=torch.float32))

    def forward(
        self, start: Tensor, noise: Tensor, path: Tensor, words: Tensor, whole: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Clean latents [1, c, h, w] and RGBA [H, W, 4] uint8.

        `start` and `noise` [1, c, h, w]; `path` [steps, 4] is `Schedule.path`; `words` [1, length,
        width] and `whole` [1, width] the text. Every step begins with the same noise: fresh one would
        make a standing picture flicker.
        """
        clean = start
        added = None if whole is None else {"text_embeds": whole, "time_ids": self.sizes}
        for time, signal, grain, drawn in path.unbind(0):
            mixed = signal * clean + drawn * noise
            said = self.unet(
                mixed, time, words, timestep_cond=self.guidance, added_cond_kwargs=added, return_dict=False
            )[0]
            clean = self._clean(mixed, said, signal, grain)
        decoded = self.vae.decode((clean / self.scaling + self.shift).to(self.vae.dtype), return_dict=False)[0]
        return clean, packed(decoded)

    def _clean(self, mixed: Tensor, said: Tensor, signal: Tensor, grain: Tensor) -> Tensor:
        """The picture in what a network said: its noise, its velocity or the picture itself."""
        if self.prediction == "sample":
            return said
        if self.prediction == "v_prediction":
            return signal * mixed - grain * said
        return (mixed - grain * said) / signal

    def encode(self, pixels: Tensor) -> Tensor:
        """A picture [H, W, 4] uint8 as latents [1, c, h, w], without the encoder's own noise."""
        picture = pixels[..., :3].permute(2, 0, 1)[None].to(self.vae.dtype) / 127.5 - 1.0
        found = self.vae.encode(picture.contiguous(memory_format=torch.channels_last), return_dict=False)[0]
        latents = found if isinstance(found, Tensor) else found.mode()
        return (latents.to(self.unet.dtype) - self.shift) * self.scaling


def packed(decoded: Tensor) -> Tensor:
    """A decoded picture [1, 3, H, W] in -1..1 as RGBA [H, W, 4] uint8."""
    picture = torch.clamp(127.5 * decoded.float() + 128.0, 0.0, 255.0)
    opaque = torch.full_like(picture[:, :1], 255.0)
    return torch.cat([picture, opaque], dim=1)[0].permute(1, 2, 0).contiguous().to(torch.uint8)


def waves(guidance: float, width: int) -> Tensor:
    """The guidance as sines and cosines [1, width], as Kingma et al. 2021 tell a network the time."""
    half = width // 2
    rates = torch.exp(torch.arange(half) * (-math.log(10000.0) / (half - 1)))
    turns = 1000.0 * guidance * rates
    return nn.functional.pad(torch.cat([turns.sin(), turns.cos()]), (0, width % 2))[None]


def load_step(found: TextFolder, size: tuple[int, int], device: torch.device, dtype: torch.dtype) -> TextStep:
    """UNet and autoencoder on `device`, ready to run. Raises ModelError."""
    unet = _filled(found.unet, _unet(found.unet), dtype)
    # Some large autoencoders leave half precision's range; they say so.
    vae = _filled(found.vae, _vae(found), torch.float32 if found.vae.config.get("force_upcast") else dtype)
    step = TextStep(unet, vae, found, size).eval().requires_grad_(False)
    step.guidance = None if step.guidance is None else step.guidance.to(dtype)
    return step.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def encode_texts(found: TextFolder, texts: list[str], device: torch.device) -> Texts:
    """Every text, by all encoders, in float32; the encoders are let go afterwards. Raises ModelError."""
    encoded = [encoder.encode(speaker, texts, device) for speaker in found.speakers]
    # XL models read the layer before the last of both encoders, the others the last one.
    words = [said.before if found.speakers[-1].projected else said.last for said in encoded]
    return Texts(torch.cat(words, dim=-1), encoded[-1].whole)


def check_weights(found: TextFolder) -> None:
    """Hold each part's tensors against the network its configuration describes. Raises ModelError."""
    for part, net in ((found.unet, _unet(found.unet)), (found.vae, _vae(found))):
        stored = {name: torch.empty(shape, device="meta") for name, shape in part.shapes.items()}
        net._fix_state_dict_keys_on_load(stored)  # older files have other names for an autoencoder's attention
        shapes = {name: tuple(tensor.shape) for name, tensor in stored.items()}
        check_fit(part.weights, shapes, {name: tuple(t.shape) for name, t in net.state_dict().items()})
    for speaker in found.speakers:
        encoder.check(speaker)


def _unet(part: Part) -> Any:
    return described(part.folder, lambda: diffusers().UNet2DConditionModel.from_config(dict(part.config)))


def _vae(found: TextFolder) -> Any:
    kind = found.vae.config["_class_name"]  # one of `folder.AUTOENCODERS`
    return described(found.vae.folder, lambda: getattr(diffusers(), kind).from_config(dict(found.vae.config)))


def _filled(part: Part, net: Any, dtype: torch.dtype) -> Any:
    """The network with its weights, which are read only now. Raises ModelError."""
    try:
        tensors = load_file(part.weights)
        net._fix_state_dict_keys_on_load(tensors)
        net.load_state_dict({name: tensor.to(dtype) for name, tensor in tensors.items()}, assign=True)
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelError(f"{part.weights}: weights and configuration do not fit: {one_line(error)}") from error
    return net
