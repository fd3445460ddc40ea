"""One step of a model of SD-Turbo's shape on a GPU, at 512x512 in half precision, its weights drawn at random.

Ours is one captured graph: a noise that walks, the network, the decoder, RGBA. Beside it the same
networks called as diffusers documents it, and as StreamDiffusion's `txt2img` calls them. Where
there is no GPU it says so.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from itertools import count
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from visuals.bench.figures import Figure, Peer, Work, compare, figure, take_turns
from visuals.generator.backends.cuda import Recorded, usable
from visuals.generator.backends.network import packed
from visuals.generator.libraries import diffusers

__all__ = ["run", "state", "usable"]

UNET = {
    "sample_size": 64,
    "cross_attention_dim": 1024,
    "attention_head_dim": (5, 10, 20, 20),
    "block_out_channels": (320, 640, 1280, 1280),
    "layers_per_block": 2,
    "use_linear_projection": True,
}
"""Of its `unet/config.json`; the rest are diffusers' defaults."""
SIGMA, TIME = 14.6146, 999.0
"""Where its one step begins: the last of its 1000 training times."""
CHANNELS, WORDS = 4, 77
NAMES = {"diffusers": "plain diffusers, half precision", "stream": "StreamDiffusion's way of calling"}


def state() -> str:
    """Whether this machine can run it, in words."""
    return "measured too" if usable() else "not measured: no CUDA device"


def run(seconds: float) -> list[Figure]:
    """Nothing where there is no GPU."""
    return _figures(networks("cuda", torch.float16), seconds) if usable() else []


def networks(device: str, dtype: torch.dtype, unet: dict[str, Any] = UNET) -> tuple[Any, Any]:
    """The network and the tiny decoder, with random weights."""
    library = diffusers()
    torch.manual_seed(0)
    found = (
        part.to(device, dtype).eval().requires_grad_(False)
        for part in (library.UNet2DConditionModel(**unet), library.AutoencoderTiny())
    )
    return next(found), next(found)


class Frame(nn.Module):
    """From where a walk stands, [cosine, sine], to the picture as `network.packed` has it."""

    def __init__(self, unet: Any, vae: Any, told: Tensor) -> None:
        super().__init__()
        like = next(unet.parameters())
        self.unet = unet.to(memory_format=torch.channels_last)
        self.decoder = vae.decoder.to(memory_format=torch.channels_last)
        noise = torch.randn(2, CHANNELS, unet.config.sample_size, unet.config.sample_size)
        self.noise, self.told = (nn.Parameter(x.to(like), requires_grad=False) for x in (noise, told))
        self.time = nn.Parameter(torch.full((1,), TIME, device=like.device), requires_grad=False)

    def forward(self, at: Tensor) -> tuple[Tensor]:
        noise = (at[0] * self.noise[:1] + at[1] * self.noise[1:]).to(self.told.dtype)
        seen = noise * (SIGMA / (SIGMA**2 + 1.0) ** 0.5)
        clean = SIGMA * (noise - self.unet(seen, self.time, self.told, return_dict=False)[0])
        # Red, green and blue are levels 0..1 as the decoder has them inside; it gives them as -1..1.
        picture = (0.5 * self.decoder(clean).float() + 0.5).clamp(0.0, 1.0)
        return (packed(*picture.split(1, dim=1))[0, 0],)


class Diffusers:
    """One frame as its documentation has it: scheduler objects, output classes, picture to NumPy."""

    def __init__(self, unet: Any, vae: Any, told: Tensor) -> None:
        library = diffusers()
        self.unet, self.vae, self.told = unet, vae, told
        self.size = unet.config.sample_size
        self.scheduler = library.EulerDiscreteScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", timestep_spacing="trailing"
        )
        self.images = library.image_processor.VaeImageProcessor(vae_scale_factor=8)

    @torch.inference_mode()
    def __call__(self, _: object) -> Any:
        self.scheduler.set_timesteps(1, device=self.told.device)
        t = self.scheduler.timesteps[0]
        shape = (1, CHANNELS, self.size, self.size)
        latents = torch.randn(shape, device=self.told.device, dtype=self.told.dtype) * self.scheduler.init_noise_sigma
        seen = self.scheduler.scale_model_input(latents, t)
        noise = self.unet(seen, t, encoder_hidden_states=self.told).sample
        clean = self.scheduler.step(noise, t, latents).prev_sample
        picture = self.vae.decode(clean / self.vae.config.scaling_factor).sample
        return (self.images.postprocess(picture, output_type="np") * 255.0).round().astype(np.uint8)


