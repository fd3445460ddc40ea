"""A stage of training: so many minutes, a learning rate that falls with them, a checkpoint to go on from, a log."""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

SAVE_EVERY_S = 60.0
LOG_EVERY_S = 10.0
WARM_UP_STEPS = 100

logger = logging.getLogger(__name__)


class Average:
    """Exponential moving average of a network's weights; what is kept and shipped."""

    def __init__(self, net: nn.Module, decay: float) -> None:
        self._decay, self._net = decay, net
        self.state = {k: v.detach().clone() for k, v in net.state_dict().items()}

    @torch.no_grad()
    def update(self, step: int) -> None:
        decay = min(self._decay, (1 + step) / (10 + step))
        for name, value in self._net.state_dict().items():
            self.state[name].lerp_(value, 1.0 - decay)


class Stage:
    """One stage's networks, trained until its minutes are spent; what it had spent lies on disk beside the weights.

    Whoever trains adds to `samples`. `folder` receives `<stage>.safetensors` (weights as trained and their
    averages, by network) and `<stage>.jsonl`, a line every ten seconds.
    """

    def __init__(
        self, folder: Path, name: str, minutes: float, networks: Mapping[str, nn.Module], decay: float
    ) -> None:
        self._path, self._log, self._name = folder / f"{name}.safetensors", folder / f"{name}.jsonl", name
        self._networks = networks
        self.step, self.samples, self._spent, self._total = 0, 0, 0.0, 60.0 * minutes
        self._averages = {key: Average(net, decay) for key, net in networks.items()}
        if self._path.exists():
            self._restore()
        self._started = self._saved = self._logged = time.monotonic()

    @property
    def spent(self) -> float:
        """Seconds of training so far, in all sessions."""
        return self._spent + time.monotonic() - self._started

    @property
    def progress(self) -> float:
        return min(1.0, self.spent / self._total) if self._total else 1.0

    def steps(self, optimizer: torch.optim.Optimizer, peak: float) -> Iterator[int]:
        """Count steps until the minutes are spent; warm up, then let the rate fall along a cosine."""
        warm = self.step + WARM_UP_STEPS
        while self.progress < 1.0:
            rate = peak * (0.02 + 0.98 * math.cos(0.5 * math.pi * self.progress))
            for group in optimizer.param_groups:
                group["lr"] = rate * min(1.0, 1.0 - (warm - self.step - 1) / WARM_UP_STEPS)
            yield self.step
            for average in self._averages.values():
                average.update(self.step)
            self.step += 1
            if time.monotonic() - self._saved > SAVE_EVERY_S:
                self.save()
        self.save()

    def log(self, **figures: Tensor | float) -> None:
        """Keep figures of this step, at most every ten seconds."""
        now = time.monotonic()
        if now - self._logged < LOG_EVERY_S:
            return
        self._logged = now
        line = {
            "step": self.step,
            "samples": self.samples,
            "seconds": round(self.spent, 1),
            **{k: round(float(torch.as_tensor(v).detach()), 5) for k, v in figures.items()},
        }
        with self._log.open("a") as file:
            file.write(json.dumps(line) + "\n")
        shown = "  ".join(f"{name} {value:.4f}" for name, value in line.items() if name in figures)
        logger.info("%s %6d  %s  %3.0f %%", self._name, self.step, shown, 100.0 * self.progress)

    def save(self) -> None:
        weights = {f"net.{key}.{k}": v for key, net in self._networks.items() for k, v in net.state_dict().items()}
        weights |= {
            f"average.{key}.{k}": v for key, average in self._averages.items() for k, v in average.state.items()
        }
        self._saved = time.monotonic()
        store(self._path, weights, {"step": str(self.step), "samples": str(self.samples), "seconds": str(self.spent)})

    def _restore(self) -> None:
        weights, facts = load_file(self._path), metadata(self._path)
        self.step, self.samples = int(facts["step"]), int(facts["samples"])
        self._spent = float(facts["seconds"])
        for key, net in self._networks.items():
            net.load_state_dict(_part(weights, f"net.{key}."))
            for name, value in _part(weights, f"average.{key}.").items():
                self._averages[key].state[name].copy_(value)


def averaged(path: Path, key: str) -> dict[str, Tensor]:
    """The averaged weights of one network in a stage's checkpoint."""
    return _part(load_file(path), f"average.{key}.")


def metadata(path: Path) -> dict[str, str]:
    """Steps, samples and seconds a checkpoint has had."""
    with safe_open(path, "pt") as file:
        return dict(file.metadata())


def store(path: Path, weights: Mapping[str, Tensor], facts: Mapping[str, str]) -> None:
    """Write weights so that a reader never sees half a file."""
    part = path.with_suffix(".part")
    save_file({k: v.detach().cpu().contiguous().clone() for k, v in weights.items()}, part, dict(facts))
    part.replace(path)


def _part(weights: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in weights.items() if name.startswith(prefix)}
