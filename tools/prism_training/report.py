"""Stage `report`: what the exported model does, measured and shown: `CARD.md` and `samples.png`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image

from visuals.generator import condition, latents
from visuals.generator.backends import Inputs, open_step
from visuals.generator.card import Card, read_card
from visuals.types import Float32s, Pixels

from . import measure
from .dataset import Renderer
from .samples import LATENT, PICTURE, Sample, draw_samples

HELD_OUT_SEED, HELD_OUT = 1_000_003, 96
GRID_SEEDS = (0, 1, 2, 3, 4)
FADER = tuple(np.linspace(0.05, 0.95, 7))


class Player:
    """Single pictures of the exported model, by the fastest backend."""

    def __init__(self, card: Card) -> None:
        self.card = card
        self._step = open_step(card, PICTURE, threads=2)

    def again(self, sample: Sample) -> Pixels:
        """What the model makes of a sample's own noise and condition."""
        return self._draw(sample.noise(), sample.places(), sample.asked())

    def picture(self, seed: int, controls: dict[str, float]) -> Pixels:
        symmetry, scale = (condition.attribute(controls, name) for name in ("symmetry", "scale"))
        noise = latents.spread(latents.mirror(latents.Walk(seed).lattice(), symmetry), scale, LATENT)
        return self._draw(noise, latents.places(LATENT, symmetry), condition.vector(controls, self.card.styles))

    def _draw(self, noise: Float32s, places: Float32s, asked: Float32s) -> Pixels:
        told, palette = (half[None] for half in condition.split(asked))
        once = np.ones(1, np.float32)
        return self._step(Inputs(noise[None], noise[None], places[None], once, told, palette))[1]


def write(folder: Path, model: Path) -> None:
    """Measure `model` and write its card; `folder` holds the records of its training."""
    player = Player(read_card(model))
    _grid(player).save(model / "samples.png", optimize=True)
    likeness = _likeness(player)
    rows = "\n".join(f"| {style} | {db:.1f} |" for style, db in likeness.items())
    follows = "\n".join(f"| {name} | {value:.2f} |" for name, value in _following(player).items())
    text = CARD.format(
        styles=", ".join(player.card.styles),
        likeness=rows,
        mean=np.mean(list(likeness.values())),
        follows=follows,
        training=_training(folder),
        held_out=HELD_OUT,
    )
    (model / "CARD.md").write_text(text)


def _grid(player: Player) -> Image.Image:
    """One row a style, fixed seeds, never chosen."""
    rows = []
    for n, style in enumerate(player.card.styles):
        row = []
        for seed in GRID_SEEDS:
            turn = (0.13 * n + 0.21 * seed) % 1.0
            controls = {f"style.{style}": 1.0, "hue": turn, "hue2": (turn + 0.3) % 1.0, "scale": 0.2 * seed}
            row.append(player.picture(seed, controls)[..., :3])
        rows.append(np.concatenate(row, 1))
    return Image.fromarray(np.concatenate(rows))


def _likeness(player: Player) -> dict[str, float]:
    """Mean PSNR by style of the model's pictures against the shaders', on noise never trained on."""
    found: dict[str, list[float]] = {style: [] for style in player.card.styles}
    with Renderer() as renderer:
        for sample in draw_samples(HELD_OUT, HELD_OUT_SEED):
            found[sample.style].append(measure.psnr(player.again(sample), renderer.draw(sample)))
    return {style: float(np.mean(values)) for style, values in found.items()}


def _following(player: Player) -> dict[str, float]:
    """Rank correlation of a fader with what it should move, averaged over styles; hue: mean distance in turns."""
    tests = {"brightness": measure.brightness, "density": measure.filling, "saturation": measure.saturation}
    result = {}
    for name, meter in tests.items():
        scores = []
        for style in player.card.styles:
            seen = [meter(player.picture(7, {f"style.{style}": 1.0, name: value})) for value in FADER]
            scores.append(measure.spearman(np.array(FADER), np.array(seen)))
        result[f"{name} (rank correlation)"] = float(np.mean(scores))
    away = [
        measure.hue_distance(measure.hue(player.picture(7, {f"style.{s}": 1.0, "hue": t, "hue2": t})), t)
        for s in player.card.styles
        for t in FADER
    ]
    result["hue (mean distance, turns)"] = float(np.mean(away))
    return result


def _training(folder: Path) -> str:
    lines = []
    for stage in ("autoencoder", "student", "encoder"):
        path = folder / f"{stage}.json"
        if path.exists():
            spent = json.loads(path.read_text())
            lines.append(f"| {stage} | {spent['step']} | {spent['seconds'] / 60.0:.0f} |")
    return "\n".join(lines)


CARD = """# prism

The project's own model: one step from noise to a 256x128 picture. **A first checkpoint**, see the end.

**What it is.** `UNet2DConditionModel` (2.4 M weights, no cross-attention, style and structure as a projected
class embedding) and `AutoencoderTiny` (0.4 M, on pixels unshuffled by two), half precision, in diffusers'
layout. {styles}: eight styles with density, scale, symmetry and energy. The decoder gives a sketch: light,
share of the second colour, spark. Hue, second hue, saturation, brightness and contrast are the palette, the
shaders' own arithmetic, and therefore followed exactly. The encoder is that of the first autoencoder, from
before the decoder learnt to sketch: it does not fit this decoder, and nothing uses it yet.

**What it learnt from.** Pictures drawn by this project's own shaders (`shaders/generators`), nothing else. The
shaders draw from a lattice of Gaussian noise, and the model is given the same noise: each picture comes with
its own point of noise space, so one step of regression is enough, and a walk through the noise moves shapes.
Times below 1 mix in the last picture: the memory.

**Training**, on two processor cores that others used as well (the student had less than one):

| stage | steps | minutes |
|---|---|---|
{training}

**Measured** on {held_out} samples never trained on, the model's picture against the shader's from the same
noise, PSNR in dB (mean {mean:.1f}):

| style | dB |
|---|---|
{likeness}

How the faders are followed, over all styles:

| attribute | |
|---|---|
{follows}

**What falls short.** The pictures are soft: training ended while they were still getting sharper. Aurora, smoke
and cells have found their shapes; ink, plasma and crystal show the right places and colours without their lines;
of waves and the tunnel there is little more than a glow. Small shapes
(low `scale`) are the weakest. Mixtures of styles were never shown to it and are what it makes of them. It knows
no other picture than these shaders': a shader or a lattice that changes asks for new training
(`tools/train_prism all --minutes 120` on idle cores).

`samples.png` shows one row a style, seeds 0 to 4 from left to right with `scale` from 0 to 0.8, not chosen.
"""
