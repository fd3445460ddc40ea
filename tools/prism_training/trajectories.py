"""Stage `trajectories`: ways of the teacher from grain to picture, kept for the student.

By SlimFlow's and InstaFlow's recipe (Zhu et al. 2024, Liu et al. 2023): the teacher's map from noise to
picture is continuous, and a student that learns it by regression walks as smoothly.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import torch
from rich.progress import Progress

from . import flow, teacher
from .machine import Machine

KEPT = (1.0, 0.75, 0.5, 0.25)
"""Times at which the way is kept; the first is the grain itself, recomputed from its seed."""
SHARD, BATCH = 512, 32


def shards(folder: Path) -> list[Path]:
    return sorted((folder / "trajectories").glob("*.npz"))


def make(folder: Path, minutes: float, seed: int, size: str, machine: Machine) -> None:
    """Shards of 512 until the minutes are spent: index of the sample, way at .75, .5 and .25, and its end."""
    data, net = flow.Latents(folder, size, machine), teacher.load(folder, size, machine)
    (folder / "trajectories").mkdir(exist_ok=True)
    started = time.monotonic()
    with Progress() as bar:
        task = bar.add_task("trajectories", total=60.0 * minutes)
        while (spent := time.monotonic() - started) < 60.0 * minutes:
            bar.update(task, completed=spent)
            number = len(shards(folder))
            path = folder / "trajectories" / f"{number:04d}.npz"
            part = path.with_suffix(".part")
            with part.open("wb") as file:
                index = np.random.default_rng([seed, 1, number]).integers(len(data), size=SHARD)
                ways = _ways(data, net, machine, index, grain(data, index, number))
                np.savez(file, index=index, ways=ways)
            part.replace(path)


def _ways(
    data: flow.Latents, net: torch.nn.Module, machine: Machine, index: np.ndarray, grains: torch.Tensor
) -> np.ndarray:
    ways = []
    for i in range(0, SHARD, BATCH):
        way = flow.travel(net, grains[i : i + BATCH], data.known(index[i : i + BATCH]), machine)
        kept = [way[round((1.0 - t) * flow.STEPS)] for t in (*KEPT[1:], 0.0)]
        ways.append(torch.stack(kept, 1).half().cpu().numpy())
    return np.concatenate(ways)


def grain(data: flow.Latents, index: np.ndarray, number: int) -> torch.Tensor:
    """The grain of a shard's samples [512, 8, 32, 32]."""
    return data.grain(index, np.random.default_rng([2, number]))
