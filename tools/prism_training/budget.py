"""A stage of training: so many minutes, a learning rate that falls with them, a checkpoint to go on from."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

SAVE_EVERY_S = 60.0


class Average:
    """Exponential moving average of a network's weights; what is kept and shipped."""

    def __init__(self, net: Any, decay: float) -> None:
        self._decay = decay
        self.state = {k: v.detach().clone() for k, v in net.state_dict().items()}

    @torch.no_grad()
    def update(self, net: Any, step: int) -> None:
        decay = min(self._decay, (1 + step) / (10 + step))
        for name, value in net.state_dict().items():
            self.state[name].lerp_(value, 1.0 - decay)


class Budget:
    """Minutes spent so far, kept on disk beside the weights, so that a stopped stage goes on."""

    def __init__(self, folder: Path, name: str, minutes: float) -> None:
        self._path = folder / f"{name}.json"
        saved = json.loads(self._path.read_text()) if self._path.exists() else {}
        self.step, self._spent = int(saved.get("step", 0)), float(saved.get("seconds", 0.0))
        self._total = 60.0 * minutes
        self._started = self._saved = time.monotonic()

    @property
    def progress(self) -> float:
        return min(1.0, (self._spent + time.monotonic() - self._started) / self._total)

    def steps(self, optimizer: torch.optim.Optimizer, peak: float, save: Callable[[], None]) -> Iterator[int]:
        """Count steps until the minutes are spent; warm up, then let the rate fall along a cosine."""
        while self.progress < 1.0:
            rate = peak * min(1.0, (self.step + 1) / 100) * (0.02 + 0.98 * math.cos(0.5 * math.pi * self.progress))
            for group in optimizer.param_groups:
                group["lr"] = rate
            yield self.step
            self.step += 1
            if time.monotonic() - self._saved > SAVE_EVERY_S:
                self._keep(save)
        self._keep(save)

    def _keep(self, save: Callable[[], None]) -> None:
        save()
        self._saved = time.monotonic()
        spent = self._spent + self._saved - self._started
        self._path.write_text(json.dumps({"step": self.step, "seconds": spent}))


def store(path: Path, state: dict[str, torch.Tensor]) -> None:
    """Write weights so that a reader never sees half a file."""
    part = path.with_suffix(".part")
    save_file({k: v.contiguous() for k, v in state.items()}, part)
    part.replace(path)


def restore(net: Any, path: Path) -> bool:
    """Load weights if there are any."""
    if path.exists():
        net.load_state_dict(load_file(path))
    return path.exists()
