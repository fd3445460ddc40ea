"""Stage `student`: the teacher's way in one step, from wherever on it the step begins.

The student starts as the teacher and learns to see the way's end from each point that was kept: a
consistency function by direct supervision. A share of true pictures, noised, keeps it at home where
memory and pictures from outside lead, off the teacher's ways. What is off counts in latents, which hold
everything, and by what can be seen of it: much of a picture is dark, where latents say nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from . import autoencoder, flow, networks
from .budget import Stage, averaged
from .machine import Machine
from .muon import Muon
from .trajectories import KEPT, SHARD, grain, shards

BATCH, PEAK_RATE = 16, 1.2e-3
AT_ONE, TRUE = 0.65, 0.12
"""Shares of samples that begin at the grain, and at a true picture with noise; the others begin on the way."""
TRUE_BELOW = 0.75
HUBER = 0.03
"""Pseudo-Huber's corner: outliers are edges that lie elsewhere, and must not drag everything soft."""
LOOK, LOOKED = 12, 2.0
"""Side of the window that is looked at, in latents, and what its difference weighs: a sixth of a step's time."""


@dataclass(frozen=True)
class Lesson:
    """Where a step begins, at what time, what it knows, and where it should end."""

    start: Tensor
    t: Tensor
    known: flow.Known
    end: Tensor
    index: np.ndarray


class Lessons:
    """Batches of the trajectories; one shard is in memory at a time, for as long as it has samples."""

    def __init__(self, folder: Path, data: flow.Latents, machine: Machine, rng: np.random.Generator) -> None:
        self._shards, self._data, self._machine, self._rng = shards(folder), data, machine, rng
        if not self._shards:
            raise FileNotFoundError(f"{folder / 'trajectories'}: nothing there, run the stage trajectories first")
        self._left = np.array([], int)

    def next(self) -> Lesson:
        if len(self._left) < BATCH:
            self._open()
        rows, self._left = self._left[:BATCH], self._left[BATCH:]
        index, take, draw = self._index[rows], self._machine.take, self._rng.random(BATCH)
        ways = take(self._ways[rows])
        start, t, end = self._grains[rows], np.ones(BATCH, np.float32), ways[:, -1]
        on_way = np.flatnonzero(draw >= AT_ONE + TRUE)
        for row in on_way:
            point = int(self._rng.integers(1, len(KEPT)))
            start[row], t[row] = ways[row, point - 1], KEPT[point]
        true = np.flatnonzero((draw >= AT_ONE) & (draw < AT_ONE + TRUE))
        if len(true):
            t[true] = self._rng.uniform(0.1, TRUE_BELOW, len(true))
            clean, rows_true = self._data.clean(index[true]), torch.from_numpy(true)
            start[rows_true] = flow.mix(clean, start[rows_true], take(t[true]))
            end = end.clone()
            end[rows_true] = clean
        return Lesson(start, take(t), self._data.known(index), end, index)

    def _open(self) -> None:
        number = int(self._rng.integers(len(self._shards)))
        with np.load(self._shards[number]) as shard:
            self._index, self._ways = shard["index"], shard["ways"]
        self._grains = grain(self._data, self._index, int(self._shards[number].stem))
        self._left = self._rng.permutation(SHARD)


def off(found: Tensor, wanted: Tensor) -> Tensor:
    """Pseudo-Huber distance of latents."""
    corner = HUBER * math.sqrt(found[0].numel())
    squares = (found - wanted).square().sum((1, 2, 3))
    return ((squares + corner**2).sqrt() - corner).mean() / math.sqrt(found[0].numel())


class Eye:
    """What can be seen of a difference: in light, in light of the second colour, in sparks and in all their edges."""

    def __init__(self, folder: Path, size: str, machine: Machine) -> None:
        self._vae = autoencoder.load(folder, size, machine)
        self._scale, self._shift = flow.scaling(folder)

    def apart(self, found: Tensor, wanted: Tensor, window: flow.Window) -> Tensor:
        drawn, true = (self._seen(window.of(latents)) for latents in (found, wanted))
        return (drawn - true).abs().mean() + networks.gradient_l1(drawn, true)

    def _seen(self, latents: Tensor) -> Tensor:
        sketch = networks.decode(self._vae, latents / self._scale + self._shift)
        light, second, spark = (0.5 * sketch.float() + 0.5).chunk(3, dim=1)
        return torch.cat([light, light * second, spark], dim=1)


def train(folder: Path, minutes: float, seed: int, size: str, machine: Machine) -> None:
    torch.manual_seed(seed)
    data = flow.Latents(folder, size, machine)
    net = machine.net(networks.unet(size))
    net.load_state_dict(averaged(folder / "teacher.safetensors", "unet"))
    stage = Stage(folder, "student", minutes, {"unet": net}, 0.998)
    rng = np.random.default_rng([seed, 3, stage.step])
    lessons, eye = Lessons(folder, data, machine, rng), Eye(folder, size, machine)
    optimizer = Muon(net.parameters())
    for _ in stage.steps(optimizer, PEAK_RATE):
        lesson = lessons.next()
        with machine.quick():
            found = flow.predict(net, lesson.start, lesson.t, lesson.known).float()
            seen = eye.apart(found, lesson.end, flow.Window.draw(rng, LOOK))
        loss = off(found, lesson.end) + LOOKED * seen
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        first = lesson.t == 1.0
        stage.samples += BATCH
        stage.log(loss=loss.detach(), seen=seen.detach(), at_one=(found - lesson.end)[first].square().mean().detach())
