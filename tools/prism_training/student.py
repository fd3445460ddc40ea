"""Stages `student` and `finish`: from noise to the clean latents in one step.

The shaders draw from the very noise the student is given, so every picture comes with its own noise:
the coupling a rectified flow has to find by reflowing is known from the start, its paths are
straight, and plain regression is exact where a free coupling would blur. Times below 1 teach the
memory: the last picture mixed with fresh noise.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from . import networks
from .budget import Average, Budget, restore, store

BATCH, PEAK_RATE = 16, 1.2e-3
FINISH_BATCH, FINISH_RATE = 8, 5e-4
CROP = 32
"""Latents of a side while the field is learnt; the finish sees whole pictures."""
PATCH = (16, 24)
"""Latents [rows, columns] that are decoded for the finish's loss in pixels."""
DREAM_SHARE, OWN_SHARE = 0.6, 0.2
"""Shares of t = 1 and of pictures mixed with their own noise; the rest is mixed with a stranger's."""
MEMORY_TIMES = (0.3, 1.0)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Data:
    """The training set, mapped from disk: latents, noise, places, conditions, pictures."""

    latents: np.ndarray
    noise: np.ndarray
    places: np.ndarray
    conditions: np.ndarray
    pictures: np.ndarray

    @classmethod
    def of(cls, folder: Path) -> Data:
        names = ("latents", "noise", "places", "conditions", "pictures")
        return cls(*(np.load(folder / f"{name}.npy", mmap_mode="r") for name in names))

    def batch(self, rng: np.random.Generator, size: int, crop: int | None) -> tuple[np.ndarray, list[Tensor]]:
        """Indices, and latents, noise and places of one window, and conditions."""
        columns = self.latents.shape[3]
        width = crop or columns
        x = int(rng.integers(columns - width + 1))
        index = np.sort(rng.choice(len(self.latents), size, replace=False))
        fields = (self.latents, self.noise, self.places)
        window = [np.asarray(f[index][..., x : x + width], np.float32) for f in fields]
        tensors = [torch.from_numpy(w).contiguous(memory_format=torch.channels_last) for w in window]
        return index, [*tensors, torch.from_numpy(self.conditions[index])]


def mixed(clean: Tensor, noise: Tensor, draw: torch.Generator) -> tuple[Tensor, Tensor]:
    """Inputs on the flow path and their times: fresh dreams, own noise, a stranger's noise."""
    n = len(clean)
    kind = torch.rand(n, generator=draw)
    low, high = MEMORY_TIMES
    t = torch.where(kind < DREAM_SHARE, 1.0, low + (high - low) * torch.rand(n, generator=draw))
    stranger = (kind >= DREAM_SHARE + OWN_SHARE).view(-1, 1, 1, 1)
    # A stranger's noise near t = 1 would ask for a picture nothing tells of.
    t = torch.where(stranger.view(-1), t.clamp(max=0.75), t)
    eps = torch.where(stranger, noise.roll(1, 0), noise)
    mix = t.view(-1, 1, 1, 1)
    return (1.0 - mix) * clean + mix * eps, t


def _descend(loss: Tensor, optimizer: torch.optim.Optimizer, parameters: list[Any]) -> None:
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()


def train(folder: Path, minutes: float, seed: int) -> None:
    """Regress the clean latents on windows of them."""
    torch.manual_seed(seed)
    data, net = Data.of(folder), networks.unet()
    path = folder / "unet.safetensors"
    restore(net, path)
    average, budget = Average(net, 0.995), Budget(folder, "student", minutes)
    parameters = list(net.parameters())
    optimizer = torch.optim.AdamW(parameters, weight_decay=1e-2, betas=(0.9, 0.99))
    rng, draw = np.random.default_rng([seed, budget.step]), torch.Generator().manual_seed(seed + budget.step)
    for step in budget.steps(optimizer, PEAK_RATE, lambda: store(path, average.state)):
        _, (clean, noise, places, conditions) = data.batch(rng, BATCH, CROP)
        noisy, t = mixed(clean, noise, draw)
        with torch.autocast("cpu", torch.bfloat16):
            out = networks.predict(net, noisy, places, t, conditions).float()
        loss = ((out - clean).square() + 0.01).sqrt().mean()
        _descend(loss, optimizer, parameters)
        average.update(net, step)
        if step % 100 == 0:
            told = 1.0 - ((out - clean)[t == 1].square().mean() / clean[t == 1].square().mean()).item()
            logger.info(
                "student %5d  loss %.4f  explained %.3f  %3.0f %%", step, loss.item(), told, 100 * budget.progress
            )


def finish(folder: Path, minutes: float, seed: int) -> None:
    """Go on with whole pictures and teach student and decoder together, in pixels."""
    torch.manual_seed(seed + 1)
    data, net, vae = Data.of(folder), networks.unet(), networks.autoencoder()
    paths = folder / "unet_finished.safetensors", folder / "vae_finished.safetensors"
    for part, path, before in ((net, paths[0], "unet"), (vae, paths[1], "vae")):
        restore(part, path) or restore(part, folder / f"{before}.safetensors")
    scaling = json.loads((folder / "latents.json").read_text())
    averages = Average(net, 0.995), Average(vae, 0.995)
    budget = Budget(folder, "finish", minutes)
    parameters = [*net.parameters(), *vae.decoder.parameters()]
    optimizer = torch.optim.AdamW(parameters, weight_decay=1e-2, betas=(0.9, 0.99))
    rng, draw = np.random.default_rng([seed, 1, budget.step]), torch.Generator().manual_seed(seed + budget.step)

    def save() -> None:
        for average, path in zip(averages, paths, strict=True):
            store(path, average.state)

    for step in budget.steps(optimizer, FINISH_RATE, save):
        index, (clean, noise, places, conditions) = data.batch(rng, FINISH_BATCH, None)
        noisy, t = mixed(clean, noise, draw)
        pixels, window = _patch(data.pictures, index, rng)
        with torch.autocast("cpu", torch.bfloat16):
            out = networks.predict(net, noisy, places, t, conditions)
            seen = networks.decode(vae, out[window] / scaling["scaling_factor"] + scaling["shift_factor"]).float()
        out = out.float()
        near = ((out - clean).square() + 0.01).sqrt().mean()
        l1, edges = (seen - pixels).abs().mean(), networks.gradient_l1(seen, pixels)
        _descend(0.3 * near + 2.0 * l1 + 1.5 * edges, optimizer, parameters)
        averages[0].update(net, step)
        averages[1].update(vae, step)
        if step % 100 == 0:
            logger.info(
                "finish %5d  latent %.4f  l1 %.4f  edges %.4f  %3.0f %%",
                step,
                near.item(),
                l1.item(),
                edges.item(),
                100 * budget.progress,
            )


def _patch(pictures: np.ndarray, index: np.ndarray, rng: np.random.Generator) -> tuple[Tensor, tuple[Any, ...]]:
    """The pixels of a random patch of each picture, and the window of latents that shows it."""
    rows, columns = PATCH
    y = int(rng.integers(pictures.shape[1] // 8 - rows + 1))
    x = int(rng.integers(pictures.shape[2] // 8 - columns + 1))
    part = pictures[index, 8 * y : 8 * (y + rows), 8 * x : 8 * (x + columns)]
    pixels = torch.from_numpy(np.ascontiguousarray(part)).permute(0, 3, 1, 2).float() / 127.5 - 1.0
    return pixels, (slice(None), slice(None), slice(y, y + rows), slice(x, x + columns))
