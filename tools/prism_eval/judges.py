"""E1 and E2: two small networks that see renders only to judge with, and that no training of prism ever uses.

E1 tells the style and reads the attributes. E2 is told nothing: it learns which two crops come from one picture
(SimCLR: Chen et al., ICML 2020), with the colour channels shuffled so that colour alone gives nothing away.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from tools.prism_training.budget import metadata, store
from visuals.generator import condition
from visuals.types import Float32s, Pixels

WIDTHS = (16, 32, 64, 96)
LENGTH = WIDTHS[-1]
RATE, SAVE_EVERY = 2e-3, 50
CLASSIFIER_STEPS, CLASSIFIER_BATCH = 1500, 32
CONTRAST_STEPS, CONTRAST_BATCH, CROP, TEMPERATURE = 400, 64, 128, 0.2
SMOOTHING = 0.05
"""Of the style labels."""

logger = logging.getLogger(__name__)


class Trunk(nn.Module):
    """Pictures [n, 3, h, w] in 0..1 to features [n, 96], means over the picture: any size of 32 pixels or more."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, width in zip((3, *WIDTHS[:-1]), WIDTHS, strict=True):
            side = 5 if before == 3 else 3
            layers += [nn.Conv2d(before, width, side, 2, side // 2), nn.GroupNorm(8, width), nn.SiLU()]
        layers += [nn.Conv2d(LENGTH, LENGTH, 3, 1, 1), nn.GroupNorm(8, LENGTH), nn.SiLU()]
        self.layers = nn.Sequential(*layers)

    def forward(self, pixels: Tensor) -> Tensor:
        found: Tensor = self.layers(2.0 * pixels - 1.0).mean((2, 3))
        return found


class Classifier(nn.Module):
    """E1: the style of a picture, and its levels (`condition.LEVELS`) as -1..1."""

    def __init__(self, styles: int) -> None:
        super().__init__()
        self.trunk = Trunk()
        self.style = nn.Linear(LENGTH, styles)
        self.levels = nn.Linear(LENGTH, len(condition.LEVELS))

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        seen = self.trunk(pixels)
        return self.style(seen), self.levels(seen)

    @torch.inference_mode()
    def recognised(self, pictures: Pixels, batch: int = 32) -> np.ndarray:
        """The style of each picture [n], by number."""
        parts = [self(floats(pictures[i : i + batch]))[0].argmax(1) for i in range(0, len(pictures), batch)]
        return np.asarray(torch.cat(parts).numpy())


class Contrast(nn.Module):
    """E2 while it learns: the trunk, and a head that is thrown away."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = Trunk()
        self.head = nn.Sequential(nn.Linear(LENGTH, LENGTH), nn.SiLU(), nn.Linear(LENGTH, 64))

    def forward(self, pixels: Tensor) -> Tensor:
        return functional.normalize(self.head(self.trunk(pixels)), dim=1)


def floats(pictures: Pixels) -> Tensor:
    """[n, h, w, 3] uint8 to [n, 3, h, w] in 0..1."""
    tensor = torch.from_numpy(np.ascontiguousarray(pictures[..., :3])).permute(0, 3, 1, 2).float() / 255.0
    return tensor.contiguous(memory_format=torch.channels_last)


def classifier(
    folder: Path, pictures: Pixels, labels: np.ndarray, levels: Float32s, styles: Sequence[str], key: str, steps: int
) -> Classifier:
    """E1, learnt from `pictures` with their style numbers [n] and levels [n, 7] in -1..1; kept in `folder`."""
    net = Classifier(len(styles))

    def loss(rng: np.random.Generator) -> Tensor:
        rows = rng.integers(len(pictures), size=CLASSIFIER_BATCH)
        style, read = net(floats(_flipped(pictures[rows], rng)))
        wanted = torch.from_numpy(labels[rows])
        return functional.cross_entropy(style, wanted, label_smoothing=SMOOTHING) + functional.mse_loss(
            read, torch.from_numpy(levels[rows])
        )

    _fit(net, loss, folder / "e1.safetensors", key, steps)
    return net


def contrast(folder: Path, pictures: Pixels, key: str, steps: int) -> Trunk:
    """E2, learnt from `pictures` alone; kept in `folder`."""
    net = Contrast()

    def loss(rng: np.random.Generator) -> Tensor:
        batch = pictures[rng.integers(len(pictures), size=CONTRAST_BATCH)]
        views = [net(floats(np.stack([_view(picture, rng) for picture in batch]))) for _ in range(2)]
        return _same(torch.cat(views))

    _fit(net, loss, folder / "e2.safetensors", key, steps)
    return net.trunk


def _same(views: Tensor) -> Tensor:
    """NT-Xent: the other view of a picture among all other views."""
    alike = views @ views.T / TEMPERATURE
    alike.fill_diagonal_(-1e9)
    return functional.cross_entropy(alike, torch.arange(len(views)).roll(len(views) // 2))


def _flipped(pictures: Pixels, rng: np.random.Generator) -> Pixels:
    """Half of the pictures as in a mirror: no attribute changes."""
    return np.stack([picture[:, ::-1] if rng.random() < 0.5 else picture for picture in pictures])


def _view(picture: Pixels, rng: np.random.Generator) -> Pixels:
    """A crop at its own resolution, so that sharpness counts, perhaps mirrored, its channels shuffled."""
    height, width = picture.shape[:2]
    top, left = rng.integers(height - CROP + 1), rng.integers(width - CROP + 1)
    crop = picture[top : top + CROP, left : left + CROP, rng.permutation(3)]
    return crop[:, ::-1] if rng.random() < 0.5 else crop


def _fit(net: nn.Module, loss: Callable[[np.random.Generator], Tensor], path: Path, key: str, steps: int) -> None:
    """Train with AdamW, going on from what `path` holds under this key; every step's draw is seeded by its number."""
    _start(net)
    done = _restore(net, path, key)
    optimizer = torch.optim.AdamW(net.parameters(), RATE, weight_decay=0.02)
    for step in range(done, steps):
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1.0, (step - done + 1) / 20) * (1.0 - step / steps)
        value = loss(np.random.default_rng([17, step]))
        optimizer.zero_grad()
        value.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        if (step + 1) % SAVE_EVERY == 0 or step + 1 == steps:
            store(path, net.state_dict(), {"step": str(step + 1), "key": key})
            logger.info("%s step %d of %d, loss %.3f", path.stem, step + 1, steps, float(value.detach()))
    net.eval().requires_grad_(False)


def _start(net: nn.Module) -> None:
    """The same first weights each time, whatever else was drawn in this process."""
    with torch.random.fork_rng():
        torch.manual_seed(17)
        for module in net.modules():
            if isinstance(module, (nn.Conv2d, nn.Linear)):
                module.reset_parameters()


def _restore(net: nn.Module, path: Path, key: str) -> int:
    """How many steps the network at `path` had; 0 when there is none, or it learnt something else."""
    if not path.exists() or metadata(path).get("key") != key:
        return 0
    net.load_state_dict(load_file(path))
    return int(metadata(path)["step"])
