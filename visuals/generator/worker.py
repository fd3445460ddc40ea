"""The generator's process: the newest controls in, one picture after the other out.

Lets anything that goes wrong end the process: whoever watches it starts a new one, and the ring
keeps the last picture meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from visuals.clock import ticks
from visuals.generator.prism import Prism
from visuals.process import Post, Worker
from visuals.types import Controls, Frame

DREAM_HZ = 30.0
"""Pictures a second, live and rendered alike: the compositor eases from one to the next."""


@dataclass(frozen=True, slots=True)
class GeneratorSettings:
    """What to dream with: the model's folder, the show's seed, the picture's size (width, height).

    `names` says which control each place of the ring `controls` holds; `rate_hz` is the most
    pictures a second.
    """

    folder: Path
    seed: int
    size: tuple[int, int]
    names: tuple[str, ...]
    rate_hz: float = DREAM_HZ
    threads: int = 1
    backend: str = "auto"


def run(post: Post, settings: GeneratorSettings) -> None:
    """Dream until told to end. Needs the rings `controls` (float64 [len(names)]) and `dream` (uint8 [h, w, 4])."""
    with Worker(post, late_ms=1000.0 / settings.rate_hz) as worker:
        prism = Prism(settings.folder, settings.seed, settings.size, settings.threads, settings.backend)
        worker.meter.state["backend"] = prism.backend
        controls: Controls = {}
        for due, late in ticks(worker.clock, settings.rate_hz):
            if worker.ended:
                break
            reading = worker.rings["controls"].read_new()
            if reading is not None:
                controls = dict(zip(settings.names, map(float, reading.data), strict=True))
            with worker.meter.stage("dream"):
                frame = prism.generate(controls, due)
            if frame is not None and _is_picture(frame):
                worker.rings["dream"].write(frame.pixels, time=frame.time)
            worker.meter.tick(late)


def _is_picture(frame: Frame) -> bool:
    """Whether there is anything to see: one colour all over is a fault, never a dream."""
    colours = frame.pixels[::8, ::8, :3]
    return bool((colours != colours[0, 0]).any())
