"""Stage `finish`: the student's pictures made sharp by a critic.

Regression gives the mean of all that could be, which is soft. A critic that is shown what the student
makes of a field and the latents of the picture the shaders drew from it, side by side (relativistic
pairs: Huang et al. 2024, arXiv 2501.05441), asks for one of them. Light beside the regression, as in
SANA-Sprint (Chen et al. 2025, arXiv 2503.09641), so that the map from noise to picture stays as smooth
as the teacher's. All in latents: autoencoder and memory are left as they are.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from . import flow, networks
from .budget import Stage, averaged
from .critic import Critic
from .machine import Machine
from .muon import Muon
from .student import Lesson, Lessons, off

PEAK_RATE, CRITIC_RATE = 4e-4, 1e-3
ADVERSE = 0.15
"""Weight of the critic beside the lessons."""
NOISED = 0.6
"""Times of the noise the critic looks through: 0 to this."""
CRITIC_FIRST = 150
"""Steps in which only the critic learns."""


class Court:
    """The critic, and both sides' losses before it."""

    def __init__(self, machine: Machine) -> None:
        self.critic = machine.net(Critic())
        self._machine = machine

    def against(self, drawn: Tensor, true: Tensor, known: flow.Known) -> Tensor:
        """How much less true the drawn latents look than the true ones of the same fields, the critic's gain."""
        t = NOISED * torch.rand(len(true), device=true.device)
        grain = torch.randn_like(true)
        with self._machine.quick():
            pair = [self.critic(flow.mix(latents, grain, t), t, known) for latents in (drawn, true)]
        return torch.stack([functional.softplus((a - b).float()).mean() for a, b in zip(*pair, strict=True)]).mean()

    def for_it(self, drawn: Tensor, true: Tensor, known: flow.Known) -> Tensor:
        return self.against(true, drawn, known)


def train(folder: Path, minutes: float, seed: int, size: str, machine: Machine) -> None:
    torch.manual_seed(seed)
    data, net, court = flow.Latents(folder, size, machine), machine.net(networks.unet(size)), Court(machine)
    net.load_state_dict(averaged(folder / "student.safetensors", "unet"))
    nets: dict[str, nn.Module] = {"unet": net, "critic": court.critic}
    stage = Stage(folder, "finish", minutes, nets, 0.998)
    lessons = Lessons(folder, data, machine, np.random.default_rng([seed, 4, stage.step]))
    optimizer = Muon(net.parameters())
    critics = torch.optim.Adam(court.critic.parameters(), CRITIC_RATE, betas=(0.0, 0.99))
    for step in stage.steps(optimizer, PEAK_RATE):
        lesson = lessons.next()
        true = data.clean(lesson.index)
        learning = step >= CRITIC_FIRST
        with torch.set_grad_enabled(learning), machine.quick():
            found = flow.predict(net, lesson.start, lesson.t, lesson.known).float()
        critics.zero_grad()
        against = court.against(found.detach(), true, lesson.known)
        against.backward()  # type: ignore[no-untyped-call]
        critics.step()
        if learning:
            loss = _learn(net, optimizer, court, lesson, found, true)
            stage.samples += len(true)
            stage.log(loss=loss, critic=against.detach())


def _learn(
    net: nn.Module, optimizer: torch.optim.Optimizer, court: Court, lesson: Lesson, found: Tensor, true: Tensor
) -> Tensor:
    """One step of the student before the court."""
    court.critic.requires_grad_(False)
    loss = off(found, lesson.end)
    optimizer.zero_grad()
    (loss + ADVERSE * court.for_it(found, true, lesson.known)).backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    optimizer.step()
    court.critic.requires_grad_(True)
    return loss.detach()
