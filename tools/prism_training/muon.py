"""Muon (K. Jordan 2024, with the scaling of Liu et al. 2025, arXiv 2502.16982): Adam's steps, made orthogonal.

Weights of two or more dimensions move along the nearest orthogonal matrix of their momentum, all
others by AdamW. A step costs a fifth more here and does the work of about two.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

QUINTIC = (3.4445, -4.7750, 2.0315)
"""Newton-Schulz coefficients that blow small singular values up fastest."""


class Muon(torch.optim.AdamW):
    """`lr` is AdamW's: the orthogonal steps are scaled to the size of its own."""

    def __init__(self, parameters: Iterable[Tensor], momentum: float = 0.9, weight_decay: float = 1e-2) -> None:
        everything = list(parameters)
        self._matrices = [p for p in everything if p.ndim >= 2 and min(p.shape[0], p[0].numel()) >= 16]
        chosen = {id(p) for p in self._matrices}
        rest = [p for p in everything if id(p) not in chosen]
        super().__init__(rest, betas=(0.9, 0.99), weight_decay=weight_decay)
        self._momentum, self._decay = momentum, weight_decay
        self._buffers = [torch.zeros_like(p) for p in self._matrices]

    def zero_grad(self, set_to_none: bool = True) -> None:
        super().zero_grad(set_to_none)
        for p in self._matrices:
            p.grad = None

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        result = super().step(closure)
        rate = self.param_groups[0]["lr"]
        for p, buffer in zip(self._matrices, self._buffers, strict=True):
            if p.grad is None:
                continue
            buffer.lerp_(p.grad, 1.0 - self._momentum)
            wanted = p.grad.lerp(buffer, self._momentum).reshape(len(p), -1)
            step = orthogonal(wanted) * (0.2 * max(wanted.shape) ** 0.5)
            p.mul_(1.0 - rate * self._decay).sub_(rate * step.view(p.shape))
        return result


def orthogonal(matrix: Tensor, steps: int = 3) -> Tensor:
    """Nearly the nearest matrix with orthonormal rows or columns."""
    a, b, c = QUINTIC
    tall = matrix.shape[0] > matrix.shape[1]
    x = (matrix.mT if tall else matrix).bfloat16()
    x = x / (x.norm() + 1e-7)
    for _ in range(steps):
        square = x @ x.mT
        x = a * x + (b * square + c * square @ square) @ x
    found: Tensor = (x.mT if tall else x).float()
    return found
