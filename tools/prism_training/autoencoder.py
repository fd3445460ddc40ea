"""Stages `autoencoder` and `encoder`: pictures to latents and back, on crops."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from . import networks
from .budget import Average, Budget, restore, store
from .muon import Muon

CROP, BATCH, PEAK_RATE = 128, 16, 2e-3
LATENT_NOISE = 0.06
"""Added before decoding: the decoder must forgive a student that is not exact."""

logger = logging.getLogger(__name__)


def crops(pictures: np.ndarray, rng: np.random.Generator) -> Tensor:
    """A batch of random crops, flipped at random: [16, 3, 128, 128] in -1..1."""
    height, width = pictures.shape[1:3]
    batch = []
    for n in rng.integers(len(pictures), size=BATCH):
        y, x = rng.integers(height - CROP + 1), rng.integers(width - CROP + 1)
        crop = pictures[n, y : y + CROP, x : x + CROP]
        batch.append(crop[:: rng.choice([1, -1]), :: rng.choice([1, -1])])
    pixels = torch.from_numpy(np.stack(batch)).permute(0, 3, 1, 2)
    return (pixels.float() / 127.5 - 1.0).contiguous(memory_format=torch.channels_last)


def train(folder: Path, minutes: float, seed: int) -> None:
    torch.manual_seed(seed)
    pictures = np.load(folder / "pictures.npy", mmap_mode="r")
    vae = networks.autoencoder()
    path = folder / "vae.safetensors"
    restore(vae, path)
    average, budget = Average(vae, 0.998), Budget(folder, "autoencoder", minutes)
    optimizer = torch.optim.AdamW(vae.parameters(), weight_decay=1e-3, betas=(0.9, 0.99))
    rng = np.random.default_rng([seed, budget.step])
    for step in budget.steps(optimizer, PEAK_RATE, lambda: store(path, average.state)):
        pixels = crops(pictures, rng)
        with torch.autocast("cpu", torch.bfloat16):
            z = networks.encode(vae, pixels)
            out = networks.decode(vae, z + LATENT_NOISE * torch.randn_like(z))
        out = out.float()
        l1 = (out - pixels).abs().mean()
        stray = (z.float().abs() - 2.0).clamp_min(0.0).square().mean()
        loss = l1 + 0.5 * networks.gradient_l1(out, pixels) + 4.0 * networks.colour_l2(out, pixels) + 0.02 * stray
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(vae.parameters(), 1.0)
        optimizer.step()
        average.update(vae, step)
        if step % 100 == 0:
            colour = networks.colour_l2(out, pixels) / networks.colour_l2(0.0 * pixels, pixels)
            psnr = -10.0 * torch.log10((out - pixels).square().mean() / 4.0)
            logger.info(
                "autoencoder %5d  l1 %.4f  psnr %.2f dB  colour lost %.2f  %3.0f %%",
                step,
                l1.item(),
                psnr,
                colour.item(),
                100 * budget.progress,
            )


@torch.inference_mode()
def measure_latents(folder: Path, count: int = 256) -> None:
    """What brings the latents to unit variance, into `latents.json`."""
    pictures = np.load(folder / "pictures.npy", mmap_mode="r")
    vae = networks.autoencoder().eval()
    restore(vae, folder / "vae.safetensors")
    pixels = torch.from_numpy(np.array(pictures[:count])).permute(0, 3, 1, 2).float() / 127.5 - 1.0
    raw = torch.cat([networks.encode(vae, pixels[i : i + 16]) for i in range(0, count, 16)])
    mean, std = float(raw.mean()), float(raw.std())
    (folder / "latents.json").write_text(json.dumps({"scaling_factor": 1.0 / std, "shift_factor": mean}))
    logger.info("latents: mean %.3f, deviation %.3f", mean, std)


def fit_encoder(folder: Path, minutes: float, seed: int) -> None:
    """Stage `encoder`: the encoder learns to find the latents that the student's decoder draws a picture from."""
    torch.manual_seed(seed + 2)
    pictures = np.load(folder / "pictures.npy", mmap_mode="r")
    vae = networks.autoencoder()
    path = folder / "vae_finished.safetensors"
    restore(vae, path if path.exists() else folder / "vae_student.safetensors")
    vae.decoder.requires_grad_(False)
    average, budget = Average(vae, 0.99), Budget(folder, "encoder", minutes)
    optimizer = Muon(vae.encoder.parameters())
    rng = np.random.default_rng([seed, 2, budget.step])
    for step in budget.steps(optimizer, PEAK_RATE, lambda: store(path, average.state)):
        pixels = crops(pictures, rng)
        with torch.autocast("cpu", torch.bfloat16):
            out = networks.decode(vae, networks.encode(vae, pixels)).float()
        l1 = (out - pixels).abs().mean()
        optimizer.zero_grad()
        (l1 + 0.5 * networks.gradient_l1(out, pixels)).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        average.update(vae, step)
        if step % 50 == 0:
            psnr = -10.0 * torch.log10((out - pixels).square().mean() / 4.0)
            logger.info("encoder %5d  l1 %.4f  psnr %.2f dB  %3.0f %%", step, l1.item(), psnr, 100 * budget.progress)
