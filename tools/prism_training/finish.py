"""Stage `finish`: the student's pictures made sharp, by the true pictures and by a critic.

Each field comes with the picture the shaders drew from it, so three things teach at once: likeness to
that picture, a critic that is shown both (relativistic pairs: Huang et al. 2024, arXiv 2501.05441, and
SANA-Sprint's idea of a light adversarial loss upon a regression), and the student's own lessons, which
keep the grain's say and the times below 1. UNet and decoder learn together; the decoder goes on as the
encoder's inverse, so that pictures from outside still find their latents.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from . import flow, networks
from .autoencoder import likeness, psnr
from .budget import Stage, averaged
from .critic import Critic
from .machine import Machine
from .muon import Muon
from .student import BATCH, Lesson, Lessons, off

PEAK_RATE, CRITIC_RATE = 6e-4, 1e-3
CROP = 16
"""Side of the window, in latents, in which pictures are compared."""
ADVERSE, SEEN, LESSON, INVERSE = 0.03, 0.5, 0.5, 0.5
"""Weights beside likeness: the critic, what it sees on the way, the student's lessons, the encoder's inverse."""
CRITIC_FIRST = 100
"""Steps in which only the critic learns."""


class Finisher:
    """The networks of the stage and one step of each."""

    def __init__(self, folder: Path, size: str, machine: Machine) -> None:
        self._machine = machine
        self._scale, self._shift = flow.scaling(folder)
        self.unet = machine.net(networks.unet(size))
        self.vae: Any = machine.net(networks.autoencoder(size))
        self.unet.load_state_dict(averaged(folder / "student.safetensors", "unet"))
        self.vae.load_state_dict(averaged(folder / "autoencoder.safetensors", "vae"))
        self.vae.encoder.requires_grad_(False)
        self.critic = machine.net(Critic(networks.conditions()))

    def decode(self, clean: Tensor) -> Tensor:
        return networks.decode(self.vae, clean / self._scale + self._shift)

    def judge(self, sketch: Tensor, known: flow.Known, window: flow.Window) -> tuple[Tensor, list[Tensor]]:
        with self._machine.quick():
            verdict, seen = self.critic(sketch, window.of(known.field), window.of(known.places), known.conditions)
        return verdict.float(), seen

    def draw(self, lesson: Lesson, window: flow.Window) -> tuple[Tensor, Tensor]:
        """Clean latents of the whole picture, and the sketch in the window."""
        with self._machine.quick():
            clean = flow.predict(self.unet, lesson.start, lesson.t, lesson.known)
            return clean.float(), self.decode(window.of(clean)).float()

    def critic_loss(self, true: Tensor, drawn: Tensor, known: flow.Known, window: flow.Window) -> Tensor:
        ours, theirs = self.judge(drawn, known, window)[0], self.judge(true, known, window)[0]
        return functional.softplus(ours - theirs).mean()

    def loss(self, true: Tensor, clean: Tensor, drawn: Tensor, lesson: Lesson, window: flow.Window) -> Tensor:
        ours, seen = self.judge(drawn, lesson.known, window)
        with torch.no_grad():
            theirs, wanted = self.judge(true, lesson.known, window)
        first = (lesson.t == 1.0).float().view(-1, 1, 1, 1)
        adverse = (functional.softplus(theirs - ours) * first).mean()
        alike = torch.stack([(a.float() - b.float()).abs().mean() for a, b in zip(seen, wanted, strict=True)]).mean()
        taught = off(clean, lesson.end)
        return likeness(drawn, true) + ADVERSE * adverse + SEEN * alike + LESSON * taught

    def inverse(self, true: Tensor) -> Tensor:
        """How far the decoder is from undoing the encoder."""
        with self._machine.quick():
            with torch.no_grad():
                z = networks.encode(self.vae, true)
            return likeness(networks.decode(self.vae, z).float(), true)


def train(folder: Path, minutes: float, seed: int, size: str, machine: Machine) -> None:
    torch.manual_seed(seed)
    data, work = flow.Latents(folder, size, machine), Finisher(folder, size, machine)
    nets: dict[str, nn.Module] = {"unet": work.unet, "vae": work.vae, "critic": work.critic}
    stage = Stage(folder, "finish", minutes, nets, 0.998)
    rng = np.random.default_rng([seed, 4, stage.step])
    lessons = Lessons(folder, data, machine, rng)
    parameters = [*work.unet.parameters(), *work.vae.decoder.parameters()]
    optimizer = Muon(parameters)
    critics = torch.optim.Adam(work.critic.parameters(), CRITIC_RATE, betas=(0.0, 0.99))
    for step in stage.steps(optimizer, PEAK_RATE):
        lesson, window = lessons.next(), flow.Window.draw(rng, CROP)
        true = window.of(machine.pictures(data.pictures(lesson.index)), 8)
        learning = step >= CRITIC_FIRST
        with torch.set_grad_enabled(learning):
            clean, drawn = work.draw(lesson, window)
        critics.zero_grad()
        against = work.critic_loss(true, drawn.detach(), lesson.known, window)
        against.backward()  # type: ignore[no-untyped-call]
        critics.step()
        if not learning:
            continue
        work.critic.requires_grad_(False)
        loss = work.loss(true, clean, drawn, lesson, window)
        few = slice(0, BATCH // 4)
        optimizer.zero_grad()
        (loss + 0.25 * INVERSE * work.inverse(true[few])).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        work.critic.requires_grad_(True)
        stage.log(loss=loss.detach(), critic=against.detach(), psnr=psnr(drawn.detach(), true))
