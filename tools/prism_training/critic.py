"""The critic of the finish: is this sketch one the shaders would draw from this field?"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

from .networks import LATENT_CHANNELS, PLACES

WIDTHS = (32, 64, 96)


class Critic(nn.Module):
    """Patches of a sketch judged beside the field they should come from; every layer is 1-Lipschitz.

    The first layers see the sketch alone, at a half, a quarter and an eighth of its size; at the last
    of these, where field and places lie, they are laid beside it.
    """

    def __init__(self, conditions: int) -> None:
        super().__init__()
        widths = (3, *WIDTHS)
        self.sights = nn.ModuleList(spectral_norm(nn.Conv2d(a, b, 5, 2, 2)) for a, b in pairwise(widths))
        self.told = spectral_norm(nn.Conv2d(WIDTHS[-1] + LATENT_CHANNELS + PLACES, WIDTHS[-1], 3, 1, 1))
        self.thought = spectral_norm(nn.Conv2d(WIDTHS[-1], WIDTHS[-1], 3, 1, 1))
        self.verdict = spectral_norm(nn.Conv2d(WIDTHS[-1], 1, 1))
        self.asked = spectral_norm(nn.Linear(conditions, WIDTHS[-1]))

    def forward(self, sketch: Tensor, field: Tensor, places: Tensor, conditions: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Verdicts [n, 1, h/8, w/8] over a sketch [n, 3, h, w], and what was seen on the way to them."""
        seen, x = [], sketch
        for layer in self.sights:
            x = functional.leaky_relu(layer(x), 0.2)
            seen.append(x)
        x = functional.leaky_relu(self.told(torch.cat([x, field, places], 1)), 0.2)
        x = functional.leaky_relu(self.thought(x), 0.2)
        asked = self.asked(conditions)[:, :, None, None]
        # Projection (Miyato & Koyama 2018): what is asked weighs what is seen.
        return self.verdict(x) + (x * asked).mean(1, keepdim=True), seen
