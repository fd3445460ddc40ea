"""The flow the teacher learns and the student shortens: x_t = (1 - t) x0 + t grain, v = grain - x0.

Rectified flow (Liu et al. 2022, arXiv 2209.03003) on latents, told the field the picture was drawn
from: what the field decides needs no noise, and what it leaves open the grain decides.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from rich.progress import track
from torch import Tensor, nn

from visuals.generator import condition
from visuals.generator.backends.network import waves

from . import autoencoder
from .budget import metadata
from .dataset import Samples, Shelf
from .machine import Machine
from .samples import LATENT, STYLES, Split, grain, window

STEPS = 16
"""Steps of the teacher's way from grain to picture, all of one length."""
GUIDANCE = 1.0
"""How far the way leads from what any style might be towards the style it is told (classifier-free guidance: Ho and
Salimans 2022, arXiv 2207.12598). 1 leads nowhere. 2 was tried: a student of it has styles recognised at 0.85 of the
renders' share instead of 0.76, but follows the fader `scale` at 0.67 instead of 0.89: each style goes its own way."""
GUIDED_ABOVE = 0.3
"""Times at which it does; later the style is decided (Kynkäänniemi et al. 2024, arXiv 2404.07724)."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Known:
    """What a step is told besides the noisy latents: field [n, 8, h, w], places [n, 3, h, w], conditions [n, c]."""

    field: Tensor
    places: Tensor
    conditions: Tensor

    def __getitem__(self, rows: slice | Tensor) -> Known:
        return Known(self.field[rows], self.places[rows], self.conditions[rows])

    def __len__(self) -> int:
        return len(self.field)

    def where_told(self, told: Tensor) -> Known:
        """The same without the style's weights where `told` [n] is false."""
        styles, rest = self.conditions[:, : len(STYLES)], self.conditions[:, len(STYLES) :]
        return Known(self.field, self.places, torch.cat([styles * told.view(-1, 1), rest], 1))


@dataclass(frozen=True)
class Window:
    """The same part of every picture: `side` latents from row `y` and column `x`."""

    y: int
    x: int
    side: int

    @classmethod
    def draw(cls, rng: np.random.Generator, side: int) -> Window:
        y, x = (int(rng.integers(LATENT - side + 1)) for _ in range(2))
        return cls(y, x, side)

    def of(self, maps: Tensor, scale: int = 1) -> Tensor:
        """Maps [n, c, h, w] of `scale` places for each latent."""
        y, x, side = self.y * scale, self.x * scale, self.side * scale
        return maps[:, :, y : y + side, x : x + side].contiguous(memory_format=torch.channels_last)

    def known(self, known: Known) -> Known:
        return Known(self.of(known.field), self.of(known.places), known.conditions)


def seen(noisy: Tensor, known: Known) -> Tensor:
    """What a network reads [n, 43, h, w]."""
    return torch.cat([noisy, known.places, waves(known.field)], 1)


def velocity(net: nn.Module, noisy: Tensor, t: Tensor, known: Known) -> Tensor:
    """The network's v at `noisy` and times `t` [n]."""
    found: Tensor = net(seen(noisy, known), 1000.0 * t, None, class_labels=known.conditions, return_dict=False)[0]
    return found


def predict(net: nn.Module, noisy: Tensor, t: Tensor, known: Known) -> Tensor:
    """The clean latents the network sees in `noisy`."""
    return noisy - t.view(-1, 1, 1, 1) * velocity(net, noisy, t, known)


def mix(clean: Tensor, grain: Tensor, t: Tensor) -> Tensor:
    """Latents on the way, at times `t` [n]."""
    share = t.view(-1, 1, 1, 1)
    return (1.0 - share) * clean + share * grain


@torch.inference_mode()
def travel(net: nn.Module, grain: Tensor, known: Known, machine: Machine, guidance: float = GUIDANCE) -> list[Tensor]:
    """Euler's way from t = 1 to 0, led to its styles: the latents at 1, 1 - 1/STEPS, … 0."""
    way, untold = [grain], known.where_told(torch.zeros(len(known), dtype=torch.bool, device=grain.device))
    for n in range(STEPS):
        now = 1.0 - n / STEPS
        t = torch.full((len(grain),), now, device=grain.device)
        with machine.quick():
            v = velocity(net, way[-1], t, known).float()
            if guidance != 1.0 and now > GUIDED_ABOVE:
                anything = velocity(net, way[-1], t, untold).float()
                v = anything + guidance * (v - anything)
        way.append(way[-1] - v / STEPS)
    return way


class Latents:
    """A split's samples as latents of unit variance, encoded once by the autoencoder that is there."""

    def __init__(self, folder: Path, size: str, machine: Machine, split: Split = "train") -> None:
        self._machine, self._samples = machine, Samples(folder / "data", split)
        _encode_missing(folder, size, machine, split)
        self._starts = np.cumsum([0, *(Shelf(folder / "data", style, split).count for style in STYLES)])
        self._arrays = [np.load(_path(folder, style, split), mmap_mode="r") for style in STYLES]

    def __len__(self) -> int:
        return len(self._samples)

    def known(self, index: np.ndarray) -> Known:
        take, samples = self._machine.take, self._samples
        return Known(
            take(samples.take("fields", index)), take(samples.take("places", index)), take(samples.conditions(index))
        )

    def grain(self, index: np.ndarray, rng: np.random.Generator) -> Tensor:
        """White noise [n, 8, 32, 32], mirrored as the samples' fields are: so it is on a wall."""
        symmetry = 0.5 * self._samples.take("structures", index)[:, condition.STRUCTURE.index("symmetry")] + 0.5
        windows = self._samples.take("windows", index)
        drawn = [
            window(grain(rng, s, (aspect * LATENT, LATENT)), left)
            for s, (aspect, left) in zip(symmetry, windows.tolist(), strict=True)
        ]
        return self._machine.take(np.stack(drawn))

    def clean(self, index: np.ndarray) -> Tensor:
        """Latents [n, 8, 32, 32] of the true sketches."""
        shelf = np.searchsorted(self._starts, index, "right") - 1
        rows = [self._arrays[s][i - self._starts[s]] for s, i in zip(shelf, index, strict=True)]
        return self._machine.take(np.stack(rows))

    def pictures(self, index: np.ndarray) -> np.ndarray:
        """The true sketches [n, 256, 256, 3] uint8."""
        return self._samples.take("pictures", index)


def scaling(folder: Path) -> tuple[float, float]:
    """(z - shift) * scale brings raw latents to unit variance."""
    found = json.loads((folder / "latents.json").read_text())
    return float(found["scaling_factor"]), float(found["shift_factor"])


def _path(folder: Path, style: str, split: Split) -> Path:
    return folder / "latents" / split / f"{style}.npy"


def _encode_missing(folder: Path, size: str, machine: Machine, split: Split) -> None:
    """Latents made by another autoencoder, or of other pictures, are made anew."""
    scale, shift = scaling(folder)
    steps = metadata(folder / "autoencoder.safetensors")["step"]
    vae: nn.Module | None = None
    for style in track(STYLES, f"latents, {split}"):
        shelf, path = Shelf(folder / "data", style, split), _path(folder, style, split)
        made_from = f"{steps} steps, {shelf.note}"
        note = path.with_suffix(".txt")
        if note.exists() and note.read_text() == made_from:
            continue
        vae = vae or autoencoder.load(folder, size, machine)
        path.parent.mkdir(parents=True, exist_ok=True)
        raw = autoencoder.encode(vae, shelf.open("pictures"), machine)
        np.save(path, ((raw - shift) * scale).astype(np.float16))
        note.write_text(made_from)