class Stream(Diffusers):
    """One frame as StreamDiffusion makes it at one step.

    Fresh noise from the CPU, events around, its own consistency algebra on small tensors, a clone of
    the decoded picture, a wait for the device, the picture to the CPU as floats and to bytes there.
    """

    def __init__(self, unet: Any, vae: Any, told: Tensor) -> None:
        super().__init__(unet, vae, told)
        self.gpu = told.device.type == "cuda"
        self.time = torch.full((1,), TIME, device=told.device)
        # Square roots of the signal's and the noise's share at that time, and the weights of a whole step.
        levels = 1.0 / (SIGMA**2 + 1.0) ** 0.5, SIGMA / (SIGMA**2 + 1.0) ** 0.5, 0.0, 1.0
        self.alpha, self.beta, self.skip, self.out = (torch.full((1, 1, 1, 1), x).to(told) for x in levels)

    @torch.inference_mode()
    def __call__(self, _: object) -> Any:
        events = [_event() for _ in range(2)] if self.gpu else []
        for event in events[:1]:
            event.record()
        noisy = torch.randn(1, CHANNELS, self.size, self.size).to(self.told)
        noise = self.unet(noisy, self.time, encoder_hidden_states=self.told, return_dict=False)[0]
        clean = self.out * ((noisy - self.beta * noise) / self.alpha) + self.skip * noisy
        picture = self.vae.decode(clean / self.vae.config.scaling_factor, return_dict=False)[0].detach().clone()
        for event in events[1:]:
            event.record()
        if self.gpu:
            torch.cuda.synchronize()
        here = (picture.cpu() / 2.0 + 0.5).clamp(0.0, 1.0)
        return (here.permute(0, 2, 3, 1).float().numpy() * 255.0).round().astype(np.uint8)


def _figures(parts: tuple[Any, Any], seconds: float) -> list[Figure]:
    unet, vae = parts
    like = next(unet.parameters())
    told = torch.randn(1, WORDS, unet.config.cross_attention_dim).to(like)
    peers = {"diffusers": Diffusers(unet, vae, told), "stream": Stream(unet, vae, told)}
    # Of the same weights, laid out anew: the peers keep theirs in the layout they have.
    recorded = Recorded(Frame(copy.deepcopy(unet), copy.deepcopy(vae), told), [(2,)], like.device)
    about = "one step of SD-Turbo's shape to 512x512, random weights, half precision: "
    figures = _resident(about, recorded, seconds)
    for name, peer in peers.items():
        ours = Work(lambda at: recorded([at]), _walk())
        beside = Peer(NAMES[name], Work(peer))
        figures.append(compare(f"model.turbo.{name}", about + "bytes on the host", seconds, ours, beside))
    return figures


def _resident(about: str, recorded: Recorded, seconds: float) -> list[Figure]:
    """A picture that stays on the device: its median, and the slowest of a hundred."""

    def call(at: Any) -> None:
        recorded.replay([at])
        recorded.wait()

    taken = [1e3 * s for s in take_turns(seconds, Work(call, _walk()), None)[0]]
    slowest = [float(np.percentile(taken, 99.0))]
    return [
        figure("model.turbo.resident", about + "RGBA on the device", "ms", taken, None, []),
        figure("model.turbo.resident.p99", about + "the slowest of a hundred", "ms", slowest, None, []),
    ]


def _event() -> Any:
    return torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]


def _walk() -> Iterator[Any]:
    return (np.array([np.cos(0.01 * n), np.sin(0.01 * n)], np.float32) for n in count())
