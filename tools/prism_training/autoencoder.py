"""Stage `autoencoder`: sketches to latents and back, on crops."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from . import networks
from .budget import Stage, averaged
from .dataset import Samples
from .machine import Machine
from .muon import Muon

CROP, BATCH, PEAK_RATE = 128, 16, 2e-3
LATENT_NOISE = 0.06
"""Added to latents of unit variance before decoding: the decoder must forgive a student that is not exact."""

logger = logging.getLogger(__name__)


def crops(pictures: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A random window of each picture, flipped at random: [n, 128, 128, 3]."""
    side, cut = pictures.shape[1], []
    for picture in pictures:
        y, x = rng.integers(side - CROP + 1, size=2)
        cut.append(picture[y : y + CROP, x : x + CROP][:: rng.choice([1, -1]), :: rng.choice([1, -1])])
    return np.stack(cut)


def likeness(out: Tensor, pixels: Tensor) -> Tensor:
    """How far a sketch is from the true one: light, edges and, so that no thin line is given up, squares."""
    return (out - pixels).abs().mean() + 0.5 * networks.gradient_l1(out, pixels) + (out - pixels).square().mean()


def ordered(z: Tensor) -> Tensor:
    """0 where every channel of the latents [n, c, h, w] has zero mean and unit variance, as the flow's noise has."""
    channels = z.float().transpose(0, 1).flatten(1)
    return channels.mean(1).square().mean() + (channels.std(1) - 1.0).square().mean()


def psnr(out: Tensor, pixels: Tensor) -> Tensor:
    """dB between sketches in -1..1."""
    return -10.0 * torch.log10((out - pixels).square().mean() / 4.0)


def train(folder: Path, minutes: float, seed: int, size: str, machine: Machine) -> None:
    torch.manual_seed(seed)
    samples = Samples(folder / "data")
    vae = machine.net(networks.autoencoder(size))
    stage = Stage(folder, "autoencoder", minutes, {"vae": vae}, 0.998)
    optimizer = Muon(vae.parameters())
    rng = np.random.default_rng([seed, stage.step])
    for _ in stage.steps(optimizer, PEAK_RATE):
        pixels = machine.pictures(crops(samples.take("pictures", rng.integers(len(samples), size=BATCH)), rng))
        with machine.quick():
            z = networks.encode(vae, pixels)
            out = networks.decode(vae, z + LATENT_NOISE * torch.randn_like(z)).float()
        optimizer.zero_grad()
        (likeness(out, pixels) + 0.05 * ordered(z)).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(vae.parameters(), 1.0)
        optimizer.step()
        stage.samples += BATCH
        stage.log(l1=(out - pixels).abs().mean(), psnr=psnr(out, pixels), stray=ordered(z))


@torch.inference_mode()
def measure_latents(folder: Path, size: str, machine: Machine, count: int = 512) -> None:
    """What brings the latents to unit variance, into `latents.json`."""
    samples = Samples(folder / "data")
    index = np.random.default_rng(0).integers(len(samples), size=count)
    raw = encode(load(folder, size, machine), samples.take("pictures", index), machine)
    mean, std = float(raw.mean()), float(raw.std())
    (folder / "latents.json").write_text(json.dumps({"scaling_factor": 1.0 / std, "shift_factor": mean}))
    logger.info("latents: mean %.3f, deviation %.3f; by channel %s", mean, std, raw.std((0, 2, 3)).round(2))


def load(folder: Path, size: str, machine: Machine) -> torch.nn.Module:
    """The trained autoencoder."""
    vae = networks.autoencoder(size)
    vae.load_state_dict(averaged(folder / "autoencoder.safetensors", "vae"))
    return machine.net(vae).eval().requires_grad_(False)


@torch.inference_mode()
def encode(vae: torch.nn.Module, pictures: np.ndarray, machine: Machine, batch: int = 32) -> np.ndarray:
    """Raw latents [n, 8, 32, 32] of pictures, float32."""
    parts = []
    for i in range(0, len(pictures), batch):
        with machine.quick():
            parts.append(networks.encode(vae, machine.pictures(pictures[i : i + batch])).float().cpu().numpy())
    return np.concatenate(parts)
