"""The critic of the finish: could these latents be those of a picture the shaders drew from this field?"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

from . import flow, networks

WIDTHS = (64, 96, 128)


class Critic(nn.Module):
    """Patches of 8 and of 4 latents' spacing judged beside all a step is told; every layer is 1-Lipschitz.

    Latents come with noise, and the critic is told how much (Sauer et al. 2024, LADD, arXiv
    2403.12015): what is drawn and what is true would else be told apart by trifles.
    """

    def __init__(self) -> None:
        super().__init__()
        first, middle, last = WIDTHS
        told = networks.conditions() + 1
        self.enter = spectral_norm(nn.Conv2d(networks.SEEN, first, 3, 1, 1))
        self.halve = nn.ModuleList(
            spectral_norm(nn.Conv2d(a, b, 4, 2, 1)) for a, b in ((first, middle), (middle, last))
        )
        self.look = nn.ModuleList(spectral_norm(nn.Conv2d(w, w, 3, 1, 1)) for w in (middle, last))
        self.asked = nn.ModuleList(spectral_norm(nn.Linear(told, w)) for w in (middle, last))
        self.verdict = nn.ModuleList(spectral_norm(nn.Conv2d(w, 1, 1)) for w in (middle, last))

    def forward(self, noisy: Tensor, t: Tensor, known: flow.Known) -> list[Tensor]:
        """Verdicts [n, 1, h/2, w/2] and [n, 1, h/4, w/4] over latents [n, 8, h, w] with noise of times `t` [n]."""
        x = functional.leaky_relu(self.enter(flow.seen(noisy, known)), 0.2)
        told, verdicts = torch.cat([known.conditions, t[:, None]], 1), []
        for halve, look, asked, verdict in zip(self.halve, self.look, self.asked, self.verdict, strict=True):
            x = functional.leaky_relu(halve(x), 0.2)
            x = functional.leaky_relu(look(x), 0.2)
            # Projection (Miyato & Koyama 2018, arXiv 1802.05637): what is asked weighs what is seen.
            weight = asked(told)[:, :, None, None]
            verdicts.append(verdict(x) + (x * weight).mean(1, keepdim=True))
        return verdicts
