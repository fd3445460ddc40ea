"""What exported steps are calibrated with and judged by: inputs of single pictures, and of a walk.

Single pictures have every control at random, as those the model learnt from; a walk goes through all
styles with hits and memory, so that its steps begin anywhere on the flow's path. Knows no graph.
"""

from __future__ import annotations

import numpy as np

from tools.prism_training.samples import Sample, Split, draw_samples, hashed_lattice
from visuals.generator import condition, latents
from visuals.generator.backends import DOWNSAMPLING, Inputs, Step
from visuals.generator.card import Card
from visuals.generator.instrument import Instrument
from visuals.types import Float32s

Size = tuple[int, int]
WALK_SHARE = 0.25
"""Of the inputs; the others are single pictures."""
STEP_S = 0.1
"""Between the pictures of a walk."""


def draw(card: Card, size: Size, count: int, split: Split, seed: int, step: Step) -> list[Inputs]:
    """`count` inputs for pictures of `size` (width, height); `step` gives the walk its last pictures."""
    single = max(1, round(count * (1.0 - WALK_SHARE)))
    samples = draw_samples(single, split, seed, card.styles)
    return [*(on_canvas(card, sample, size) for sample in samples), *walk(card, size, count - single, seed, step)]


def walk(card: Card, size: Size, count: int, seed: int, step: Step) -> list[Inputs]:
    """Each picture in the next style, every fourth with a jump, with memory."""
    instrument, last = Instrument(card.styles, seed, _across(size)), None
    found = []
    for n in range(count):
        style = condition.STYLE_PREFIX + card.styles[n % len(card.styles)]
        controls = {style: 1.0, "walk": 1.0, "jump": float(n % 4 == 3), "memory": 0.5, "energy": n / max(count, 2)}
        found.append(instrument.play(controls, STEP_S, last))
        last = step(found[-1])[0][0]
    return found


def on_canvas(card: Card, sample: Sample, size: Size) -> Inputs:
    """A sample's whole picture on a canvas of `size`."""
    across, symmetry = _across(size), sample.controls["symmetry"]
    lattice = latents.mirror(hashed_lattice(sample.seed), symmetry)
    field = latents.spread(lattice, sample.controls["scale"], across)
    return _inputs(card, sample, sample.grain_on(across), field, latents.places(across, symmetry))


def in_window(card: Card, sample: Sample) -> Inputs:
    """A sample's own window of its canvas, which is what the shaders' picture of it shows."""
    return _inputs(card, sample, sample.grain, sample.field, sample.places)


def _inputs(card: Card, sample: Sample, grain: Float32s, field: Float32s, places: Float32s) -> Inputs:
    asked = condition.vector({**sample.controls, condition.STYLE_PREFIX + sample.style: 1.0}, card.styles)
    told, palette = condition.split(asked)
    return Inputs(grain[None], field[None], places[None], np.ones(1, np.float32), told[None], palette[None])


def _across(size: Size) -> tuple[int, int]:
    return size[0] // DOWNSAMPLING, size[1] // DOWNSAMPLING
