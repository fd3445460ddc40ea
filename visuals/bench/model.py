"""What a picture of the project's own model costs, beside one bare call of its network."""

from __future__ import annotations

from collections.abc import Iterator

from visuals.bench.figures import Figure, Peer, Work, compare
from visuals.errors import ModelError
from visuals.generator.backends import example, open_step
from visuals.generator.prism import Prism, picture_size, read_card
from visuals.generator.worker import DREAM_HZ
from visuals.library import ROOT

MODEL = ROOT / "models" / "prism"
CANVAS = (512, 256)
CONTROLS = {"walk": 0.5, "energy": 0.6, "hue": 0.3, "symmetry": 0.2, "memory": 0.3, "zoom": 0.1, "rotate": 0.02}


def run(seconds: float) -> list[Figure]:
    """Raises ModelError where the model is not there."""
    if not MODEL.is_dir():
        raise ModelError(f"no model: {MODEL.relative_to(ROOT)} is not there")
    card = read_card(MODEL)
    size = picture_size(CANVAS, card)
    prism = Prism(MODEL, seed=7, size=size)
    network, inputs = open_step(card, size), example(card, size)
    about = f"one picture of {size[0]}x{size[1]}: walk, condition, memory and network, on one core"
    peer = Peer(f"bare network, {prism.backend}", Work(lambda _: network(inputs)))
    ours = Work(lambda time: prism.generate(CONTROLS, time), _times())
    return [compare("model.picture", about, seconds, ours, peer)]


def _times() -> Iterator[float]:
    n = 0
    while True:
        yield n / DREAM_HZ
        n += 1
