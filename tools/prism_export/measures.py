"""How near an exported step's pictures are to the original's, how good they still are, how fast they come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import cycle
from typing import Any

import numpy as np

from tools.prism_training.samples import draw_samples
from visuals.bench.figures import Peer, Work, compare
from visuals.generator.backends import Inputs, Step, apart
from visuals.generator.card import Card
from visuals.types import Pixels

from .feeds import in_window

WINDOW = (256, 256)
"""Of the shaders' pictures that KID is measured against."""
DRAWN, REFERENCE = 29, 31
"""Seeds of the samples a step draws, and of those the shaders draw."""


def pictures(step: Step, inputs: Sequence[Inputs]) -> Pixels:
    """RGB [n, h, w, 3]."""
    return np.stack([step(x)[1][..., :3] for x in inputs])


@dataclass(frozen=True)
class Exam:
    """Inputs, and the original's pictures of them."""

    inputs: Sequence[Inputs]
    truth: Pixels

    def error(self, step: Step) -> float:
        """Of the pictures a step makes of the inputs, relative; see `apart`."""
        return apart(pictures(step, self.inputs), self.truth)


def exam(inputs: Sequence[Inputs], original: Step) -> Exam:
    """What `original` makes of the inputs is right."""
    return Exam(inputs, pictures(original, inputs))


def kids(card: Card, steps: Mapping[str, Step], original: str, count: int) -> dict[str, dict[str, Any]]:
    """KID of each step's pictures to the shaders' in the untrained space E3, and its ratio to `original`'s.

    `steps` make pictures of `WINDOW`. Intervals are of 95 %; one of a ratio is over the same resampled pictures.
    """
    # The renderer and the judges are loaded only for those who ask for a KID.
    from tools.prism_eval import distances, judges, spaces
    from tools.prism_training.pictures import renders

    # Of the spaces only the untrained one: the networks of the others would have to be trained first.
    space = spaces.spaces(judges.Classifier(len(card.styles)), judges.Trunk())[-1]
    truth = space.fit(renders(draw_samples(count, "test", REFERENCE, card.styles)))
    inputs = [in_window(card, sample) for sample in draw_samples(count, "test", DRAWN, card.styles)]
    found = {name: distances.kid(space(pictures(step, inputs)), truth) for name, step in steps.items()}
    return {
        name: {"kid": kid.value, "interval": kid.interval, "ratio": kid.over(found[original])}
        for name, kid in found.items()
    }


def speed(name: str, step: Step, peer: Step, inputs: Sequence[Inputs], seconds: float) -> dict[str, Any]:
    """Milliseconds a picture, taking turns with `peer` for `seconds` in all."""
    told, again = cycle(inputs), cycle(inputs)
    other = Peer(peer.name, Work(peer, again))
    return asdict(compare(name, f"one picture by {step.name}", seconds, Work(step, told), other))
