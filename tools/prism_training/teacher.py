"""Stage `teacher`: the flow from grain to picture, in as many steps as one likes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from . import flow, networks
from .budget import Stage, averaged
from .machine import Machine
from .muon import Muon
from .samples import LATENT

PEAK_RATE = 1.8e-3
BATCHES = {LATENT // 2: 32, LATENT: 16}
"""Samples of a step by the side of the window, in latents, that is learnt from."""
WHOLE_EVERY = 4
"""Most of a picture is a matter of its neighbourhood: windows give four steps in the time of one, and every
so many steps whole pictures teach the rest."""
AT_ONE = 0.4
"""Share of samples at t = 1, where all of the picture has to come from the field: what is slow to learn, and
what below 1 the noisy picture itself gives away."""
UNTOLD = 0.12
"""Share of samples whose style is not told, so that the way can lead away from what any style might be."""
MIDDLE, WIDTH = 0.5, 1.1
"""Of the other times: logit-normal (Esser et al. 2024, arXiv 2403.03206), a little towards the noisy end."""


def draw_times(count: int) -> Tensor:
    """[count]"""
    t = torch.sigmoid(MIDDLE + WIDTH * torch.randn(count))
    return torch.where(torch.rand(count) < AT_ONE, torch.ones(count), t)


def draw_known(known: flow.Known) -> flow.Known:
    """What is known, of some without the style."""
    told = torch.rand(len(known)) >= UNTOLD
    return known.where_told(told.to(known.conditions.device))


def train(folder: Path, minutes: float, seed: int, size: str, machine: Machine) -> None:
    torch.manual_seed(seed)
    data = flow.Latents(folder, size, machine)
    net = machine.net(networks.unet(size))
    stage = Stage(folder, "teacher", minutes, {"unet": net}, 0.998)
    optimizer = Muon(net.parameters())
    rng = np.random.default_rng([seed, stage.step])
    for step in stage.steps(optimizer, PEAK_RATE):
        side = LATENT // 2 if step % WHOLE_EVERY else LATENT
        window = flow.Window.draw(rng, side)
        index = rng.integers(len(data), size=BATCHES[side])
        clean, known = window.of(data.clean(index)), draw_known(window.known(data.known(index)))
        t = draw_times(len(index)).to(machine.device)
        grain = window.of(data.grain(index, rng))
        with machine.quick():
            found = flow.velocity(net, flow.mix(clean, grain, t), t, known).float()
        errors = (found - (grain - clean)).square().mean((1, 2, 3))
        optimizer.zero_grad()
        errors.mean().backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        stage.samples += len(index)
        stage.log(loss=errors.mean().detach(), at_one=errors[t == 1.0].mean().detach())


def load(folder: Path, size: str, machine: Machine) -> torch.nn.Module:
    """The trained teacher."""
    net = networks.unet(size)
    net.load_state_dict(averaged(folder / "teacher.safetensors", "unet"))
    return machine.net(net).eval().requires_grad_(False)
