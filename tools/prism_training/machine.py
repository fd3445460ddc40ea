"""Where a training runs: its device, its lower precision, its memory layout."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn


class Machine:
    """`auto` is the graphics processor where there is one. bfloat16 where it is quick, channels last."""

    def __init__(self, device: str = "auto") -> None:
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        self.device = torch.device(device)

    def net(self, net: nn.Module) -> nn.Module:
        return net.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]

    def take(self, array: np.ndarray) -> Tensor:
        """An array as a float tensor there; pictures and fields channels last."""
        tensor = torch.tensor(array, device=self.device, dtype=torch.float32)
        return tensor.contiguous(memory_format=torch.channels_last) if tensor.ndim == 4 else tensor

    def pictures(self, pixels: np.ndarray) -> Tensor:
        """Pictures [n, h, w, 3] uint8 as [n, 3, h, w] in -1..1."""
        tensor = torch.tensor(pixels, device=self.device).permute(0, 3, 1, 2).float()
        return (tensor / 127.5 - 1.0).contiguous(memory_format=torch.channels_last)

    @contextmanager
    def quick(self) -> Iterator[None]:
        with torch.autocast(self.device.type, torch.bfloat16):
            yield
