"""Stage `student`: from noise to the picture in one step, taught by the pictures themselves.

The shaders draw from the very noise the student is given, so every picture comes with its own noise:
the coupling a rectified flow has to find by reflowing is known from the start, its paths are
straight, and plain regression is exact where a free coupling would blur. Student and decoder learn
together: what the decoder can draw sharply from smooth latents need not be learnt as latents.

Times below 1 teach the memory: the student's own last picture mixed with fresh noise.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from . import networks
from .budget import Average, Budget, restore, store
from .muon import Muon

BATCH, PEAK_RATE = 16, 1.8e-3
MEMORY_EVERY = 8
"""Every so many steps are about memory, half of them with a stranger's noise."""
MEMORY_TIMES = (0.3, 0.75)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Data:
    """The training set, mapped from disk."""

    pictures: np.ndarray
    noise: np.ndarray
    places: np.ndarray
    conditions: np.ndarray

    @classmethod
    def of(cls, folder: Path) -> Data:
        return cls(*(np.load(folder / f"{name}.npy", mmap_mode="r") for name in cls.__dataclass_fields__))

    def batch(self, rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Pictures in -1..1, noise, places, conditions."""
        index = np.sort(rng.choice(len(self.noise), BATCH, replace=False))
        pixels = torch.from_numpy(self.pictures[index]).permute(0, 3, 1, 2).float() / 127.5 - 1.0
        fields = (torch.from_numpy(np.asarray(f[index], np.float32)) for f in (self.noise, self.places))
        noise, places = (f.contiguous(memory_format=torch.channels_last) for f in fields)
        return pixels, noise, places, torch.from_numpy(self.conditions[index])


def train(folder: Path, minutes: float, seed: int) -> None:
    torch.manual_seed(seed)
    data, net, vae = Data.of(folder), networks.unet(), networks.autoencoder()
    paths = folder / "unet.safetensors", folder / "vae_student.safetensors"
    restore(net, paths[0])
    restore(vae, paths[1] if paths[1].exists() else folder / "vae.safetensors")
    scaling = json.loads((folder / "latents.json").read_text())
    averages = Average(net, 0.995), Average(vae, 0.995)
    budget = Budget(folder, "student", minutes)
    parameters = [*net.parameters(), *vae.decoder.parameters()]
    optimizer = Muon(parameters)
    rng = np.random.default_rng([seed, budget.step])

    def save() -> None:
        for average, path in zip(averages, paths, strict=True):
            store(path, average.state)

    for step in budget.steps(optimizer, PEAK_RATE, save):
        pixels, noise, places, conditions = data.batch(rng)
        with torch.autocast("cpu", torch.bfloat16):
            start, seen, t = _start(net, noise, places, conditions, step)
            clean = networks.predict(net, start, seen, places, t, conditions)
            out = networks.decode(vae, clean / scaling["scaling_factor"] + scaling["shift_factor"]).float()
        l1, edges = (out - pixels).abs().mean(), networks.gradient_l1(out, pixels)
        # Latents stay where the memory's mix with unit noise makes sense.
        stray = (clean.float().abs() - 2.5).clamp_min(0.0).square().mean()
        loss = l1 + 0.75 * edges + 2.0 * networks.colour_l2(out, pixels) + 0.02 * stray
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        averages[0].update(net, step)
        averages[1].update(vae, step)
        if step % 50 == 0:
            psnr = -10.0 * torch.log10((out - pixels).square().mean() / 4.0)
            figures = (l1.item(), edges.item(), psnr.item(), 100 * budget.progress)
            logger.info("student %5d  l1 %.4f  edges %.4f  psnr %.2f dB  %3.0f %%", step, *figures)


def _start(
    net: torch.nn.Module, noise: Tensor, places: Tensor, conditions: Tensor, step: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Where the step starts on the flow's path, the noise in it and its times: mostly noise alone."""
    ones = torch.ones(len(noise))
    if step % MEMORY_EVERY:
        return noise, noise, ones
    with torch.no_grad():
        clean = networks.predict(net, noise, noise, places, ones, conditions)
    eps = noise.roll(1, 0) if step % (2 * MEMORY_EVERY) else noise
    low, high = MEMORY_TIMES
    t = low + (high - low) * torch.rand(len(noise))
    mix = t.view(-1, 1, 1, 1)
    return (1.0 - mix) * clean + mix * eps, eps, t
