"""The same samples as everyone would draw them: the shaders, the autoencoder, the teacher, the exported model.

All coloured RGB [n, 256, 256, 3] uint8, for whoever compares them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from visuals.generator.backends.network import coloured
from visuals.generator.libraries import diffusers
from visuals.types import Pixels

from . import autoencoder, flow, networks, teacher
from .dataset import Renderer
from .machine import Machine
from .samples import STYLES, Sample

BATCH = 16


def renders(samples: Sequence[Sample], sketch: bool = False) -> Pixels:
    """By the shaders: the truth."""
    with Renderer(sketch) as renderer:
        return np.stack([renderer.draw(sample) for sample in samples])


@torch.inference_mode()
def reconstructions(model: Path, samples: Sequence[Sample]) -> Pixels:
    """The true sketches through the exported model's encoder and decoder."""
    vae, machine = _vae(model), Machine("cpu")
    raw = autoencoder.encode(vae, renders(samples, sketch=True), machine)
    return _coloured(lambda rows: networks.decode(vae, torch.from_numpy(raw[rows])), samples)


@torch.inference_mode()
def through_teacher(
    work: Path, samples: Sequence[Sample], guidance: float = flow.GUIDANCE, size: str = "small"
) -> Pixels:
    """By the teacher in its many steps, and the autoencoder it learnt with."""
    machine = Machine()
    net, vae = teacher.load(work, size, machine), autoencoder.load(work, size, machine)
    scale, shift = flow.scaling(work)

    def draw(rows: slice) -> Tensor:
        part = samples[rows]
        clean = flow.travel(net, grains(part, machine), known(part, machine), machine, guidance)[-1]
        return networks.decode(vae, clean / scale + shift).float().cpu()

    return _coloured(draw, samples)


@torch.inference_mode()
def through_student(model: Path, samples: Sequence[Sample]) -> Pixels:
    """By the exported model in one step."""
    vae, machine = _vae(model), Machine("cpu")
    unet = diffusers().UNet2DConditionModel.from_pretrained(model / "unet", local_files_only=True).float().eval()
    scale, shift = vae.config["scaling_factor"], vae.config["shift_factor"]

    def draw(rows: slice) -> Tensor:
        part = samples[rows]
        clean = flow.predict(unet, grains(part, machine), torch.ones(len(part)), known(part, machine))
        return networks.decode(vae, clean / scale + shift)

    return _coloured(draw, samples)


def grains(samples: Sequence[Sample], machine: Machine) -> Tensor:
    """[n, 8, 32, 32]"""
    return machine.take(np.stack([sample.grain for sample in samples]))


def known(samples: Sequence[Sample], machine: Machine) -> flow.Known:
    """What the network is told of the samples."""
    styles = np.eye(len(STYLES), dtype=np.float32)[[STYLES.index(sample.style) for sample in samples]]
    conditions = np.concatenate([styles, np.stack([sample.structure for sample in samples])], 1)
    fields, places = ([getattr(sample, name) for sample in samples] for name in ("field", "places"))
    return flow.Known(machine.take(np.stack(fields)), machine.take(np.stack(places)), machine.take(conditions))


def _vae(model: Path) -> Any:
    return diffusers().AutoencoderTiny.from_pretrained(model / "vae", local_files_only=True).float().eval()


def _coloured(draw: Callable[[slice], Tensor], samples: Sequence[Sample]) -> Pixels:
    """Sketches drawn batch by batch, each in its sample's palette."""
    parts = []
    for start in range(0, len(samples), BATCH):
        rows = slice(start, start + BATCH)
        palettes = torch.from_numpy(np.stack([sample.palette for sample in samples[rows]]))
        picture = (255.0 * torch.cat(coloured(draw(rows), palettes), 1) + 0.5).clamp(0.0, 255.0).byte()
        parts.append(picture.permute(0, 2, 3, 1).numpy())
    return np.concatenate(parts)
